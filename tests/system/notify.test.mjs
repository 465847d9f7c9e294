// SPDX-License-Identifier: Apache-2.0
// notify.test.mjs -- webhooks against sinks that behave well and badly: told at least once, believed only on a 2xx, and
// nobody waits for anybody else's sink.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { connectAs, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const SECRET = 'sixteen-bytes-of-chance';

/** A sink with one behaviour per path; what came is in heard[path]. */
async function startSink() {
	const heard = {};
	let bytes = 0;
	const behave = {
		'/good': (count, answer) => answer.writeHead(204).end(),
		'/later': (count, answer) => answer.writeHead(count < 3 ? 503 : 200).end(),
		'/bad': (count, answer) => answer.writeHead(400).end(),
		'/hanging': () => {},
		'/redirect': (count, answer) => answer.writeHead(302, { location: '/stolen' }).end(),
		'/endless': (count, answer) => {
			const chunk = Buffer.alloc(65536, 'x');
			answer.writeHead(200, { 'content-length': 10 * 2 ** 30 });
			const more = () => { while (!answer.destroyed && answer.write(chunk)) bytes += chunk.length; };
			answer.on('drain', more).on('error', () => {});
			more();
		},
	};
	const server = http.createServer((request, answer) => {
		let body = '';
		request.setEncoding('utf8').on('data', (data) => { body += data; }).on('end', () => {
			const list = (heard[request.url] ??= []);
			list.push({ headers: request.headers, body, at: Date.now() });
			(behave[request.url] ?? behave['/good'])(list.length, answer);
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		heard, url: `http://127.0.0.1:${server.address().port}`, sent: () => bytes,
		end: () => { server.closeAllConnections(); server.close(); },
	};
}

/** The sample site with webhooks, and a post whose name is an attack on whoever shows it. */
function siteWith(file, sink, names) {
	const hooks = names.map((name) => `      - { name: ${name}, url: "${sink.url}/${name}", secret: ${SECRET} }`).join('\n');
	const text = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8')
		.replace(/^ {4}posts:$/m, `    webhooks:\n${hooks}\n\n    posts:`)
		.replace(/(- id: boja-01\n\s+name: ).*/, '$1\'<script>alert("1")</script>\'');
	writeFileSync(file, text);
	return file;
}

const HANG_MS = 10000; // so long the server waits for one that hangs

test('webhooks', async (t) => {
	const sink = await startSink();
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-notify-'));
	const names = ['good', 'later', 'bad', 'hanging', 'redirect', 'endless'];
	const site = siteWith(path.join(dir, 'site.yaml'), sink, names);
	try {
		await withStack({ posts: [POST], store: null, site }, async (stack) => {
			await stack.edges[POST].stop();
			const client = await connectAs(stack, POST);
			const receipts = new Map();
			client.on('message', (topic, payload) => JSON.parse(payload).receipts.forEach((r) => receipts.set(r.seq, Date.now())));
			await client.subscribeAsync(topicOf(POST, 'receipt'), { qos: 1 });
			const raise = async (seq) => {
				const begun = Date.now();
				await publishSigned(client, topicOf(POST, 'signal'), JSON.stringify(signalBody({ seq })), postKey(stack, POST));
				await until(`the receipt of ${seq}`, () => receipts.has(seq), 20000, 5);
				return receipts.get(seq) - begun;
			};
			/** { target: events' kinds and details } as the timeline has them. */
			const told = async () => {
				const [{ number }] = await stack.incidents();
				const { timeline, events } = (await stack.api('GET', `/incidents/${number}`)).body;
				return (timeline ?? events).filter(({ kind }) => kind.startsWith('notification.'));
			};
			const of = async (name) => (await told()).filter(({ body }) => body.target === name);
			const heard = (name) => sink.heard[`/${name}`] ?? [];

			await raise(1);
			await t.test('an alarm is told with a signature over time and body', async () => {
				const { headers, body } = await until('the webhook', () => heard('good')[0]);
				const mac = createHmac('sha256', SECRET).update(`${headers['x-pospin-timestamp']}.${body}`).digest('hex');
				assert.equal(headers['x-pospin-signature'], `sha256=${mac}`);
				assert.equal(headers['content-type'], 'application/json');
				assert.ok(Math.abs(Number(headers['x-pospin-timestamp']) - Date.now()) < 5000);
				assert.equal(JSON.parse(body).kind, 'incident.opened');
				assert.equal(JSON.parse(body).id, headers['idempotency-key']);
				await until('it to be sent', async () => (await of('good')).length === 1);
				assert.equal((await of('good'))[0].kind, 'notification.sent');
			});
			await t.test('markup in a name comes as a text of JSON, whole', () => {
				assert.equal(JSON.parse(heard('good')[0].body).post.name, '<script>alert("1")</script>');
			});
			await t.test('400 has failed at once, and is not tried again', async () => {
				await until('it to have failed', async () => (await of('bad')).length === 1);
				assert.equal((await of('bad'))[0].kind, 'notification.failed');
				assert.equal(heard('bad').length, 1);
			});
			await t.test('a redirect is not followed', async () => {
				await until('it to have failed', async () => (await of('redirect')).length === 1);
				assert.equal((await of('redirect'))[0].kind, 'notification.failed');
				assert.equal(sink.heard['/stolen'], undefined);
			});
			await t.test('an answer of 10 GB is cut off, and its status counts', async () => {
				await until('it to be sent', async () => (await of('endless')).length === 1);
				assert.equal((await of('endless'))[0].kind, 'notification.sent');
				assert.ok(sink.sent() < 64 * 2 ** 20, `${sink.sent()} bytes were taken`);
			});
			await t.test('a sink that hangs delays no receipt and no other sink', async () => {
				for (let seq = 2; seq <= 11; seq++) {
					const took = await raise(seq);
					assert.ok(took < HANG_MS / 2, `receipt ${seq} took ${took} ms`);
				}
				await until('the good sink to hear of all', () => heard('good').length === 11, HANG_MS - 1000);
				assert.ok(heard('hanging').length <= 4, 'four at once to one target');
				assert.deepEqual(await of('hanging'), []);
			});
			await t.test('503 is tried again with the same key, across a restart, and sent only after the 2xx', async () => {
				await until('a second try', () => heard('later').length >= 2);
				// Until it is in the record that one was sent, a kill makes it come again, under its key.
				await until('the good ones to be recorded as sent', async () => (await of('good')).length === 11);
				await stack.parts.server.stop('SIGKILL');
				await stack.startServer();
				await until('all of them to be sent', async () => (await of('later')).length === 11, 40000, 250);
				const tries = heard('later');
				const first = tries.filter(({ headers }) => headers['idempotency-key'] === tries[0].headers['idempotency-key']);
				assert.ok(first.length >= 2, 'the first notification was tried again under its key');
				assert.ok(first.every(({ body }) => body === first[0].body), 'with the same body');
				assert.ok((await of('later')).every(({ kind }) => kind === 'notification.sent'));
				assert.equal(new Set(tries.map(({ headers }) => headers['idempotency-key'])).size, 11);
			});
			await t.test('what was recorded as sent before the restart is not sent again', () => {
				const keys = heard('good').map(({ headers }) => headers['idempotency-key']);
				assert.equal(keys.length, new Set(keys).size);
			});
			client.end(true);
		});
	} finally {
		sink.end();
		rmSync(dir, { recursive: true, force: true });
	}
});
