// SPDX-License-Identifier: Apache-2.0
// power_cut_boot.test.mjs -- the power fails at any moment of boot and work; the post comes up again by itself, and every
// press whose lamp *taken* was seen is in the server's record, once.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { SOURCE, Stack } from '../../scripts/lib/stack.mjs';
import { Card, replay, seeded } from './card.mjs';
import { HOST_ADDRESS } from './guest_files.mjs';
import { RESTING_WIRES, lamp, lineOf, postFiles, statusOf } from './systemd_post.mjs';
import { bootSystemd, makeRoot } from './systemd_vm.mjs';

const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
const CONSOLE = process.env.POSPIN_CONSOLE ?? path.join(SOURCE, 'build/console');
const SEED = Number(process.env.POSPIN_SEED ?? 1);
const CUTS = process.env.POSPIN_LONG === '1' ? 10 : 3; // of each post
const POSTS = ['boja-01', 'weleri-01']; // at the same time: an emulated machine uses one processor
const SECONDS = 240; // emulated, and perhaps beside other work
const IMAGES = process.env.POSPIN_LONG === '1' ? 6 : 4; // more cuts of each life, whose card is examined without a boot
const PRESS_MS = 1500;
const CLOCK_MS = 20; // /proc/uptime shows hundredths
const CLASSES = ['crime', 'fire', 'medical'];
const TOOLS = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } };

/** One press in the guest. Answers only when the agent has taken the n-th alarm since its start and the lamp of the class,
 *  which shows the least advanced press, is lit: then this press was durable. Between its two times the button was down. */
const PRESS = (kind, n) => `
	cut -d ' ' -f 1 /proc/uptime
	w=/run/gpio-sim/sim_gpio${lineOf(`panic-${kind}`)}/pull
	echo pull-down >$w; usleep 100000; echo pull-up >$w
	cut -d ' ' -f 1 /proc/uptime
	until pospin-edge status --json --socket /run/pospin-edge/control | grep -q '"alarms": *${n}[^0-9]'; do :; done
	until [ "$(cat /run/gpio-sim/sim_gpio${lamp('taken', kind)}/value)" = 1 ]; do usleep 2000; done`;

const isTime = (one, mono) => mono >= one.from - CLOCK_MS && mono <= one.to + CLOCK_MS;

/** Presses until the power is gone. Each that was begun is in `pressed`; its lamp was seen where `lit` is true. */
async function work(vm, card, boot, pressed, begins) {
	for (let n = 1; ; n++) {
		const kind = CLASSES[n % CLASSES.length]; // in turn: a stream of presses of one button is chatter
		const one = { boot, kind, n, lit: false };
		pressed.push(one);
		begins(n);
		const times = (await vm.run(PRESS(kind, n), SECONDS)).trim().split('\n').map((text) => Number(text) * 1000);
		Object.assign(one, { from: times[0], to: times[1], lit: true, at: card.logged() });
	}
}

/** Pulls the plug after ms. */
function plug(vm, ms) {
	const gone = pause(ms).then(() => vm.cutPower());
	return { gone, quiet: (error) => gone.then(() => { if (vm.pid !== null) throw error; }) };
}

/** One life: switched on, perhaps up to work, cut. Returns its presses, and if it was ready when, with which boot number,
 *  and how much had been written by then. */
async function live(card, { bootMs, presses, pressMs, network, after }) {
	const begun = Date.now();
	const life = { pressed: [], boot: null, at: Infinity, readyMs: null };
	let machine, cut = null;
	const booting = bootSystemd({ drives: [card.insert()], network, append: RESTING_WIRES, started: (vm) => {
		machine = vm;
		if (bootMs !== undefined) cut = plug(vm, bootMs);
	} });
	try {
		const vm = await booting;
		await vm.run('until systemctl is-active -q pospin-edge; do sleep 0.3; done', SECONDS);
		const status = await until('the outbox to open', async () => {
			const answer = await statusOf(vm);
			return answer.outbox.durable && answer;
		}, SECONDS * 1000, 300);
		assert.ok(status.outbox.boot > after, `boot ${status.outbox.boot} follows ${after}`);
		life.boot = status.outbox.boot;
		life.at = card.logged();
		life.readyMs = Date.now() - begun;
		await work(vm, card, life.boot, life.pressed, (n) => {
			if (n === presses) cut ??= plug(vm, pressMs);
		});
	} catch (error) {
		if (!cut) throw error;
		await cut.quiet(error);
		if (error instanceof assert.AssertionError) throw error;
	} finally {
		await cut?.gone;
		await machine?.stop();
	}
	return life;
}

/** The root after a cut, as the next mount leaves it: nothing to mend but the journal's replay. Then the outbox in it is
 *  whole, and has every press whose lamp had been seen when the power went after so many writes. */
