// SPDX-License-Identifier: Apache-2.0
// figures.mjs -- the figures, each with what it is compared with. A figure's run() makes one pass over both sides and returns
// { name: { floor, ours } } for its rows; bench.mjs repeats the passes, so that both sides meet the same weather.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Part, pause, until } from '../../scripts/lib/parts.mjs';
import { Stack } from '../../scripts/lib/stack.mjs';
import { bytesForDisk, cpuSeconds, median, monoUs, ownKib, peakKib, residentKib, wakeUps } from './measure.mjs';
import { Site } from './site.mjs';
import { vanish } from './vanish.mjs';

/** One side of an alarm figure: what the fleet says of it, once everything is known to be right. */
async function alarms(site, side, args, env = {}) {
	const part = side === 'floor' ? await site.floor('alarms', env) : await site.server(env);
	try {
		const played = await site.fleet(args);
		if (side === 'ours') await checkRecord(site, played.total);
		return played;
	} finally {
		await part.stop();
	}
}

/** Nothing lost, nothing doubled: the record has each alarm once. */
async function checkRecord(site, total) {
	const { signals, conflicts, item_errors: errors } = await site.counts();
	if (signals !== total.pressed || conflicts || errors)
		throw new Error(`the record has ${signals} of ${total.pressed} alarms, ${conflicts} conflicts, ${errors} errors`);
}

const rows = (floor, ours, names) => Object.fromEntries(names.map(([row, of]) => [row, { floor: of(floor), ours: of(ours) }]));

const latency = {
	name: 'latency',
	posts: 100,
	passes: 2, // short and often: what else the machine does changes within seconds
	rows: {
		'latency.p50': { text: 'press to receipt at 20 a second, median', unit: 'ms', goal: { most: 1.3 }, headline: true },
		'latency.p99': { text: 'press to receipt at 20 a second, 99 of 100', unit: 'ms', goal: { most: 2 } },
		'latency.spaced': { text: 'an alarm every 1.05 s, median, beside our own at 20 a second', unit: 'ms', goal: { most: 1.5 }, beside: 'own' },
	},
	async run({ site, quick, seed }) {
		const args = ['--posts', site.posts, '--rate', 20, '--seconds', quick ? 2 : 8, '--seed', seed];
		const floor = await alarms(site, 'floor', args);
		const ours = await alarms(site, 'ours', [...args, '--spaced', quick ? 2 : 8]);
		return {
			...rows(floor, ours, [['latency.p50', (p) => p.main.latency_ms.p50], ['latency.p99', (p) => p.main.latency_ms.p99]]),
			'latency.spaced': { floor: ours.main.latency_ms.p50, ours: ours.spaced.latency_ms.p50 },
		};
	},
};

const sustained = {
	name: 'sustained',
	posts: 1000,
	rows: { sustained: { text: 'alarms a second with receipts, 1,000 outstanding', unit: '/s', goal: { least: 0.75 }, headline: true } },
	async run({ site, quick, seed }) {
		const args = ['--posts', site.posts, '--outstanding', quick ? 100 : 1000, '--count', quick ? 500 : 10000, '--seed', seed];
		const floor = await alarms(site, 'floor', args);
		const ours = await alarms(site, 'ours', args);
		return rows(floor, ours, [['sustained', (p) => p.main.per_s]]);
	},
};

const SLOWER_US = 5000;
const slow = {
	name: 'slow',
	posts: 1000,
	rows: { slow: { text: 'the same with every sync 5 ms slower, beside our own rate', unit: '/s', goal: { least: 0.9 }, beside: 'own' } },
	async run({ site, quick, seed }) {
		const args = ['--posts', site.posts, '--outstanding', quick ? 100 : 1000, '--count', quick ? 500 : 10000, '--seed', seed];
		const shim = (us) => ({ LD_PRELOAD: site.program('bench.shim.so'), BENCH_SYNC_US: `${us}` });
		const fast = await alarms(site, 'ours', args, shim(0));
		const slowed = await alarms(site, 'ours', args, shim(SLOWER_US));
		return rows(fast, slowed, [['slow', (p) => p.main.per_s]]);
	},
};

