// SPDX-License-Identifier: Apache-2.0
// outbox.test.mjs -- a post whose card comes back with an older state of the outbox: no press is taken for a recorded one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { describe, test } from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { offBy, pressTimed, withStack } from './support.mjs';

const POST = 'boja-01';
const connected = (stack) =>
	until(`${POST} to be connected`, async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
const signals = async (stack, wanted) => (await stack.incidents()).filter((incident) => incident.class === wanted)
	.reduce((sum, incident) => sum + incident.signals, 0);

/** What befalls the files of a post that has ended, and how, with an unsent alarm in them. A killed one leaves its log, and
 *  a log may heal the file. */
const DAMAGES = {
	'boja-01': ['a header that says nothing', (file) => overwrite(file, 0, Buffer.from('This is no database, and never was')), 'SIGTERM'],
	'weleri-01': ['a page of zeros', (file) => overwrite(file, 4096, Buffer.alloc(4096)), 'SIGTERM'],
	'sukorejo-01': ['a log torn in its middle', (file) => overwrite(`${file}-wal`, Math.floor(statSync(`${file}-wal`).size / 2), Buffer.alloc(64, 255)), 'SIGKILL'],
	'ngampel-01': ['no row that says how far it has counted', (file) => execFileSync('sqlite3', [file, 'DELETE FROM meta']), 'SIGKILL'],
	'kaliwungu-01': ['a version of the future', (file) => execFileSync('sqlite3', [file, 'PRAGMA user_version = 99']), 'SIGKILL'],
};
function overwrite(file, at, bytes) {
	const fd = openSync(file, 'r+');
	writeSync(fd, bytes, 0, bytes.length, at);
	closeSync(fd);
}

describe('outboxes that are not what they were', { concurrency: 5 }, () => {
	for (const offline of [false, true])
		test(`an old copy of the outbox: a press ${offline ? 'before' : 'after'} the server is heard becomes an incident`, () =>
			withStack({ posts: [POST], store: null }, async (stack) => {
				const data = stack.path('posts', POST, 'data');
				await connected(stack);
				await stack.edges[POST].stop();
				cpSync(data, `${data}.old`, { recursive: true });
				await stack.startEdge(POST);
				await connected(stack);
				for (let press = 1; press <= 3; press++) {
					await stack.press(POST, 'panic-crime', 100);
					await until('the press to be recorded', async () => await signals(stack, 'crime') === press);
					await pause(300);
				}
				await stack.edges[POST].stop();
				rmSync(data, { recursive: true });
				cpSync(`${data}.old`, data, { recursive: true });
				if (offline) await stack.parts.broker.stop();
				await stack.startEdge(POST);
				if (!offline) await connected(stack);
				await stack.press(POST, 'panic-fire', 100);
				await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-fire'), 15000, 20);
				if (offline) await stack.startBroker();
				await until('lamp received', () => stack.lamp(POST, 'lamp-received-fire'), 20000);
				assert.equal(await signals(stack, 'fire'), 1);
				assert.equal(await signals(stack, 'crime'), 3);
			}));

	for (const restarted of [false, true])
		test(`an old copy that is pressed more often than it has missed before it hears the server${restarted ? ', and restarted then' : ''}: no press is lost or lit falsely`, () =>
			withStack({ posts: [POST], store: null }, async (stack) => {
				const data = stack.path('posts', POST, 'data');
				await connected(stack);
				await stack.edges[POST].stop();
				cpSync(data, `${data}.old`, { recursive: true });
				await stack.startEdge(POST);
				await connected(stack);
				await stack.press(POST, 'panic-crime', 100);
				await until('lamp received', () => stack.lamp(POST, 'lamp-received-crime'));
				await stack.edges[POST].stop();
				rmSync(data, { recursive: true });
				cpSync(`${data}.old`, data, { recursive: true });
				await stack.parts.broker.stop();
				await stack.startEdge(POST);
				const presses = { 'panic-fire': 0, 'panic-medical': 0 };
				for (let press = 0; press < 6; press++) {
					const button = Object.keys(presses)[press % 2];
					presses[button]++;
					await stack.press(POST, button, 100);
					await pause(1000);
				}
				for (const lamp of ['fire', 'medical']) assert.equal(await stack.lamp(POST, `lamp-taken-${lamp}`), true);
				if (restarted) {
					await stack.edges[POST].stop('SIGKILL');
					await stack.startEdge(POST);
				}
				await stack.startBroker();
				for (const lamp of ['fire', 'medical'])
					await until('lamp received', () => stack.lamp(POST, `lamp-received-${lamp}`), 30000);
				await until('every receipt', async () => (await stack.edgeStatus(POST)).outbox.unreceipted === 0, 30000, 250);
				assert.equal(await signals(stack, 'fire'), presses['panic-fire']);
				assert.equal(await signals(stack, 'medical'), presses['panic-medical']);
				assert.equal(await signals(stack, 'crime'), 1);
			}));

	test('five sorts of damage to an outbox with an unsent alarm: each alarm arrives once, at its moment, and the trouble is told', () =>
		withStack({ posts: Object.keys(DAMAGES), store: null }, async (stack) => {
			for (const post of stack.posts) {
				await until(`${post} to be connected`, async () => (await stack.edgeStatus(post)).server === 'connected', 20000);
				await stack.press(post, 'panic-crime', 100);
				await until('lamp received', () => stack.lamp(post, 'lamp-received-crime'));
			}
			await pause(1000);
			await stack.parts.broker.stop();
			const pressed = {};
			for (const post of stack.posts) {
				pressed[post] = await pressTimed(stack, post, 'panic-fire', 100);
				await until('lamp taken', () => stack.lamp(post, 'lamp-taken-fire'), 15000, 20);
				await pause(300);
				await stack.edges[post].stop(DAMAGES[post][2]);
				DAMAGES[post][1](stack.path('posts', post, 'data/outbox.db'));
				await stack.startEdge(post);
			}
			await stack.startBroker();
			for (const post of stack.posts)
				await until(`${post} to have every receipt`, async () => (await stack.edgeStatus(post)).outbox.unreceipted === 0
					&& (await stack.edgeStatus(post)).server === 'connected', 40000, 250);
			const incidents = await stack.incidents();
			for (const post of stack.posts) {
				const of = (wanted) => incidents.filter((one) => one.post.id === post && one.class === wanted);
				const what = `${post}, ${DAMAGES[post][0]}`;
				assert.equal(of('fire').length, 1, what);
				assert.equal(of('fire')[0].signals, 1, what);
				assert.equal(of('crime')[0].signals, 1, what);
				const off = offBy(of('fire')[0].occurred, pressed[post]);
				assert.ok(off < 1500, `${what}: occurred ${off} ms off`);
				assert.ok(readdirSync(stack.path('posts', post, 'data')).some((name) => /^outbox\.db\.damaged-/.test(name)), what);
			}
			const { troubles } = (await stack.api('GET', '/troubles')).body;
			assert.deepEqual(troubles.filter((one) => one.kind === 'outbox-damaged').map((one) => one.post.id ?? one.post).sort(), [...stack.posts].sort());
		}));
});
