// SPDX-License-Identifier: Apache-2.0
// Power cuts by the thousand: an outbox, a record and a spool at work in the virtual machine, each on a disk whose writes are
// logged; then every image that a cut may have left is opened by the shipped program and compared with what was promised.
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack } from '../../scripts/lib/stack.mjs';
import { seeded } from './card.mjs';
import { Disk, readMarks } from './cut_images.mjs';
import { driveArguments } from './systemd_vm.mjs';
import { startVm } from './vm.mjs';

const MARKS_AT = 24 << 20; // bytes of the file system; marks lie behind it
const DISK_BYTES = 64 << 20;
const WORK_SECONDS = 600;
const FINDINGS_MAX = 5; // where one image is wrong, so are most
const FSCK_EVERY = 20; // images that e2fsck examines too
const POST = 'boja-01';
export const KINDS = ['outbox', 'record', 'spool'];
const TOOLS = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } };
const OPENER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'cut_opener.mjs');

/** Where thousands of images are written and removed without reaching a disk. */
export const fastFolder = () => [process.env.POSPIN_CUTS_DIR, '/dev/shm', os.tmpdir()].find((at) => at && existsSync(at));

/** Keys, settings and registry for all that follows. */
export async function makeSite(dir, build) {
	const stack = await Stack.create({ build, dir, posts: [POST], store: 'victoria-metrics' });
	await stack.prepare();
	return stack;
}

function makeDisk(file) {
	writeFileSync(file, '');
	truncateSync(file, DISK_BYTES);
	execFileSync('mke2fs', ['-q', '-t', 'ext4', '-F', '-b', '4096', '-J', 'size=4', file, `${MARKS_AT >> 10}k`], TOOLS);
}

/** Boots, works for so many rounds on each disk, and pulls the plug. Returns { kind: { image, log } }. */
export async function work(stack, dir, seed, rounds) {
	const disks = Object.fromEntries(KINDS.map((kind) => [kind, { image: path.join(dir, `${kind}.img`), log: path.join(dir, `${kind}.log`) }]));
	const drives = KINDS.map((kind) => {
		const { image, log } = disks[kind];
		makeDisk(image);
		execFileSync('cp', ['--reflink=auto', '--sparse=always', image, `${image}.run`]);
		writeFileSync(log, '');
		return { file: `${image}.run`, log };
	});
	const vm = await startVm({
		programs: { '/usr/bin/vm-cuts': path.join(stack.options.build, 'tests/vm-cuts') },
		files: { '/etc/cuts/post.key': { from: stack.path('posts', POST, 'post.key') }, '/etc/cuts/server.key': { from: stack.path('pki/server-signing.key') } },
		qemu: driveArguments(drives),
	});
	try {
		await vm.run('umount /var/lib/pospin-edge; mkdir -p /a /b /c; for d in a b c; do mount -t ext4 /dev/vd$d /$d || exit 1; done');
		const lines = KINDS.map((kind, i) => `vm-cuts ${kind} /${'abc'[i]} /dev/vd${'abc'[i]} ${MARKS_AT} ${seed} ${rounds[kind]} & p${i}=$!`);
		await vm.run(`${lines.join('\n')}\nwait $p0 && wait $p1 && wait $p2`, WORK_SECONDS);
		await vm.cutPower();
	} finally {
		await vm.stop();
		for (const { image } of Object.values(disks)) rmSync(`${image}.run`, { force: true });
	}
	return disks;
}

/** The cuts of one disk, each with its own luck: half of them spread evenly over the log, half where something was not
 *  flushed yet. */
function plan(disk, images, random) {
	const end = disk.entries.length, even = Math.ceil(images / 2);
	const cuts = Array.from({ length: even }, (_, i) => Math.min(end, Math.floor((i + random()) * (end + 1) / even)));
	const tails = disk.tails();
	while (cuts.length < images) cuts.push(tails.length ? tails[Math.floor(random() * tails.length)] : end);
	return cuts.sort((a, b) => a - b);
}

/** A process that opens one image after the other: ask() says what it has found. */
function forkOpener(stack, at, number) {
	mkdirSync(at, { recursive: true });
	const child = fork(OPENER, [JSON.stringify({ site: stack.dir, build: stack.options.build, post: POST, at, number })]);
	const kill = () => child.kill('SIGKILL');
	process.once('exit', kill);
	return {
		image: path.join(at, 'image'),
		ask: (question) => new Promise((resolve, reject) => {
			const ended = () => reject(new Error('the opener of images ended'));
			child.once('exit', ended);
			child.once('message', (answer) => {
				child.off('exit', ended);
				resolve(answer);
			});
			child.send(question);
		}),
		end: () => {
			process.off('exit', kill);
			child.disconnect();
		},
	};
}

/** Examines so many images of each kind; some at a time, because a program's end is mostly waiting. Returns figures and findings. */
export async function examine(stack, disks, dir, seed, images, workers = 5) {
	const figures = Object.fromEntries(KINDS.map((kind) => [kind, { images: 0, entries: 0, tails: 0, lost: 0, promised: 0 }]));
	const findings = [];
	const jobs = KINDS.filter((kind) => images[kind]).map((kind) => {
		const disk = new Disk(disks[kind].image, disks[kind].log, MARKS_AT);
		const random = seeded(seed * 16 + KINDS.indexOf(kind));
		figures[kind].entries = disk.entries.length;
		return { kind, disk, random, marks: readMarks(disks[kind].log, MARKS_AT), cuts: plan(disk, images[kind], random), next: 0 };
	});
	const one = async (opener) => {
		for (;;) {
			const job = jobs.reduce((a, b) => (b.next / b.cuts.length < a.next / a.cuts.length ? b : a));
			if (job.next === job.cuts.length) return;
			const number = job.next++, after = job.cuts[number];
			const luck = job.disk.cut(after, job.random, opener.image); // in order: each opener's image is its own
			const where = `${job.kind}, seed ${seed}, image ${number}: cut after ${after} of ${job.disk.entries.length} writes, `
				+ `${luck.lost} of ${luck.tail} not flushed lost (${luck.luck})`;
			const { found, promised } = await opener.ask({ kind: job.kind, marks: job.marks, after, thorough: number % FSCK_EVERY === 0 });
			findings.push(...found.map((what) => `${where}: ${what}`));
			const f = figures[job.kind];
			f.images++;
			f.tails += luck.tail > 0;
			f.lost += luck.lost;
			f.promised += promised;
			if (findings.length >= FINDINGS_MAX) return;
		}
	};
	const openers = Array.from({ length: workers }, (_, i) => forkOpener(stack, path.join(dir, `opener-${i}`), i));
	try {
		await Promise.all(openers.map(one));
	} finally {
		for (const opener of openers) opener.end();
	}
	for (const { disk } of jobs) disk.close();
	return { figures, findings };
}

