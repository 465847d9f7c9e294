// SPDX-License-Identifier: Apache-2.0
// wires.test.mjs -- every way a wire misbehaves, on a real kernel's simulated lines, against the record that the server keeps.
// POSPIN_LONG=1: 600 trains instead of 32, a minute of chatter instead of 10 s, a disk away until the agent gives it up.
import assert from 'node:assert/strict';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { LONG, Rig, SECONDS, random } from './wires_rig.mjs';

const PANICS = ['panic-crime', 'panic-fire', 'panic-medical', 'panic-silent'];
const TRAINS = LONG ? 600 : 32;
const CHATTER_S = LONG ? 60 : 10;
const HOLD_US = 50000;
const BOUNCE_US = 24000; // a bounce that is longer, or that rests for longer ...
const GAP_US = 4500; // ... is not one any more

/** One press of an old switch: it bounces for 1 to 20 ms when pressed and when let go, and is held for 60 to 100 ms between. */
function train(rnd, line) {
	const bounce = (level) => {
		const moves = [[0, line, level]];
		for (let left = (1 + 19 * rnd()) * 1000; left > 0;) {
			const us = Math.min(left, 50 + rnd() ** 2 * 4000);
			moves.push([us, line, moves.length % 2 ? 1 - level : level]);
			left -= us;
		}
		if (moves.at(-1)[2] !== level) moves.push([100, line, level]);
		return moves;
	};
	const [press, release] = [bounce(1), bounce(0)];
	release[0][0] = 60000 + 40000 * rnd();
	return [...press, ...release];
}

/** What was really done. A guest that stood still inside a bounce has made two presses of it (torn), or may have made a line
 *  chatter (ragged), and neither is to be blamed on the agent. */
function asDone(done, line) {
	const held = done.findIndex((move, i) => i && move.us - done[i - 1].us >= HOLD_US);
	const length = (moves) => moves.at(-1).end - moves[0].us;
	const rests = (moves, us, level) => moves.some((move, i) => i && move.end - moves[i - 1].us > us && moves[i - 1].level !== level);
	const bounces = [done.slice(0, held), done.slice(held)];
	return {
		line, from: done[0].us, to: done.at(-1).end, torn: bounces.some((moves) => rests(moves, HOLD_US - 5000, 1)),
		ragged: bounces.some((moves) => length(moves) > BOUNCE_US || rests(moves, GAP_US)),
	};
}

/** That each press is exactly one alarm of its moment, and that there is no other. What is pressed while a line chatters may have
 *  to be held for longer to count. */
function checkPresses(rig, presses) {
	const alarms = alarmsOf(rig);
	const left = new Set(alarms);
	const chatters = rig.signals().filter(({ word }) => word === 'chatter');
	for (const { point, mono } of chatters)
		assert.ok(presses.some(({ ragged, line, from }) => ragged && line === rig.line(point) && from / 1000 <= mono), `${point} chatters without cause`);
	for (const press of presses) {
		const lines = chatters.filter(({ point, mono }) => rig.line(point) === press.line && mono <= press.to / 1000);
		press.torn ||= lines.at(-1)?.signal === 'trouble';
		const own = alarms.filter(({ point, mono }) =>
			rig.line(point) === press.line && mono >= press.from / 1000 - 2 && mono <= press.to / 1000 + 2);
		assert.ok(press.torn || own.length >= 1, `the press at ${press.from / 1000} ms on GPIO${press.line} is lost`);
		if (!press.torn) {
			assert.equal(own.length, 1, `the press at ${press.from / 1000} ms on GPIO${press.line} is ${own.length} alarms`);
			assert.ok(press.ragged || own[0].mono <= press.from / 1000 + 25, `it began ${own[0].mono - press.from / 1000} ms late`);
		}
		own.forEach((alarm) => left.delete(alarm));
	}
	assert.deepEqual([...left].map(({ point, mono }) => `${point} at ${mono} ms`), [], 'alarms that nobody pressed');
}
/** That the moment of an alarm is the one at which a wire was moved. */
const isOf = (move, { mono }) => mono >= move.us / 1000 - 5 && mono <= move.end / 1000 + 5;
const alarmsOf = (rig) => rig.signals().filter(({ signal }) => signal === 'alarm');

