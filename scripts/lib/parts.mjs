// SPDX-License-Identifier: Apache-2.0
// parts.mjs -- child processes of the demo and of the tests: started in order, waited for, ended by pid, never by name.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import net from 'node:net';

const listen = (port) => new Promise((resolve) => {
	const server = net.createServer().once('error', () => resolve(null));
	server.listen(port, '127.0.0.1', () => resolve(server));
});

/** Ports of 127.0.0.1 that are free now, below the range that outgoing connections take theirs from: nobody else gets
 *  them by chance while a program restarts. */
export async function freePorts(count) {
	const servers = [];
	while (servers.length < count) {
		const server = await listen(11000 + Math.floor(Math.random() * 21000));
		if (server) servers.push(server);
	}
	const ports = servers.map((server) => server.address().port);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}

/** Those of the ports that somebody of this machine has. */
export async function takenPorts(ports) {
	const taken = [];
	for (const port of ports) {
		const server = await listen(port);
		if (!server) taken.push(port);
		else await new Promise((resolve) => server.close(resolve));
	}
	return taken;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls probe until it returns something true; throws an error that names what was waited for. A probe's error with
 *  `fatal` ends the waiting at once. */
export async function until(what, probe, timeoutMs = 15000, everyMs = 50) {
	const end = Date.now() + timeoutMs;
	let last;
	for (;;) {
		try {
			const value = await probe();
			if (value) return value;
			last = undefined;
		} catch (error) {
			last = error;
		}
		if (Date.now() > end || last?.fatal)
			throw new Error(`${last?.fatal ? 'waited' : `waited ${timeoutMs / 1000} s`} for ${what}${last ? `: ${last.message}` : ''}`);
		await pause(everyMs);
	}
}

export const portAnswers = (port) => new Promise((resolve) => {
	const socket = net.connect(port, '127.0.0.1');
	socket.once('connect', () => { socket.destroy(); resolve(true); });
	socket.once('error', () => resolve(false));
});

/** Nothing outlives the starter, whatever it dies of (but SIGKILL). */
const children = new Set();
process.once('exit', () => {
	for (const child of children) child.kill('SIGKILL');
});

/** One program with its log file. ready() decides when it is up; start() fails with the end of its log. */
export class Part {
	constructor({ name, command, args = [], log, ready, env = {} }) {
		Object.assign(this, { name, command, args, log, ready, env, child: null });
	}

	get running() { return this.child !== null; }
	get pid() { return this.child?.pid; }

	logEnd(lines = 12) {
		try {
			return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
		} catch {
			return '(no log)';
		}
	}

	async start({ wait = true } = {}) {
		if (this.child) throw new Error(`${this.name} runs already`);
		const out = openSync(this.log, 'a');
		const child = spawn(this.command, this.args, {
			// A group of its own: Ctrl-C reaches only the starter, which ends its parts in order.
			stdio: ['ignore', out, out], detached: true, env: { ...process.env, ...this.env },
		});
		closeSync(out);
		this.child = child;
		children.add(child);
		this.ended = new Promise((resolve) => {
			child.once('error', (error) => { this.child = null; this.startError = error; resolve({ error }); });
			child.once('exit', (code, signal) => {
				children.delete(child);
				if (this.child === child) this.child = null;
				resolve({ code, signal });
			});
		});
		if (wait && this.ready) await this.waitReady(child);
	}

	async waitReady(child) {
		try {
			await until(`${this.name} to be ready`, () => {
				if (this.child !== child) throw Object.assign(new Error(this.startError?.message ?? 'it ended'), { fatal: true });
				return this.ready();
			});
		} catch (error) {
			throw new Error(`${error.message}\nend of ${this.log}:\n${this.logEnd()}`);
		}
	}

	/** Ends it: SIGTERM, and SIGKILL after graceMs. signal 'SIGKILL' is the power cut of a process. */
	async stop(signal = 'SIGTERM', graceMs = 5000) {
		const child = this.child;
		if (!child) return null;
		child.kill(signal);
		const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
		const how = await this.ended;
		clearTimeout(late);
		return how;
	}
}
