// SPDX-License-Identifier: Apache-2.0
// command.test.mjs -- an order to a post: done once, by nobody but the server, in its time; and who ordered it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { connectAs, postKey, publishSigned, seal, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const OTHER = 'weleri-01';
const TOPIC = topicOf(POST, 'command');
const edge = (stack) => stack.edgeStatus(POST);
const siren = async (stack) => (await edge(stack)).shows.siren;
const serverKey = (stack) => stack.path('pki/server-signing.key');

/** Rows of the timeline about orders, oldest first. */
const timeline = (stack) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', stack.path('server/record.db'),
	"SELECT kind, actor, post, body FROM event WHERE kind LIKE 'command.%' ORDER BY event_id"]).toString() || '[]')
	.map(({ kind, actor, post, body }) => ({ kind, actor, post, ...JSON.parse(body) }));

/** An order as the server would make it now, by the post's own clock; this machine's is the same. */
async function order(stack, values = {}) {
	const { outbox } = await edge(stack);
	return {
		id: randomBytes(8).toString('hex'), epoch: outbox.epoch, boot: outbox.boot, until: Number(process.hrtime.bigint() / 1000000n) + 30000,
		order: 'sound', class: 'crime', for: 60, ...values,
	};
}

test('orders of the server', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		const ctl = (...args) => stack.ctl('post', ...args, '--socket', stack.path('sock/server'));
		for (const post of [POST, OTHER])
			await until(`${post} to be heard`, async () => (await stack.edgeStatus(post)).server === 'connected', 20000);

		await t.test('a post sounds once when it is ordered to, and the timeline says who and what came of it', async () => {
			assert.match(await ctl('sound', POST, '--class', 'fire', '--for', '60s'), /boja-01: sound ordered/);
			await until('the siren', async () => (await siren(stack)) === 'sound');
			const { outputs } = await edge(stack);
			assert.deepEqual(Object.keys(outputs).filter((id) => outputs[id] && id !== 'siren'), [], 'no lamp is touched');
			const rows = await until('the answer', () => { const all = timeline(stack); return all.length === 2 && all; });
			assert.deepEqual(rows.map(({ kind, post }) => [kind, post]), [['command.ordered', POST], ['command.answered', POST]]);
			assert.match(rows[0].actor, /^ctl:/);
			assert.deepEqual([rows[0].order, rows[0].class, rows[0].for], ['sound', 'fire', 60]);
			assert.deepEqual([rows[1].actor, rows[1].id, rows[1].result], [`post:kendal/${POST}`, rows[0].id, 'done']);
			assert.deepEqual(await stack.incidents(), []);
		});

		await t.test('silence ends it, and an alarm of the post\'s own sounds all the same', async () => {
			await ctl('silence', POST);
			await until('silence', async () => (await siren(stack)) === 'off');
			await stack.press(POST, 'panic-fire');
			await until('the alarm to sound', async () => (await siren(stack)) === 'sound');
			await ctl('silence', POST);
			await until('all answers', () => timeline(stack).filter(({ kind }) => kind === 'command.answered').length === 3);
			assert.equal(await siren(stack), 'sound', 'an order silences no alarm');
		});

		await t.test('an order that finds no agent is carried out once when the agent is back', async () => {
			await stack.edges[OTHER].stop('SIGKILL');
			await ctl('sound', OTHER, '--class', 'unspecified', '--for', '30s');
			await pause(500);
			await stack.startEdge(OTHER);
			await until('the siren', async () => (await stack.edgeStatus(OTHER)).shows.siren === 'sound', 20000);
			await until('the answer', () => timeline(stack).some(({ kind, post }) => kind === 'command.answered' && post === OTHER));
			assert.equal((await stack.edgeStatus(OTHER)).counts.commands, 1);
		});

		await t.test('a post that is not heard gets no order', async () => {
			const { status, body } = await stack.api('POST', '/posts/ngampel-01/silence', {});
			assert.equal(status, 409);
			assert.match(body.detail, /not heard/);
		});
	});
});

