// SPDX-License-Identifier: Apache-2.0
// Power cuts by the thousand: an outbox, a record and a spool at work in the virtual machine, each on a disk whose writes are
// logged; then every image that a cut may have left is opened by the shipped program and compared with what was promised.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { until } from '../../scripts/lib/parts.mjs';
import { Stack, fillSettings } from '../../scripts/lib/stack.mjs';
import { seeded } from './card.mjs';
import { checkOutbox, checkRecord, checkSpool, outboxPromises } from './cut_checks.mjs';
import { Disk, readMarks } from './cut_images.mjs';
import { driveArguments } from './systemd_vm.mjs';
import { startVm } from './vm.mjs';

const MARKS_AT = 24 << 20; // bytes of the file system; marks lie behind it
const DISK_BYTES = 64 << 20;
const WORK_SECONDS = 600;
const OPEN_MS = 60000;
const OFFER_MS = 10000;
const FINDINGS_MAX = 5; // where one image is wrong, so are most
const FSCK_EVERY = 20; // images that e2fsck examines too
const POST = 'boja-01';
export const KINDS = ['outbox', 'record', 'spool'];
const FILES = { outbox: ['outbox.db'], record: ['record.db', 'heads.log'], spool: ['spool.db'] };
const TOOLS = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }, maxBuffer: 64 << 20 };
const run = promisify(execFile);

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

/** One program from start to its end by SIGTERM; meanwhile look() waits for what it is to do. Returns its words. */
async function runProgram(command, args, look) {
	const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
	let text = '', gone = false;
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => { text += part; });
	const kill = () => child.kill('SIGKILL');
	process.once('exit', kill);
	ended.then(() => { gone = true; });
	try {
		await until(`${path.basename(command)} to open the image`, () => {
			if (gone) throw Object.assign(new Error('it ended'), { fatal: true });
			return look(text);
		}, OPEN_MS, 8);
	} catch (error) {
		throw new Error(`${error.message}\n${text}`);
	} finally {
		child.kill('SIGTERM');
		const how = await ended;
		process.removeListener('exit', kill);
		if (how.code !== 0) throw new Error(`${path.basename(command)} ended with ${how.signal ?? how.code}\n${text}`);
	}
	return text;
}

/** What a program says on its control socket. */
const ask = (socket) => new Promise((resolve, reject) => {
	let text = '';
	const connection = net.connect(socket).setEncoding('utf8');
	connection.on('data', (part) => { text += part; });
	connection.once('error', reject);
	connection.once('end', () => {
		try { resolve(JSON.parse(text)); } catch (error) { reject(error); }
	});
});
const asked = (socket, is) => ask(socket).then(is, () => false);

const query = async (file, sql) => JSON.parse((await run('sqlite3', ['-readonly', '-json', file, sql], TOOLS)).stdout || '[]');

/** Opens images, each in a folder of its own. */
class Opener {
	constructor(stack, at, number) {
		Object.assign(this, { stack, at, number, image: path.join(at, 'image'), data: path.join(at, 'data') });
		mkdirSync(at, { recursive: true });
	}

	/** The files of an image as the next mount shows them: the journal is replayed, nothing else mended. */
	async extract(kind, thorough) {
		rmSync(this.data, { recursive: true, force: true });
		mkdirSync(this.data);
		if (thorough)
			await run('e2fsck', ['-f', '-p', this.image], TOOLS).catch((error) => {
				if (error.code > 1) throw new Error(`e2fsck: ${error.code}\n${error.stdout}${error.stderr}`);
			});
		const names = FILES[kind].flatMap((name) => name.endsWith('.db') ? [name, `${name}-wal`] : [name]);
		const script = path.join(this.at, 'script');
		writeFileSync(script, ['jr', ...names.map((name) => `dump /${name} ${this.data}/${name}`), ''].join('\n'));
		const { stderr } = await run('debugfs', ['-w', '-f', script, this.image], TOOLS);
		const wrong = stderr.split('\n').slice(1).filter((line) => line && !/File not found by ext2_lookup/.test(line));
		if (wrong.length) throw new Error(`debugfs: ${wrong.join('; ')}`);
		// debugfs makes a file of what is not there.
		for (const name of names)
			if (new RegExp(`^/${name.replace('.', '\\.')}: File not found`, 'm').test(stderr)) rmSync(`${this.data}/${name}`, { force: true });
	}

