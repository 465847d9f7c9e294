// SPDX-License-Identifier: Apache-2.0
// disks.test.mjs -- disks that are full, read-only, locked, slow, or fail their sync, under the real programs: nothing gets a
// receipt that is not on disk, no lamp lies, and after mending everything is in the record exactly once.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { EIO, ENOSPC, EROFS, Faults } from '../support/faults.mjs';
import { counts, offBy, pressTimed, withStack } from './support.mjs';

const LONG = process.env.POSPIN_LONG === '1';
const POST = 'boja-01';
const connected = (stack, post = POST) =>
	until(`${post} to be connected`, async () => (await stack.edgeStatus(post)).server === 'connected', 20000);
const signals = async (stack, post = POST) => (await stack.incidents()).filter((incident) => incident.post.id === post)
	.reduce((sum, incident) => sum + incident.signals, 0);
const log = (stack, name) => readFileSync(stack.path('log', `${name}.log`), 'utf8');
const health = (stack) => stack.api('GET', '/health');

const verify = (stack) => stack.ctl('verify', '--record', stack.path('server/record.db'), '--heads', stack.path('server/heads.log'),
	'--keys', stack.path('pki/server-keys.txt'));

/** A server whose record misbehaves; started again when it ends, as systemd would (RestartSec=1), until the test is over. */
async function withServer(stack, run) {
	const faults = new Faults(stack.path('faults'), 'record.db');
	await stack.parts.server.stop();
	Object.assign(stack.parts.server.env, faults.env);
	await stack.startServer();
	let over = false, restarts = 0;
	const keeper = (async () => {
		while (!over) {
			await Promise.race([stack.parts.server.ended, pause(200)]);
			if (over || stack.parts.server.running) continue;
			await pause(1000);
			restarts++;
			await stack.parts.server.start({ wait: false });
		}
	})();
	try {
		await run(faults, () => restarts);
	} finally {
		over = true;
		await keeper;
		faults.close();
	}
}

/** Another program that holds a file's write lock until it is told to let go, which `release` waits for. */
async function hold(file) {
	const child = spawn('sqlite3', ['-batch', file], { stdio: ['pipe', 'pipe', 'inherit'] });
	const released = new Promise((resolve) => child.once('exit', resolve));
	const held = new Promise((resolve) => child.stdout.once('data', resolve));
	child.stdin.write(".timeout 30000\nBEGIN IMMEDIATE;\nSELECT 'held';\n");
	await held;
	const letGo = () => child.stdin.end('ROLLBACK;\n');
	const late = setTimeout(letGo, 120000); // when a test has failed before it did
	return { release: () => { clearTimeout(late); letGo(); return released; } };
}