async function checkImage(image, presses) {
	const run = promisify(execFile);
	await run('e2fsck', ['-f', '-p', image], TOOLS).catch((error) => {
		if (error.code > 1) throw new Error(`e2fsck: ${error.code}\n${error.stdout}${error.stderr}`);
	});
	for (const ending of ['', '-wal'])
		await run('debugfs', ['-R', `dump /var/lib/pospin-edge/outbox.db${ending} ${image}.db${ending}`, image], TOOLS);
	try {
		const ask = async (sql) => (await run('sqlite3', [`${image}.db`, sql], TOOLS)).stdout.trim().split('\n').filter(Boolean);
		assert.deepEqual(await ask('PRAGMA integrity_check'), ['ok']);
		// Cut early enough, the file is there and its tables are not.
		const made = (await ask("SELECT 1 FROM sqlite_master WHERE name = 'signal'")).length;
		const texts = made ? await ask('SELECT CAST(payload AS TEXT) FROM signal') : [];
		const alarms = texts.map((text) => JSON.parse(text)).filter(({ signal }) => signal === 'alarm');
		for (const one of presses)
			assert.equal(alarms.filter((row) => row.class === one.kind && row.boot === one.boot && isTime(one, row.mono)).length, 1,
				`lit after ${one.at} writes, and not in the outbox: ${JSON.stringify(one)} in ${JSON.stringify(alarms)}`);
	} finally {
		for (const ending of ['', '-wal', '-shm']) rmSync(`${image}.db${ending}`, { force: true });
	}
}

/** The cut could have come after any of a life's writes: some of them are tried without a boot. */
async function tryOthers(card, life, random) {
	const image = `${card.path}.check`;
	const lit = life.pressed.filter((one) => one.lit);
	for (let i = 0; i < IMAGES; i++) {
		const after = Math.floor(random() * (card.logged() + 1));
		execFileSync('cp', ['--reflink=auto', '--sparse=always', card.path, image]);
		replay(card.log, image, random, after);
		try {
			await checkImage(image, lit.filter(({ at }) => at <= after));
		} finally {
			rmSync(image);
		}
	}
	return IMAGES;
}

