// SPDX-License-Identifier: Apache-2.0
// session.test.mjs -- who may change anything over HTTP, and an event stream that goes on where it broke.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { connectAs, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const OPERATOR = { name: 'siti', display: 'Siti', password: 'kentongan-malam' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** A browser's side of the API: { status, body, cookies }. */
async function call(stack, method, target, { body, headers = {} } = {}) {
	const answer = await fetch(`${stack.url}/api/v1${target}`, {
		method, headers: { ...(body ? JSON_TYPE : {}), ...headers }, body: body && JSON.stringify(body),
	});
	const text = await answer.text();
	const cookies = (answer.headers.getSetCookie?.() ?? [answer.headers.get('set-cookie') ?? '']).map((cookie) => cookie.split(';')[0]);
	return { status: answer.status, body: text && JSON.parse(text), headers: answer.headers, cookie: cookies.find((cookie) => /session/.test(cookie)), cookies };
}

/** Events of the stream as { id, event, data }, until end() is called. */
function listen(stack, headers) {
	const events = [], stream = { events, open: false, end: () => request.destroy() };
	let text = '';
	const request = http.get(`${stack.url}/api/v1/events`, { headers }, (answer) => {
		stream.open = true;
		answer.setEncoding('utf8').on('data', (data) => {
			text += data;
			const blocks = text.split('\n\n');
			text = blocks.pop();
			for (const block of blocks) {
				const event = Object.fromEntries(block.split('\n').filter((line) => /^\w+:/.test(line)).map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1).trim()]));
				if (event.id && event.data) events.push(event);
			}
		}).on('error', () => {});
	}).on('error', () => {});
	return stream;
}

test('sessions and streams', async (t) => {
	await withStack({ posts: [POST], store: null }, async (stack) => {
		await stack.edges[POST].stop();
		const post = await connectAs(stack, POST);
		let seq = 0;
		const raise = async (cls) => {
			seq++;
			const before = (await stack.incidents()).reduce((sum, { signals }) => sum + signals, 0);
			await publishSigned(post, topicOf(POST, 'signal'), JSON.stringify(signalBody({ seq, point: `panic-${cls}`, class: cls })), postKey(stack, POST));
			await until('the alarm', async () => (await stack.incidents()).reduce((sum, { signals }) => sum + signals, 0) === before + 1);
		};
		await raise('crime');
		const [{ number }] = await stack.incidents();
		const acknowledge = `/incidents/${number}/acknowledge`;
		const state = async () => (await stack.incidents())[0].state;
		const token = /#setup=(\w+)/.exec(await until('the setup link', () => stack.setupLink()))[1];

		await t.test('a guessed setup link makes nobody', async () => {
			assert.equal((await call(stack, 'POST', '/setup', { body: { ...OPERATOR, token: 'f'.repeat(64) } })).status, 403);
			assert.equal((await call(stack, 'GET', '/setup')).body.needed, true);
		});
		await t.test('a page of another origin cannot use the link', async () => {
			assert.equal((await call(stack, 'POST', '/setup', { body: { ...OPERATOR, token }, headers: { origin: 'https://evil.example' } })).status, 403);
		});
		await t.test('the setup link works once', async () => {
			assert.equal((await call(stack, 'POST', '/setup', { body: { ...OPERATOR, token } })).status, 201);
			assert.equal((await call(stack, 'POST', '/setup', { body: { ...OPERATOR, name: 'mallory', token } })).status, 409);
			assert.equal((await call(stack, 'GET', '/setup')).body.needed, false);
		});

		const login = (password, headers) => call(stack, 'POST', '/session', { body: { name: OPERATOR.name, password }, headers });
		const { cookie, status } = await login(OPERATOR.password);
		assert.equal(status, 200);
		const mine = { cookie };

		await t.test('without the header X-PosPin nothing is changed', async () => {
			assert.equal((await call(stack, 'POST', acknowledge, { body: {}, headers: mine })).status, 403);
			assert.equal(await state(), 'open');
		});
		await t.test('from a foreign origin nothing is changed', async () => {
			for (const origin of ['https://evil.example', 'null', `${stack.url}.evil.example`])
				assert.equal((await call(stack, 'POST', acknowledge, { body: {}, headers: { ...mine, 'x-pospin': '1', origin } })).status, 403, origin);
			assert.equal(await state(), 'open');
		});
		await t.test('as a form nothing is changed', async () => {
			const form = await fetch(`${stack.url}/api/v1${acknowledge}`, { method: 'POST', body: 'x=1', headers: { ...mine, 'x-pospin': '1', 'content-type': 'application/x-www-form-urlencoded' } });
			assert.equal(form.status, 415);
			assert.equal(await state(), 'open');
		});
		await t.test('two operators at once: one has it, the other hears who', async () => {
			const both = await Promise.all([1, 2, 3, 4].map(() => call(stack, 'POST', acknowledge, { body: {}, headers: { ...mine, 'x-pospin': '1' } })));
			assert.deepEqual(both.map((answer) => answer.status).sort(), [200, 409, 409, 409]);
			assert.match(both.find((answer) => answer.status === 409).body.detail, /already, by user:siti/);
		});

		await t.test('a stream goes on by Last-Event-ID across a restart: no event missing, none twice', async () => {
			const stream = listen(stack, mine);
			await until('the stream', () => stream.open);
			await raise('fire');
			await until('events', () => stream.events.length > 0);
			const last = Number(stream.events.at(-1).id);
			stream.end();
			await raise('medical');
			await stack.parts.server.stop('SIGKILL');
			await stack.startServer();
			await raise('disaster');
			const again = listen(stack, { ...mine, 'last-event-id': `${last}` });
			await until('what was missed', () => again.events.some(({ data }) => data.includes('disaster')));
			again.end();
			const all = listen(stack, { ...mine, 'last-event-id': '0' });
			await until('everything', () => all.events.some(({ data }) => data.includes('disaster')));
			all.end();
			const ids = (list) => list.map(({ id }) => Number(id));
			assert.ok(again.events.some(({ data }) => data.includes('medical')));
			const end = Math.min(ids(again.events).at(-1), ids(all.events).at(-1));
			assert.deepEqual(ids(again.events).filter((id) => id <= end), ids(all.events).filter((id) => id > last && id <= end));
			assert.equal(new Set(ids(again.events)).size, again.events.length);
		});
		await t.test('a session lives across the restart, and logout ends it', async () => {
			assert.equal((await call(stack, 'GET', '/session', { headers: mine })).status, 200);
			assert.equal((await call(stack, 'DELETE', '/session', { headers: { ...mine, 'x-pospin': '1' } })).status, 204);
			assert.equal((await call(stack, 'GET', '/session', { headers: mine })).status, 401);
			assert.equal((await call(stack, 'GET', '/events', { headers: mine })).status, 401);
		});
		await t.test('the setup link of the first start is worth nothing after the restart', async () => {
			assert.equal((await call(stack, 'POST', '/setup', { body: { ...OPERATOR, name: 'mallory', token } })).status, 409);
		});
		await t.test('wrong passwords have to wait, and so does the right one from there', async () => {
			const answers = [];
			for (let i = 0; i < 8; i++) answers.push(await login(`wrong-${i}-password`));
			assert.equal(answers[0].status, 401);
			assert.equal(answers.at(-1).status, 429);
			assert.ok(Number(answers.at(-1).headers.get('retry-after')) >= 1);
			assert.equal((await login(OPERATOR.password)).status, 429);
		});
		post.end(true);
	});
});
