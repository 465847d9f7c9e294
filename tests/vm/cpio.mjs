// SPDX-License-Identifier: Apache-2.0
// An initramfs in memory: files, their owners and the shared libraries of programs, as the kernel reads them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const DIRECTORY = 0o040000;
const REGULAR = 0o100000;

const padded = (buffer) => Buffer.concat([buffer, Buffer.alloc(-buffer.length & 3)]);

function entry(number, name, mode, owner, data) {
	const fields = [number, mode, owner.uid, owner.gid, 1, 0, data.length, 0, 0, 0, 0,
		Buffer.byteLength(name) + 1, 0];
	const header = '070701' + fields.map((n) => n.toString(16).padStart(8, '0')).join('');
	return Buffer.concat([padded(Buffer.from(header + name + '\0')), padded(data)]);
}

// files: Map of absolute path -> { data: Buffer, mode, owner: { uid, gid } }; a path that ends with a slash is
// a folder. Other folders come by themselves, as root's; /tmp keeps the mode that the base gave it.
export function packCpio(files) {
	const parts = [];
	const folders = new Set(['/', '/tmp']);
	const root = { uid: 0, gid: 0 };
	const add = (path, mode, owner, data) =>
		parts.push(entry(parts.length + 1, path.slice(1), mode, owner, data));
	const addFolder = (path, mode, owner) => {
		if (folders.has(path))
			return;
		addFolder(dirname(path), 0o755, root);
		folders.add(path);
		add(path, DIRECTORY | mode, owner, Buffer.alloc(0));
	};
	const isFolder = (path) => path.endsWith('/');
	for (const [path, { mode, owner }] of [...files].filter(([path]) => isFolder(path)))
		addFolder(path.slice(0, -1), mode, owner);
	for (const [path, { data, mode, owner }] of [...files].filter(([path]) => !isFolder(path))) {
		addFolder(dirname(path), 0o755, root);
		add(path, REGULAR | mode, owner, data);
	}
	parts.push(entry(0, 'TRAILER!!!', 0, root, Buffer.alloc(0)));
	return Buffer.concat(parts);
}

// The shared libraries and the loader that a program needs, each at the path where the host has it.
export function sharedLibraries(program) {
	let listing;
	try {
		listing = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
	} catch (error) {
		if (/not a dynamic executable|statically linked/.test(`${error.stdout}${error.stderr}`))
			return [];
		throw new Error(`ldd ${program}: ${error.stderr || error.message}`);
	}
	if (listing.includes('not found'))
		throw new Error(`${program} lacks a shared library:\n${listing}`);
	return [...listing.matchAll(/(?:^|\s)(\/\S+) \(0x/gm)].map((match) => match[1]);
}

// Everything that a program needs in the guest, itself at guestPath.
export function programFiles(guestPath, hostPath) {
	return new Map([[guestPath, hostPath], ...sharedLibraries(hostPath).map((path) => [path, path])]
		.map(([path, from]) =>
			[path, { data: readFileSync(from), mode: 0o755, owner: { uid: 0, gid: 0 } }]));
}
