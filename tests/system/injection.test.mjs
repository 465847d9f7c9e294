// SPDX-License-Identifier: Apache-2.0
// injection.test.mjs -- the corpus of tests/support/injection.mjs in every text field: refused by its form, or inert wherever it comes out.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { PAYLOADS, isAccepted } from '../support/injection.mjs';
import { connectAs, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const MEASUREMENT = /^[a-z_]{3,20}$/;

/** A webhook receiver that keeps every body. */
async function sinkStart() {
	const bodies = [];
	const server = http.createServer((request, answer) => {
		let text = '';
		request.setEncoding('utf8').on('data', (data) => { text += data; }).on('end', () => {
			bodies.push({ text, headers: request.headers });
			answer.end();
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { bodies, url: `http://127.0.0.1:${server.address().port}/alarm`, stop: () => server.close() };
}

/** The sample site with a webhook, and a post whose name is the payload. */
function siteWith(file, sink, payload) {
	const text = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8')
		.replace(/^ {4}posts:$/m, `    webhooks:\n      - { name: desk, url: "${sink.url}", secret: 0123456789abcdef0123456789abcdef }\n\n    posts:`)
		.replace(/(- id: boja-01\n\s+name: ).*/, (_, before) => `${before}${JSON.stringify(payload)}`);
	assert.ok(text.includes(payload.slice(0, 4)));
	writeFileSync(file, text);
	return file;
}

test(`${PAYLOADS.length} payloads in every text field come out inert`, async (t) => {
	assert.ok(PAYLOADS.length >= 60);
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-injection-'));
	const sink = await sinkStart();
	const NAME = '<script>alert("INJ900")</script> "\' =1+1 \u202e{{x}} %s';
	try {
		const site = siteWith(path.join(dir, 'site.yaml'), sink, NAME);
		await withStack({ posts: [POST], store: 'influxdb', site }, async (stack) => {
			await stack.edges[POST].stop();
			const post = await connectAs(stack, POST);
			await publishSigned(post, topicOf(POST, 'signal'), JSON.stringify(signalBody()), postKey(stack, POST));
			const [{ number }] = await until('the incident', async () => {
				const open = await stack.incidents();
				return open.length && open;
			});
			const accepted = [];
			/** Sends one field; the answer must be what the form of the text alone decides. */
			const put = async (told, method, target, body, payload, limits, good) => {
				const { status, body: answer } = await stack.api(method, target, body);
				const want = isAccepted(payload.text, limits) ? [good] : [400, 422];
				assert.ok(want.includes(status), `${told} ${payload.kind} ${JSON.stringify(payload.text).slice(0, 80)}: ${JSON.stringify(answer)}`);
				if (status < 300) accepted.push(payload);
				else assert.doesNotMatch(JSON.stringify(answer), /[\u202a-\u202e\u2066-\u2069]|\\u001b/, 'a refusal does not carry the text back');
			};

			await t.test('notes, units, names and users take what is text and refuse what is not', async () => {
				await stack.act(number, 'acknowledge');
				for (const [i, payload] of PAYLOADS.entries()) {
					await put('note', 'POST', `/incidents/${number}/note`, { text: payload.text }, payload, { max: 2000, lines: true }, 200);
					await put('unit', 'POST', `/incidents/${number}/dispatch`, { unit: payload.text }, payload, { max: 64, lines: false }, 200);
					await put('display', 'POST', '/users', { name: `uji-${i}`, display: payload.text, roles: 'operator' }, payload, { max: 80, lines: false }, 201);
					// Words of a fixed set or alphabet take none of them.
					for (const [target, body] of [
						['/users', { name: payload.text, display: 'x', roles: 'operator' }], ['/users', { name: 'x', display: 'x', roles: payload.text }],
						['/users', { name: 'x', display: 'x', roles: 'operator', kecamatan: payload.text }],
						[`/incidents/${number}/close`, { code: payload.text }], [`/posts/${POST}/sound`, { class: payload.text, for: '1s' }], [`/posts/${POST}/sound`, { class: 'fire', for: payload.text }],
					]) assert.ok([400, 422].includes((await stack.api('POST', target, body)).status), `${target} ${JSON.stringify(body).slice(0, 90)}`);
					const where = encodeURIComponent(payload.text);
					for (const target of [`/incidents/${where}`, `/posts/${where}/contact`])
						assert.ok([400, 404].includes((await stack.api('GET', target)).status), target);
				}
			});
			await t.test('the API gives them back as they were, as JSON and nothing else', async () => {
				const { body } = await stack.api('GET', `/incidents/${number}`);
				assert.equal(body.post.name, NAME);
				const notes = body.timeline.filter(({ kind }) => kind === 'incident.note').map((event) => event.body.text);
				const wanted = PAYLOADS.filter(({ text }) => isAccepted(text, { max: 2000, lines: true })).map(({ text }) => text);
				assert.deepEqual(notes, wanted);
				const units = PAYLOADS.filter(({ text }) => isAccepted(text, { max: 64, lines: false })).map(({ text }) => text);
				assert.deepEqual(body.units, units);
				assert.ok(accepted.length > 100);
			});
			await t.test('pages are only ever the console\'s: answers are JSON that no browser takes for a page', async () => {
				for (const target of [`/incidents/${encodeURIComponent('<script>')}`, '/%3Cscript%3E', `/incidents?state=${encodeURIComponent('"><script>')}`]) {
					const answer = await fetch(`${stack.url}/api/v1${target}`);
					assert.match(answer.headers.get('content-type'), /^application\/(problem\+)?json/);
					assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
					assert.ok(!(await answer.text()).includes('<script>'));
				}
			});
			await t.test('the log has one line for each entry, and none of the texts', () => {
				for (const line of readFileSync(stack.path('log/server.log'), 'utf8').split('\n').filter(Boolean)) {
					assert.doesNotMatch(line, /INJ\d{3}/);
					// eslint-disable-next-line no-control-regex
					assert.doesNotMatch(line, /[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]/);
				}
			});
			await t.test('the terminal shows them without obeying', async () => {
				const said = await stack.call(stack.program('pospinctl'), ['incident', 'show', number, '--socket', stack.path('sock/server')]);
				assert.match(said, /INJ000/);
				// eslint-disable-next-line no-control-regex
				assert.doesNotMatch(said, /[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/);
				const users = await stack.call(stack.program('pospinctl'), ['user', 'list', '--socket', stack.path('sock/server')]);
				assert.match(users, /INJ000/);
				// eslint-disable-next-line no-control-regex
				assert.doesNotMatch(users, /[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/);
			});
			await t.test('webhooks carry JSON, and the names in it are texts', async () => {
				await until('the webhook', () => sink.bodies.length > 0);
				for (const { text, headers } of sink.bodies) {
					assert.ok(Object.keys(headers).every((name) => !/forged|set-cookie|bcc/i.test(name)));
					assert.ok(JSON.stringify(JSON.parse(text)).includes('INJ900'));
				}
			});
			await t.test('the time-series store has our measurements and no other', async () => {
				await until('the lines', async () => (await stack.influx('SHOW MEASUREMENTS')).length > 0, 20000);
				for (const { name } of await stack.influx('SHOW MEASUREMENTS')) assert.match(name, MEASUREMENT);
				const answer = await fetch(`${stack.storeUrl}/query?db=pospin&q=${encodeURIComponent('SHOW TAG KEYS; SHOW FIELD KEYS')}`);
				assert.doesNotMatch(await answer.text(), /INJ\d{3}|forged|second=/);
			});
			post.end(true);
		});
	} finally {
		sink.stop();
		rmSync(dir, { recursive: true, force: true });
	}
});
