// SPDX-License-Identifier: Apache-2.0
// near.test.mjs -- real posts beside each other: one presses, and by plan the other's siren sounds, its lamp says why, until somebody has it. A drill that
// is announced is shown at the post, and a drill to the last word.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { withStack } from './support.mjs';

const PRESSES = 'boja-01', NEAR = 'kaliwungu-01', FAR = 'weleri-01';

/** kaliwungu-01 stands 110 m from boja-01; weleri-01 where it always does. */
function site() {
	const text = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8');
	return text.replace(new RegExp(`(- id: ${NEAR}\\n(?:.*\\n){3}) *latitude: .*\\n *longitude: .*\\n`), '$1        latitude: -7.101\n        longitude: 110.28\n');
}

const PLAN = {
	tenant: 'kendal',
	contacts: { piket: { name: 'Piket', role: 'piket', ways: [{ mail: 'piket@example.id' }] } },
	plans: {
		all: {
			classes: ['all'], area: ['all'],
			rings: {
				desk: { until: 'taken', steps: [{ call: ['role:operator'], wait: '15s' }] },
				neighbours: { until: 'taken', steps: [{ call: ['posts:near'], wait: '1h' }, { call: ['contact:piket'], wait: '1h' }] },
			},
			fallback: { call: ['contact:piket'], every: '1h' },
		},
	},
};

const status = (stack, post) => stack.edgeStatus(post);
const connected = (stack, post) => until(`${post} to be connected`, async () => (await status(stack, post)).server === 'connected', 30000);
const shown = (stack, post, lamp, want) => until(`${lamp} of ${post}: ${want}`, async () => (await status(stack, post)).shows[lamp] === want, 30000);

/** The sample has no line left for these two. */
async function addLamps(stack, post) {
	await stack.edges[post].stop();
	appendFileSync(stack.path('posts', post, 'edge.yaml'), ['neighbour', 'drill'].map((role) => `  - id: lamp-${role}\n    role: ${role}\n    line: EXTRA-${role}\n`).join(''));
	await stack.startEdge(post);
}

const rows = (stack, sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', stack.path('server/record.db'), sql]).toString() || '[]');
const sirens = (stack) => rows(stack, "SELECT target, purpose, state FROM notification WHERE channel = 'siren' ORDER BY notification_id");

test('posts that are near', { timeout: 240000 }, async (t) => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-site-')), file = path.join(dir, 'site.yaml');
	t.after(() => rmSync(dir, { recursive: true, force: true }));
	writeFileSync(file, site());
	await withStack({ posts: [PRESSES, NEAR, FAR], store: null, site: file }, async (stack) => {
		assert.deepEqual((await stack.api('PUT', '/plan', PLAN)).body, { rev: 1, changed: true });
		await addLamps(stack, NEAR);
		for (const post of stack.posts) await connected(stack, post);

		await t.test('who would be called names the near post, and it alone', async () => {
			const { body } = await stack.api('GET', `/plan/who?post=${PRESSES}&class=crime`);
			const callees = body.calls.flatMap((call) => call.callees).filter(({ station }) => station);
			assert.deepEqual(callees, [{ station: NEAR, near: true }]);
		});
		await t.test('a press sounds the siren of the near post, whose lamp says that it is a neighbour\'s alarm', async () => {
			await stack.press(PRESSES, 'panic-crime', 200);
			await shown(stack, NEAR, 'siren', 'sound');
			await shown(stack, NEAR, 'lamp-neighbour', 'on');
			const near = await status(stack, NEAR);
			assert.ok(Object.entries(near.shows).every(([lamp, show]) => !/taken|received/.test(lamp) || show === 'off'), 'nobody has pressed there');
			assert.notEqual((await status(stack, FAR)).shows.siren, 'sound');
			await until('its answer', () => sirens(stack).some(({ state }) => state === 'delivered'));
			assert.deepEqual(sirens(stack), [{ target: NEAR, purpose: 'alarm', state: 'delivered' }]);
		});
		await t.test('somebody has it: the siren is hushed, and the record says so', async () => {
			const [{ number }] = await stack.incidents('open');
			assert.equal((await stack.act(number, 'acknowledge')).status, 200);
			await shown(stack, NEAR, 'siren', 'off');
			await shown(stack, NEAR, 'lamp-neighbour', 'off');
			await until('the answer to the silence', () => sirens(stack).at(-1).state === 'delivered');
			assert.deepEqual(sirens(stack).map(({ purpose }) => purpose), ['alarm', 'stop']);
			const { body } = await stack.api('GET', `/incidents/${number}`);
			assert.ok(body.timeline.some(({ kind }) => kind === 'ladder.hushed'));
			await until('the incident to close', async () => (await stack.act(number, 'close', { code: 'real' })).status === 200, 15000, 1000);
		});
		await t.test('of a silent alarm no near post hears', async () => {
			await stack.press(PRESSES, 'panic-silent', 200);
			await until('the silent one', async () => (await stack.incidents('open')).some(({ silent }) => silent));
			await until('the step of near posts to be passed over', () => rows(stack, 'SELECT contact FROM call').length === 1);
			assert.equal(sirens(stack).length, 2);
		});
		await t.test('a drill that is announced is shown at the post, and a press is one from button to mail', async () => {
			const ctl = (...args) => stack.ctl('post', 'drill', NEAR, ...args, '--socket', stack.path('sock/server'));
			assert.match(await ctl('--for', '30min', '--reason', 'latihan RW 02'), /a press is a drill for 30min/);
			await shown(stack, NEAR, 'lamp-drill', 'on');
			assert.equal((await status(stack, NEAR)).drill, true);
			const [{ modes }] = (await stack.api('GET', '/posts')).body.posts.filter(({ id }) => id === NEAR);
			assert.deepEqual(modes.map(({ mode, reason }) => [mode, reason]), [['drill', 'latihan RW 02']]);
			await stack.press(NEAR, 'panic-fire', 200);
			const [drill] = await until('the drill', async () => {
				const list = (await stack.incidents('open')).filter((incident) => incident.drill);
				return list.length && list;
			});
			assert.equal(drill.mark, 'drill');
			const told = await until('the mail', () => {
				const mails = rows(stack, `SELECT text FROM notification JOIN incident USING (incident_id) WHERE number = '${drill.number}' AND channel = 'mail'`);
				return mails.length && mails;
			});
			for (const { text } of told) assert.match(text, /^LATIHAN KEBAKARAN .*Ini latihan\./s);
			assert.equal(sirens(stack).length, 2, 'no neighbour is frightened by it');
			assert.equal((await stack.act(drill.number, 'convert')).status, 200);
			assert.equal((await stack.api('GET', `/incidents/${drill.number}`)).body.drill, false);
			assert.match(await ctl('--end'), /a press is real/);
			await shown(stack, NEAR, 'lamp-drill', 'off');
			await stack.press(NEAR, 'panic-medical', 200);
			await until('a real one', async () => (await stack.incidents('open')).some((incident) => incident.class === 'medical' && !incident.drill));
		});
	});
});