/** Rows of the server's record. */
const rows = (stack, sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', stack.path('server/record.db'), sql], { encoding: 'utf8' }) || '[]');

function checkRecord(stack, post, pressed) {
	const alarms = rows(stack, `SELECT epoch, seq, boot, mono, class FROM signal WHERE post = '${post}' AND signal = 'alarm' ORDER BY boot, mono`);
	const is = (one) => (row) => row.class === one.kind && row.boot === one.boot && isTime(one, row.mono);
	const kept = pressed.filter(({ lit }) => lit).map((one) => {
		const found = alarms.filter(is(one));
		assert.equal(found.length, 1, `a press whose lamp was lit is recorded once: ${JSON.stringify(one)} in ${JSON.stringify(alarms)}`);
		return found[0];
	});
	assert.ok(kept.length > 0, 'some lamps were lit');
	for (const boot of new Set(alarms.map((row) => row.boot))) {
		const most = pressed.filter((one) => one.boot === boot).length;
		assert.ok(alarms.filter((row) => row.boot === boot).length <= most, `nothing is invented in boot ${boot}`);
	}
	// What memory numbers when a busy host lets the disk hang has an epoch of its own, and no lamp.
	assert.equal(new Set(kept.map(({ epoch }) => epoch)).size, 1, 'one epoch from the first boot to the last');
	kept.slice(1).forEach((row, i) => assert.ok(row.seq > kept[i].seq, 'numbers grow with the time of the presses'));
	const troubles = rows(stack, `SELECT detail FROM signal WHERE post = '${post}' AND kind = 'post' AND detail NOT IN ('', 'storage')`);
	assert.deepEqual(troubles, [], 'the outbox is never damaged, lost or old');
	return alarms.length;
}

/** The server has heard of a life with network up to its end; without, the power may as well have failed at any write. */
function choose(card, life, { network, inBoot, random }) {
	const logged = card.logged();
	// At work there is a lamp to lose: the first press came to its end before the plug was pulled.
	const from = inBoot ? 0 : life.pressed[0].at;
	const after = network ? logged : from + Math.floor(random() * (logged + 1 - from));
	for (const one of life.pressed) one.lit = one.lit && one.at <= after;
	return { after, boot: life.at <= after ? life.boot : null };
}

async function chain(stack, dir, post, random, told) {
	const card = new Card(path.join(dir, `${post}.img`), random);
	const pressed = [];
	let bootMs, boot = 0, images = 0;
	makeRoot(card.path, { units: ['pospin-edge.service'], enable: ['pospin-edge.service'],
		programs: { '/usr/bin/pospin-edge': stack.program('pospin-edge') }, files: postFiles(stack, post) });
	for (let cut = 0; cut < CUTS; cut++) {
		// The first says how long a boot takes; then boot and work take turns.
		const inBoot = cut % 2 === 1;
		const when = inBoot ? { bootMs: bootMs * (0.1 + 0.9 * random()) } : { presses: 2 + Math.floor(3 * random()), pressMs: PRESS_MS * random() };
		const network = random() < 0.3;
		const life = await live(card, { ...when, network, after: boot });
		bootMs ??= life.readyMs;
		images += await tryOthers(card, life, random);
		const chosen = choose(card, life, { network, inBoot, random });
		boot = chosen.boot ?? boot;
		pressed.push(...life.pressed);
		const fate = card.cut(chosen.after);
		told(`${post} cut ${cut + 1}, ${inBoot ? 'boot' : 'work'}, ${network ? 'network' : 'no network'}: after ${chosen.after} entries, ${fate.writes} writes, `
			+ `${fate.flushes} flushes, ${fate.unflushed} not flushed, ${fate.lost} of them lost (${fate.luck}); lamps ${life.pressed.filter(({ lit }) => lit).length} of ${life.pressed.length}`);
	}
	const vm = await bootSystemd({ drives: [card.path], append: RESTING_WIRES });
	try {
		await vm.run('until systemctl is-active -q pospin-edge; do sleep 0.3; done', SECONDS);
		await until(`${post} to have everything receipted`, async () => {
			const { outbox, server } = await statusOf(vm);
			return outbox.durable && outbox.unreceipted === 0 && server === 'connected';
		}, SECONDS * 1000, 1000);
	} finally {
		await vm.stop();
	}
	return { pressed, bootMs, images };
}

test('what was flushed survives a cut, the rest only by chance', () => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-card-'));
	try {
		const [log, image] = [path.join(dir, 'log'), path.join(dir, 'image')];
		const entry = (sector, sectors, flags) => {
			const header = Buffer.alloc(512);
			[sector, sectors, flags, 0].forEach((value, i) => header.writeBigUInt64LE(BigInt(value), 8 * i));
			return Buffer.concat([header, Buffer.alloc(512 * sectors, 65 + sector)]);
		};
		const entries = [entry(0, 2, 0), entry(0, 0, 1), entry(2, 1, 2), entry(4, 20, 0), entry(25, 1, 0)];
		const superblock = Buffer.alloc(512);
		[0x6a736677736872n, 1n, BigInt(entries.length)].forEach((value, i) => superblock.writeBigUInt64LE(value, 8 * i));
		superblock.writeUInt32LE(512, 24);
		writeFileSync(log, Buffer.concat([superblock, ...entries]));
		const seen = new Set();
		for (let seed = 0; seed < 50; seed++) {
			writeFileSync(image, Buffer.alloc(512 * 26, 46));
			replay(log, image, seeded(seed));
			const left = readFileSync(image);
			seen.add([...Array(26).keys()].map((n) => String.fromCharCode(left[512 * n])).join(''));
		}
		const whole = ['EEEE', 'EEEEEEEE', 'EEEEEEEE'];
		for (const left of seen) assert.match(left, /^AAC\.(E{4}|\.{4})(E{8}|\.{8})(E{8}|\.{8})\.[Z.]$/, 'flushed, and written through; the rest by pages');
		for (const left of [`AAC.${'.'.repeat(22)}`, `AAC.${whole.join('')}.Z`, `AAC.${'.'.repeat(21)}Z`]) assert.ok(seen.has(left), `${left} in ${[...seen]}`);
		assert.ok([...seen].some((left) => /\.E{8}|E\.{8}/.test(left)), 'some writes are torn');
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
});

test('power cuts in boot and at work lose no press whose lamp was lit, and the post comes up by itself', async (t) => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-power-'));
	const stack = await Stack.create({ build: BUILD, console: CONSOLE, dir: path.join(dir, 'host'), posts: [], store: null, brokerHost: HOST_ADDRESS });
	try {
		await stack.start();
		for (const post of POSTS) await stack.enrol(post);
		t.diagnostic(`seed ${SEED}`);
		const ends = await Promise.all(POSTS.map((post, i) => chain(stack, dir, post, seeded(SEED * 1000 + i), (line) => t.diagnostic(line))));
		ends.forEach(({ pressed, bootMs, images }, i) => {
			const recorded = checkRecord(stack, POSTS[i], pressed);
			const lit = pressed.filter((one) => one.lit).length;
			t.diagnostic(`${POSTS[i]}: ready ${(bootMs / 1000).toFixed(1)} s after power on; ${CUTS} cuts, ${pressed.length} presses begun, ${lit} lamps lit, ${recorded} recorded; ${images} more images examined`);
		});
		const { body } = await stack.api('GET', '/counts');
		assert.equal(body.conflicts, 0, 'no number was given twice');
	} finally {
		await stack.stop();
		rmSync(dir, { recursive: true, force: true });
	}
});
