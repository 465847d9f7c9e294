// SPDX-License-Identifier: Apache-2.0
// lamps.test.mjs -- what may light a lamp: with the server gone, somebody with its place at the broker tries everything short of its
// signing key; then the same words, rightly signed, light the lamp, which shows that the attempts were not merely misspelt.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { connectAs, postKey, publishSigned, seal, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const OTHER = 'weleri-01';
const LAMP = 'lamp-received-crime';
const INCIDENT = 'KDL-26-000099';

/** The liar's hands: the newest state of the post, and ways to speak to it. */
async function liarOf(stack) {
	const client = await connectAs(stack, 'svc-server');
	const states = [];
	client.on('message', (topic, payload) => states.push(JSON.parse(payload)));
	await client.subscribeAsync(topicOf(POST, 'state'), { qos: 1 });
	return {
		client, states,
		say: (channel, body, key, options) => publishSigned(client, topicOf(POST, channel), JSON.stringify(body), key, options),
	};
}

const receiptOf = ({ epoch, last_seq: seq }) => ({ receipts: [{ epoch, seq, result: 'recorded', incident: INCIDENT }] });
const beatOf = ({ epoch, boot, mono, n }, high) => ({ epoch, boot, mono, n, high, open: [{ seq: high, incident: INCIDENT, step: 'received', rev: 1 }] });
const outboxOf = async (stack) => (await stack.edgeStatus(POST)).outbox;

/** Says it, waits until the post has counted it, and finds the lamp dark. */
async function refused(stack, counter, say) {
	const before = (await stack.edgeStatus(POST)).counts[counter];
	await say();
	await until(`${counter} to grow`, async () => (await stack.edgeStatus(POST)).counts[counter] > before, 15000, 50);
	assert.equal(await stack.lamp(POST, LAMP), false, 'the lamp must stay dark');
	assert.equal((await outboxOf(stack)).unreceipted_alarms > 0, true, 'the alarm must still be on its way');
}

/** The server gone, one press taken and waiting: its number, whether the button has been let go of since or not. */
async function waiting(stack) {
	await until('the post to be heard', async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
	await until('nothing to wait', async () => (await outboxOf(stack)).unreceipted === 0, 20000);
	await stack.parts.server.stop();
	const { last_seq: before } = await outboxOf(stack);
	await stack.press(POST, 'panic-crime');
	await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-crime'), 15000, 20);
	return { ...await outboxOf(stack), last_seq: before + 1 };
}

test('only a receipt that the server signed for this post lights the lamp received', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		const outbox = await waiting(stack);
		const right = stack.path('pki/server-signing.key');
		const liar = await liarOf(stack);
		const body = receiptOf(outbox);
		const payload = JSON.stringify(body);

		await t.test('an unsigned receipt does nothing', () => refused(stack, 'ignored_unsigned', () => liar.say('receipt', body, null)));
		await t.test('a receipt signed by another post does nothing', () =>
			refused(stack, 'ignored_forged', () => liar.say('receipt', body, postKey(stack, OTHER))));
		await t.test('a receipt signed by the post itself does nothing', () =>
			refused(stack, 'ignored_forged', () => liar.say('receipt', body, postKey(stack, POST))));
		await t.test('a receipt with a service\'s TLS key does nothing', () =>
			refused(stack, 'ignored_forged', () => liar.say('receipt', body, stack.path('pki/svc-server.key'))));
		await t.test('a receipt that the server signed for another post does nothing', () =>
			refused(stack, 'ignored_forged', () => liar.client.publishAsync(topicOf(POST, 'receipt'), payload,
				{ qos: 1, properties: { userProperties: { sig: seal(right, topicOf(OTHER, 'receipt'), payload) } } })));
		await t.test('a receipt with one byte changed after it was signed does nothing', () =>
			refused(stack, 'ignored_forged', () => liar.client.publishAsync(topicOf(POST, 'receipt'), `${payload} `,
				{ qos: 1, properties: { userProperties: { sig: seal(right, topicOf(POST, 'receipt'), payload) } } })));
		await t.test('a receipt with two signatures, one of them right, does nothing', () =>
			refused(stack, 'ignored_unsigned', () => liar.client.publishAsync(topicOf(POST, 'receipt'), payload,
				{ qos: 1, properties: { userProperties: { sig: [seal(right, topicOf(POST, 'receipt'), payload), 'AAAA'] } } })));
		await t.test('the server\'s true receipt for another number does nothing', () =>
			refused(stack, 'receipts_unknown', () => liar.say('receipt', receiptOf({ ...outbox, last_seq: outbox.last_seq + 7 }), right)));
		await t.test('the server\'s true receipt for the same number of another epoch does nothing', () =>
			refused(stack, 'receipts_unknown', () => liar.say('receipt', receiptOf({ ...outbox, epoch: '00000000deadbeef' }), right)));
		await t.test('a receipt without form does nothing', () =>
			refused(stack, 'ignored_malformed', () => liar.say('receipt', { receipts: [{ epoch: outbox.epoch, seq: `${outbox.last_seq}`, result: 'recorded' }] }, right)));
		await t.test('a message to another post does not reach this one: the broker says so to nobody, the post hears nothing', async () => {
			const before = (await stack.edgeStatus(POST)).counts;
			await publishSigned(liar.client, topicOf(OTHER, 'receipt'), payload, right);
			await refused(stack, 'ignored_unsigned', () => liar.say('receipt', body, null));
			const after = (await stack.edgeStatus(POST)).counts;
			assert.deepEqual([after.receipts, after.receipts_unknown, after.ignored_foreign], [before.receipts, before.receipts_unknown, before.ignored_foreign]);
		});
		await t.test('the same words, signed by the server for this post, light it', async () => {
			await liar.say('receipt', body, right);
			await until('lamp received', () => stack.lamp(POST, LAMP), 15000, 20);
		});
		liar.client.end(true);
	});
});

