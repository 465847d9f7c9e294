// SPDX-License-Identifier: Apache-2.0
// support.mjs -- a stack of its own for each test file, in a temporary folder, gone afterwards.
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import mqtt from 'mqtt';
import { SOURCE, Stack, TENANT } from '../../scripts/lib/stack.mjs';

// Told to end, a test ends what it has started: parts.mjs does that at exit.
process.once('SIGTERM', () => process.exit(143));

export { TENANT };
export const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
export const CONSOLE = process.env.POSPIN_CONSOLE ?? path.join(SOURCE, 'build/console');

/** Starts a stack for `run`, and ends and removes it whatever happens; its logs are kept when run throws. */
export async function withStack(options, run) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-system-'));
	const stack = await Stack.create({ build: BUILD, console: CONSOLE, dir, ...options });
	let good = false;
	try {
		await stack.start();
		await run(stack);
		good = true;
	} finally {
		await stack.stop();
		if (good) rmSync(dir, { recursive: true, force: true });
		else console.error(`logs kept in ${dir}`);
	}
}

/** Ed25519 over "pospin-v1\n" topic "\n" payload, as docs/protocol.md has it. */
export function seal(keyPath, topic, payload) {
	const key = createPrivateKey(readFileSync(keyPath));
	return sign(null, Buffer.concat([Buffer.from(`pospin-v1\n${topic}\n`), Buffer.from(payload)]), key).toString('base64');
}

/** An MQTT client with any identity of the stack: who is 'boja-01' (a post) or 'svc-ctl' (a service). */
export async function connectAs(stack, who, extra = {}) {
	const connect = () => connectOnce(stack, who, extra);
	return connect().catch(connect).catch(connect);
}
function identityOf(stack, who, extra) {
	const service = who.startsWith('svc-');
	const base = service ? stack.path('pki', who) : stack.path('posts', who, 'post');
	return {
		// Below the broker's max_keepalive: Mosquitto 2.0.21 throws clients off that equal it.
		keepalive: 30, protocol: 'mqtts', host: '127.0.0.1', port: stack.ports.broker, protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 5000,
		clientId: service ? who : `${TENANT}/${who}`, ca: readFileSync(stack.path('pki/service-ca.crt')),
		cert: readFileSync(`${base}.crt`), key: readFileSync(`${base}.key`), ...extra,
	};
}

/** Whether the broker lets that identity in, at one of three tries: it ends a new connection now and then with one that has just gone. */
export async function isLetIn(stack, who, extra = {}) {
	return connectAs(stack, who, extra).then((client) => { client.end(true); return true; }, () => false);
}
/** (A connection that ends without an error never settles connectAsync.) */
function connectOnce(stack, who, extra) {
	return new Promise((resolve, reject) => {
		const client = mqtt.connect(identityOf(stack, who, extra));
		const fail = (error) => { client.end(true); reject(error); };
		const closed = () => fail(new Error(`${who}: the broker ended the connection`));
		client.on('error', fail).once('close', closed).once('connect', () => {
			client.off('error', fail).off('close', closed);
			resolve(client);
		});
	});
}

/** Publishes with a signature of the given post's key, or with none (key null). */
export async function publishSigned(client, topic, payload, keyPath, options = {}) {
	const userProperties = keyPath ? { sig: seal(keyPath, topic, payload) } : undefined;
	return client.publishAsync(topic, payload, { qos: 1, ...options, properties: { userProperties } });
}
export const postKey = (stack, post) => stack.path('posts', post, 'post.key');
export const topicOf = (post, channel, tenant = TENANT) => `pospin/v1/${tenant}/${post}/${channel}`;

/** Presses; the moments between which that was done, which are one but for a busy machine. */
export async function pressTimed(stack, post, point, ms) {
	const from = Date.now();
	await stack.press(post, point, ms);
	return { from, to: Date.now() };
}
/** How many ms a moment is before or after those. */
export const offBy = (got, { from, to }) => Math.max(from - got, got - to, 0);

export const signalBody = (values = {}) => ({
	epoch: '00112233445566ff', seq: 1, boot: 1, mono: 1000, point: 'panic-crime', kind: 'panic', signal: 'alarm', class: 'crime', at: null, ...values,
});
export const counts = async (stack) => (await stack.api('GET', '/counts')).body;
