// SPDX-License-Identifier: Apache-2.0
// chaos.test.mjs -- one session of real programs under fire (tests/system/chaos), its plan, its proxy, and that it leaves nothing behind.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../../scripts/lib/parts.mjs';
import { KINDS } from './chaos/kinds.mjs';
import { makePlan } from './chaos/plan.mjs';
import { Proxy } from './chaos/proxy.mjs';

const CHAOS = path.join(path.dirname(fileURLToPath(import.meta.url)), 'chaos/chaos');
const SEED = process.env.POSPIN_SEED ?? '20261122';
const SIZE = { rounds: 4, perRound: 16, fireMs: 10000 };

describe('the plan of a session', () => {
	test('follows from its seed alone', () => {
		const plan = (seed) => makePlan({ seed, kinds: KINDS, ...SIZE });
		assert.deepEqual(plan(5), plan(5));
		assert.notDeepEqual(plan(5), plan(6));
	});

	test('has every kind of fault, and never two at once that take hold of the same', () => {
		for (let seed = 1; seed <= 40; seed++) {
			const plan = makePlan({ seed, kinds: KINDS, ...SIZE });
			assert.equal(new Set(plan.flat().map(({ kind }) => kind)).size, Object.keys(KINDS).length, `seed ${seed}`);
			for (const faults of plan)
				for (const [i, a] of faults.entries())
					for (const b of faults.slice(i + 1))
						assert.ok(b.atMs >= a.atMs + a.forMs || !a.uses.some((what) => b.uses.includes(what)), `seed ${seed}: ${a.kind} and ${b.kind}`);
			for (const { kind, atMs, forMs } of plan.flat()) assert.ok(atMs >= 0 && atMs + forMs <= SIZE.fireMs, `seed ${seed}: ${kind}`);
		}
	});
});

/** A server that echoes behind a proxy, and what a client of it hears. */
async function withEcho(run) {
	const server = net.createServer((socket) => socket.on('error', () => {}).pipe(socket).on('error', () => {}));
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const proxy = await Proxy.open({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: server.address().port });
	const sockets = [];
	const client = () => {
		const socket = net.connect(proxy.port, '127.0.0.1');
		const heard = { data: Buffer.alloc(0), ended: null, socket };
		sockets.push(socket);
		socket.on('data', (data) => { heard.data = Buffer.concat([heard.data, data]); }).on('error', (error) => { heard.ended = error.code; })
			.on('close', () => { heard.ended ??= 'end'; });
		return heard;
	};
	try {
		await run(proxy, client);
	} finally {
		for (const socket of sockets) socket.destroy();
		proxy.close();
		server.close();
	}
}
const echo = async (one, words) => {
	const had = one.data.length;
	one.socket.write(words);
	await until(`'${words}' to come back`, () => one.data.length >= had + words.length, 15000, 5);
	return one.data.subarray(had).toString();
};

