// SPDX-License-Identifier: Apache-2.0
// mutated.test.mjs -- what a valid post may sign: numbers at their edges, and thousands of messages with something broken in each.
// The server lives, keeps its size, counts every one, and invents nothing.
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { SAMPLE_POSTS, SOURCE } from '../../scripts/lib/stack.mjs';
import { judge } from './oracle.mjs';
import { connectAs, counts, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const LONG = process.env.POSPIN_LONG === '1';
const EACH = LONG ? 20000 : 1000; // of each of five posts
const PER_SECOND = 95; // of each post: below the share that is its own whatever the others do
const SEED = Number(process.env.POSPIN_SEED ?? 20251121);

const rssKiB = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
const golden = (name) => readFileSync(path.join(SOURCE, 'tests/golden', `${name}.json`));

/** mulberry32: the same mutations for the same seed. */
function randomOf(seed) {
	let a = seed;
	return (n) => {
		a = (a + 0x6d2b79f5) | 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % n;
	};
}

const NUMBERS = ['0', '-1', '1', '-0', '1.0', '1e3', '1E400', '2147483647', '2147483648', '4294967295', '4294967296', '9007199254740991',
	'9007199254740992', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '01', '+1', '.5', '1.', 'NaN', 'Infinity'];
const VALUES = ['null', 'true', '[]', '{}', '""', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]', '[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]',
	'{"a":1,"a":2}', `"${'x'.repeat(300)}"`, `[${'1,'.repeat(200)}1]`, '"alarm"', '"restore"', '"fire"', '"svc-server"', '["drill"]', '["silent","meteor"]', '"\\n\\t"'];

const MUTATIONS = [
	(b, r) => { b[r(b.length)] ^= 1 << r(8); return b; },
	(b, r) => { b[r(b.length)] = r(256); return b; },
	(b, r) => { const at = r(b.length); return Buffer.concat([b.subarray(0, at), b.subarray(Math.min(b.length, at + 1 + r(20)))]); },
	(b, r) => { const at = r(b.length); const to = Math.min(b.length, at + 1 + r(20)); return Buffer.concat([b.subarray(0, to), b.subarray(at)]); },
	(b, r) => { const at = r(b.length + 1); return Buffer.concat([b.subarray(0, at), Buffer.from(Array.from({ length: 1 + r(8) }, () => r(256))), b.subarray(at)]); },
	(b, r) => b.subarray(0, r(b.length)),
	...Array(4).fill((b, r) => number(b, r, NUMBERS[r(NUMBERS.length)])),
	(b, r) => number(b, r, VALUES[r(VALUES.length)]),
	...Array(4).fill((b, r) => member(b, r, VALUES[r(VALUES.length)])),
	(b, r) => member(b, r, NUMBERS[r(NUMBERS.length)]),
	(b, r) => Buffer.from(String(b).replace('{', `{"${['v', 'seq', 'epoch', 'x', 'lost', 'cause', 'flags'][r(7)]}":${VALUES.concat(NUMBERS)[r(VALUES.length + NUMBERS.length)]},`)),
	(b, r) => Buffer.from(String(b).replace('}', `,"pad":"${'p'.repeat(7600 + r(1200))}"}`)),
];
/** Puts another value in the place of a number, or of any member. */
function number(b, r, value) {
	const text = String(b);
	const found = [...text.matchAll(/(?<=:)\d+/g)];
	const at = found[r(found.length)];
	return at ? Buffer.from(text.slice(0, at.index) + value + text.slice(at.index + at[0].length)) : b;
}
function member(b, r, value) {
	const text = String(b);
	const found = [...text.matchAll(/(?<=":)("[^"]*"|\d+|null|\[[^\]]*\])/g)];
	const at = found[r(found.length)];
	return at ? Buffer.from(text.slice(0, at.index) + value + text.slice(at.index + at[0].length)) : b;
}

/** The i-th message of a post: a whole one, then one to three things changed in it. Small numbers come again: same triple, other content. */
function mutant(r, i) {
	const channel = r(100) < 3 ? 'state' : 'signal';
	let body;
	if (channel === 'state') body = { ...JSON.parse(golden('state')), boot: 17, mono: 1000 + i, n: i };
	else {
		const name = ['signal-alarm', 'signal-alarm', 'signal-restore', 'signal-trouble-lost'][r(4)];
		body = { ...JSON.parse(golden(name)), seq: r(10) === 0 ? 1 + r(20) : 100 + i, mono: 100000 + i };
	}
	let bytes = Buffer.from(JSON.stringify(body));
	for (let n = r(3) === 0 ? 2 : 1; n > 0; n--) bytes = MUTATIONS[r(MUTATIONS.length)](Buffer.from(bytes), r);
	// Twice as much would end the connection: the broker's max_packet_size.
	return { channel, bytes: bytes.subarray(0, 15000) };
}