describe('disks that misbehave', { concurrency: 7 }, () => {
	test('the record locked by another program: no receipt meanwhile, the same process goes on afterwards', () =>
		withStack({ posts: [POST], store: null }, async (stack) => {
			await connected(stack);
			const { pid } = stack.parts.server;
			await stack.press(POST, 'panic-crime');
			await until('the first press', async () => await signals(stack) === 1);
			const [incident] = await stack.incidents();
			const { release } = await hold(stack.path('server/record.db'));
			const pressed = await pressTimed(stack, POST, 'panic-fire');
			await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-fire'), 15000, 20);
			const answer = await stack.act(incident.number, 'acknowledge');
			assert.equal(answer.status, 503, JSON.stringify(answer.body));
			await until('the health to say so', async () => (await health(stack)).status === 503, 15000);
			await pause(LONG ? 50000 : 11000);
			assert.equal(await stack.lamp(POST, 'lamp-received-fire'), false);
			assert.ok((await stack.edgeStatus(POST)).outbox.unreceipted >= 1);
			await release();
			await until('lamp received', () => stack.lamp(POST, 'lamp-received-fire'), 15000);
			assert.equal(stack.parts.server.pid, pid);
			assert.match(log(stack, 'server'), /record\.waiting.*another program/);
			await until('the log to say so', () => /record\.back/.test(log(stack, 'server')), 15000);
			assert.equal((await health(stack)).status, 200);
			assert.equal(await signals(stack), 2);
			const fire = (await stack.incidents()).find((one) => one.class === 'fire');
			assert.ok(offBy(fire.occurred, pressed) < 1500, `occurred ${offBy(fire.occurred, pressed)} ms off`);
			assert.equal((await stack.api('GET', `/incidents/${incident.number}`)).body.state, 'open');
			assert.equal((await stack.act(incident.number, 'acknowledge')).status, 200);
			assert.equal((await stack.api('GET', '/troubles')).body.troubles.filter((one) => one.kind === 'unsupervised').length, 0);
		}));

	for (const [what, switches] of [['is full', { write_errno: ENOSPC }], ['can only be read', { write_errno: EROFS, open_errno: EROFS }],
		['fails its sync', { sync_errno: EIO }], ['fails its third sync from now', { sync_errno: EIO, sync_passes: 2 }]])
		test(`the record's disk ${what}: nothing is receipted that is not on it, and afterwards everything is there once`, () =>
			withStack({ posts: [POST, 'weleri-01'], store: null }, (stack) => withServer(stack, async (faults, restarts) => {
				for (const post of stack.posts) await connected(stack, post);
				const presses = { [POST]: 0, 'weleri-01': 0 };
				const press = async (post, button) => {
					presses[post]++;
					await stack.press(post, button);
				};
				await press(POST, 'panic-crime');
				await until('the first press', () => stack.lamp(POST, 'lamp-received-crime'));
				faults.set(switches);
				presses[POST]++;
				const pressed = await pressTimed(stack, POST, 'panic-fire');
				await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-fire'), 15000, 20);
				await pause(3000);
				await press('weleri-01', 'panic-medical');
				await pause(LONG ? 30000 : 4000);
				if (!switches.sync_passes)
					for (const [post, lamp] of [[POST, 'lamp-received-fire'], ['weleri-01', 'lamp-received-medical']])
						assert.equal(await stack.lamp(post, lamp), false);
				if (switches.sync_errno || switches.open_errno) assert.ok(restarts() > 0, 'the server carried on');
				else assert.equal(restarts(), 0);
				if (switches.sync_errno) {
					assert.ok(faults.get('syncs_failed') > 0);
					assert.match(log(stack, 'server'), /record\.failed/);
				}
				faults.heal();
				await until('lamp received', () => stack.lamp(POST, 'lamp-received-fire'), 30000);
				await until('the other post\'s too', () => stack.lamp('weleri-01', 'lamp-received-medical'), 30000);
				for (const post of stack.posts) {
					await until('all of it', async () => (await stack.edgeStatus(post)).outbox.unreceipted === 0, 30000);
					assert.equal(await signals(stack, post), presses[post], post);
				}
				const fire = (await stack.incidents()).find((one) => one.class === 'fire');
				assert.ok(offBy(fire.occurred, pressed) < 1500, `occurred ${offBy(fire.occurred, pressed)} ms off`);
				await verify(stack);
			})));

	for (const wal of [true, false])
		test(`a record copied back from yesterday ${wal ? 'with' : 'without'} its log under a running fleet: beats bring the difference back, once`, () =>
			withStack({ posts: [POST, 'weleri-01', 'sukorejo-01'], store: null }, async (stack) => {
				const record = stack.path('server/record.db');
				const presses = Object.fromEntries(stack.posts.map((post) => [post, 0]));
				const press = async (post, button) => {
					presses[post]++;
					await stack.press(post, button);
					await until(`${post} to have it recorded`, async () => await signals(stack, post) === presses[post]);
				};
				for (const post of stack.posts) await connected(stack, post);
				await press(POST, 'panic-crime');
				await until('all of it', async () => (await stack.edgeStatus(POST)).outbox.unreceipted === 0);
				cpSync(record, `${record}.copy`);
				if (wal) cpSync(`${record}-wal`, `${record}.copy-wal`);
				for (const post of stack.posts) await press(post, 'panic-fire');
				await press(POST, 'panic-medical');
				const before = await stack.incidents();
				await stack.parts.server.stop();
				for (const part of ['', '-wal', '-shm']) rmSync(`${record}${part}`, { force: true });
				cpSync(`${record}.copy`, record);
				if (wal) cpSync(`${record}.copy-wal`, `${record}-wal`);
				await assert.rejects(verify(stack), /go further than the record[^]*IS NOT AS IT WAS WRITTEN/);
				await stack.startServer();
				for (const post of stack.posts)
					await until(`${post} to have brought back all`, async () => await signals(stack, post) === presses[post], 60000, 250);
				for (const post of stack.posts)
					await until(`${post} to have every receipt`, async () => (await stack.edgeStatus(post)).outbox.unreceipted === 0, 30000, 250);
				const after = await stack.incidents();
				const what = (incident) => `${incident.post.id} ${incident.class}`;
				assert.deepEqual(after.map(what).sort(), before.map(what).sort());
				for (const incident of after) {
					const same = before.find((one) => what(one) === what(incident));
					assert.ok(Math.abs(incident.occurred - same.occurred) < 1500, `${what(incident)}: occurred`);
					const namesake = before.find((one) => one.number === incident.number);
					assert.ok(!namesake || what(namesake) === what(incident), `${incident.number} means two incidents`);
				}
				assert.match(await verify(stack), /AN OLDER COPY WAS PUT BACK, 1 time/);
				await until('the log to say so', () => /record\.restored/.test(log(stack, 'server')), 15000);
				await press(POST, 'panic-medical');
			}));

	/** A post whose outbox misbehaves as `faults` says. */
	async function withEdge(stack, run, post = POST) {
		const faults = new Faults(stack.path(`faults.${post}`), 'outbox.db');
		await stack.edges[post].stop();
		Object.assign(stack.edges[post].env, faults.env);
		await stack.startEdge(post);
		await connected(stack, post);
		try {
			await run(faults);
		} finally {
			faults.close();
		}
	}
	const troubles = async (stack, kind) => (await stack.api('GET', '/troubles')).body.troubles.filter((one) => one.kind === kind);
	const durable = async (stack, post = POST) => (await stack.edgeStatus(post)).outbox.durable;

	for (const [what, switches] of [['is full', { write_errno: ENOSPC }], ['can only be read', { write_errno: EROFS, open_errno: EROFS }],
		['fails its sync', { sync_errno: EIO }], ['is locked by another program when the agent starts', null], ['hangs', { sync_us: 8e6 }]])
		test(`the outbox's disk ${what}: alarms go out from memory, taken stays dark, and the disk is found again`, () =>
			withStack({ posts: [POST], store: null }, (stack) => withEdge(stack, async (faults) => {
				await stack.press(POST, 'panic-crime');
				await until('the first press', () => stack.lamp(POST, 'lamp-received-crime'));
				const { epoch } = (await stack.edgeStatus(POST)).outbox;
				let held;
				if (switches) {
					faults.set(switches);
				} else { // while the agent runs nobody else can have it
					await stack.edges[POST].stop();
					held = await hold(stack.path('posts', POST, 'data/outbox.db'));
					await stack.startEdge(POST);
					await until('the agent to go on without it', async () => !(await durable(stack)), 15000);
				}
				const lamps = { taken: false };
				const watch = setInterval(() => stack.lamp(POST, 'lamp-taken-fire').then((on) => { lamps.taken ||= on; }, () => {}), 50);
				const pressed = await pressTimed(stack, POST, 'panic-fire');
				await until('lamp received all the same', () => stack.lamp(POST, 'lamp-received-fire'), 15000);
				await until('the trouble', async () => (await troubles(stack, 'storage')).length === 1);
				const status = (await stack.edgeStatus(POST)).outbox;
				assert.equal(status.durable, false);
				assert.notEqual(status.epoch, epoch);
				clearInterval(watch);
				assert.equal(lamps.taken, false, 'taken was lit');
				await held?.release();
				faults.heal();
				await until('the disk to be found again', () => durable(stack), 40000, 250);
				assert.equal((await stack.edgeStatus(POST)).outbox.epoch, epoch);
				await until('the trouble to be over', async () => (await troubles(stack, 'storage')).length === 0, 15000);
				await stack.press(POST, 'panic-medical');
				await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-medical'), 15000, 20);
				await until('lamp received', () => stack.lamp(POST, 'lamp-received-medical'));
				await until('all of it', async () => (await stack.edgeStatus(POST)).outbox.unreceipted === 0, 20000);
				const incidents = await stack.incidents();
				assert.deepEqual(incidents.map((one) => one.class).sort(), ['crime', 'fire', 'medical']);
				const fire = incidents.find((one) => one.class === 'fire');
				assert.equal(fire.signals, 1, 'one press, told once');
				assert.ok(offBy(fire.occurred, pressed) < 1500, `occurred ${offBy(fire.occurred, pressed)} ms off`);
			})));

	test('let go while its disk hung, killed, and down again when it starts: that is a press, and the one before it is over', async (t) => {
		const memory = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/pospin-') : null;
		if (!memory) return t.skip('no /dev/shm here');
		try {
			await withStack({ posts: [POST], store: null }, async (stack) => {
				const file = stack.path('posts', POST, 'edge.yaml'), wires = stack.path('wires');
				const settle = (from, to) => writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
				await stack.edges[POST].stop();
				settle(/^control: .*$/m, `control: ${memory}/control`);
				symlinkSync(`${memory}/control`, stack.path('sock', POST));
				await withEdge(stack, async (faults) => {
					await stack.wire(POST, 'panic-crime on');
					await until('lamp received', () => stack.lamp(POST, 'lamp-received-crime'));
					await stack.parts.broker.stop();
					faults.set({ sync_us: 120e6 });
					const synced = faults.get('syncs');
					await stack.press(POST, 'panic-fire'); // hangs; what comes behind it is not even written
					await until('the sync to hang', () => faults.get('syncs') > synced, 5000, 20);
					const released = Date.now();
					await stack.wire(POST, 'panic-crime off');
					await until('the note', async () => /^panic-crime /m.test(readFileSync(`${memory}/control.ends`, 'utf8')), 5000, 20);
					await stack.edges[POST].stop('SIGKILL');
					faults.heal();
					writeFileSync(wires, '0 panic-crime on\n');
					settle(/^( *)(socket: .*)$/m, `$1$2\n$1file: ${wires}`);
					await stack.startEdge(POST);
					await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-crime'), 15000, 20);
					await stack.startBroker();
					await until('every receipt', async () => (await stack.edgeStatus(POST)).outbox.unreceipted === 0, 30000, 250);
					const told = execFileSync('sqlite3', ['-readonly', '-separator', ' ', stack.path('server/record.db'),
						"SELECT signal, occurred FROM signal WHERE point = 'panic-crime' ORDER BY seq"]).toString().trim().split('\n');
					assert.deepEqual(told.map((line) => line.split(' ')[0]), ['alarm', 'restore', 'alarm']);
					assert.ok(Math.abs(told[1].split(' ')[1] - released) < 2000, `let go when it was: ${told[1]}, ${released}`);
					assert.doesNotMatch(readFileSync(`${memory}/control.ends`, 'utf8'), /panic-crime/, 'the disk knows now');
				});
			});
		} finally {
			rmSync(memory, { recursive: true });
		}
	});

	test('an outbox whose syncs take a second: taken comes after the sync and not before', () =>
		withStack({ posts: [POST], store: null }, (stack) => withEdge(stack, async (faults) => {
			faults.set({ sync_us: 1e6 });
			const pressed = Date.now();
			await stack.press(POST, 'panic-fire', 50);
			await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-fire'), 20000, 10);
			assert.ok(Date.now() - pressed >= 1000, `taken after ${Date.now() - pressed} ms`);
			assert.equal(await durable(stack), true);
			await until('lamp received', () => stack.lamp(POST, 'lamp-received-fire'));
		})));

	test('the recorder\'s spool full, read-only, failing its sync and locked, one after the other: no reading is missing afterwards', () =>
		withStack({ posts: [POST], sampleEvery: '1s' }, async (stack) => {
			const times = async () => (await stack.influx(`SELECT "value" FROM "sample" WHERE "post"='${POST}' AND "name"='load'`))
				.map((row) => row.time / 1e9);
			const faults = new Faults(stack.path('faults'), 'spool.db');
			await stack.parts.recorder.stop();
			Object.assign(stack.parts.recorder.env, faults.env);
			await stack.startRecorder();
			const { pid } = stack.parts.recorder;
			await until('first readings', async () => (await times()).length >= 3, 30000, 250);
			for (const switches of [{ write_errno: ENOSPC }, { write_errno: EROFS }, { sync_errno: EIO }]) {
				const failed = log(stack, 'recorder').split('spool.failed').length;
				faults.set(switches);
				await until('the log to say so', () => log(stack, 'recorder').split('spool.failed').length > failed, 10000);
				await pause(2000);
				faults.heal();
				await until('the spool to be back', () => log(stack, 'recorder').split('spool.back').length > failed, 10000);
			}
			const { release } = await hold(stack.path('recorder/spool.db'));
			await pause(LONG ? 60000 : 8000);
			await release();
			const end = Date.now() / 1000;
			await until('readings of after that', async () => ((await times()).at(-1) ?? 0) > end + 2, 60000, 500);
			assert.equal(stack.parts.recorder.pid, pid, 'it has carried on');
			const all = await times();
			assert.deepEqual(all.slice(1).map((time, i) => time - all[i]).filter((gap) => gap > 1.9), [], `gaps of seconds among ${all.length} readings`);
		}));
});
