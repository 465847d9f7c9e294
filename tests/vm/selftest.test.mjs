// SPDX-License-Identifier: Apache-2.0
// Proves the virtual machine itself, with libgpiod's own tools as witness: edges, lamps, users, network, ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HOST_ADDRESS, startVm } from './vm.mjs';

const BOOT = { timeout: 1200000 }; // seconds, but for a host that is busy with other things
const TEST = { timeout: 600000 };

// Starts gpiomon as the user pospin; resolves when the kernel holds the line for it.
async function watchLine(vm, line, more = '') {
	const log = `/tmp/watch-${line}.log`;
	await vm.run(`rm -f ${log}`);
	const pid = await vm.spawn(`gpiomon ${more} -F '%E %S' ${line}`, { user: 'pospin', log });
	await vm.waitFor(`gpioinfo ${line} | grep -q gpiomon`);
	return { pid, log };
}

const readEdges = async (vm, log) => (await vm.run(`cat ${log}`)).trim().split('\n')
	.map((line) => line.split(' ')).map(([edge, at]) => ({ edge, at: Number(at) }));

// What a kernel says when memory is no longer sound. Warnings are not among it: see README.md, unplug.
const kernelFault = (text) => text.match(/.*(BUG:|Oops|general protection|Unable to handle).*/)?.[0];

function gone(pid) {
	try {
		process.kill(pid, 0);
		return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return true;
	}
}

