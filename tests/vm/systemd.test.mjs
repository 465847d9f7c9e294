// SPDX-License-Identifier: Apache-2.0
// systemd.test.mjs -- the shipped units under the systemd that Debian ships, from power on to power off.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE, Stack } from '../../scripts/lib/stack.mjs';
import { HOST_ADDRESS } from './guest_files.mjs';
import { RESTING_WIRES, edgeSettings, lamp, lineOf, postFiles, press, statusOf } from './systemd_post.mjs';
import { UNITS, bootSystemd, makeRoot, makeSystemdVm } from './systemd_vm.mjs';

const POST = 'boja-01';
const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
const CONSOLE = process.env.POSPIN_CONSOLE ?? path.join(SOURCE, 'build/console');
const LONG = process.env.POSPIN_LONG === '1';
const SECONDS = 240; // emulated, and perhaps beside other work
const EDGE = 'pospin-edge.service';
const ALL = [EDGE, 'pospin-server.service', 'pospin-recorder.service'];
const STATE_DISK_MB = 48;
// The shipped time in the long run; otherwise less waiting.
const WATCHDOG_S = LONG ? Number(readFileSync(path.join(UNITS, EDGE), 'utf8').match(/^WatchdogSec=(\d+)$/m)[1]) : 10;
const TEST_SETTINGS = `[Service]
WatchdogSec=${WATCHDOG_S}
Environment=LD_PRELOAD=/usr/lib/pospin-vm/hang_loop.so HANG_LOOP=/run/pospin-edge/hang
`;

/** The unit's sandbox around another program. */
function probeUnit() {
	return readFileSync(path.join(UNITS, EDGE), 'utf8')
		.replace(/^ExecStart=.*$/m, 'ExecStart=/bin/sh /usr/lib/pospin-vm/probe')
		.replace(/^Type=.*$/m, 'Type=oneshot').replace(/^(ExecStopPost|Restart|RestartSec|WatchdogSec)=.*\n/gm, '');
}

/** Broker and server of the guest's own units: the keys that `pospinctl pki init` made, at the places of the samples. */
function serverFiles(stack) {
	const broker = (name) => ['broker:', `  host: ${HOST_ADDRESS}`, `  port: ${stack.ports.broker}`, '  ca: /etc/pospin/pki/service-ca.crt',
		`  certificate: /etc/pospin/pki/${name}.crt`, `  key: /etc/pospin/pki/${name}.key`];
	const key = (name, mode) => [`/etc/pospin/pki/${name}`, { from: stack.path('pki', name), mode, owner: 'pospin' }];
	return {
		...Object.fromEntries([['service-ca.crt', 0o644], ['svc-server.crt', 0o644], ['svc-recorder.crt', 0o644], ['server-signing.key', 0o600],
			['svc-server.key', 0o600], ['svc-recorder.key', 0o600]].map(([name, mode]) => key(name, mode))),
		'/etc/pospin/server.yaml': { data: ['data: /var/lib/pospin/server', 'signing_key: /etc/pospin/pki/server-signing.key', ...broker('svc-server'),
			'http:', '  port: 8480', '  socket: /run/pospin/server', ''].join('\n') },
		'/etc/pospin/recorder.yaml': { data: ['record: /var/lib/pospin/server/record.db', 'data: /var/lib/pospin/recorder',
			...broker('svc-recorder'), 'store:', '  url: http://127.0.0.1:8086', ''].join('\n') },
		'/etc/pospin/site.yaml': path.join(SOURCE, 'packaging/examples/site-kendal.yaml'),
	};
}

function makeDisks(dir, stack) {
	const [root, state, hang] = ['root.img', 'state.img', 'hang_loop.so'].map((name) => path.join(dir, name));
	const tool = (name) => path.join(makeSystemdVm().replace(/-systemd$/, ''), 'tools', name);
	const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
	execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', hang, path.join(SOURCE, 'tests/vm/systemd/hang_loop.c'), '-ldl']);
	execFileSync('mke2fs', ['-q', '-t', 'ext4', '-F', state, `${STATE_DISK_MB}M`], { env });
	makeRoot(root, {
		units: ALL, enable: [EDGE],
		programs: {
			...Object.fromEntries(['pospin-edge', 'pospin-server', 'pospin-recorder', 'pospinctl'].map((name) => [`/usr/bin/${name}`, stack.program(name)])),
			'/usr/bin/gpioget': tool('gpioget'), '/usr/bin/gpioset': tool('gpioset'),
		},
		files: {
			...postFiles(stack, POST), ...serverFiles(stack),
			'/etc/fstab': { data: '/dev/vda / ext4 defaults 0 0\n/dev/vdb /var/lib/pospin-edge ext4 defaults 0 0\n' },
			'/etc/systemd/system/pospin-edge.service.d/test.conf': { data: TEST_SETTINGS },
			'/usr/lib/pospin-vm/probe': path.join(SOURCE, 'tests/vm/systemd/probe'),
			'/usr/lib/pospin-vm/hang_loop.so': hang,
			'/etc/systemd/system/pospin-probe.service': { data: probeUnit() },
		},
	});
	return [root, state];
}