describe('the proxy', () => {
	test('gives everything on, in order, while nothing is asked of it', () => withEcho(async (proxy, client) => {
		const one = client();
		const words = Array.from({ length: 20000 }, (_, i) => `${i} `).join('');
		assert.equal(await echo(one, words), words);
	}));
	test('delays and slows what passes, each way', () => withEcho(async (proxy, client) => {
		const one = client();
		await echo(one, 'a');
		proxy.set({ delayMs: 100 });
		let began = performance.now();
		await echo(one, 'b');
		assert.ok(performance.now() - began >= 195, 'delayed');
		proxy.heal();
		proxy.set({ bytesPerSecond: 8000 }, 'down');
		began = performance.now();
		assert.equal(await echo(one, 'c'.repeat(2400)), 'c'.repeat(2400));
		assert.ok(performance.now() - began >= 290, 'slowed');
	}));
	test('lets one direction vanish, and tells nobody', () => withEcho(async (proxy, client) => {
		const one = client(), other = client();
		await echo(one, 'a');
		await echo(other, 'a');
		proxy.set({ swallow: true }, 'up');
		one.socket.write('lost');
		await new Promise((resolve) => setTimeout(resolve, 100));
		proxy.heal();
		assert.equal(await echo(one, 'b'), 'b');
		assert.equal(one.ended, null);
	}));
	test('makes half-open what is there, and takes what is new', () => withEcho(async (proxy, client) => {
		const old = client();
		await echo(old, 'a');
		proxy.halfOpen();
		old.socket.write('lost');
		assert.equal(await echo(client(), 'b'), 'b');
		assert.deepEqual([old.data.toString(), old.ended], ['a', null]);
	}));
	test('changes single bytes', () => withEcho(async (proxy, client) => {
		const one = client();
		proxy.set({ corruptEvery: 10 }, 'up');
		const words = 'x'.repeat(35);
		const back = await echo(one, words);
		assert.deepEqual([...back].map((char, i) => (char === 'x' ? 0 : i)).filter(Boolean), [9, 19, 29]);
	}));
	for (const [by, seen] of [['end', 'end'], ['reset', 'ECONNRESET']])
		test(`ends a connection by ${by} after so many bytes`, () => withEcho(async (proxy, client) => {
			const one = client();
			await echo(one, 'a'.repeat(50));
			proxy.set({ endAfter: 60, endBy: by }, 'up');
			assert.equal(await echo(one, 'b'.repeat(50)), 'b'.repeat(50));
			one.socket.write('c'.repeat(50));
			await until('its end', () => one.ended === seen, 15000, 5);
		}));
	test('refuses who connects', () => withEcho(async (proxy, client) => {
		proxy.refuse(true);
		const one = client();
		await until('its end', () => one.ended, 15000, 5);
		proxy.heal();
		await echo(client(), 'a');
	}));
});

const temporary = () => mkdtempSync(path.join(os.tmpdir(), 'pospin-chaos-test-'));
/** Every process whose environment says that it is of this folder. */
const ofFolder = (dir) => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
	try { return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${dir}\0`); } catch { return false; }
});

test('a harness that is killed leaves no process, no link and no mount', async () => {
	const dir = temporary();
	const mounts = () => readFileSync('/proc/mounts', 'utf8').split('\n').length, links = () => readdirSync('/sys/class/net').sort();
	const before = [mounts(), links()];
	const child = spawn(CHAOS, ['--seed', '1', '--rounds', '1'], { stdio: 'ignore', env: { ...process.env, TMPDIR: dir } });
	await until('programs to run', () => ofFolder(dir).length >= 9, 30000, 50);
	child.kill('SIGKILL');
	await until('all of them to end', () => ofFolder(dir).length === 0, 10000, 50);
	await until('mounts and links to be as before', () => { assert.deepEqual([mounts(), links()], before); return true; }, 10000, 100);
	rmSync(dir, { recursive: true, force: true });
});

test('a session of 64 faults and more than thirty kinds: no alarm lost, doubled or invented, no lamp that lies, all well after each round', (t) => {
	const dir = temporary();
	const args = ['--seed', SEED, '--rounds', `${SIZE.rounds}`, '--per-round', `${SIZE.perRound}`, '--fire', `${SIZE.fireMs / 1000}`, '--json'];
	let out;
	try {
		out = execFileSync(CHAOS, args, { encoding: 'utf8', maxBuffer: 1e8, env: { ...process.env, TMPDIR: dir } });
	} catch (error) {
		assert.fail(`${error.stdout}\n${error.stderr}`);
	}
	const report = JSON.parse(out.trimEnd().split('\n').at(-1));
	assert.deepEqual(report.breaches, []);
	assert.ok(report.faults >= 60 && Object.keys(report.kinds).length >= 12);
	assert.ok(report.presses >= 60, `${report.presses} presses`);
	t.diagnostic(`${report.faults} faults of ${Object.keys(report.kinds).length} kinds, ${report.presses} presses, ${report.ends} programs ended, ${report.seconds} s`);
	rmSync(dir, { recursive: true, force: true });
});