async function sendAll(stack, post, random) {
	const client = await connectAs(stack, post);
	const key = createPrivateKey(readFileSync(postKey(stack, post)));
	const judged = [];
	let due = performance.now();
	let refused = 0;
	for (let i = 0; i < EACH; i++) {
		const { channel, bytes } = mutant(random, i);
		const topic = topicOf(post, channel);
		const sig = sign(null, Buffer.concat([Buffer.from(`pospin-v1\n${topic}\n`), bytes]), key).toString('base64');
		client.publish(topic, bytes, { qos: 1, properties: { userProperties: { sig } } }, (error) => { refused += error !== undefined && error !== null; });
		judged.push(judge(channel, bytes));
		// What a slow machine has missed is not made up for: that would be a flood.
		due = Math.max(due, performance.now() - 50) + 1000 / PER_SECOND;
		if (due > performance.now()) await pause(due - performance.now());
	}
	return { client, judged, refused: () => refused };
}

const counted = (c) => c.signals + c.duplicates + c.conflicts + c.refused_form + c.refused_version + c.states + c.states_stale + c.epochs_refused + c.throttled + c.item_errors;

test('messages of a valid post with something broken in each', { timeout: 900000 }, async (t) => {
	await withStack({ posts: SAMPLE_POSTS, store: null }, async (stack) => {
		for (const post of stack.posts) await stack.edges[post].stop();
		await pause(2100); // counts are shown at commits and once a second: those of the agents are in
		const before = await counts(stack);
		const { pid } = stack.parts.server;
		const sizes = [];
		const watch = setInterval(() => sizes.push(rssKiB(pid)), 250);
		const sent = await Promise.all(stack.posts.map((post, i) => sendAll(stack, post, randomOf(SEED + i))));
		const judged = sent.flatMap((one) => one.judged);
		const all = judged.length;
		let after;
		await until('every message to be counted', async () => {
			after = await counts(stack);
			return counted(after) - counted(before) >= all;
		}, 30000).catch((error) => t.diagnostic(error.message));
		clearInterval(watch);
		t.after(() => sent.forEach(({ client }) => client.end(true)));
		const grown = (key) => after[key] - before[key];
		const of = (verdict) => judged.filter((one) => one.verdict === verdict).length;
		const triples = new Map();
		sent.forEach((one, i) => one.judged.filter(({ verdict }) => verdict === 'signal').forEach(({ triple, alarm }) => {
			const key = `${i}/${triple}`;
			triples.set(key, [...(triples.get(key) ?? []), alarm]);
		}));
		t.diagnostic(`seed ${SEED}: ${all} sent: ${of('signal')} signals of ${triples.size} triples, ${of('state')} states, ${of('form')} unreadable, ${of('version')} of another version; throttled ${grown('throttled')}`);

		await t.test('each is counted once, by what an independent reader makes of it', () => {
			assert.deepEqual(sent.map((one) => one.refused()), sent.map(() => 0), 'the broker lets all of them through');
			assert.equal(counted(after) - counted(before), all);
			assert.equal(grown('item_errors'), 0);
			if (grown('throttled') > 0) return; // a very slow machine: which ones were dropped is not known here
			assert.deepEqual({
				form: grown('refused_form'), version: grown('refused_version'), signals: grown('signals'), again: grown('duplicates') + grown('conflicts'),
				states: grown('states') + grown('states_stale') + grown('epochs_refused'),
			}, { form: of('form'), version: of('version'), signals: triples.size, again: of('signal') - triples.size, states: of('state') });
		});
		await t.test('no incident is made but of a readable alarm', async () => {
			const incidents = await stack.incidents();
			const signals = incidents.reduce((sum, incident) => sum + incident.signals, 0);
			const possible = [...triples.values()].filter((alarms) => alarms.some(Boolean)).length;
			const certain = [...triples.values()].filter((alarms) => alarms.every(Boolean)).length;
			assert.ok(signals <= possible, `${signals} alarms in incidents, ${possible} readable alarms`);
			// One press under two epochs is one alarm (the same point and moment): of those only so many can have been made here.
			assert.ok(grown('throttled') > 0 || signals >= certain * 0.9, `${signals} alarms in incidents, ${certain} readable alarms`);
		});
		await t.test('the server keeps its size', () => {
			const half = Math.floor(sizes.length / 2);
			const [first, last] = [Math.max(...sizes.slice(0, half)), Math.max(...sizes.slice(half))];
			t.diagnostic(`resident memory of the server: ${first} KiB at most in the first half, ${last} KiB in the second`);
			assert.ok(last - first < 8192, `${first} KiB, then ${last} KiB`);
		});
		await t.test('and the next honest alarm is recorded', async () => {
			const body = JSON.stringify(signalBody({ epoch: 'feedfeedfeedfeed', seq: 1, class: 'disaster', flags: [] }));
			await publishSigned(sent[0].client, topicOf(stack.posts[0], 'signal'), body, postKey(stack, stack.posts[0]));
			await until('its incident', async () => (await stack.incidents()).some((incident) => incident.class === 'disaster' && incident.post.id === stack.posts[0]));
		});
	});
});

