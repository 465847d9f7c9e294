// SPDX-License-Identifier: Apache-2.0
// incidents.test.mjs -- real posts beside each other: what belongs together becomes one incident, people merge and part them, and each post's
// lamps say what became of its own presses. A post under test rings nobody, until somebody presses twice.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { withStack } from './support.mjs';

/** kaliwungu-01 stands 110 m from boja-01, weleri-01 220 m. */
function neighbours() {
	const text = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8');
	const place = (all, id, latitude) => all.replace(new RegExp(`(- id: ${id}\\n(?:.*\\n){3}) *latitude: .*\\n *longitude: .*\\n`),
		`$1        latitude: ${latitude}\n        longitude: 110.28\n`);
	return place(place(text, 'kaliwungu-01', -7.101), 'weleri-01', -7.102);
}

const connected = (stack) => Promise.all(stack.posts.map((post) =>
	until(`${post} to be connected`, async () => (await stack.edgeStatus(post)).server === 'connected', 30000)));
const only = async (stack, what, test_) => {
	const [found] = await until(what, async () => {
		const list = (await stack.incidents()).filter(test_);
		return list.length === 1 && list;
	}, 30000);
	return found;
};
const lit = (stack, post, lamp) => until(`${lamp} of ${post}`, () => stack.lamp(post, lamp), 30000);

