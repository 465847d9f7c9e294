// SPDX-License-Identifier: Apache-2.0
// storm.test.mjs -- one post sends ten thousand alarms a minute, or all that it can: every alarm recorded, one incident at the desk,
// and no other post waits for it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { Presser, floodOpen, quantile, told } from './flood.mjs';
import { connectAs, counts, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const LONG = process.env.POSPIN_LONG === '1';
const COUNT = LONG ? 10000 : 1670;
const PER_SECOND = 10000 / 60;
const STORM = 'boja-01';
const OTHER = 'weleri-01';
/** I12: what another post may wait longer because of this one; and what a slow machine may add to one press in twenty. */
const ISOLATION_MS = [[0.5, 250], [0.95, 1500]];

const detail = async (stack, number) => (await stack.api('GET', `/incidents/${number}`)).body;
const ofClass = async (stack, name) => (await stack.incidents()).filter((incident) => incident.class === name);

async function quiet(run) {
	await withStack({ posts: [STORM, OTHER], store: null }, async (stack) => {
		for (const post of stack.posts) await stack.edges[post].stop();
		const presser = await Presser.open(stack, OTHER, { epoch: '00000000000000aa', class: 'fire', point: 'panic-fire' });
		try {
			await run(stack, presser);
		} finally {
			presser.close();
		}
	});
}

test('ten thousand alarms a minute of one post', { timeout: 300000 }, async (t) => {
	await quiet(async (stack, presser) => {
		const flood = await floodOpen(stack, {
			post: STORM, count: COUNT, perSecond: PER_SECOND, seconds: 600, points: 1, values: { epoch: 'aaaaaaaaaaaaaaaa' }, settleMs: 120000,
		});
		await presser.times(1);
		const control = await presser.times(LONG ? 20 : 4);
		flood.start();
		const times = await presser.times(COUNT / PER_SECOND - 0.5);
		const sent = await flood.settled();

		await t.test('every alarm gets its receipt, and every one is in the record', async () => {
			assert.equal(sent.receipted, COUNT);
			const [incident] = await ofClass(stack, 'crime');
			assert.equal(incident.signals, COUNT);
		});
		await t.test('the desk has one incident of it, with a count and a flag', async () => {
			const incidents = await ofClass(stack, 'crime');
			assert.deepEqual(incidents.map(({ storm, signals }) => [storm, signals]), [['on', COUNT]]);
		});
		await t.test('its timeline has a count every ten seconds and no row for each alarm', async () => {
			const [{ number }] = await ofClass(stack, 'crime');
			const { timeline, points } = await detail(stack, number);
			const alone = timeline.filter(({ kind }) => /^incident\.(opened|signal)$/.test(kind)).length;
			const storms = timeline.filter(({ kind }) => kind === 'incident.storm');
			assert.ok(alone <= 22, `${alone} told by themselves`);
			assert.ok(storms.length >= 1 && storms.length <= 3 + COUNT / PER_SECOND / 10, `${storms.length} counts`);
			assert.ok(points.length <= 200, `${points.length} signals listed`);
			assert.ok(storms[0].body.alert);
			assert.ok(storms.filter(({ body }) => body.alert).length <= 1 + COUNT / PER_SECOND / 60);
			const { counted } = await counts(stack);
			assert.ok(counted >= COUNT - 22);
		});
		await t.test('an alarm of another class of the same post does not hide in it', async () => {
			const client = await connectAs(stack, STORM);
			await publishSigned(client, topicOf(STORM, 'signal'),
				JSON.stringify(signalBody({ epoch: 'aaaaaaaaaaaaaaaa', seq: COUNT + 1, mono: 5, class: 'medical', point: 'panic-medical' })), postKey(stack, STORM));
			const incident = await until('its incident', async () => (await stack.incidents()).find(({ post, class: name }) =>
				post.id === STORM && !['crime', 'fire'].includes(name)));
			assert.deepEqual([incident.storm, incident.signals, incident.state], [null, 1, 'open']);
			client.end(true);
		});
		t.diagnostic(`another post, press to receipt in ms: control ${told(control)}; in the storm ${told(times)} (${sent.offered} offered in ${sent.secs.toFixed(0)} s)`);
		await t.test('another post waits no longer for it than it may', () => {
			for (const [q, limit] of ISOLATION_MS)
				assert.ok(quantile(times, q) - quantile(control, q) < limit, `p${q * 100}: ${quantile(times, q)} ms, control ${quantile(control, q)} ms`);
		});
	});
});

test('a post that sends all that it can', { timeout: 300000 }, async (t) => {
	await quiet(async (stack, presser) => {
		const seconds = LONG ? 20 : 6;
		const flood = await floodOpen(stack, {
			post: STORM, count: LONG ? 150000 : 40000, perSecond: 0, seconds, points: 1000, values: { epoch: 'bbbbbbbbbbbbbbbb' }, settleMs: 0,
		});
		await presser.times(1);
		const control = await presser.times(seconds / 2);
		flood.start();
		const times = await presser.times(seconds);
		const sent = await flood.settled();
		t.diagnostic(`another post, press to receipt in ms: control ${told(control)}; in the flood ${told(times)} (${sent.offered} offered in ${sent.secs.toFixed(1)} s, ${sent.refused} refused by the broker)`);

		await t.test('is refused by the broker beyond its share, and the broker says so', () => {
			assert.ok(sent.refused > sent.offered / 2, `${sent.refused} of ${sent.offered}`);
			assert.match(readFileSync(stack.path('log/broker.log'), 'utf8'), new RegExp(`flood: kendal/${STORM} publishes more than its share`));
		});
		await t.test('makes one incident, whatever points it invents, and a bounded list of troubles', async () => {
			const incidents = (await stack.incidents()).filter(({ post }) => post.id === STORM);
			assert.deepEqual(incidents.map(({ storm }) => storm), ['on']);
			const { body: { posts } } = await stack.api('GET', '/posts');
			const { troubles } = posts.find(({ id }) => id === STORM);
			assert.ok(troubles.length <= 129, `${troubles.length} troubles`);
			assert.ok(troubles.some(({ kind }) => kind === 'too-many-troubles'));
		});
		await t.test('and another post waits no longer for it than it may', () => {
			for (const [q, limit] of ISOLATION_MS)
				assert.ok(quantile(times, q) - quantile(control, q) < limit, `p${q * 100}: ${quantile(times, q)} ms, control ${quantile(control, q)} ms`);
		});
	});
});