/** A time-series store that takes everything: bodies are kept as they came and looked at when the clock has stopped. */
class Sink {
	constructor(port) { Object.assign(this, { port, bodies: [], lastUs: 0 }); }
	async open() {
		this.server = http.createServer((request, response) => {
			const parts = [];
			request.on('data', (part) => parts.push(part)).on('end', () => {
				if (request.url.startsWith('/api/v2/write')) this.bodies.push(Buffer.concat(parts));
				this.lastUs = monoUs();
				response.writeHead(204).end();
			});
		});
		await new Promise((resolve) => { this.server.listen(this.port, '127.0.0.1', resolve); });
	}
	async close() {
		this.server.closeAllConnections();
		await new Promise((resolve) => { this.server.close(resolve); });
	}
	/** Different points: a line less its fields' values is the same point again. */
	points() {
		const seen = new Set();
		for (const body of this.bodies)
			for (const line of (body[0] === 0x1f ? gunzipSync(body) : body).toString().split('\n'))
				if (line && /name=/.test(line)) seen.add(line);
		return seen.size;
	}
	get bytes() { return this.bodies.reduce((sum, body) => sum + body.length, 0); }
}

const READINGS = 6; // in a sample of the fleet
async function floorOfSamples(site, args, count) {
	const part = await site.floor('nothing');
	try {
		await site.fleet(args);
		const heard = () => readFileSync(part.log, 'utf8').trim().split('\n').map((line) => JSON.parse(line)).at(-1);
		await until('all samples at the floor', () => heard().count === count, 30000);
		return count / heard().seconds;
	} finally {
		await part.stop();
	}
}

async function recorderOfSamples(site, args, count) {
	const sink = new Sink(site.stack.ports.store);
	const recorder = await site.recorder();
	const all = (rounds) => until('all points in the store', async () => {
		if (monoUs() - sink.lastUs < 700000 || sink.bytes === 0) return false;
		return sink.points() >= rounds * count * READINGS;
	}, 60000, 200);
	try {
		await sink.open();
		let beginUs = 0;
		await site.fleet([...args, '--seed', 1], (event) => { if (event.event === 'samples.begin') beginUs = event.mono_us; });
		await until('all samples in the spool or the store', async () => (await site.recorderReport()).readings >= count * READINGS, 60000, 25);
		const rate = count / ((monoUs() - beginUs) / 1e6);
		await all(1);
		await sink.close();
		const before = residentKib(recorder.pid);
		await site.fleet([...args, '--seed', 2]);
		await until('all samples in the spool', async () => (await site.recorderReport()).readings >= 2 * count * READINGS, 60000);
		const after = residentKib(recorder.pid);
		sink.bodies.length = 0;
		await sink.open();
		await all(1);
		return { rate, missing: count * READINGS - sink.points(), peak: peakKib(recorder.pid) / 1024, growth: (after - before) / 1024 };
	} finally {
		await recorder.stop();
		await sink.close().catch(() => {});
	}
}

const recorder = {
	name: 'recorder',
	posts: 100,
	rows: {
		recorder: { text: 'samples a second, beside a subscriber that does nothing', unit: '/s', goal: { least: 0.8 }, headline: true },
		'recorder.missing': { text: 'readings missing in the store, it having been away meanwhile', unit: '', goal: { exactly: 0 } },
		'recorder.peak': { text: 'recorder: peak resident memory', unit: 'MiB', goal: { at_most: 16 } },
		'recorder.away': { text: 'recorder: memory grown while the store was away', unit: 'MiB', goal: { at_most: 1 } },
	},
	async run({ site, quick }) {
		const count = quick ? 1000 : 20000;
		const args = ['--posts', site.posts, '--samples', count, '--states', 0];
		const floor = await floorOfSamples(site, args, count);
		const ours = await recorderOfSamples(site, args, count);
		return {
			recorder: { floor, ours: ours.rate }, 'recorder.missing': { ours: ours.missing },
			'recorder.peak': { ours: ours.peak }, 'recorder.away': { ours: ours.growth },
		};
	},
};

