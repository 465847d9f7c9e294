// SPDX-License-Identifier: Apache-2.0
// The machine that boots Debian's systemd: its disk is laid out on the host, as an administrator would install PosPin,
// and goes through as many boots, and power cuts, as a test wants. See README.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharedLibraries } from './cpio.mjs';
import { HOST_ADDRESS } from './guest_files.mjs';
import { startVm } from './vm.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
export const UNITS = join(HERE, '../../packaging/systemd');
const BOOT_MS = 600000;
const TOOLS = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }, encoding: 'utf8' };

/** The folder of root image and initramfs, made first where it is not there yet. */
let made = null;
export function makeSystemdVm() {
	made ??= execFileSync(join(HERE, 'make-systemd-vm'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
	return made;
}

/** Debian keeps programs and libraries under /usr; the old names are links. */
const settled = (path) => path.replace(/^\/(bin|sbin|lib|lib64)\//, '/usr/$1/');

function usersOf(folder) {
	const lines = readFileSync(join(folder, 'passwd'), 'utf8').trim().split('\n');
	return Object.fromEntries(lines.map((line) => line.split(':')).map(([name, , uid, gid]) => [name, { uid, gid }]));
}

/** Programs with the shared libraries that the root lacks. */
function programFiles(folder, programs) {
	const there = new Set(readFileSync(join(folder, 'listing'), 'utf8').split('\n').map((path) => `/${path}`));
	const all = {};
	for (const [path, from] of Object.entries(programs))
		for (const [to, file] of [[path, from], ...sharedLibraries(from).map((library) => [library, library])])
			if (!there.has(settled(to))) all[settled(to)] = { from: file, mode: 0o755 };
	return all;
}

/** The links that `systemctl enable` makes for units of packaging/systemd. */
function enabledLinks(dir, units) {
	const at = join(dir, 'enable');
	mkdirSync(join(at, 'usr/lib/systemd/system'), { recursive: true });
	for (const unit of units)
		copyFileSync(join(UNITS, unit), join(at, 'usr/lib/systemd/system', unit));
	if (units.length) execFileSync('systemctl', ['--quiet', `--root=${at}`, 'enable', ...units], TOOLS);
	const links = {};
	const walk = (folder) => readdirSync(join(at, folder), { withFileTypes: true }).forEach((item) => {
		const path = `${folder}/${item.name}`;
		if (item.isSymbolicLink()) links[path] = readlinkSync(join(at, path));
		else if (item.isDirectory()) walk(path);
	});
	if (units.length) walk('/etc');
	return links;
}

/** The commands by which debugfs lays files into an image. */
function debugfsScript(dir, users, files, links) {
	const lines = [];
	const folders = new Set(['/']);
	const addFolder = (path) => {
		if (folders.has(path)) return;
		addFolder(dirname(path));
		folders.add(path);
		lines.push(`mkdir ${path}`);
	};
	Object.entries(files).forEach(([path, given], at) => {
		const file = typeof given === 'string' ? { from: given } : given;
		const { uid, gid } = users[file.owner ?? 'root'];
		const own = (type, mode) => lines.push(`sif ${path} mode 0${(type | mode).toString(8)}`, `sif ${path} uid ${uid}`, `sif ${path} gid ${gid}`);
		if (path.endsWith('/')) {
			addFolder(path.slice(0, -1));
			own(0o040000, file.mode ?? 0o755);
			return;
		}
		const from = file.from ?? join(dir, `file-${at}`);
		if (file.data !== undefined) writeFileSync(from, file.data);
		addFolder(dirname(path));
		lines.push(`cd ${dirname(path)}`, `rm ${basename(path)}`, `write ${from} ${basename(path)}`);
		own(0o100000, file.mode ?? (statSync(from).mode & 0o111 ? 0o755 : 0o644));
	});
	for (const [path, target] of Object.entries(links)) {
		addFolder(dirname(path));
		lines.push(`symlink ${path} ${target}`);
	}
	return `${lines.join('\n')}\n`;
}

/**
 * Makes a root image at path. Everything is optional:
 *   programs  { guestPath: hostPath }, with the shared libraries they need
 *   files     { guestPath: hostPath | { from | data, mode, owner } }; "path/": a folder
 *   units     names in packaging/systemd that are installed
 *   enable    those of them that start at boot
 */
export function makeRoot(path, { programs = {}, files = {}, units = [], enable = [] } = {}) {
	const folder = makeSystemdVm();
	const dir = mkdtempSync(join(tmpdir(), 'pospin-root-'));
	try {
		execFileSync('cp', ['--reflink=auto', '--sparse=always', join(folder, 'root.img'), path]);
		const installed = Object.fromEntries(units.map((unit) => [`/usr/lib/systemd/system/${unit}`, { from: join(UNITS, unit), mode: 0o644 }]));
		const hosts = { '/etc/hosts': { data: `127.0.0.1 localhost\n${HOST_ADDRESS} host\n` } };
		const script = debugfsScript(dir, usersOf(folder), { ...hosts, ...installed, ...programFiles(folder, programs), ...files },
			enabledLinks(dir, enable));
		writeFileSync(join(dir, 'script'), script);
		const { status, stderr } = spawnSync('debugfs', ['-w', '-f', join(dir, 'script'), path], TOOLS);
		const wrong = stderr.split('\n').slice(1).filter((line) => line && !/already exists|^rm: File not found/.test(line));
		if (status !== 0 || wrong.length) throw new Error(`debugfs ${path}: ${wrong.join('; ') || status}`);
		chmodSync(path, 0o600);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

const escaped = (path) => path.replaceAll(',', ',,');

/** Drives in the order of /dev/vda, /dev/vdb: paths of images, or { file, log } for one whose writes are logged. */
export function driveArguments(drives) {
	return drives.flatMap((drive, at) => {
		const { file, log } = typeof drive === 'string' ? { file: drive } : drive;
		// The host's power does not fail: where the log keeps what the guest flushes, nothing need reach the host's disk.
		const node = (name, path) => ['-blockdev', `driver=file,node-name=${name}${at},filename=${escaped(path)},cache.no-flush=${log ? 'on' : 'off'}`];
		return [...node('file', file), ...(log ? [...node('log', log),
			'-blockdev', `driver=blklogwrites,node-name=logged${at},file=file${at},log=log${at},log-super-update-interval=1`] : []),
		'-device', `virtio-blk-pci,drive=${log ? 'logged' : 'file'}${at},write-cache=on`];
	});
}

/** Boots it. drives: the root first; network: false lets it come only when /run/network-allowed is there. */
export function bootSystemd({ drives, network = true, append = '', ...options }) {
	return startVm({
		initramfs: join(makeSystemdVm(), 'initramfs'), bootMs: BOOT_MS, ...options,
		append: `net.ifnames=0 mitigations=off rcupdate.rcu_expedited=1 audit=0 apparmor=0 systemd.show_status=no ${network ? '' : 'pospin.network=later '}${append}`,
		qemu: driveArguments(drives),
	});
}