test('only a signed beat that answers the newest state is believed, and none lights the lamp received', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		const outbox = await waiting(stack);
		const right = stack.path('pki/server-signing.key');
		const liar = await liarOf(stack);
		/** The next state that the post sends, and the one before it. */
		const nextStates = async () => {
			const had = liar.states.length;
			await until('a state of the post', () => liar.states.length > had && liar.states.length > 1, 25000, 20);
			return liar.states.slice(-2);
		};

		const [old, newest] = await nextStates();
		await t.test('an unsigned beat does nothing', () => refused(stack, 'ignored_unsigned', () => liar.say('beat', beatOf(newest, outbox.last_seq), null)));
		await t.test('a forged beat does nothing', () =>
			refused(stack, 'ignored_forged', () => liar.say('beat', beatOf(newest, outbox.last_seq), postKey(stack, OTHER))));
		await t.test('a true beat that answers an older state does nothing', () =>
			refused(stack, 'beats_stale', () => liar.say('beat', beatOf(old, outbox.last_seq), right)));
		await t.test('a true beat of another boot does nothing', () =>
			refused(stack, 'beats_stale', () => liar.say('beat', beatOf({ ...newest, boot: newest.boot + 1 }, outbox.last_seq), right)));
		await t.test('a true beat of another epoch does nothing', () =>
			refused(stack, 'beats_stale', () => liar.say('beat', beatOf({ ...newest, epoch: '00000000deadbeef' }, outbox.last_seq), right)));
		await t.test('forged progress makes the post ask nothing', async () => {
			const had = liar.states.length;
			await refused(stack, 'ignored_forged', () => liar.say('progress', {}, postKey(stack, OTHER)));
			await pause(300);
			assert.ok(liar.states.length <= had + 1, 'at most the state that was due anyway');
		});
		await t.test('the server is shown to be away all the while', () =>
			until('server away', async () => (await stack.edgeStatus(POST)).server === 'away', 40000));
		await t.test('a true one, in answer to the newest state, brings the server back, and still only a receipt lights the lamp', async () => {
			await until('the server to be there', async () => {
				await liar.say('beat', beatOf(liar.states.at(-1), outbox.last_seq), right);
				return (await stack.edgeStatus(POST)).server === 'connected';
			}, 30000, 500);
			assert.equal(await stack.lamp(POST, LAMP), false, 'a beat names numbers; only a receipt compares what was signed');
			await liar.say('receipt', receiptOf(outbox), right);
			await until('lamp received', () => stack.lamp(POST, LAMP), 15000, 20);
		});
		liar.client.end(true);
	});
});

test('what a broker kept and hands out again lights nothing', async () => {
	await withStack({ posts: [POST], store: null }, async (stack) => {
		const outbox = await waiting(stack);
		const right = stack.path('pki/server-signing.key');
		await stack.edges[POST].stop('SIGKILL');
		// A broker of somebody else's making: it retains, as ours refuses to.
		await stack.parts.broker.stop();
		const conf = stack.path('broker/mosquitto.conf');
		const text = readFileSync(conf, 'utf8');
		assert.match(text, /^retain_available false$/m);
		writeFileSync(conf, text.replace(/^retain_available false$/m, 'retain_available true'));
		await stack.startBroker();
		const liar = await liarOf(stack);
		await liar.say('receipt', receiptOf(outbox), right, { retain: true });
		await stack.startEdge(POST);
		await until('the post to be connected', async () => (await stack.edgeStatus(POST)).broker, 20000);
		await until('the retained receipt to be counted', async () => (await stack.edgeStatus(POST)).counts.ignored_retained === 1, 10000);
		// What is read in order is done in order: when the second is counted, nothing is under way from the first.
		await refused(stack, 'receipts_unknown', () => liar.say('receipt', receiptOf({ ...outbox, last_seq: outbox.last_seq + 7 }), right));
		assert.equal((await stack.edgeStatus(POST)).counts.receipts, 0, 'what was kept is no receipt');
		await liar.say('receipt', receiptOf(outbox), right);
		await until('the live one to be taken', async () => (await outboxOf(stack)).unreceipted_alarms === 0, 15000, 50);
		liar.client.end(true);
	});
});
