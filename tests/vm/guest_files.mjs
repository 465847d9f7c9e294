// SPDX-License-Identifier: Apache-2.0
// What lies in the guest beside Debian's part: tests/vm/guest, the programs with their libraries, the test's files.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packCpio, programFiles } from './cpio.mjs';

const GUEST = join(dirname(fileURLToPath(import.meta.url)), 'guest');
const LATER_MOUNTS = /^\/(dev|proc|run|sys)\//; // what is put there would be hidden

// What the guest calls the host by: everything that listens on the host's 127.0.0.1 is there.
export const HOST_ADDRESS = '10.0.2.2';

function guestUsers() {
	const lines = readFileSync(join(GUEST, 'etc/passwd'), 'utf8').trim().split('\n');
	return Object.fromEntries(lines.map((line) => line.split(':')).map(([name, , uid, gid]) =>
		[name, { uid: Number(uid), gid: Number(gid) }]));
}

function contentOf(guestPath, given) {
	if (guestPath.endsWith('/'))
		return { data: Buffer.alloc(0), mode: 0o755 };
	if (given.from)
		return { data: readFileSync(given.from), mode: statSync(given.from).mode & 0o111 ? 0o755 : 0o644 };
	return { data: Buffer.from(given.data), mode: 0o644 };
}

function describe(guestPath, file, users) {
	if (!guestPath.startsWith('/') || LATER_MOUNTS.test(guestPath))
		throw new Error(`cannot put ${guestPath} into the guest: not an absolute path, or in /dev, /proc, /run, /sys`);
	const given = typeof file === 'string' ? { from: file } : Buffer.isBuffer(file) ? { data: file } : file;
	const content = contentOf(guestPath, given);
	const owner = users[given.owner ?? 'root'];
	if (!owner)
		throw new Error(`${guestPath}: the guest has no user ${given.owner}`);
	return { data: content.data, mode: given.mode ?? content.mode, owner };
}

function listFolder(folder) {
	return readdirSync(join(GUEST, folder), { withFileTypes: true }).flatMap((item) => {
		const path = `${folder}/${item.name}`;
		return item.isDirectory() ? listFolder(path) : [path];
	});
}

function hostsFile(names) {
	const all = { localhost: '127.0.0.1', host: HOST_ADDRESS, ...names };
	return Buffer.from(Object.entries(all).map(([name, ip]) => `${ip} ${name}\n`).join(''));
}

// The initramfs: the base that make-vm has made, then an archive of everything that differs from run to run.
export function makeInitramfs(folder, { edgeBinary, programs = {}, files = {}, hosts = {} }) {
	const users = guestUsers();
	const all = new Map();
	const brought = { ...programs };
	for (const tool of readdirSync(join(folder, 'tools')))
		brought[`/usr/bin/${tool}`] = join(folder, 'tools', tool);
	if (edgeBinary)
		brought['/usr/bin/pospin-edge'] = edgeBinary;
	for (const [path, from] of Object.entries(brought))
		programFiles(path, from).forEach((file, at) => all.set(at, file));
	const own = Object.fromEntries(listFolder('').map((path) => [path, join(GUEST, path)]));
	for (const [path, file] of Object.entries({ ...own, '/etc/hosts': hostsFile(hosts), ...files }))
		all.set(path, describe(path, file, users));
	return Buffer.concat([readFileSync(join(folder, 'base.cpio')), packCpio(all)]);
}