/** One property of a unit, as systemd says it. */
const property = async (vm, name, unit = EDGE) => (await vm.run(`systemctl show -P ${name} ${unit}`)).trim();
const isActive = (unit = EDGE) => `systemctl is-active -q ${unit}`;
/** A look at systemd costs an emulated machine a third of a second: not the hundred a second of waitFor. */
const wait = (vm, condition, seconds = SECONDS) => vm.run(`until ${condition}; do sleep 0.3; done`, seconds);
/** The unit's own last line: after one that is of another, journalctl leaves out the unit's next. */
const now = async (vm, unit = EDGE) => (await vm.run(`journalctl -q -n 1 -o cat -u ${unit} --show-cursor`)).match(/cursor: (.*)/)[1];
const journal = (vm, since, unit = EDGE) => vm.run(`journalctl -q --no-pager -o cat -u ${unit} --after-cursor='${since}'`);

/** Waits until systemd runs another process than pid; its id. */
async function restarted(vm, pid, seconds = SECONDS) {
	await wait(vm, `[ ! -e /proc/${pid} ]`, seconds);
	await wait(vm, `{ p=$(systemctl show -P MainPID ${EDGE}); [ "$p" != 0 ] && [ "$p" != ${pid} ] && ${isActive()}; }`, SECONDS);
	return property(vm, 'MainPID');
}