async function withNeighbours(run) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-site-'));
	const site = path.join(dir, 'site.yaml');
	writeFileSync(site, neighbours());
	try {
		await withStack({ posts: ['boja-01', 'kaliwungu-01', 'weleri-01'], store: null, site }, async (stack) => {
			await connected(stack);
			await run(stack);
		});
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

test('posts beside each other', { timeout: 300000 }, async (t) => {
	await withNeighbours(async (stack) => {
		let number;
		await t.test('one event of three posts is one incident, and each post hears of its own press', async () => {
			for (const post of stack.posts) await stack.press(post, 'panic-crime', 200);
			const incident = await only(stack, 'one incident of three posts', ({ posts }) => posts.filter(({ signals }) => signals > 0).length === 3);
			assert.equal((await stack.incidents()).length, 1);
			assert.equal(incident.trust.level, 4);
			assert.ok(incident.trust.reasons.some(({ code, id }) => code === 'third-post' && id === 'tiga pos atau lebih'));
			({ number } = incident);
			assert.equal((await stack.act(number, 'acknowledge')).status, 200);
			for (const post of stack.posts) await lit(stack, post, 'lamp-acknowledged-crime');
		});
		await t.test('another class never hides in it, and stands beside it', async () => {
			await stack.press('boja-01', 'panic-fire', 200);
			const fire = await only(stack, 'the fire', (incident) => incident.class === 'fire');
			assert.deepEqual(fire.links.map(({ number: other, why }) => [other, why]), [[number, 'class']]);
			assert.equal((await stack.act(number, 'merge', { other: fire.number })).status, 409, 'another class');
		});
		await t.test('a silent press of a neighbour joins nothing that is heard', async () => {
			await stack.press('kaliwungu-01', 'panic-silent', 200);
			const silent = await only(stack, 'the silent one', (incident) => incident.silent);
			assert.deepEqual(silent.posts.map(({ id }) => id), ['kaliwungu-01']);
			assert.ok(silent.links.some((link) => link.number === number && link.why === 'silent'));
		});
		await t.test('a post that does not belong is parted by one act, and merged again by another', async () => {
			const parted = await stack.act(number, 'split', { post: 'weleri-01' });
			assert.equal(parted.status, 200);
			assert.notEqual(parted.body.number, number);
			assert.equal((await stack.act(number, 'split', { post: 'weleri-01' })).status, 404, 'the second one is told so');
			assert.equal((await stack.act(parted.body.number, 'dispatch', { unit: 'Regu 1' })).status, 200);
			await lit(stack, 'weleri-01', 'lamp-dispatched-crime');
			assert.equal(await stack.lamp('boja-01', 'lamp-dispatched-crime'), false);
			const merged = await stack.act(parted.body.number, 'merge', { other: number });
			assert.equal(merged.status, 200);
			assert.equal(merged.body.state, 'dispatched', 'what was sent is still under way');
			await lit(stack, 'boja-01', 'lamp-dispatched-crime');
			assert.deepEqual((await stack.act(parted.body.number, 'merge', { other: number })).body, merged.body, 'the same again');
			const { body } = await stack.api('GET', `/incidents/${parted.body.number}`);
			assert.equal(body.merged_into, number);
			assert.equal(body.closing_code, 'merged');
		});
		await t.test('a call to the desk is an incident of its own, beside the button, until one act merges them', async () => {
			const call = { class: 'crime', post: 'boja-01', caller: 'Bu Sri', note: 'maling di gudang', key: 'k'.repeat(12) };
			const written = await stack.api('POST', '/incidents', call);
			assert.equal(written.status, 201);
			assert.equal((await stack.api('POST', '/incidents', call)).body.number, written.body.number, 'a second try is the same report');
			const { body } = await stack.api('GET', `/incidents/${written.body.number}`);
			assert.equal(body.reported, true);
			assert.equal(body.state, 'acknowledged');
			assert.ok(body.links.some((link) => link.number === number && link.suggested));
			assert.equal((await stack.act(written.body.number, 'merge', { other: number })).status, 200);
			assert.equal((await stack.api('GET', `/incidents/${number}`)).body.reported, true);
		});
		await t.test('a press after closing opens anew, beside the closed one', async () => {
			await until('the incident to close', async () => (await stack.act(number, 'close', { code: 'real' })).status === 200, 15000, 1000);
			await stack.press('weleri-01', 'panic-crime', 200);
			const anew = await only(stack, 'a new one', (incident) => incident.class === 'crime' && incident.state === 'open' && !incident.silent);
			assert.ok(anew.links.some((link) => link.number === number && link.why === 'closed'));
		});
	});
});

test('a post under test rings nobody; pressed twice, it does', { timeout: 180000 }, async () => {
	await withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		await connected(stack);
		const mode = (body) => stack.api('POST', '/posts/boja-01/modes', body);
		assert.equal((await mode({ mode: 'test', reason: 'uji bulanan', for: '1h' })).status, 200);
		await stack.press('boja-01', 'panic-crime', 200);
		const tested = await only(stack, 'the test, and the button let go', ({ mark, restored }) => mark === 'test' && restored);
		assert.equal(tested.state, 'acknowledged');
		assert.equal(tested.trust.level, 0);
		await lit(stack, 'boja-01', 'lamp-acknowledged-crime');
		await stack.press('boja-01', 'panic-crime', 200);
		const real = await only(stack, 'the second press', ({ mark }) => mark === '');
		assert.equal(real.state, 'open');
		assert.equal((await stack.api('POST', '/posts/boja-01/modes/end', { mode: 'test' })).status, 200);
		assert.equal((await mode({ mode: 'disabled', point: 'panic-fire', reason: 'kabel rusak', for: '1d' })).status, 200);
		await stack.press('boja-01', 'panic-fire', 200);
		const off = await only(stack, 'what a disabled point sends', ({ mark }) => mark === 'disabled');
		assert.equal(off.state, 'open');
		const boja = async () => (await stack.api('GET', '/posts')).body.posts.find(({ id }) => id === 'boja-01');
		assert.equal((await boja()).modes.length, 1);
		assert.equal((await boja()).points.find(({ id }) => id === 'panic-fire').state, 'disabled');
		assert.equal((await stack.act(off.number, 'convert')).status, 200);
		assert.equal((await stack.act(off.number, 'convert')).status, 409, 'it is a real one already');
		assert.equal((await boja()).modes.length, 0, 'what was right is believed again');
	});
});
