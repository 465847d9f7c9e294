// SPDX-License-Identifier: Apache-2.0
// keys.test.mjs -- keys and certificates over their whole life, over the real broker: revoked, renewed, rotated, refused.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { connectAs, counts, postKey, publishSigned, signalBody, TENANT, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const OTHER = 'weleri-01';

/** What a command of pospinctl says; fails aloud. The address of the broker and its pid file, where it takes them. */
const site = (stack) => ['--record', stack.path('server/record.db'), '--pki', stack.path('pki'), '--tenant', TENANT];
const broker = (stack) => ['--broker', `127.0.0.1:${stack.ports.broker}`, '--broker-pid', stack.path('broker/pid')];
const ctlFails = (stack, ...args) => stack.ctl(...args).then((out) => assert.fail(`it went well: ${out}`), (error) => error.message);
const postShown = async (stack, id) => (await stack.api('GET', '/posts')).body.posts.find((post) => post.id === id);
const signals = async (stack) => (await stack.incidents()).reduce((sum, incident) => sum + incident.signals, 0);

/** A press at the running agent of a post that ends in the record. */
async function pressIsRecorded(stack, post, point = 'panic-crime') {
	const before = await signals(stack);
	await until(`${post} to be connected`, async () => (await stack.edgeStatus(post)).server === 'connected', 30000);
	await stack.press(post, point);
	await until(`the press of ${post} in the record`, async () => await signals(stack) > before, 30000);
}

test('a revoked post', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		await stack.edges[POST].stop();
		const stolen = await connectAs(stack, POST);
		const heard = [];
		let closed = false;
		stolen.on('message', (topic, payload) => heard.push(JSON.parse(payload))).on('close', () => { closed = true; });
		await stolen.subscribeAsync(topicOf(POST, 'receipt'), { qos: 1 });
		const reconnects = async () => (await stack.edgeStatus(OTHER)).counts.reconnects;
		await until(`${OTHER} to be connected`, async () => (await stack.edgeStatus(OTHER)).server === 'connected');
		const connectedOnce = await reconnects();
		const say = (seq) => publishSigned(stolen, topicOf(POST, 'signal'), JSON.stringify(signalBody({ seq })), postKey(stack, POST));
		await say(1);
		await until('the alarm before', async () => await signals(stack) === 1);

		await t.test('is not believed from the registry\'s instant on: refused, told so, counted, and shown as revoked', async () => {
			const before = (await counts(stack)).refused_revoked;
			const out = await stack.ctl('post', 'revoke', ...site(stack), '--post', POST, '--reason', 'dicuri');
			assert.match(out, /every key of kendal\/boja-01 is revoked/);
			assert.match(out, /LEFT TO DO: let the broker read revoked.pem/);
			assert.match(out, /LEFT TO DO: a session/);
			await say(2);
			await until('the refusal', () => heard.flatMap((m) => m.receipts).some((r) => r.seq === 2 && r.result === 'refused'));
			assert.equal((await counts(stack)).refused_revoked, before + 1);
			assert.equal(await signals(stack), 1);
			assert.equal(closed, false); // what the broker lets through is refused here
			const shown = await postShown(stack, POST);
			assert.deepEqual([shown.active, shown.revoked], [false, true]);
		});

		await t.test('is thrown off the broker and not let in again', async () => {
			const began = Date.now();
			const out = await stack.ctl('post', 'revoke', ...site(stack), '--post', POST, ...broker(stack));
			assert.match(out, /was revoked already/);
			assert.match(out, /is thrown off the broker and not let in again/);
			assert.doesNotMatch(out, /LEFT TO DO/);
			await until('the end of its session', () => closed);
			t.diagnostic(`revoked, list read, session ended in ${Date.now() - began} ms`);
			await assert.rejects(connectAs(stack, POST), (error) => /CERTIFICATE_REVOKED|ECONNRESET|closed/i.test(`${error.code} ${error.message}`));
		});

		await t.test('and the agent of another post has noticed nothing', async () => {
			assert.equal(await reconnects(), connectedOnce);
			await pressIsRecorded(stack, OTHER);
		});

		await t.test('may be revoked again: nothing is done twice', async () => {
			const out = await stack.ctl('post', 'revoke', ...site(stack), '--post', POST, ...broker(stack));
			assert.match(out, /was revoked already/);
		});
	});
});
