// SPDX-License-Identifier: Apache-2.0
// clocks.test.mjs -- wall clocks that are wrong or jump, at the post and at the server: every alarm is recorded once, with the
// moment at which it happened, and nobody is told late or twice.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { Faults } from '../support/faults.mjs';
import { offBy, pressTimed, withStack } from './support.mjs';

const LONG = process.env.POSPIN_LONG === '1';
const POST = 'boja-01', OTHER = 'weleri-01';
const HOUR = 3600000;
const BUTTONS = ['panic-crime', 'panic-fire', 'panic-medical'];
const connected = (stack, post = POST) =>
	until(`${post} to be connected`, async () => (await stack.edgeStatus(post)).server === 'connected', 20000);
const rows = (stack, sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', stack.path('server/record.db'), sql]).toString() || '[]');
const alarms = (stack, post) => rows(stack, `SELECT occurred, late, at FROM signal WHERE post = '${post}' AND signal = 'alarm' ORDER BY mono`);
const troubles = async (stack, kind) => (await stack.api('GET', '/troubles')).body.troubles.filter((one) => one.kind === kind);
const near = (got, want, what) => assert.ok(Math.abs(got - want) < 1500, `${what}: ${got - want} ms off`);
const within = (got, pressed, what) => assert.ok(offBy(got, pressed) < 1500, `${what}: ${offBy(got, pressed)} ms off`);

/** The program with a wall clock of its own, which believes it (or not: synchronised 2). */
async function withClock(part, file, run, before = {}) {
	const faults = new Faults(file);
	faults.set({ synchronised: 1, ...before });
	await part.stop();
	Object.assign(part.env, faults.env);
	await part.start();
	try {
		await run(faults);
	} finally {
		faults.close();
	}
}

/** The sample site with one webhook that answers as `answer` says. */
async function withSink(file, answer, run) {
	const heard = [];
	const server = http.createServer((request, response) => {
		let body = '';
		request.on('data', (data) => { body += data; }).on('end', () => {
			heard.push({ at: Date.now(), key: JSON.parse(body).id, kind: JSON.parse(body).kind });
			response.writeHead(answer(heard)).end();
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	writeFileSync(file, readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8').replace(/^ {4}posts:$/m,
		`    webhooks:\n      - { name: sink, url: "http://127.0.0.1:${server.address().port}/sink", secret: sixteen-bytes-of-chance }\n\n    posts:`));
	try {
		await run(heard);
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

describe('clocks that are wrong', { concurrency: 4 }, () => {
	test('a post in 1970 and one in 2099 connect, and their presses have the moment they happened', () =>
		withStack({ posts: [POST, OTHER], store: null }, (stack) =>
			withClock(stack.edges[POST], stack.path('clock.1'), (early) =>
				withClock(stack.edges[OTHER], stack.path('clock.2'), async (late) => {
					for (const post of stack.posts) {
						await connected(stack, post);
						const pressed = await pressTimed(stack, post, 'panic-fire');
						await until('lamp taken', () => stack.lamp(post, 'lamp-taken-fire'), 15000, 20);
						await until('lamp received', () => stack.lamp(post, 'lamp-received-fire'));
						const [alarm, ...more] = alarms(stack, post);
						assert.equal(more.length, 0);
						assert.equal(alarm.late, 0);
						within(alarm.occurred, pressed, post);
						assert.ok(Math.abs(alarm.at - pressed.from) > 10 * 365 * 24 * HOUR, 'the post did not believe its clock: the test is void');
					}
					await until('both troubles', async () => (await troubles(stack, 'clock')).length === 2);
					early.set({ wall_ms: 0 });
					late.set({ synchronised: 2 }); // not believed any more, and not used
					for (const post of stack.posts) await stack.press(post, 'panic-crime');
					await until('the trouble of the one that was set right to end', async () => (await troubles(stack, 'clock')).length === 1);
				}, { wall_ms: Date.parse('2099-06-01') - Date.now() }), { wall_ms: 60000 - Date.now() })));

	test('a post whose clock jumps both ways while it is pressed: each press once, at its moment', (t) =>
		withStack({ posts: [POST], store: null }, (stack) => withClock(stack.edges[POST], stack.path('clock'), async (faults) => {
			await connected(stack);
			const clocks = [-2 * HOUR, 60000 - Date.now(), 2 * HOUR, Date.parse('2099-06-01') - Date.now(), 0];
			const every = LONG ? 10000 : 2000, presses = [];
			let jumps = 0;
			const jump = setInterval(() => faults.set({ wall_ms: clocks[jumps % clocks.length], synchronised: 1 + jumps++ % 2 }), every);
			for (let i = 0; i < (LONG ? 60 : 10); i++) {
				presses.push(await pressTimed(stack, POST, BUTTONS[i % 3], 60));
				await pause(1100);
			}
			clearInterval(jump);
			assert.ok(jumps >= 4);
			await until('every receipt', async () => (await stack.edgeStatus(POST)).outbox.unreceipted === 0, 20000);
			const recorded = alarms(stack, POST);
			assert.equal(recorded.length, presses.length);
			recorded.forEach((alarm, i) => within(alarm.occurred, presses[i], `press ${i}`));
			assert.ok(recorded.every((alarm) => !alarm.late));
			for (const lamp of ['crime', 'fire', 'medical']) assert.equal(await stack.lamp(POST, `lamp-received-${lamp}`), true);
			const sinceStart = readFileSync(stack.path('log', `${POST}.log`), 'utf8').split(' edge.start ').at(-1);
			assert.doesNotMatch(sinceStart, /uplink\.down/, 'the connection has held');
			t.diagnostic(`${presses.length} presses over ${jumps} jumps`);
		})));

	test('a server whose clock jumps by two hours, also while it is down: nobody is told late or twice, nobody is called silent', async (t) => {
		const site = path.join(process.env.TMPDIR ?? '/tmp', `pospin-clocks-${process.pid}.yaml`);
		await withSink(site, (heard) => (heard.length === 1 ? 503 : 204), (heard) =>
			withStack({ posts: [POST, OTHER], store: null, site }, (stack) =>
				withClock(stack.parts.server, stack.path('clock'), async (faults) => {
					for (const post of stack.posts) await connected(stack, post);
					let offset = 0, told = 0;
					const presses = { [POST]: [], [OTHER]: [] };
					const press = async (post) => {
						const { from, to } = await pressTimed(stack, post, BUTTONS[(presses[post].length + 1) % 3], 60);
						presses[post].push({ from: from + offset, to: to + offset });
						told++;
						await until(`${told} to be told`, () => new Set(heard.filter(({ kind }) => /^incident\.(opened|signal)$/.test(kind)).map(({ key }) => key)).size >= told,
							15000);
					};
					const step = (by) => {
						offset += by;
						faults.set({ wall_ms: offset });
					};
					await press(POST); // refused once: it is due again in some seconds, by a clock that is not there any more
					step(-2 * HOUR);
					await press(OTHER);
					step(2 * HOUR);
					await press(POST);
					step(2 * HOUR);
					await press(OTHER);
					await stack.parts.server.stop();
					step(-2 * HOUR);
					await stack.startServer();
					await pause(500);
					await press(POST);
					await stack.parts.server.stop();
					step(2 * HOUR);
					await stack.startServer();
					await press(OTHER);
					await pause(3000);
					const keys = heard.map(({ key }) => key);
					assert.equal(keys.length, new Set(keys).size + 1, 'one was tried twice, because the sink had refused it');
					for (const post of stack.posts) {
						const recorded = alarms(stack, post);
						assert.equal(recorded.length, presses[post].length);
						recorded.forEach((alarm, i) => within(alarm.occurred, presses[post][i], `${post} ${i}`));
						assert.ok(recorded.every((alarm) => !alarm.late));
					}
					assert.deepEqual(await troubles(stack, 'unsupervised'), []);
					const steps = rows(stack, 'SELECT body FROM event WHERE kind = \'clock.stepped\' ORDER BY event_id').map(({ body }) => JSON.parse(body).by);
					assert.equal(steps.length, 5);
					steps.forEach((by, i) => near(by, [-2, 2, 2, -2, 2][i] * HOUR, `step ${i}`));
					step(-2 * HOUR);
					await stack.edges[OTHER].stop('SIGKILL');
					const silent = Date.now();
					await until('the silent one to be called so', async () => (await troubles(stack, 'unsupervised')).length === 1, 60000, 250);
					t.diagnostic(`silence shown after ${(Date.now() - silent) / 1000} s`);
					assert.ok(Date.now() - silent > 5000, 'not before its time');
				})));
	});
});
