// SPDX-License-Identifier: Apache-2.0
// hostile.test.mjs -- what a peer may try, over the real broker: refused, counted, and the next honest alarm still recorded.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { connectAs, counts, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const OTHER = 'weleri-01';
const TOPIC = topicOf(POST, 'signal');

/** name, counter that must grow by one, payload, and how it is sent. */
const REFUSED = [
	['without signature', 'refused_signature', signalBody({ seq: 11 }), { key: null }],
	['with another post\'s signature', 'refused_signature', signalBody({ seq: 12 }), { key: OTHER }],
	['of broken UTF-8', 'refused_form', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
	['with a member twice', 'refused_form', '{"epoch":"00112233445566ff","seq":13,"seq":14,"boot":1,"mono":1,"point":"p","kind":"panic","signal":"alarm"}'],
	['of another major version', 'refused_version', signalBody({ v: 2, seq: 15 })],
	['with a real where an integer belongs', 'refused_form', '{"epoch":"00112233445566ff","seq":16.0,"boot":1,"mono":1,"point":"p","kind":"panic","signal":"alarm"}'],
	['that is no object', 'refused_form', '[1,2,3]'],
	['that is empty', 'refused_form', ''],
];

test('messages that nobody may believe', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		await stack.edges[POST].stop();
		await stack.edges[OTHER].stop();
		const client = await connectAs(stack, POST);

		for (const [name, counter, body, { key = POST } = {}] of REFUSED)
			await t.test(`a signal ${name} is refused and counted`, async () => {
				const before = (await counts(stack))[counter];
				const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
				await publishSigned(client, TOPIC, payload, key && postKey(stack, key));
				await until(`${counter} to grow`, async () => (await counts(stack))[counter] === before + 1);
				assert.deepEqual(await stack.incidents(), []);
			});

		await t.test('a retained signal is refused by the broker', async () => {
			const retained = await connectAs(stack, POST);
			const ended = new Promise((_, reject) => retained.once('close', () => reject(new Error('the broker ended the connection'))));
			const published = publishSigned(retained, TOPIC, JSON.stringify(signalBody({ seq: 17 })), postKey(stack, POST), { retain: true });
			await assert.rejects(Promise.race([published, ended]));
			assert.deepEqual(await stack.incidents(), []);
			retained.end(true);
		});

		await t.test('a post cannot publish as another post: reason 0x87', async () => {
			const mine = await connectAs(stack, POST);
			await assert.rejects(publishSigned(mine, topicOf(OTHER, 'signal'), JSON.stringify(signalBody()), postKey(stack, POST)),
				(error) => error.code === 0x87);
			mine.end(true);
		});

		await t.test('the next honest alarm is recorded, and its second copy changes nothing', async () => {
			const honest = await connectAs(stack, POST);
			const receipts = [];
			honest.on('message', (topic, payload) => receipts.push(JSON.parse(payload)));
			await honest.subscribeAsync(topicOf(POST, 'receipt'), { qos: 1 });
			const payload = JSON.stringify(signalBody({ seq: 1 }));
			for (let i = 0; i < 3; i++) await publishSigned(honest, TOPIC, payload, postKey(stack, POST));
			await until('three receipts', () => receipts.flatMap((r) => r.receipts).length >= 3);
			const incidents = await stack.incidents();
			assert.equal(incidents.length, 1);
			assert.equal(incidents[0].signals, 1);
			for (const receipt of receipts.flatMap((r) => r.receipts))
				assert.deepEqual([receipt.result, receipt.incident], ['recorded', incidents[0].number]);
			honest.end(true);
		});

		await t.test('the same triple with other content is a conflict; the first stays', async () => {
			const liar = await connectAs(stack, POST);
			const before = (await counts(stack)).conflicts;
			await publishSigned(liar, TOPIC, JSON.stringify(signalBody({ seq: 1, class: 'fire' })), postKey(stack, POST));
			await until('the conflict to be counted', async () => (await counts(stack)).conflicts === before + 1);
			assert.deepEqual((await stack.incidents()).map((incident) => incident.class), ['crime']);
			liar.end(true);
		});

		await t.test('an authentic alarm of an unknown point and class opens an incident of class unspecified', async () => {
			const odd = await connectAs(stack, POST);
			await publishSigned(odd, TOPIC, JSON.stringify(signalBody({ seq: 2, point: 'never-heard-of', class: 'meteor', flags: ['new-flag'] })), postKey(stack, POST));
			await until('the incident', async () => (await stack.incidents('open')).some((incident) => incident.class === 'unspecified'));
			odd.end(true);
		});

		await t.test('a thousand junk messages do not stop the server', async () => {
			const noisy = await connectAs(stack, POST);
			for (let i = 0; i < 1000; i++) noisy.publish(TOPIC, `{"junk":${i}`, { qos: 1 });
			// The broker gives the post no more than its share: like any post, it offers the alarm until it is recorded.
			const offer = () => publishSigned(noisy, TOPIC, JSON.stringify(signalBody({ seq: 3, class: 'medical', point: 'panic-medical' })), postKey(stack, POST));
			await until('the alarm behind the junk', async () => {
				await offer().catch((error) => assert.equal(error.code, 0x87));
				return (await stack.incidents('open')).some((incident) => incident.class === 'medical');
			});
			noisy.end(true);
		});
	});
});