test('orders that nobody may believe do nothing, and are counted at the post', async (t) => {
	await withStack({ posts: [POST], store: null }, async (stack) => {
		await until('the post to be heard', async () => (await edge(stack)).server === 'connected', 20000);
		await stack.parts.server.stop(); // from here on this test is the broker's svc-server
		const client = await connectAs(stack, 'svc-server', { clean: true });
		const answers = [];
		client.on('message', (topic, payload) => answers.push(JSON.parse(payload)));
		await client.subscribeAsync(topicOf(POST, 'answer'), { qos: 1 });
		const say = (body, key = serverKey(stack), topic = TOPIC) => publishSigned(client, topic, JSON.stringify(body), key);
		const count = async (name) => (await edge(stack)).counts[name];

		const refused = async (counter, send) => {
			const before = await count(counter);
			await send();
			await until(`${counter} to grow`, async () => (await count(counter)) === before + 1);
			assert.equal(await siren(stack), 'off');
			assert.deepEqual(answers, []);
		};
		await t.test('without a signature', async () => refused('ignored_unsigned', async () => say(await order(stack), null)));
		await t.test('signed by a post', async () => refused('ignored_forged', async () => say(await order(stack), postKey(stack, POST))));
		await t.test('signed for another post', async () => refused('ignored_forged', async () => {
			const body = JSON.stringify(await order(stack));
			await client.publishAsync(TOPIC, body, { qos: 1, properties: { userProperties: { sig: seal(serverKey(stack), topicOf(OTHER, 'command'), body) } } });
		}));
		await t.test('that cannot be read', async () => refused('ignored_malformed', async () => say(await order(stack, { for: 181 }))));
		await t.test('whose time is over', async () => refused('commands_expired', async () => {
			const body = await order(stack);
			await say({ ...body, until: body.until - 31000 });
		}));
		await t.test('that would hold for longer than any order', async () => refused('commands_expired', async () => {
			const body = await order(stack);
			await say({ ...body, until: body.until + 3600000 });
		}));
		await t.test('of another boot', async () => refused('commands_expired', async () => {
			const body = await order(stack);
			await say({ ...body, boot: body.boot + 1 });
		}));
		await t.test('of another epoch', async () => refused('commands_expired', async () => say(await order(stack, { epoch: '00112233445566ff' }))));
		await t.test('an order that this version does not know is refused by an answer', async () => {
			const body = await order(stack, { order: 'dance' });
			await say(body);
			await until('the answer', () => answers.length === 1);
			assert.deepEqual([answers[0].id, answers[0].result], [body.id, 'refused']);
			answers.length = 0;
		});

		await t.test('replayed: it is answered again, and done once, also by an agent that starts again', async () => {
			const body = await order(stack);
			await say(body);
			await until('the siren', async () => (await siren(stack)) === 'sound');
			await until('the answer', () => answers.length === 1);
			await say({ ...(await order(stack, { order: 'silence' })), class: undefined, for: undefined });
			await until('silence', async () => (await siren(stack)) === 'off');
			await say(body);
			await until('the answer again', () => answers.length === 3);
			assert.deepEqual(answers[2], answers[0]);
			assert.equal(await siren(stack), 'off');
			assert.equal(await count('commands_again'), 1);

			await stack.edges[POST].stop('SIGKILL');
			await stack.startEdge(POST);
			await until('the broker', async () => (await edge(stack)).broker, 20000);
			await say(body);
			await until('the answer of the new agent', () => answers.length === 4);
			assert.deepEqual([answers[3].id, answers[3].result], [body.id, 'interrupted']);
			assert.equal(await siren(stack), 'off');
			assert.equal(await count('commands'), 0);
		});

		await t.test('retained: the broker takes none of the server itself', async () => {
			const ended = new Promise((_, reject) => client.once('close', () => reject(new Error('the broker ended the connection'))));
			const published = publishSigned(client, TOPIC, JSON.stringify(await order(stack)), serverKey(stack), { retain: true });
			await assert.rejects(Promise.race([published, ended]));
			assert.equal(await siren(stack), 'off');
			client.end(true);
		});
	});
});