/** Server cost of an alarm: what the same seconds cost more with alarms than without. The same ten posts press in both. */
async function costOfAlarms(site, quick, seed) {
	const server = await site.server();
	const seconds = quick ? 1 : 8, rate = 60;
	const at = {};
	try {
		const played = await site.fleet(['--posts', site.posts, '--pressing', 10, '--rate', rate, '--seconds', seconds, '--idle', seconds,
			'--states', 40000, '--seed', seed],
		(event) => { at[event.event] = { cpu: cpuSeconds(server.pid), s: event.mono_us / 1e6 }; });
		await checkRecord(site, played.total);
		const spent = (from, to) => ({ cpu: at[to].cpu - at[from].cpu, s: at[to].s - at[from].s });
		const before = spent('idle.begin', 'main.begin'), during = spent('main.begin', 'main.end'), after = spent('main.end', 'idle.end');
		const idle = (before.cpu + after.cpu) / (before.s + after.s);
		return (during.cpu - idle * during.s) / played.main.pressed * 1e6;
	} finally {
		await server.stop();
	}
}

/** Memory of its own with all posts connected and heard, SQLite's page caches kept at nothing. */
async function memoryOfPosts(site, quick) {
	const server = await site.server({ LD_PRELOAD: site.program('bench.shim.so'), BENCH_NO_CACHE: '1' });
	try {
		let own = 0;
		await site.fleet(['--posts', site.posts, '--rate', 1, '--seconds', 1, '--idle', quick ? 1 : 4], () => { own = ownKib(server.pid); });
		return own;
	} finally {
		await server.stop();
	}
}

const posts = {
	name: 'posts',
	posts: 4000,
	quickPosts: 100,
	rows: {
		'posts.cost': { text: 'server: processor time of an alarm with 4,000 posts, beside ten', unit: 'µs', goal: { most: 1.2 }, beside: 'ten' },
		'posts.memory': { text: 'server: memory of one more post, caches apart', unit: 'KiB', goal: { at_most: 1 } },
	},
	async run({ site, quick, seed, pass, openSite }) {
		const few = await openSite(10);
		const cost = { floor: await costOfAlarms(few, quick, seed), ours: await costOfAlarms(site, quick, seed) };
		if (pass > 0) return { 'posts.cost': cost };
		const memory = (await memoryOfPosts(site, quick) - await memoryOfPosts(few, quick)) / (site.posts - few.posts);
		return { 'posts.cost': cost, 'posts.memory': { ours: memory } };
	},
};

/** The shipped agent and the least client there can be, on the same broker at the same time. */
class EdgeBench {
	static async open(build) {
		const edge = new EdgeBench();
		edge.dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-bench-'));
		edge.stack = await Stack.create({ build, dir: edge.dir, posts: ['boja-01', 'weleri-01'], store: null, console: edge.dir, sampleEvery: '1min' });
		edge.build = build;
		await edge.stack.prepare();
		await edge.stack.startBroker();
		await edge.stack.startServer();
		return edge;
	}
	get shim() { return path.join(this.build, 'tests/bench.shim.so'); }
	client(mode, count = 0, everyMs = 0, env = {}) {
		rmSync(this.stack.path('log/client.log'), { force: true });
		const part = new Part({
			name: 'client', command: path.join(this.build, 'tests/bench.client'), log: this.stack.path('log/client.log'), env,
			args: [mode, this.dir, `${this.stack.ports.broker}`, 'kendal', 'weleri-01', `${count}`, `${everyMs}`],
			ready: () => readFileSync(part.log, 'utf8').includes('connected'),
		});
		return part;
	}
	/** Sets the calm that the buttons of a post want. */
	tune(post, us) {
		const file = this.stack.path('posts', post, 'edge.yaml');
		const text = readFileSync(file, 'utf8').replace(/^    debounce:.*\n/gm, '');
		writeFileSync(file, text.replace(/^  - id: panic-.*\n/gm, (line) => `${line}    debounce: ${us}us\n`));
	}
	async close() {
		await this.stack.stop();
		rmSync(this.dir, { recursive: true, force: true });
	}
}

const newestChange = (dir) => Math.max(0, ...readdirSync(dir).map((file) => statSync(path.join(dir, file)).mtimeMs));

