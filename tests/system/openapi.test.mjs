// SPDX-License-Identifier: Apache-2.0
// openapi.test.mjs -- docs/openapi.json held against the running server: every path, its shapes, and what bad input gets.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { withStack } from './support.mjs';

const doc = JSON.parse(readFileSync(path.join(SOURCE, 'docs/openapi.json'), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(doc, 'openapi.json');

function schemaOf(route, method, status) {
	const operation = doc.paths[route]?.[method.toLowerCase()];
	assert.ok(operation, `${method} ${route} is not documented`);
	let response = operation.responses[status] ?? operation.responses.default;
	assert.ok(response, `${method} ${route}: answer ${status} is not documented`);
	if (response.$ref) response = response.$ref.slice(2).split('/').reduce((at, key) => at[key.replace(/~1/g, '/')], doc);
	const content = response.content && Object.values(response.content)[0];
	return content?.schema;
}

function fits(route, method, { status, body }) {
	const schema = schemaOf(route, method, status);
	if (!schema) return;
	const check = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi.json#/')));
	assert.ok(check(body), `${method} ${route} ${status}: ${ajv.errorsText(check.errors)} in ${JSON.stringify(body).slice(0, 400)}`);
}

const BASE = Object.keys(doc.paths).some((route) => route.startsWith('/api/v1')) ? '/api/v1' : '';

test('the server and its document say the same', async (t) => {
	await withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		const call = async (method, route, target, body) => {
			const answer = await stack.api(method, target, body);
			fits(BASE + route, method, answer);
			return answer;
		};
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
		await stack.press('boja-01', 'panic-crime', 100);
		const [incident] = await until('the incident', async () => {
			const open = await stack.incidents('open');
			return open.length && open;
		});
		const at = `/incidents/${incident.number}`;

		await t.test('the served document is the one in docs/', async () => {
			assert.deepEqual((await stack.api('GET', '/openapi.json')).body, doc);
		});
		await t.test('reads fit their schemas', async () => {
			for (const [route, target] of [['/health', '/health'], ['/setup', '/setup'], ['/incidents', '/incidents?state=all&limit=5'],
				['/incidents/{number}', at], ['/posts', '/posts'], ['/troubles', '/troubles'], ['/counts', '/counts']])
				assert.equal((await call('GET', route, target)).status, 200, target);
		});
		await t.test('a forbidden move is 409 with the reason', async () => {
			const { status, body } = await call('POST', '/incidents/{number}/dispatch', `${at}/dispatch`, { unit: 'Regu 1' });
			assert.equal(status, 409);
			assert.match(body.detail, /acknowledge/);
		});
		await t.test('the way to closed', async () => {
			assert.equal((await call('POST', '/incidents/{number}/acknowledge', `${at}/acknowledge`, {})).status, 200);
			assert.equal((await call('POST', '/incidents/{number}/acknowledge', `${at}/acknowledge`, {})).status, 409);
			assert.equal((await call('POST', '/incidents/{number}/dispatch', `${at}/dispatch`, { unit: 'Regu 1' })).status, 200);
			assert.equal((await call('POST', '/incidents/{number}/note', `${at}/note`, { text: '<b>catatan</b>' })).status, 200);
			assert.equal((await call('POST', '/incidents/{number}/on-scene', `${at}/on-scene`, {})).status, 200);
			assert.equal((await call('POST', '/incidents/{number}/close', `${at}/close`, {})).status, 422, 'a closing code is mandatory');
			assert.equal((await call('POST', '/incidents/{number}/close', `${at}/close`, { code: 'whatever' })).status, 422);
			assert.equal((await call('POST', '/incidents/{number}/close', `${at}/close`, { code: 'real', note: 'selesai' })).status, 200);
			assert.equal((await call('POST', '/incidents/{number}/close', `${at}/close`, { code: 'real' })).status, 409);
		});
		await t.test('orders to a post', async () => {
			const order = (word, body, post = 'boja-01') => call('POST', `/posts/{post}/${word}`, `/posts/${post}/${word}`, body);
			assert.equal((await order('sound', { class: 'fire', for: '1s' })).status, 200);
			assert.equal((await order('silence', {})).status, 200);
			assert.equal((await order('sound', { class: 'fire', for: '181s' })).status, 422);
			assert.equal((await order('silence', {}, 'weleri-01')).status, 409, 'it was never heard');
			assert.equal((await order('silence', {}, 'nowhere')).status, 404);
		});
		await t.test('what bad input gets', async () => {
			assert.equal((await call('GET', '/incidents/{number}', '/incidents/KDL-99-999999')).status, 404);
			const unknown = await call('POST', '/incidents/{number}/note', `${at}/note`, { text: 'x', colour: 'red' });
			assert.equal(unknown.status, 422);
			assert.match(unknown.body.detail, /colour/);
			assert.equal((await call('POST', '/incidents/{number}/note', `${at}/note`, { text: 'x'.repeat(70000) })).status, 413);
			const elsewhere = await stack.api('GET', '/no-such-thing');
			assert.equal(elsewhere.status, 404);
			assert.equal((await stack.api('DELETE', '/incidents')).status, 405);
			const plain = await fetch(`${stack.url}/api/v1/session`, { method: 'POST', body: 'name=x', headers: { 'content-type': 'text/plain' } });
			assert.equal(plain.status, 415);
		});
		await t.test('over TCP nothing is told without a session', async () => {
			for (const target of ['/incidents', at, '/posts', '/troubles', '/events', '/counts'])
				assert.equal((await fetch(`${stack.url}/api/v1${target}`)).status, 401, target);
			const move = await fetch(`${stack.url}/api/v1${at}/acknowledge`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
			assert.equal(move.status, 401);
		});
	});
});
