// SPDX-License-Identifier: Apache-2.0
// flood.mjs -- a post that sends as much as it likes, on a thread of its own so that its work delays nothing that is measured;
// and another post whose presses are timed from publish to receipt. Both offer again what has no receipt, as posts do.
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { connectAs, postKey, signalBody, topicOf } from './support.mjs';

const AGAIN_MS = 10000;

/** Signals of one post: signed once, offered until receipted. */
class Sender {
	constructor(stack, post) {
		const key = createPrivateKey(readFileSync(postKey(stack, post)));
		Object.assign(this, { stack, post, key, topic: topicOf(post, 'signal'), waiting: new Map(), receipted: 0, refused: 0, answered: 0, offered: 0, receipts: new Map() });
	}

	async open() {
		this.client = await connectAs(this.stack, this.post);
		this.client.on('message', (topic, payload) => this.heard(JSON.parse(payload)));
		await this.client.subscribeAsync(topicOf(this.post, 'receipt'), { qos: 1 });
		return this;
	}

	heard({ receipts }) {
		for (const receipt of receipts) {
			const signal = this.waiting.get(receipt.seq);
			if (!signal || receipt.epoch !== signal.epoch) continue;
			this.waiting.delete(receipt.seq);
			this.receipted++;
			this.receipts.set(receipt.seq, receipt);
			signal.done?.(performance.now() - signal.first);
		}
	}

	make(values, done) {
		const body = signalBody(values);
		const payload = JSON.stringify(body);
		const sig = sign(null, Buffer.from(`pospin-v1\n${this.topic}\n${payload}`), this.key).toString('base64');
		return { seq: body.seq, epoch: body.epoch, payload, properties: { userProperties: { sig } }, done };
	}

	offer(signal) {
		const now = performance.now();
		signal.first ??= now;
		signal.at = now;
		this.waiting.set(signal.seq, signal);
		this.offered++;
		this.client.publish(this.topic, signal.payload, { qos: 1, properties: signal.properties }, (error) => {
			this.answered++;
			this.refused += error?.code === 0x87;
		});
	}

	/** Offers what is overdue again, until all is receipted. */
	async settle(timeoutMs) {
		await until(`receipts for ${this.waiting.size} signals`, () => {
			for (const signal of this.waiting.values())
				if (performance.now() - signal.at > AGAIN_MS) this.offer(signal);
			return this.waiting.size === 0;
		}, timeoutMs, 200);
	}
}

/** Presses of a post, one every `everyMs`, for `seconds`: the sorted times from publish to receipt, in ms. */
export class Presser {
	static async open(stack, post, values = {}) {
		return Object.assign(new Presser(), { sender: await new Sender(stack, post).open(), values, seq: 0 });
	}

	async times(seconds, everyMs = 50) {
		const times = [];
		const end = performance.now() + seconds * 1000;
		while (performance.now() < end) {
			this.sender.offer(this.sender.make({ ...this.values, seq: ++this.seq, mono: this.seq * 1000 }, (ms) => times.push(ms)));
			await pause(everyMs);
		}
		await this.sender.settle(60000);
		return times.sort((a, b) => a - b);
	}
	close() { this.sender.client.end(true); }
}
export const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
export const told = (times) => [0.5, 0.95, 0.99, 1].map((q) => `${q === 1 ? 'max' : `p${q * 100}`} ${quantile(times, q).toFixed(1)}`).join(', ');

/** Starts the thread of a flood: {post, count, perSecond (0: as fast as it goes), seconds, values, points}. start() begins it; settled()
 *  resolves when everything offered is receipted: {offered, refused, receipted, secs}. */
export async function floodOpen(stack, options) {
	const worker = new Worker(new URL(import.meta.url), { workerData: { dir: stack.dir, ports: stack.ports, ...options } });
	const next = () => new Promise((resolve, reject) => {
		worker.once('message', resolve);
		worker.once('error', reject);
	});
	await next();
	let answer;
	return {
		start() { answer = next(); worker.postMessage('go'); },
		async settled() { const counts = await answer; await worker.terminate(); return counts; },
	};
}

async function flood({ dir, ports, post, count, perSecond, seconds, values, points, settleMs }) {
	const stack = { ports, path: (...parts) => [dir, ...parts].join('/') };
	const sender = new Sender(stack, post);
	// Before it connects: so much signing keeps a connection waiting longer than its keepalive.
	const signals = Array.from({ length: count }, (_, i) => sender.make({
		...values, seq: i + 1, mono: 1000 + i, ...(points > 1 ? { point: `point-${i % points}` } : {}),
	}));
	await sender.open();
	parentPort.postMessage('ready');
	await new Promise((resolve) => parentPort.once('message', resolve));
	const begun = performance.now();
	for (let i = 0; i < count && performance.now() - begun < seconds * 1000; i++) {
		sender.offer(signals[i]);
		const early = perSecond > 0 ? begun + ((i + 1) * 1000) / perSecond - performance.now() : 0;
		if (early > 0) await pause(early);
		while (perSecond === 0 && sender.offered - sender.answered > 500 && performance.now() - begun < seconds * 1000) await pause(1);
	}
	const secs = (performance.now() - begun) / 1000;
	if (settleMs > 0) await sender.settle(settleMs);
	parentPort.postMessage({ offered: sender.offered, refused: sender.refused, receipted: sender.receipted, secs });
}

if (!isMainThread && workerData?.post) await flood(workerData);
