// SPDX-License-Identifier: Apache-2.0
// Boots the virtual machine in which programs meet real GPIO lines, and runs commands in it. See README.md.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync,
	writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Control } from './control.mjs';
import { HOST_ADDRESS, makeInitramfs } from './guest_files.mjs';

// Told to end, a test ends the machines and programs that it has started: they hear of the exit.
process.once('SIGTERM', () => process.exit(143));

export { HOST_ADDRESS };

const MAKE_VM = join(dirname(fileURLToPath(import.meta.url)), 'make-vm');
const MEMORY_MB = 256;
const DISK_BYTES = 64 << 20;
const BOOT_MS = 600000; // on a busy host; 5 s otherwise
const STOP_MS = 5000, STOP_S = 20;
const COMMAND_S = 120;
const LINES = 32;

// The folder of kernel and modules; made first where it is not there yet (half a minute, and a download).
export function makeVm() {
	return execFileSync(MAKE_VM, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

// An ext4 image, made where it is not there yet.
function ensureDisk(path) {
	if (existsSync(path))
		return;
	closeSync(openSync(path, 'wx'));
	truncateSync(path, DISK_BYTES);
	const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
	execFileSync('mke2fs', ['-q', '-t', 'ext4', '-F', path], { env });
}

function qemuArguments(folder, dir, accel, { disk, initramfs = join(dir, 'initramfs'), append = '', qemu = [] }) {
	const escaped = (path) => path.replaceAll(',', ',,');
	const diskArguments = disk === undefined ? [] : [
		'-drive', `file=${escaped(disk)},if=none,id=disk,format=raw,cache=writeback`,
		'-device', 'virtio-blk-pci,drive=disk'];
	return ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-machine', 'pc',
		'-accel', accel, '-cpu', 'max',
		// One processor: the kernel's interrupt simulator expects no second one while it works.
		'-smp', '1', '-m', String(MEMORY_MB),
		'-kernel', join(folder, 'vmlinux'), '-initrd', initramfs,
		// The kernel's check of its timer fails where the host is too busy to emulate ticks in time.
		'-append', `console=ttyS0 quiet panic=-1 random.trust_cpu=on no_timer_check ${append}`,
		'-chardev', `file,id=console,path=${escaped(join(dir, 'console.log'))}`, '-serial', 'chardev:console',
		'-chardev', `socket,id=control,path=${escaped(join(dir, 'control'))}`, '-device', 'virtio-serial-pci',
		'-device', 'virtserialport,chardev=control,name=pospin.control',
		'-netdev', 'user,id=net,ipv6=off', '-device', 'virtio-net-pci,netdev=net,romfile=',
		...diskArguments, ...qemu];
}

function within(promise, ms, what) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`${what} within ${ms} ms`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Boots. Everything is optional:
//   edgeBinary   host path of pospin-edge, put at /usr/bin with its shared libraries
//   programs     { guestPath: hostPath }, each with its shared libraries
//   files        { guestPath: hostPath | Buffer | { from | data, mode, owner } }; "path/": a folder
//   hosts        { name: address } for /etc/hosts; "host" is there already
//   disk         host path of an ext4 image for /var/lib/pospin-edge, made if missing; outlives the machine
//   accel        'kvm' or 'tcg'; without it KVM where make-vm has seen it work
//   bootMs       how long the boot may take
//   initramfs    host path of one that is made already, instead of the small system with all of the above
//   append       more of the kernel's command line
//   qemu         more of QEMU's arguments
//   started      is given the machine as soon as QEMU runs, long before it has booted
export async function startVm(options = {}) {
	const vm = new Vm();
	try {
		await vm.boot(options);
		return vm;
	} catch (error) {
		await vm.stop();
		throw new Error(`${error.message}\n${vm.lastWords}`);
	}
}

class Vm {
	#dir = mkdtempSync(join(tmpdir(), 'pospin-vm-'));
	#child = null;
	#exited = Promise.resolve();
	lastWords = ''; // once it has ended: how, and the end of its console
	#server = null;
	#control = null;
	#errors = '';
	#killAtExit = () => this.#child?.kill('SIGKILL');

	async boot(options) {
		const folder = makeVm();
		if (options.disk !== undefined)
			ensureDisk(options.disk);
		if (options.initramfs === undefined)
			writeFileSync(join(this.#dir, 'initramfs'), makeInitramfs(folder, options));
		this.#server = createServer();
		const connected = new Promise((resolve, reject) => {
			this.#server.once('connection', resolve).once('error', reject);
		});
		await new Promise((resolve) => this.#server.listen(join(this.#dir, 'control'), resolve));
		const accel = options.accel ?? readFileSync(join(folder, 'accel'), 'utf8').trim();
		const lost = this.#spawnQemu(qemuArguments(folder, this.#dir, accel, options));
		options.started?.(this);
		const booted = connected.then((socket) => {
			this.#control = new Control(socket);
			return this.#control.ready;
		});
		await within(Promise.race([booted, lost]), options.bootMs ?? BOOT_MS, 'the guest has not booted');
		rmSync(join(this.#dir, 'initramfs'), { force: true });
	}

	// Starts QEMU; what it returns rejects when QEMU ends.
	#spawnQemu(parameters) {
		this.#child = spawn('qemu-system-x86_64', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
		this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.#errors += text; });
		process.once('exit', this.#killAtExit);
		const ended = new Promise((resolve) => {
			this.#child.once('error', (error) => resolve(`QEMU did not start: ${error.message}`));
			this.#child.once('close', (code, signal) =>
				resolve(`QEMU ended (${signal ?? code}) ${this.#errors.trim()}`));
		});
		this.#exited = ended.then((text) => {
			this.#child = null;
			this.lastWords = `${text}\n${this.console().slice(-4000)}`;
			this.#control?.end(new Error(this.lastWords));
		});
		const lost = this.#exited.then(() => { throw new Error('the machine has ended before its time'); });
		lost.catch(() => {}); // heard only while booting
		return lost;
	}

	get pid() {
		return this.#child?.pid ?? null;
	}

	// What the kernel and the start script have printed so far.
	console() {
		try {
			return readFileSync(join(this.#dir, 'console.log'), 'utf8');
		} catch {
			return '';
		}
	}

	// Runs a shell command as root. { status, out, err }; rejects when it takes longer than seconds.
	attempt(command, seconds = COMMAND_S) {
		return this.#control.attempt(command, seconds);
	}

	// The same, but gives what the command printed and rejects when it fails.
	async run(command, seconds = COMMAND_S) {
		const { status, out, err } = await this.attempt(command, seconds);
		if (status !== 0)
			throw new Error(`status ${status} in the guest: ${command}\n${out}${err}`);
		return out;
	}

	// Starts a program (no shell syntax that forks) and returns its pid. Output is appended to log.
	async spawn(command, { user = 'root', log = '/tmp/spawn.log' } = {}) {
		const quoted = `'${`exec ${command}`.replaceAll("'", "'\\''")}'`;
		const out = await this.run(`setsid su -s /bin/sh ${user} -c ${quoted} >>${log} 2>&1 & echo $!`);
		return Number(out);
	}

	// Waits until a shell condition holds, looked at every 5 ms in the guest.
	async waitFor(condition, seconds = COMMAND_S) {
		await this.run(`until ${condition}; do usleep 5000; done`, seconds);
	}

	// The wire of a line: 'pull-up' or 'pull-down'. Takes effect before it resolves.
	async setLine(n, pull) {
		if (pull !== 'pull-up' && pull !== 'pull-down')
			throw new Error(`a line is set to pull-up or pull-down, not ${pull}`);
		await this.run(`echo ${pull} >${wire(n)}/pull`);
	}

	// Pulls a line up (or down) for ms and lets it go again, timed in the guest.
	async press(n, ms = 100, pull = 'pull-up') {
		const back = pull === 'pull-up' ? 'pull-down' : 'pull-up';
		await this.run(`echo ${pull} >${wire(n)}/pull; usleep ${ms * 1000}; echo ${back} >${wire(n)}/pull`);
	}

	// 0 or 1: what the wire of a line shows; for an output what the program drives.
	async lineValue(n) {
		return Number(await this.run(`cat ${wire(n)}/value`));
	}

	waitLine(n, value, seconds = COMMAND_S) {
		return this.waitFor(`[ "$(cat ${wire(n)}/value)" = ${value} ]`, seconds);
	}

	// Takes the whole GPIO chip away, as pulling a USB expander does, and brings it back with all lines low.
	async unplug() {
		await this.run('/usr/lib/pospin-vm/chip unplug');
	}

	async plug() {
		await this.run('/usr/lib/pospin-vm/chip plug');
	}

	// Cuts or mends the guest's only network.
	async setNetwork(up) {
		await this.run(`ip link set eth0 ${up ? 'up' : 'down'}`);
	}

	// CLOCK_BOOTTIME of the guest in ms; the kernel shows hundredths of a second.
	async uptimeMs() {
		return Math.round(Number((await this.run('cat /proc/uptime')).split(' ')[0]) * 1000);
	}

	async put(guestPath, content) {
		const text = Buffer.from(content).toString('base64');
		await this.run(`echo ${text} | base64 -d >${guestPath}`);
	}

	// Switches the guest's power off at once, as pulling the plug does: nothing in it is told.
	async cutPower() {
		this.#child?.kill('SIGKILL');
		await this.stop();
	}

	// Ends the machine and removes everything but the disk. A second call does nothing.
	async stop() {
		if (this.#child && this.#control)
			await this.#control.attempt('sync', STOP_S).catch(() => {});
		// The guest ends itself when its port is let go of.
		this.#control?.end(new Error('the machine was stopped'));
		this.#server?.close();
		await within(this.#exited, STOP_MS, 'QEMU has not ended').catch(() => this.#child?.kill('SIGKILL'));
		await this.#exited;
		process.removeListener('exit', this.#killAtExit);
		rmSync(this.#dir, { recursive: true, force: true });
	}
}

function wire(n) {
	if (!Number.isInteger(n) || n < 0 || n >= LINES)
		throw new Error(`lines are GPIO0 to GPIO${LINES - 1}, not ${n}`);
	return `/run/gpio-sim/sim_gpio${n}`;
}
