// SPDX-License-Identifier: Apache-2.0
// first_alarm.test.mjs -- the shipped pospin-edge on a real kernel's lines, against the real broker and server on the host.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { SOURCE, Stack, fillSettings } from '../../scripts/lib/stack.mjs';
import { HOST_ADDRESS, startVm } from './vm.mjs';

const POST = 'boja-01';
const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
const CONSOLE = process.env.POSPIN_CONSOLE ?? path.join(SOURCE, 'build/console');
const SETTINGS = readFileSync(path.join(SOURCE, 'packaging/examples/edge.yaml'), 'utf8');
const SECONDS = 180;

/** The number of GPIO line of a point or output in the sample settings. */
function lineOf(id) {
	const found = SETTINGS.match(new RegExp(`- id: ${id}\\n(?:    .*\\n)*?    line: GPIO(\\d+)`));
	assert.ok(found, `${id} has no line in the sample`);
	return Number(found[1]);
}
const CRIME = lineOf('panic-crime');
const lamp = (step, of = 'crime') => lineOf(`lamp-${step}-${of}`);

async function startHost(dir) {
	const stack = await Stack.create({ build: BUILD, console: CONSOLE, dir, posts: [], store: null, brokerHost: HOST_ADDRESS });
	await stack.start();
	await stack.enrol(POST);
	return stack;
}

/** Contacts lie to ground: a wire at rest is pulled up, a press pulls it down. */
async function startGuest(stack) {
	const at = stack.path('posts', POST);
	const settings = fillSettings(SETTINGS, { host: HOST_ADDRESS, port: stack.ports.broker, post: POST });
	const own = (from, mode = 0o644) => ({ from, mode, owner: 'pospin' });
	const vm = await startVm({
		edgeBinary: stack.program('pospin-edge'),
		programs: { '/usr/bin/wires': path.join(BUILD, 'tests/vm-wires') },
		files: {
			'/etc/pospin/edge.yaml': { data: settings },
			'/etc/pospin/kentongan.yaml': own(path.join(SOURCE, 'packaging/examples/kentongan.yaml')),
			'/etc/pospin/service-ca.crt': own(stack.path('pki/service-ca.crt')),
			'/etc/pospin/server-keys.txt': own(stack.path('pki/server-keys.txt')),
			'/etc/pospin/post.crt': own(`${at}/post.crt`), '/etc/pospin/post.key': own(`${at}/post.key`, 0o600),
		},
	});
	for (const id of ['panic-crime', 'panic-fire', 'panic-medical', 'panic-silent', 'smoke', 'mains'])
		await vm.setLine(lineOf(id), 'pull-up');
	return vm;
}

/** The agent asks for pull-ups, which gpio-sim takes for the wire's own level: the loop of the tamper contact is closed anew. */
async function startEdge(vm) {
	const pid = await vm.spawn('pospin-edge --config /etc/pospin/edge.yaml', { user: 'pospin', log: '/tmp/edge.log' });
	await vm.waitFor(`grep -q 'edge.start' /tmp/edge.log`, SECONDS);
	await vm.setLine(lineOf('tamper'), 'pull-down');
	return pid;
}
const press = (vm, line, ms = 100) => vm.press(line, ms, 'pull-down');