/** seq as it stands in the message; what must come of it. */
const EDGES = [
	['1', 'recorded'], ['4294967295', 'recorded'], ['4294967296', 'recorded'], ['9007199254740991', 'recorded'],
	['9007199254740992', 'refused'], ['9223372036854775807', 'refused'], ['9223372036854775808', 'nothing'], ['0', 'nothing'], ['-1', 'nothing'], ['2.0', 'nothing'],
];

test('numbers at their edges', { timeout: 120000 }, async (t) => {
	await withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		await stack.edges['boja-01'].stop();
		const key = postKey(stack, 'boja-01');
		let client = await connectAs(stack, 'boja-01');
		const answers = [];
		const listen = async () => {
			client.on('error', () => {});
			client.on('message', (topic, payload) => answers.push({ channel: topic.split('/').at(-1), body: String(payload) }));
			await client.subscribeAsync([topicOf('boja-01', 'receipt'), topicOf('boja-01', 'beat')], { qos: 1 });
		};
		await listen();
		const say = (channel, text) => publishSigned(client, topicOf('boja-01', channel), text, key);
		const answer = (channel, part) => until(`a ${channel} with ${part}`, () => answers.find((one) => one.channel === channel && one.body.includes(part)), 15000, 10);
		let unreadable = 0;
		let stale = 0;
		const stateText = (values) => JSON.stringify({ epoch: '00000000000000ee', boot: 1, mono: 1, n: 0, points: {}, ...values });

		for (const [seq, result] of EDGES)
			await t.test(`seq ${seq}: ${result}`, async () => {
				const text = JSON.stringify(signalBody({ epoch: '00000000000000ee', seq: 7 })).replace('"seq":7', `"seq":${seq}`);
				await say('signal', text);
				unreadable += result !== 'recorded';
				if (result === 'nothing') {
					await until('the refusal to be counted', async () => (await counts(stack)).refused_form === unreadable);
					assert.ok(!answers.some(({ body }) => body.includes(`"seq":${seq},`)));
				} else {
					assert.match((await answer('receipt', `"seq":${seq},`)).body, new RegExp(`"seq":${seq},"result":"${result}"`));
				}
			});

		await t.test('a gap of 2^53 numbers is a row for each that came, and high stands before it', async () => {
			await say('state', stateText({ mono: 1000, n: 2 ** 53 - 1 }));
			assert.equal(JSON.parse((await answer('beat', '"mono":1000,')).body).high, 1);
			await say('signal', JSON.stringify(signalBody({ epoch: '00000000000000ee', seq: 2, mono: 77 })));
			await answer('receipt', '"seq":2,');
			await say('state', stateText({ mono: 2000, n: 0 }));
			const beat = JSON.parse((await answer('beat', '"mono":2000,')).body);
			assert.deepEqual([beat.high, beat.n], [2, 0], 'and n may begin again');
		});
		await t.test('the same moment with another n is a replay: no beat, and it keeps nobody alive', async () => {
			await say('state', stateText({ mono: 2000, n: 5 }));
			stale++;
			await until('it to be counted', async () => (await counts(stack)).states_stale === stale);
			assert.ok(!answers.some(({ channel, body }) => channel === 'beat' && body.includes('"n":5,')));
		});
		await t.test('the last moment of the last boot is a moment like any other, and nothing comes after it', async () => {
			await say('state', stateText({ boot: 2 ** 53 - 1, mono: 2 ** 53 - 1, n: 9 }));
			assert.equal(JSON.parse((await answer('beat', '"n":9,')).body).boot, 2 ** 53 - 1);
			await say('state', stateText({ boot: 2, mono: 5, n: 10 }));
			stale++;
			await until('it to be counted', async () => (await counts(stack)).states_stale === stale);
		});
		await t.test('an epoch of 15 or 17 digits, in capitals, or none, is unreadable', async () => {
			for (const epoch of ['00000000000000e', '00000000000000eee', '00000000000000EE', '', null])
				await say('signal', JSON.stringify(signalBody({ epoch, seq: 50 })));
			unreadable += 5;
			await until('all to be counted', async () => (await counts(stack)).refused_form === unreadable);
		});
		await t.test('eight thousand brackets are unreadable, and nothing more', async () => {
			await say('signal', '['.repeat(8000));
			await say('signal', `${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}`);
			unreadable += 2;
			await until('both to be counted', async () => (await counts(stack)).refused_form === unreadable);
		});
		await t.test('a message of 1 MB ends its connection and no other', async () => {
			const ended = new Promise((resolve) => client.once('close', resolve));
			say('signal', JSON.stringify({ pad: 'x'.repeat(1 << 20) })).catch(() => {});
			await ended;
			client = await connectAs(stack, 'boja-01');
			await listen();
			await say('signal', JSON.stringify(signalBody({ epoch: '00000000000000ee', seq: 60, mono: 78 })));
			await answer('receipt', '"seq":60,');
			assert.equal((await counts(stack)).refused_form, unreadable);
		});
		client.end(true);
	});
});