const idle = {
	name: 'idle',
	edge: true,
	rows: {
		'idle.memory': { text: 'idle agent: resident memory, beside a bare Paho client', unit: 'MiB', goal: { most: 2 } },
		'idle.wakeups': { text: 'idle agent: wake-ups a second beyond that client\'s', unit: '/s', goal: { at_most: 0.5 } },
		'idle.disk': { text: 'idle agent: bytes written to the disk', unit: 'B', goal: { exactly: 0 } },
	},
	async run({ edge, quick }) {
		const client = edge.client('idle'), post = 'boja-01';
		await client.start();
		await edge.stack.startEdge(post);
		const agent = edge.stack.edges[post], data = edge.stack.path('posts', post, 'data');
		try {
			await until('the agent to hear the server', async () => (await edge.stack.edgeStatus(post)).server === 'connected');
			await pause(quick ? 1000 : 12000); // what starting has to write is written
			const window = quick ? 5000 : 30000;
			const look = () => ({ agent: wakeUps(agent.pid), client: wakeUps(client.pid), bytes: bytesForDisk(agent.pid), changed: newestChange(data) });
			const before = look();
			await pause(window);
			const after = look();
			const per_s = (who) => (after[who] - before[who]) / (window / 1000);
			return {
				'idle.memory': { floor: residentKib(client.pid) / 1024, ours: residentKib(agent.pid) / 1024 },
				'idle.wakeups': { floor: per_s('client'), ours: per_s('agent') - per_s('client') },
				'idle.disk': { ours: after.bytes - before.bytes + (after.changed > before.changed ? 1 : 0) },
			};
		} finally {
			await agent.stop();
			await client.stop();
		}
	},
};

const DEBOUNCE_US = 1000; // the least that settings allow; it is waiting asked for, and is taken off
const wire = {
	name: 'wire',
	edge: true,
	rows: { wire: { text: 'line edge to PUBLISH, beside one sync and one publish alone, median', unit: 'ms', goal: { most: 1.5 } } },
	async run({ edge, quick, pass }) {
		const count = quick ? 3 : 30, everyMs = quick ? 100 : 250;
		const times = (name) => {
			try { return readFileSync(name, 'utf8').trim().split('\n').map(Number); } catch { return []; }
		};
		const wireOf = (who) => edge.stack.path(`log/${who}-${pass}.wire`);
		const env = (who) => ({ LD_PRELOAD: edge.shim, BENCH_WIRE: wireOf(who) });
		const client = edge.client('publish', count, everyMs, env('client'));
		await client.start();
		await client.ended;
		const begun = times(client.log).filter(Number.isFinite);
		const alone = median(times(wireOf('client')).map((us, i) => us - begun[i]));
		const ours = await pressAgent(edge, env('agent'), count, everyMs, () => times(wireOf('agent')));
		return { wire: { floor: alone / 1000, ours: (ours - DEBOUNCE_US) / 1000 } };
	},
};

async function pressAgent(edge, env, count, everyMs, written) {
	const post = 'boja-01';
	edge.tune(post, DEBOUNCE_US);
	delete edge.stack.edges[post];
	const agent = edge.stack.edges[post] = edge.stack.edgePart(post, () => statSync(edge.stack.path('sock', `${post}.wires`)));
	Object.assign(agent.env, env);
	let wires;
	await agent.start();
	try {
		await until('the agent to hear the server', async () => (await edge.stack.edgeStatus(post)).server === 'connected');
		const taken = [];
		wires = net.connect(edge.stack.path('sock', `${post}.wires`));
		await once(wires, 'connect');
		for (let i = 0; i < count; i++) {
			const before = written().length, us = monoUs();
			wires.write(`press panic-${['crime', 'fire', 'medical'][i % 3]} 20\n`);
			taken.push(await until('the PUBLISH', () => written()[before], 5000, 5) - us);
			await pause(everyMs);
		}
		return median(taken);
	} finally {
		wires?.destroy();
		await agent.stop();
	}
}

export const FIGURES = [latency, sustained, slow, vanish, recorder, posts, idle, wire];
export { EdgeBench, Sink, Site };