	#settings(name, text, values) {
		const file = path.join(this.at, name);
		if (!existsSync(file)) writeFileSync(file, fillSettings(text, values));
		return file;
	}

	async outbox(marks, after) {
		const promises = outboxPromises(marks, after);
		const control = path.join(this.at, 'edge');
		const settings = this.#settings('edge.yaml', readFileSync(this.stack.path('posts', POST, 'edge.yaml'), 'utf8'),
			{ data: this.data, control, socket: path.join(this.at, 'wires') });
		// It offers again at least what has no receipt; if it does not, the rows say why.
		let durable = 0, offered = 0;
		const opened = ({ outbox }) => {
			if (outbox.durable) durable ||= Date.now();
			offered = outbox.unreceipted;
			return durable && (offered >= promises.lit.size || Date.now() - durable > OFFER_MS);
		};
		const text = await runProgram(this.stack.program('pospin-edge'), ['--allow-root', '--config', settings],
			(words) => /outbox\.open/.test(words) && asked(control, opened));
		const setAside = readdirSync(this.data).filter((name) => name.includes('damaged'));
		const file = path.join(this.data, 'outbox.db');
		const rows = (await query(file, `SELECT 'signal' AS "table", status, CAST(payload AS TEXT) AS payload FROM signal
			UNION ALL SELECT 'salvage', 0, CAST(payload AS TEXT) FROM salvage`)).map((row) => ({ ...row, signal: JSON.parse(row.payload) }));
		const found = checkOutbox(promises, rows, setAside);
		if (offered < promises.lit.size) found.push(`offered again: ${offered} of ${promises.lit.size}`);
		if (setAside.length && !/outbox\.damaged/.test(text)) found.push('damaged, and nobody was told');
		return { found, promised: promises.lit.size };
	}

	async record(marks, after) {
		const yaml = this.stack.path('server.yaml');
		const file = path.join(this.at, 'server.yaml');
		if (!existsSync(file))
			writeFileSync(file, `${readFileSync(yaml, 'utf8').replace(/^data: .*$/m, `data: ${this.data}`)
				.replace(/^  console: .*\n/m, '').replace(/^  socket: .*$/m, `  socket: ${path.join(this.at, 'server')}`)
				.replace(/^  port: (\d+)$(?=\n  socket)/m, (_, port) => `  address: 127.0.1.${1 + this.number}\n  port: ${port}`)}`);
		await runProgram(this.stack.program('pospin-server'), ['--config', file], (text) => /server\.started/.test(text));
		const at = path.join(this.data, 'record.db');
		const rows = await query(at, `SELECT s.post, s.seq, i.number, NULL AS state, NULL AS rev FROM signal s LEFT JOIN incident i USING (incident_id)
			UNION ALL SELECT NULL, NULL, number, state, rev FROM incident`);
		const record = {
			signals: rows.filter(({ post }) => post !== null),
			incidents: rows.filter(({ state }) => state !== null),
		};
		const verify = await run(this.stack.program('pospinctl'), ['verify', '--record', at, '--heads', path.join(this.data, 'heads.log'),
			'--keys', this.stack.path('pki/server-keys.txt')]).then(({ stdout, stderr }) => ({ status: 0, text: stdout + stderr }),
			(error) => ({ status: error.code, text: `${error.stdout}${error.stderr}` }));
		return { found: checkRecord(marks, after, record, verify), promised: record.signals.length };
	}

	async spool(marks, after) {
		const lines = [];
		const store = createServer((request, response) => {
			const parts = [];
			request.on('data', (part) => parts.push(part)).on('end', () => {
				const body = Buffer.concat(parts);
				const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString();
				for (const [, number] of text.matchAll(/^sample,.* value=(\d+)[. ]/gm)) lines.push(Number(number));
				response.writeHead(204).end();
			});
		});
		await new Promise((resolve) => store.listen(0, '127.0.0.1', resolve));
		const control = path.join(this.at, 'recorder');
		const file = path.join(this.at, 'recorder.yaml');
		writeFileSync(file, readFileSync(this.stack.path('recorder.yaml'), 'utf8').replace(/^data: .*$/m, `data: ${this.data}`)
			.replace(/^control: .*$/m, `control: ${control}`).replace(/^  url: .*$/m, `  url: http://127.0.0.1:${store.address().port}`));
		try {
			await runProgram(this.stack.program('pospin-recorder'), ['--config', file], () => asked(control, ({ waiting }) => waiting === 0));
		} finally {
			store.closeAllConnections?.();
			store.close();
		}
		return { found: checkSpool(marks, after, lines), promised: lines.length };
	}
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

/** Examines so many images of each kind; some at a time, because a program's end is mostly waiting. Returns figures and findings. */
export async function examine(stack, disks, dir, seed, images, workers = 5) {
	const figures = Object.fromEntries(KINDS.map((kind) => [kind, { images: 0, entries: 0, tails: 0, lost: 0, promised: 0, ms: 0 }]));
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
			const luck = job.disk.cut(after, job.random, opener.image); // in order: each worker's image is its own
			const begun = Date.now();
			const where = `${job.kind}, seed ${seed}, image ${number}: cut after ${after} of ${job.disk.entries.length} writes, `
				+ `${luck.lost} of ${luck.tail} not flushed lost (${luck.luck})`;
			try {
				await opener.extract(job.kind, number % FSCK_EVERY === 0);
				const { found, promised } = await opener[job.kind](job.marks, after);
				figures[job.kind].promised += promised;
				findings.push(...found.map((what) => `${where}: ${what}`));
			} catch (error) {
				findings.push(`${where}: ${error.message}`);
			}
			const f = figures[job.kind];
			f.images++;
			f.tails += luck.tail > 0;
			f.lost += luck.lost;
			f.ms += Date.now() - begun;
			if (findings.length >= FINDINGS_MAX) return;
		}
	};
	await Promise.all(Array.from({ length: workers }, (_, i) => one(new Opener(stack, path.join(dir, `w${i}`), i))));
	for (const { disk } of jobs) disk.close();
	return { figures, findings };
}