async function until(condition, ms, what) {
	const end = Date.now() + ms;
	while (!condition()) {
		assert.ok(Date.now() < end, what);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

describe('a booted machine', () => {
	let vm;
	before(async () => {
		vm = await startVm({
			files: {
				'/etc/pospin/': { mode: 0o750, owner: 'pospin' },
				'/etc/pospin/post.key': { data: 'secret', mode: 0o600, owner: 'pospin' },
			},
			programs: { '/usr/bin/getent': '/usr/bin/getent' },
			hosts: { 'broker.test': HOST_ADDRESS },
		});
	}, BOOT);
	after(() => vm?.stop());

	test('lines have the names of a Pi and the chip has its label', TEST, async () => {
		const listing = await vm.run('gpiodetect; gpioinfo');
		assert.match(listing, /\[pospin-sim\] \(32 lines\)/);
		for (const n of [0, 17, 31])
			assert.match(listing, new RegExp(`"GPIO${n}"`));
	});

	test('two presses within a millisecond are four edges with the times of the kernel', TEST, async () => {
		const { pid, log } = await watchLine(vm, 'GPIO5');
		const rounds = 10;
		// The reader sleeps meanwhile, so the kernel's buffer and times are what is seen. Emulated code
		// is slow the first time it runs, so one round is not enough.
		await vm.run(`exec 4>/run/gpio-sim/sim_gpio5/pull
			for round in $(seq ${rounds}); do
				kill -STOP ${pid}
				echo pull-up >&4; echo pull-down >&4; echo pull-up >&4; echo pull-down >&4
				kill -CONT ${pid}
				usleep 20000
			done`);
		await vm.waitFor(`[ $(wc -l <${log}) -ge ${4 * rounds} ]`);
		const edges = await readEdges(vm, log);
		await vm.run(`kill ${pid}`);
		assert.equal(edges.length, 4 * rounds);
		edges.forEach(({ edge }, i) => assert.equal(edge, i % 2 ? 'falling' : 'rising', `edge ${i}`));
		edges.slice(1).forEach(({ at }, i) => assert.ok(at > edges[i].at, `edge ${i + 1} goes back in time`));
		const spans = Array.from({ length: rounds }, (_, i) => edges[4 * i + 3].at - edges[4 * i].at);
		assert.ok(Math.min(...spans) < 0.001, `the fastest four edges took ${Math.min(...spans)} s`);
	});

	test('a press lasts as long as it was asked to, by the clock of the kernel', TEST, async () => {
		const { pid, log } = await watchLine(vm, 'GPIO6');
		await vm.press(6, 80);
		await vm.waitFor(`[ $(wc -l <${log}) -ge 2 ]`);
		const [down, up] = await readEdges(vm, log);
		await vm.run(`kill ${pid}`);
		assert.ok(up.at - down.at >= 0.08 && up.at - down.at < 0.5, `it lasted ${up.at - down.at} s`);
		const now = await vm.uptimeMs();
		assert.ok(down.at * 1000 <= now && down.at * 1000 > now - 60000, `${down.at} s against ${now} ms`);
	});

	test('a bias that a program asks for is the level of the open wire', TEST, async () => {
		assert.equal(await vm.lineValue(7), 0);
		assert.match(await vm.run('gpioget --bias=pull-up --numeric GPIO7'), /^1/);
		await vm.setLine(7, 'pull-down');
		assert.match(await vm.run('gpioget --numeric GPIO7'), /^0/);
	});

	test('a lamp that a program drives is read back, and goes out when the program is killed', TEST, async () => {
		const pid = await vm.spawn('gpioset GPIO20=1', { user: 'pospin' });
		await vm.waitLine(20, 1);
		await vm.run(`kill -9 ${pid}`);
		await vm.waitLine(20, 0);
	});

	test('a killed program leaves a lamp to its resistor', TEST, async () => {
		await vm.setLine(21, 'pull-up');
		const pid = await vm.spawn('gpioset GPIO21=0', { user: 'pospin' });
		await vm.waitLine(21, 0);
		await vm.run(`kill -9 ${pid}`);
		await vm.waitLine(21, 1);
	});

	test('lines are for the group gpio only', TEST, async () => {
		const outsider = await vm.attempt('setpriv --reuid 65534 --regid 65534 --clear-groups gpioget GPIO7');
		assert.notEqual(outsider.status, 0);
		assert.equal((await vm.run('stat -c %U:%G:%a /dev/gpiochip*')).trim(), 'root:gpio:660');
	});

	test('files keep owner and mode', TEST, async () => {
		const listing = await vm.run('stat -c %U:%a /etc/pospin /etc/pospin/post.key; cat /etc/pospin/post.key');
		assert.equal(listing, 'pospin:750\npospin:600\nsecret');
	});

	test('the guest reaches the loopback of the host by name, and nothing beyond', TEST, async () => {
		const server = createServer((socket) => socket.end('hello\n'));
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		try {
			const ask = `nc -w 5 broker.test ${server.address().port} </dev/null`;
			assert.equal(await vm.run(ask), 'hello\n');
			assert.match(await vm.run('getent ahostsv4 broker.test'), new RegExp(`^${HOST_ADDRESS} `));
			await vm.setNetwork(false);
			assert.notEqual((await vm.attempt(ask)).status, 0);
			await vm.setNetwork(true);
			assert.equal(await vm.run(ask), 'hello\n');
			assert.equal((await vm.run('ip route')).trim().split('\n').length, 1);
		} finally {
			server.close();
		}
	});

	test('a command that takes too long is killed and the next one runs', TEST, async () => {
		await assert.rejects(vm.run('sleep 60', 1), /killed after 1 s/);
		assert.equal(await vm.run('echo -n alive'), 'alive');
	});

	test('answers of any bytes and size come whole, in order', TEST, async () => {
		await vm.put('/tmp/put', 'Siskamling é\n');
		const [big, small, failed] = await Promise.all([
			vm.run('yes 0123456789abcde | head -c 300000'), vm.run('cat /tmp/put'), vm.attempt('echo no >&2; exit 3')]);
		assert.equal(big.length, 300000);
		assert.equal(small, 'Siskamling é\n');
		assert.deepEqual(failed, { status: 3, out: '', err: 'no\n' });
	});

	test('the chip can be pulled out under a program and plugged in again', TEST, async () => {
		const { pid } = await watchLine(vm, 'GPIO8');
		await vm.unplug();
		assert.equal((await vm.run('ls /dev | grep -c gpiochip || :')).trim(), '0');
		await vm.plug();
		await vm.run(`kill -9 ${pid} 2>/dev/null || :`);
		const again = await watchLine(vm, 'GPIO8');
		await vm.press(8);
		await vm.waitFor(`[ $(wc -l <${again.log}) -ge 2 ]`);
		await vm.run(`kill ${again.pid}`);
		assert.equal(kernelFault(await vm.run('dmesg')), undefined);
	});

	test('stop leaves no process', TEST, async () => {
		const { pid } = vm;
		await vm.stop();
		assert.ok(gone(pid));
		await assert.rejects(vm.run('true'), /stopped/);
	});
});

test('a disk keeps what was synced when the power is cut', { timeout: 2 * BOOT.timeout }, async () => {
	const dir = mkdtempSync(join(tmpdir(), 'pospin-vm-disk-'));
	const disk = join(dir, 'card.img');
	try {
		const first = await startVm({ disk });
		await first.run('echo kept >/var/lib/pospin-edge/note; sync; echo lost >/var/lib/pospin-edge/late');
		await first.cutPower();
		const second = await startVm({ disk });
		const note = await second.run('cat /var/lib/pospin-edge/note').finally(() => second.stop());
		assert.equal(note, 'kept\n');
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
});

test('the machine ends when the test that started it is killed', BOOT, async () => {
	const script = `import { startVm } from ${JSON.stringify(fileURLToPath(new URL('vm.mjs', import.meta.url)))};
		console.log((await startVm()).pid);`;
	const dir = mkdtempSync(join(tmpdir(), 'pospin-vm-killed-'));
	const child = spawn(process.execPath, ['--input-type=module', '-e', script],
		{ stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: dir } });
	try {
		const pid = Number(await new Promise((resolve) => child.stdout.once('data', resolve)));
		assert.ok(pid > 0 && !gone(pid));
		child.kill('SIGKILL');
		await until(() => gone(pid), 20000, `QEMU ${pid} is still there`);
	} finally {
		child.kill('SIGKILL');
		rmSync(dir, { recursive: true, force: true });
	}
});

test('a machine that cannot boot says why', BOOT, async () => {
	const start = { data: '#!/bin/sh\necho no such wire\n', mode: 0o755 };
	await assert.rejects(startVm({ files: { '/usr/lib/pospin-vm/start': start } }), /no such wire/);
	await assert.rejects(startVm({ bootMs: 50 }), /has not booted within 50 ms/);
	await assert.rejects(startVm({ programs: { '/usr/bin/nothing': '/nowhere' } }), /\/nowhere/);
});