test('every way a wire misbehaves', async (t) => {
	const rig = await Rig.start();
	const { vm } = rig;
	/** A case begins with every wire at rest, an agent that runs, and an empty outbox. */
	const each = (name, run) => t.test(name, async (one) => {
		await rig.rest(PANICS);
		await (run === drops ? rig.settle({ calm: false }) : rig.settle());
		const begun = Date.now();
		await run(one);
		one.diagnostic(`${((Date.now() - begun) / 1000).toFixed(1)} s`);
	});
	/** Follows the chatter at once: both heal 10 s after the last edge. */
	async function drops() {
		const line = rig.line('panic-crime');
		await vm.run(`kill -STOP ${rig.pid}`);
		// More than the kernel keeps of one line. The last one holds it, and so does a press of another.
		await rig.play(Array.from({ length: 1501 }, (_, i) => [20, line, 1 - i % 2]));
		await rig.up('panic-fire');
		await vm.run(`kill -CONT ${rig.pid}`);
		await rig.waitTold('panic-crime trouble:gap', 'panic-crime alarm', 'panic-fire alarm');
		await Promise.all(['panic-crime', 'panic-fire'].map((id) => rig.down(id)));
		await rig.waitTold('panic-crime restore', 'panic-fire restore', 'panic-crime trouble-restore:gap', 'panic-crime trouble-restore:chatter');
		for (const id of ['panic-crime', 'panic-fire'])
			assert.equal(rig.told(id).filter((text) => text.endsWith(' alarm')).length, 1, `${rig.told()}`);
		assert.ok(!rig.told().includes('panic-fire trouble:gap'), 'the other line has lost nothing');
		await rig.settle();
		await rig.press('panic-crime');
		await rig.waitTold('panic-crime alarm', 'panic-crime restore');
	}
	try {
		await rig.startAgent();
		await until('the post to be supervised', async () =>
			(await rig.stack.api('GET', '/posts')).body.posts.find(({ id }) => id === 'boja-01').state === 'normal', SECONDS * 1000);

		await each('bouncing for 1 to 20 ms, each press is exactly one alarm, at the moment of its first edge', async (one) => {
			const rnd = random(20260);
			const presses = [];
			const whole = () => presses.filter(({ torn }) => !torn).length;
			// Where the host lets the guest stand still again and again, some more.
			for (let batch = 0; batch < TRAINS / 8 || (whole() < TRAINS / 2 && batch < TRAINS / 2); batch++) {
				const trains = Array.from({ length: 8 }, (_, i) => train(rnd, rig.line(PANICS[i % PANICS.length])));
				trains.forEach((moves) => { moves[0][0] = 150000; });
				const done = await rig.play(trains.flat());
				for (const moves of trains) presses.push(asDone(done.splice(0, moves.length), moves[0][1]));
				await rig.calm(); // a line that was made to chatter would not hear the next ones
			}
			await rig.received();
			checkPresses(rig, presses);
			const torn = presses.filter((press) => press.torn).length;
			assert.ok(presses.length - torn >= TRAINS / 2, `${torn} of ${presses.length} presses were torn by a guest that stood still`);
			one.diagnostic(`${presses.length} trains, ${torn} torn by a guest that stood still`);
		});
		await each('two buttons within a millisecond are two alarms, signed, in the record, in the order of the presses', async () => {
			const lines = [rig.line('panic-crime'), rig.line('panic-fire')];
			const moves = [];
			for (let round = 0; round < 8; round++) {
				const [first, second] = round % 2 ? lines : [...lines].reverse(); // the settings' order must not decide
				moves.push([200000, first, 1], [300, second, 1], [80000, first, 0], [100, second, 0]);
			}
			const done = await rig.play(moves);
			await rig.received();
			const alarms = alarmsOf(rig);
			assert.equal(alarms.length, 16);
			assert.ok(alarms.every((alarm) => rig.isSigned(alarm)), 'a signature is wrong');
			for (let round = 0; round < 8; round++) {
				const pair = alarms.slice(2 * round, 2 * round + 2);
				const pressed = done.slice(4 * round, 4 * round + 2);
				assert.equal(pair[1].seq > pair[0].seq && pair[1].mono >= pair[0].mono, true);
				assert.deepEqual(pair.map(({ point }) => rig.line(point)), pressed.map(({ line }) => line), `round ${round}`);
			}
		});

		await each('a button that is stuck is one alarm, then a trouble, and both end when it is let go', async () => {
			await rig.up('panic-medical');
			await rig.waitTold('panic-medical trouble:stuck'); // after 3 s here, a minute as shipped
			await pause(LONG ? 20000 : 500);
			await rig.down('panic-medical');
			await rig.waitTold('panic-medical restore');
			assert.deepEqual(rig.told('panic-medical'), ['panic-medical alarm', 'panic-medical trouble:stuck',
				'panic-medical trouble-restore:stuck', 'panic-medical restore']);
			const [alarm, , , restore] = rig.signals();
			assert.equal(restore.cause, alarm.seq);
		});

		await each('a line that chatters is a trouble and hides no press on another line', async (one) => {
			const line = rig.line('panic-crime');
			const controls = [await rig.taken('panic-fire'), await rig.taken('panic-fire')];
			await rig.received();
			const memory = await rig.memory();
			await vm.run(`wires chatter ${line} 10000 ${CHATTER_S} >/tmp/chatter 2>&1 &`);
			await pause(2000);
			const during = [await rig.taken('panic-fire'), await rig.taken('panic-fire')];
			const asked = Date.now();
			assert.equal((await rig.status()).points['panic-crime'].detail, 'chatter');
			const answered = Date.now() - asked;
			await vm.waitFor('[ -s /tmp/chatter ]', CHATTER_S + SECONDS);
			const [edges, us, rests] = (await vm.run('cat /tmp/chatter')).split(' ').map(Number);
			const grown = await rig.memory('VmHWM') - memory;
			await rig.received();
			assert.ok(during.every((ms) => ms <= Math.max(20 * Math.max(...controls), 5000)), `${during} ms, without chatter ${controls} ms`);
			assert.equal(rig.told('panic-fire').filter((text) => text.endsWith(' alarm')).length, 4);
			assert.ok(grown < 2048, `the agent has grown by ${grown} KiB`);
			assert.equal(rig.told().filter((text) => text === 'panic-crime trouble:chatter').length, 1);
			// Half of the time on, it may be a finger on a bad contact: told once a minute, and when the guest stood still and so held it.
			assert.ok(rig.told('panic-crime').filter((text) => text.endsWith(' alarm')).length <= 1 + CHATTER_S / 60 + rests, `${rig.told('panic-crime')}`);
			one.diagnostic(`${edges} edges in ${(us / 1e6).toFixed(1)} s; taken after ${during.map(Math.round)} ms, without chatter ` +
				`${controls.map(Math.round)} ms; status after ${answered} ms; grown by ${grown} KiB`);
		});

		await each('edges that the kernel drops are a trouble, no held press is lost with them, and both troubles heal', drops);

		await each('a line that is active at start is one alarm, flagged, and not another at the next start', async (one) => {
			await rig.killAgent('TERM');
			await rig.up('panic-crime');
			await rig.startAgent();
			await rig.waitTold('panic-crime alarm!at-start');
			await rig.restartAgent();
			await rig.restartAgent();
			await pause(2500);
			await rig.received();
			if (rig.lostDisk) return one.skip('the disk was lost, and with it what had been told: told again, rather than not');
			assert.deepEqual(rig.told(), ['panic-crime alarm!at-start']);
			await rig.down('panic-crime');
			await rig.waitTold('panic-crime restore');
			const [alarm, restore] = rig.signals();
			assert.equal(restore.cause, alarm.seq);
			await rig.press('panic-crime');
			await rig.received();
			assert.deepEqual(rig.told().slice(2), ['panic-crime alarm', 'panic-crime restore']);
		});

		await each('what ended while no agent ran is taken back at its start', async () => {
			await rig.up('panic-medical');
			await rig.waitTold('panic-medical trouble:stuck');
			await rig.killAgent();
			await rig.down('panic-medical');
			await rig.startAgent();
			await rig.waitTold('panic-medical restore', 'panic-medical trouble-restore:stuck');
			assert.equal(rig.told().length, 4, `${rig.told()}`);
		});

		await each('a press during a restart that is held across it is exactly one incident', async () => {
			await rig.closeAll();
			await rig.killAgent();
			await rig.up('panic-fire');
			await rig.startAgent();
			await rig.down('panic-fire');
			await rig.waitTold('panic-fire restore');
			assert.deepEqual(rig.told('panic-fire'), ['panic-fire alarm!at-start', 'panic-fire restore']);
			assert.deepEqual((await rig.stack.incidents('open')).map(({ class: kind, signals }) => [kind, signals]), [['fire', 1]]);
		});

		await each('a press while the network is away, and one while it comes back, are exactly one incident each', async () => {
			await rig.closeAll();
			await vm.setNetwork(false);
			await rig.press('panic-fire');
			await vm.waitFor('grep -q durable=true /tmp/edge.log');
			await pause(1000);
			await vm.setNetwork(true);
			await rig.press('panic-crime');
			await rig.waitTold('panic-fire restore', 'panic-crime restore');
			await rig.received();
			assert.equal(alarmsOf(rig).length, 2);
			assert.deepEqual((await rig.stack.incidents('open')).map(({ class: kind, signals }) => [kind, signals]).sort(), [['crime', 1], ['fire', 1]]);
		});

		await each('killed again and again while lines change, the agent invents nothing and loses nothing that is held', async (one) => {
			const line = rig.line('panic-fire');
			const rounds = LONG ? 20 : 2;
			const rnd = random(9);
			const held = [];
			for (let round = 0; round < rounds; round++) {
				const script = Array.from({ length: 6 }, () => [[60000 + 200000 * rnd(), line, 1], [60000 + 100000 * rnd(), line, 0]]).flat();
				script.push([200000, line, 1]); // held until an agent has run for a while
				const played = rig.play(script);
				await rig.killAgent();
				held.push(...await played);
				await rig.startAgent();
				await pause(300);
				held.push(...await rig.play([[0, line, 0]]));
			}
			await rig.waitTold('panic-fire restore');
			await pause(2500);
			await rig.received();
			const alarms = alarmsOf(rig);
			const presses = held.flatMap((move, i) => (move.level ? [{ from: move.us / 1000 - 2, to: held[i + 1].end / 1000 + 2 }] : []));
			const own = presses.map(({ from, to }) => alarms.filter(({ mono }) => mono >= from && mono <= to).length);
			assert.ok(rig.lostDisk || own.every((count) => count <= 1), `${own}`);
			assert.equal(own.reduce((sum, count) => sum + count), alarms.length, 'an alarm that nobody pressed');
			// Let go and pressed again while no agent ran, a button cannot be told from one that was held: the alarm before stands for it.
			const stands = ({ from }) => {
				const before = alarms.filter(({ mono }) => mono < from).at(-1);
				return before && !rig.signals().some(({ signal, cause, mono }) => signal === 'restore' && cause === before.seq && mono < from);
			};
			for (let i = 6; i < own.length; i += 7)
				assert.ok(own[i] >= 1 || stands(presses[i]), `the press that was held in round ${(i - 6) / 7} is lost`);
			const restores = rig.told('panic-fire').filter((text) => text.endsWith(' restore')).length;
			assert.ok(restores === alarms.length || rig.lostDisk, `${rig.told()}`); // told again without its disk, one end is for both
			one.diagnostic(`${presses.length} presses, ${rounds} kills, ${alarms.length} alarms`);
		});

		await each('50 ms presses are taken while every processor is busy', async (one) => {
			const control = await rig.taken('panic-fire', 50);
			const processors = Number(await vm.run('nproc'));
			const pids = (await vm.run(`for i in $(seq ${2 * processors}); do
				sh -c 'while :; do :; done' >/dev/null 2>&1 & echo $!; done`)).trim().split('\n');
			await rig.received();
			const already = alarmsOf(rig).length;
			try {
				const times = [];
				for (let i = 0; i < (LONG ? 50 : 5); i++) {
					times.push(await rig.taken('panic-fire', 50));
					await pause(100);
				}
				assert.equal(times.filter(Number.isFinite).length, times.length, `${times}`);
				one.diagnostic(`${times.length} presses, taken after ${Math.round(Math.max(...times))} ms at most, ` +
					`idle ${Math.round(control)} ms; ${2 * processors} busy programs on ${processors} processor`);
			} finally {
				await vm.run(`kill -9 ${pids.join(' ')}`);
			}
			await rig.received();
			assert.equal(alarmsOf(rig).length, already + (LONG ? 50 : 5));
		});

		await each('a press while the agent stands still is taken when it goes on, at its own moment', async () => {
			const line = rig.line('panic-fire');
			await vm.run(`kill -STOP ${rig.pid}`);
			const [pressed] = await rig.play([[100000, line, 1], [80000, line, 0], [300000, line, 0]]);
			await vm.run(`kill -CONT ${rig.pid}`);
			await rig.waitTold('panic-fire alarm', 'panic-fire restore');
			assert.ok(isOf(pressed, alarmsOf(rig)[0]), `${alarmsOf(rig)[0].mono} ms, pressed at ${pressed.us / 1000}`);
		});

		await each('50 ms presses are captured while the disk stands still, and taken when it moves again', async () => {
			const disk = '/var/lib/pospin-edge';
			const unfrozen = rig.signals().length;
			await vm.run(`fsfreeze --freeze ${disk}`);
			let presses;
			try {
				presses = await rig.play([[0, rig.line('panic-crime'), 1], [50000, rig.line('panic-crime'), 0],
					[200000, rig.line('panic-fire'), 1], [50000, rig.line('panic-fire'), 0]]);
				await vm.waitFor(`[ $(grep -c 'signal=alarm' /tmp/edge.log) -ge 2 ]`);
				await pause(500);
				assert.equal(rig.signals().length, unfrozen, 'nothing can be sent that is not on the disk');
			} finally {
				await vm.run(`fsfreeze --unfreeze ${disk}`);
			}
			await rig.waitTold('panic-crime alarm', 'panic-fire alarm');
			await rig.received();
			assert.deepEqual(alarmsOf(rig).map(({ point }) => point), ['panic-crime', 'panic-fire']);
			alarmsOf(rig).forEach((alarm, i) => assert.ok(isOf(presses[2 * i], alarm), 'the moment is the press\'s'));
		});

		if (LONG) await each('a disk that stands still for long is given up: signals go on in memory, and it is found again', async (one) => {
			await rig.closeAll();
			await vm.run('fsfreeze --freeze /var/lib/pospin-edge');
			try {
				await rig.press('panic-crime');
				await rig.waitTold('panic-crime alarm');
				assert.equal((await rig.status()).outbox.durable, false);
			} finally {
				await vm.run('fsfreeze --unfreeze /var/lib/pospin-edge');
			}
			const begun = Date.now();
			await until('the disk to be found', async () => (await rig.status()).outbox.durable, 120000, 1000);
			await rig.received();
			// What the disk finished late is sent as well: two triples at most, and one incident.
			assert.ok(alarmsOf(rig).length <= 2 && new Set(alarmsOf(rig).map(({ incident }) => incident)).size === 1);
			one.diagnostic(`found after ${Math.round((Date.now() - begun) / 1000)} s`);
		});

		await each('a chip that is unplugged is a trouble of its points until it is back, and a press meanwhile is told then', async () => {
			await vm.unplug();
			await rig.waitTold(...PANICS.map((id) => `${id} trouble:lost`), ' trouble:outputs');
			await pause(1500);
			await vm.run(`/usr/lib/pospin-vm/chip bind && cd /sys/devices/platform && echo pull-up >$(echo gpio-sim.*/gpiochip*/sim_gpio${rig.line('panic-fire')}/pull) &&
				/usr/lib/pospin-vm/chip admit`);
			await rig.waitTold(...PANICS.map((id) => `${id} trouble-restore:lost`), ' trouble-restore:outputs', 'panic-fire alarm!at-start');
			await rig.down('panic-fire');
			await rig.waitTold('panic-fire restore');
			assert.equal(alarmsOf(rig).length, 1, `${rig.told()}`);
		});

		await each('a line that another program has is a trouble until it is let go, and takes no other with it', async () => {
			const hold = async () => vm.spawn(`gpiomon --quiet GPIO${rig.line('panic-fire')}`, { log: '/dev/null' });
			await rig.killAgent('TERM');
			let holder = await hold();
			await vm.waitFor(`gpioinfo GPIO${rig.line('panic-fire')} | grep -q gpiomon`);
			await rig.startAgent();
			await rig.waitTold('panic-fire trouble:taken');
			assert.match(await rig.log(), /panic-fire: line GPIO27 is used by 'gpiomon'/);
			await rig.press('panic-crime');
			await rig.waitTold('panic-crime alarm');
			await vm.run(`kill ${holder}`);
			await rig.waitTold('panic-fire trouble-restore:taken');

			await vm.unplug(); // later: somebody is faster when the chip comes back
			await vm.run('/usr/lib/pospin-vm/chip bind');
			holder = await hold();
			await vm.waitFor(`gpioinfo GPIO${rig.line('panic-fire')} | grep -q gpiomon`);
			await vm.run('/usr/lib/pospin-vm/chip admit');
			await rig.waitTold('panic-crime trouble-restore:lost', 'panic-fire trouble:lost');
			await pause(1500);
			assert.ok(!rig.told().includes('panic-fire trouble-restore:lost'));
			await vm.run(`kill ${holder}`);
			await rig.waitTold('panic-fire trouble-restore:lost');
			await rig.press('panic-fire');
			await rig.waitTold('panic-fire alarm');
			await rig.received();
			assert.equal(alarmsOf(rig).length, 2, `${rig.told()}`);
		});

		await t.test('no trouble is left standing in the end', async () => {
			await rig.received();
			const { body } = await rig.stack.api('GET', '/troubles');
			assert.deepEqual(body.troubles.map(({ point, kind }) => `${point} ${kind}`), []);
		});
	} finally {
		await rig.stop();
	}
});
