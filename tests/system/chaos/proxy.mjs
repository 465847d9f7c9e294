// SPDX-License-Identifier: Apache-2.0
// proxy.mjs -- a TCP proxy that misbehaves as it is told: delay, 64 kbit/s, corruption, one way, half-open, drop or reset after n bytes.
import net from 'node:net';

const HELD_MAX = 65536; // bytes that wait for their time before the sender is made to wait
const QUIET = { delayMs: 0, bytesPerSecond: 0, swallow: false, corruptEvery: 0, endAfter: 0, endBy: 'end' };

/** One direction of one connection: what comes from `from` goes to `to`, as `way` says at that moment. */
class Lane {
	constructor(link, from, to, way) {
		Object.assign(this, { link, from, to, way, held: 0, freeAt: 0, passed: 0 });
		from.on('data', (data) => this.take(data));
		from.on('end', () => this.later(0, () => { if (!link.dead) to.end(); }));
	}

	/** Calls do() when so many bytes would have come through, in order. */
	later(bytes, what) {
		const now = performance.now();
		const { delayMs, bytesPerSecond } = this.way;
		const sent = Math.max(now, this.freeAt) + (bytesPerSecond ? (bytes * 1000) / bytesPerSecond : 0);
		this.freeAt = sent;
		this.dueAt = Math.max(this.dueAt ?? 0, sent + delayMs);
		if (this.dueAt <= now && this.held === 0) what();
		else setTimeout(what, this.dueAt - now);
	}

	take(data) {
		const { way, link } = this;
		if (link.dead || way.swallow) return;
		const bytes = way.corruptEvery ? corrupted(data, this.passed, way.corruptEvery) : data;
		this.passed += data.length;
		if (way.endAfter && this.passed >= way.endAfter) {
			link.end(way.endBy);
			return;
		}
		this.later(bytes.length, () => this.give(bytes));
		this.held += bytes.length;
		if (this.held > HELD_MAX) this.from.pause();
	}

	give(bytes) {
		this.held -= bytes.length;
		if (this.held <= HELD_MAX && !this.link.dead) this.from.resume();
		if (!this.link.dead && this.to.writable) this.to.write(bytes);
	}
}

/** Every n-th byte of the stream is another one. */
function corrupted(data, passed, every) {
	const bytes = Buffer.from(data);
	for (let at = every - 1 - (passed % every); at < bytes.length; at += every) bytes[at] ^= 0x55;
	return bytes;
}

/** Two sockets and their lanes. dead: half-open, neither side hears of the other ever again. */
class Link {
	constructor(proxy, near, far) {
		Object.assign(this, { proxy, near, far, dead: false });
		this.up = new Lane(this, near, far, proxy.up);
		this.down = new Lane(this, far, near, proxy.down);
		for (const [one, other] of [[near, far], [far, near]]) {
			one.setNoDelay(true);
			one.on('error', () => {});
			one.on('close', () => { if (!this.dead) other.destroy(); if (this.dead || other.destroyed) proxy.links.delete(this); });
		}
	}
	end(by) {
		for (const socket of [this.near, this.far]) by === 'reset' ? socket.resetAndDestroy() : socket.destroy();
	}
}

export class Proxy {
	/** listen: {host, port}; to: {host, port}. Resolves when it listens. */
	static async open(listen, to) {
		const proxy = new Proxy();
		Object.assign(proxy, { to, links: new Set(), up: { ...QUIET }, down: { ...QUIET }, refuses: false, connections: 0 });
		proxy.server = net.createServer({ allowHalfOpen: true }, (near) => proxy.#accept(near));
		await new Promise((resolve, reject) => proxy.server.once('error', reject).listen(listen.port, listen.host, resolve));
		proxy.port = proxy.server.address().port;
		return proxy;
	}

	#accept(near) {
		this.connections++;
		if (this.refuses) {
			near.on('error', () => {});
			near.resetAndDestroy();
			return;
		}
		this.links.add(new Link(this, near, net.connect({ ...this.to, allowHalfOpen: true })));
	}

	/** From now on, for all connections, in one or both directions: up is towards the server's side. */
	set(values, ...directions) {
		for (const direction of directions.length ? directions : ['up', 'down']) Object.assign(this[direction], values);
		if (values.endAfter) for (const link of this.links) link.up.passed = link.down.passed = 0;
	}
	refuse(on) { this.refuses = on; }
	/** Those that exist are never heard of again, and never closed; new ones work. */
	halfOpen() { for (const link of this.links) link.dead = true; }
	reset() { for (const link of this.links) if (!link.dead) link.end('reset'); }
	heal() {
		Object.assign(this.up, QUIET);
		Object.assign(this.down, QUIET);
		this.refuses = false;
	}
	close() {
		this.server.close();
		for (const link of this.links) link.end('end');
	}
}
