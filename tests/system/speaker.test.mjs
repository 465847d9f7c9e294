// SPDX-License-Identifier: Apache-2.0
// speaker.test.mjs -- who speaks, and when: a post speaks for itself alone, and only what it says now keeps it alive.
import assert from 'node:assert/strict';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { connectAs, counts, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const OTHER = 'weleri-01';
const supervision = async (stack, post) => (await stack.api('GET', '/posts')).body.posts.find(({ id }) => id === post).state;
const stateBody = (values) => ({
	epoch: '00112233445566aa', boot: 1, mono: 1000, n: 1, points: {}, config: '0000000000000000', version: '0.1.0', oldest: null, ...values,
});

test('a post speaks for itself alone', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		await Promise.all([stack.edges[POST].stop(), stack.edges[OTHER].stop()]);
		for (const tenant of ['kediri', '+', 'kendal/boja-01', ''])
			await t.test(`the broker takes nothing from it for the tenant "${tenant}"`, async () => {
				const liar = await connectAs(stack, POST);
				const ended = new Promise((_, reject) => liar.once('close', () => reject(new Error('thrown off'))));
				await assert.rejects(Promise.race([ended,
					publishSigned(liar, topicOf(POST, 'signal', tenant), JSON.stringify(signalBody()), postKey(stack, POST))]));
				liar.end(true);
				assert.deepEqual(await stack.incidents(), []);
			});
		const client = await connectAs(stack, POST);
		await t.test('a post or tenant that the payload names is not the one that speaks', async () => {
			await publishSigned(client, topicOf(POST, 'signal'),
				JSON.stringify(signalBody({ tenant: 'kediri', post: OTHER, seq: 1 })), postKey(stack, POST));
			await until('its incident', async () => (await stack.incidents()).length === 1);
			assert.deepEqual((await stack.incidents()).map(({ post }) => post.id), [POST]);
		});
		await t.test('an alarm said again under another topic of its own is no alarm', async () => {
			const before = (await counts(stack)).signals ?? 0;
			for (const channel of ['state', 'answer', 'sample'])
				await publishSigned(client, topicOf(POST, channel), JSON.stringify(signalBody({ seq: 2 })), postKey(stack, POST));
			await pause(500);
			assert.equal((await counts(stack)).signals ?? 0, before);
			assert.equal((await stack.incidents()).length, 1);
		});
		client.end(true);
	});
});

test('a state said again keeps nobody alive', async () => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		await until('both to be heard', async () =>
			(await supervision(stack, POST)) === 'normal' && (await supervision(stack, OTHER)) === 'normal', 20000);
		await stack.edges[POST].stop();
		const client = await connectAs(stack, POST);
		const say = (body) => publishSigned(client, topicOf(POST, 'state'), JSON.stringify(body), postKey(stack, POST));
		await say(stateBody({ n: 5, mono: 5000 }));
		const before = (await counts(stack)).states_stale;
		let sent = 0;
		await until('the post to be unsupervised though its old states are said all the time', async () => {
			// The same bytes; an older state; the same moment under another counter.
			await Promise.all([say(stateBody({ n: 5, mono: 5000 })), say(stateBody({ n: 4, mono: 4000 })), say(stateBody({ n: 6, mono: 5000 }))]);
			sent += 3;
			return (await supervision(stack, POST)) === 'unsupervised';
		}, 60000, 1000);
		await until('every one of them to be counted', async () => (await counts(stack)).states_stale === before + sent);
		assert.equal(await supervision(stack, OTHER), 'normal', 'the one that really speaks is');
		client.end(true);
	});
});