test('a press on a real line becomes one incident, and the lamps follow it', async (t) => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-vm-host-'));
	const stack = await startHost(dir);
	let vm;
	try {
		vm = await startGuest(stack);
		let pid = await startEdge(vm);
		const words = async () => `${await vm.run('tail -n 20 /tmp/edge.log')}\n${stack.parts.server.logEnd()}`;
		const connected = () => until('the post to be supervised', async () =>
			(await stack.api('GET', '/posts')).body.posts.find(({ id }) => id === POST).state === 'normal', SECONDS * 1000)
			.catch(async (error) => { throw new Error(`${error.message}\n${await words()}`); });
		await connected();

		await t.test('the agent runs as an ordinary user in the group gpio', async () => {
			assert.match(await vm.run(`grep -E '^(Uid|Groups)' /proc/${pid}/status`), /Uid:\s+[1-9]/);
		});

		await t.test('a press lights taken and received and opens exactly one incident', async () => {
			await press(vm, CRIME);
			await vm.waitLine(lamp('taken'), 1, SECONDS);
			await vm.waitLine(lamp('received'), 1, SECONDS);
			const incidents = await stack.incidents();
			assert.deepEqual(incidents.map(({ class: kind, signals }) => [kind, signals]), [['crime', 1]]);
			assert.equal(await vm.lineValue(lamp('acknowledged')), 0);
		});

		await t.test('acknowledging and dispatching light the next lamps', async () => {
			const [{ number }] = await stack.incidents('open');
			assert.equal((await stack.act(number, 'acknowledge')).status, 200);
			await vm.waitLine(lamp('acknowledged'), 1, SECONDS);
			assert.equal((await stack.act(number, 'dispatch', { unit: 'Regu 1' })).status, 200);
			await vm.waitLine(lamp('dispatched'), 1, SECONDS);
			await stack.act(number, 'on-scene');
			await vm.waitLine(lamp('on-scene'), 1, SECONDS);
			assert.equal((await stack.act(number, 'close', { code: 'test' })).status, 200);
		});

		await t.test('pressed while the network is away and killed before it is back: once, at the kernel\'s time', async () => {
			await vm.setNetwork(false);
			const from = Date.now();
			await press(vm, lineOf('panic-fire'));
			const to = Date.now();
			await vm.waitLine(lamp('taken', 'fire'), 1, SECONDS);
			assert.equal(await vm.lineValue(lamp('received', 'fire')), 0);
			await vm.run(`kill -9 ${pid}`);
			await pause(3000);
			pid = await startEdge(vm);
			await vm.waitLine(lamp('taken', 'fire'), 1, SECONDS);
			await vm.setNetwork(true);
			const incident = await until('the incident', async () =>
				(await stack.incidents('open')).find(({ class: kind }) => kind === 'fire'), SECONDS * 1000);
			await vm.waitLine(lamp('received', 'fire'), 1, SECONDS);
			const { body } = await stack.api('GET', `/incidents/${incident.number}`);
			assert.equal(body.signals, 1);
			assert.equal(body.points[0].occurred_by, 'mono');
			assert.ok(incident.occurred > from - 1000 && incident.occurred < to + 1000, `occurred ${incident.occurred - from} ms after the press, which took ${to - from} ms`);
			assert.ok(incident.opened - incident.occurred > 3000, 'it is recorded later than it occurred');
		});

		await t.test('a train of bounces is one press', async (one) => {
			const line = lineOf('panic-medical');
			const medical = async () => (await stack.incidents()).filter(({ class: kind }) => kind === 'medical');
			const bounces = (count) => Array.from({ length: count }, () => `1000 ${line} 0\n1500 ${line} 1\n`).join('');
			await vm.put('/tmp/moves', `${bounces(8)}1000 ${line} 0\n120000 ${line} 1\n${bounces(7)}`);
			for (let tries = 0; tries < 5; tries++) {
				const before = (await medical())[0]?.signals ?? 0;
				const done = (await vm.run('wires play </tmp/moves', SECONDS)).trim().split('\n').map((text) => text.split(' ').map(Number));
				await vm.waitLine(lamp('received', 'medical'), 1, SECONDS);
				await pause(1000);
				const gaps = done.slice(1).map(([, , , end], i) => end - done[i][0]);
				if (gaps.filter((us) => us > 15000).length === 1) { // the hold
					assert.deepEqual((await medical()).map(({ signals }) => signals), [before + 1]);
					return;
				}
				await pause(12000); // a guest that stood still has made more than one press of it, or a line that chatters
			}
			one.skip('the guest stood still within each train');
		});
	} finally {
		await vm?.stop();
		await stack.stop();
		rmSync(dir, { recursive: true, force: true });
	}
});