test('the units under systemd', async (t) => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-vm-systemd-'));
	const stack = await Stack.create({ build: BUILD, console: CONSOLE, dir: path.join(dir, 'host'), posts: [], store: null, brokerHost: HOST_ADDRESS });
	let vm, stalled;
	const incidentOf = (kind) => until(`an incident of class ${kind}`, async () => (await stack.incidents('open')).find((one) => one.class === kind), SECONDS * 1000);
	const close = async (kind) => {
		const { number } = await incidentOf(kind);
		await stack.act(number, 'acknowledge');
		await until('the close', async () => (await stack.act(number, 'close', { code: 'test' })).status === 200, 15000, 500);
		await vm.waitLine(lamp('received', kind), 0, SECONDS);
	};
	try {
		await stack.start();
		await stack.enrol(POST);
		const drives = makeDisks(dir, stack);
		const begun = Date.now();
		vm = await bootSystemd({ drives, network: false, append: RESTING_WIRES });
		t.diagnostic(`systemd took commands after ${((Date.now() - begun) / 1000).toFixed(1)} s`);

		await t.test('the agent is up, and takes a press, while network and time are still waited for', async () => {
			await wait(vm, isActive());
			await press(vm, 'panic-crime');
			await vm.waitLine(lamp('taken', 'crime'), 1, SECONDS);
			assert.equal(await vm.lineValue(lamp('received', 'crime')), 0);
			assert.match(await vm.run('systemctl list-jobs'), /pospin-vm-network\.service\s+start running/);
			for (const target of ['network-online.target', 'time-sync.target'])
				assert.equal(await property(vm, 'ActiveState', target), 'inactive', target);
			t.diagnostic(`the agent was ready ${(await property(vm, 'ActiveEnterTimestampMonotonic') / 1e6).toFixed(1)} s after the kernel started`);
		});

		await t.test('it runs as an ordinary user without any privilege, its state is its own', async () => {
			const status = await vm.run(`cat /proc/$(systemctl show -P MainPID ${EDGE})/status`);
			for (const line of [/^Uid:\s+[1-9]/m, /^CapEff:\s+0+$/m, /^CapBnd:\s+0+$/m, /^NoNewPrivs:\s+1$/m, /^Seccomp:\s+2$/m]) assert.match(status, line);
			assert.equal((await vm.run('stat -c %U:%a /var/lib/pospin-edge /run/pospin-edge')).trim(), 'pospin:700\npospin:750');
			assert.equal((await vm.run('stat -c %U:%G:%a /dev/gpiochip0')).trim(), 'root:gpio:660');
		});

		await t.test('when the network comes the press reaches the server', async () => {
			await vm.run('touch /run/network-allowed');
			await vm.waitLine(lamp('received', 'crime'), 1, SECONDS);
			assert.equal((await incidentOf('crime')).signals, 1);
		});

		await t.test('killed, it is started again, and a button that is held meanwhile is reported', async () => {
			const [pid, since] = [await property(vm, 'MainPID'), await now(vm)];
			const line = lineOf('panic-fire');
			await vm.run('touch /run/pospin-edge/kept');
			await vm.run(`kill -9 ${pid}; echo pull-down >/run/gpio-sim/sim_gpio${line}/pull`);
			await restarted(vm, pid);
			await incidentOf('fire');
			await vm.setLine(line, 'pull-up');
			assert.equal(await property(vm, 'NRestarts'), '1');
			assert.match(await journal(vm, since), /status=9\/KILL/);
			// What is noted there of a disk that hangs is for the next start.
			await vm.run('rm /run/pospin-edge/kept');
			assert.doesNotMatch(await journal(vm, since), /memo\.none/);
		});

		// The loop hangs while other threads live, or, in the long run, the whole process is frozen.
		const hangs = [['when its loop alone hangs', () => vm.run('touch /run/pospin-edge/hang')]];
		if (LONG) hangs.push(['when the whole process is frozen', async () => vm.run(`kill -STOP ${await property(vm, 'MainPID')}`)]);
		for (const [when, hang] of hangs) {
			await t.test(`${when} the watchdog ends it, and it comes back with its alarms`, async () => {
				const since = await now(vm);
				await vm.setNetwork(false);
				await press(vm, 'panic-medical');
				await vm.waitLine(lamp('taken', 'medical'), 1, SECONDS);
				const pid = await property(vm, 'MainPID');
				await hang();
				await restarted(vm, pid, WATCHDOG_S + SECONDS);
				assert.match(await journal(vm, since), /Watchdog timeout/);
				await vm.waitLine(lamp('taken', 'medical'), 1, SECONDS);
				assert.equal(await vm.lineValue(lamp('received', 'medical')), 0);
				await vm.setNetwork(true);
				assert.equal((await incidentOf('medical')).signals, 1);
				await close('medical');
			});
		}

		// Emulated, the frozen disk takes minutes and does not always thaw in time: with --long.
		const stall = { skip: !LONG && 'with --long' };
		await t.test('a disk that stands still is told at once', stall, async () => {
			await close('crime');
			stalled = { pid: await property(vm, 'MainPID'), restarts: await property(vm, 'NRestarts'), since: await vm.uptimeMs() };
			await vm.setNetwork(false);
			await vm.run('fsfreeze -f /var/lib/pospin-edge');
			await press(vm, 'panic-crime');
			await until('the trouble to be told', async () => !(await statusOf(vm)).outbox.durable, SECONDS * 1000, 1000);
			assert.equal(await vm.lineValue(lamp('taken', 'crime')), 0);
		});

		await t.test('systemd finds nothing wrong with any unit, and calls each of them safe', async () => {
			const { status, out, err } = await vm.attempt(`systemd-analyze verify --man=no ${ALL.map((unit) => `/usr/lib/systemd/system/${unit}`).join(' ')}`, SECONDS);
			assert.deepEqual([status, `${out}${err}`.split('\n').filter((line) => line.includes('pospin'))], [0, []]);
			for (const unit of ALL) {
				const [, score] = (await vm.run(`systemd-analyze security --no-pager ${unit} | tail -n 1`, SECONDS)).match(/: ([\d.]+) /);
				t.diagnostic(`${unit}: exposure ${score} of 10`);
				assert.ok(Number(score) < 2, `${unit}: ${score}`);
			}
		});

		await t.test('the watchdog does not end it over that disk, and what it holds in memory arrives', stall, async () => {
			try {
				const left = stalled.since + 1500 * WATCHDOG_S - await vm.uptimeMs();
				if (left > 0) await vm.run(`sleep ${left / 1000}`, 2 * WATCHDOG_S);
				assert.deepEqual([await property(vm, 'MainPID'), await property(vm, 'NRestarts')], [stalled.pid, stalled.restarts]);
				assert.equal(await vm.lineValue(lamp('taken', 'crime')), 0);
				await vm.setNetwork(true);
				await vm.waitLine(lamp('received', 'crime'), 1, SECONDS);
			} finally {
				await vm.run('fsfreeze -u /var/lib/pospin-edge');
			}
			// The disk may finish what memory has sent already: still one incident.
			assert.equal((await stack.incidents('open')).filter((one) => one.class === 'crime').length, 1);
			assert.equal(await property(vm, 'MainPID'), stalled.pid);
		});

		await t.test('what keeps it from starting is named in the journal, it is never called ready, and it goes on trying', async () => {
			const since = await now(vm);
			const restarts = Number(await property(vm, 'NRestarts'));
			await vm.put('/etc/pospin/edge.yaml', edgeSettings(stack, POST).replace(/state_every: \S+/, 'state_every: 10'));
			await vm.run(`kill -9 $(systemctl show -P MainPID ${EDGE})`);
			await wait(vm, `[ $(systemctl show -P NRestarts ${EDGE}) -ge ${restarts + 2} ]`);
			assert.match(await journal(vm, since), /\/etc\/pospin\/edge\.yaml:\d+:\d+: .*state_every/);
			// Good settings, and a key that is not there: that is found only when much of it runs already.
			await vm.run('mv /etc/pospin/post.key /etc/pospin/away.key');
			await vm.put('/etc/pospin/edge.yaml', edgeSettings(stack, POST));
			await until('the missing key to be named', async () => /identity\.key file=\/etc\/pospin\/post\.key/.test(await journal(vm, since)), SECONDS * 1000, 1000);
			assert.doesNotMatch(await journal(vm, since), /Started /);
			assert.equal(await property(vm, 'StartLimitIntervalUSec'), '0');
			await vm.run('mv /etc/pospin/away.key /etc/pospin/post.key');
			await wait(vm, isActive());
		});

		await t.test('its sandbox lets the lines through, and writing nowhere but to its own folders', async () => {
			const answers = (text) => Object.fromEntries(text.trim().split('\n').map((line) => line.match(/^(can|cannot) (.*)$/)).map(([, can, what]) => [what, can === 'can']));
			const outside = answers(await vm.run('sh /usr/lib/pospin-vm/probe', SECONDS));
			await vm.run('systemctl start pospin-probe', SECONDS);
			const inside = answers(await vm.run('journalctl -q -o cat -u pospin-probe | grep -E "^(can|cannot) "'));
			const allowed = ['write-state', 'write-runtime', 'read-line', 'drive-line'];
			assert.deepEqual(Object.keys(inside), Object.keys(outside));
			assert.deepEqual(Object.keys(outside).filter((what) => !outside[what]), [], 'as root, outside, each attempt succeeds');
			assert.deepEqual(Object.keys(inside).filter((what) => inside[what]), allowed);
			t.diagnostic(`${Object.keys(inside).length - allowed.length} attempts are refused inside`);
		});

		await t.test('server and recorder are ready under their own units, work in their sandboxes and end in order', async () => {
			await stack.parts.server.stop();
			await vm.run('install -d -o pospin -g pospin -m 0750 /var/lib/pospin/server');
			await vm.run('runuser -u pospin -- pospinctl import --record /var/lib/pospin/server/record.db /etc/pospin/site.yaml', SECONDS);
			await vm.run('systemctl start pospin-server pospin-recorder', 2 * SECONDS);
			await wait(vm, 'pospinctl incident list --socket /run/pospin/server');
			await until('the recorder to have read the record', async () =>
				/record taken: ([1-9]\d*) of \1\n/.test(await vm.run('runuser -u pospin -- pospin-recorder status')), SECONDS * 1000, 1000);
			await vm.run('systemctl stop pospin-recorder pospin-server', SECONDS);
			for (const unit of ALL.slice(1)) {
				assert.equal(await property(vm, 'Result', unit), 'success', unit);
				assert.equal(await property(vm, 'NRestarts', unit), '0', unit);
			}
		});

		await t.test('at power off the agent ends in order and its disk is clean', async () => {
			await vm.run('systemctl poweroff --no-block');
			await until('the machine to end', () => vm.pid === null, SECONDS * 1000);
			for (const disk of drives)
				assert.match(execFileSync('dumpe2fs', ['-h', disk], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
					env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } }), /Filesystem state: +clean\n(?![^]*needs_recovery)/);
		});
	} finally {
		await vm?.stop();
		await stack.stop();
		rmSync(dir, { recursive: true, force: true });
	}
});
