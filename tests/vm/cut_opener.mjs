// SPDX-License-Identifier: Apache-2.0
// Opens images that a power cut has left, by the shipped programs. A process of its own, forked by power_cuts.mjs and small:
// starting programs from one that holds whole disks in memory would cost more than they do.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { until } from '../../scripts/lib/parts.mjs';
import { fillSettings } from '../../scripts/lib/stack.mjs';
import { checkOutbox, checkRecord, checkSpool, outboxPromises } from './cut_checks.mjs';

const OPEN_MS = 60000;
const OFFER_MS = 10000;
const FILES = { outbox: ['outbox.db'], record: ['record.db', 'heads.log'], spool: ['spool.db'] };
const TOOLS = { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }, maxBuffer: 64 << 20 };
const run = promisify(execFile);

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
	constructor({ site, build, post, at, number }) {
		Object.assign(this, { site, build, post, at, number, image: path.join(at, 'image'), data: path.join(at, 'data') });
		mkdirSync(at, { recursive: true });
	}

	async #fsck() {
		await run('e2fsck', ['-f', '-p', this.image], TOOLS).catch((error) => {
			if (error.code > 1) throw new Error(`e2fsck: ${error.code}\n${error.stdout}${error.stderr}`);
		});
	}

	/** The files of an image as the next mount shows them: the journal is replayed, nothing else mended. */
	async extract(kind, thorough) {
		rmSync(this.data, { recursive: true, force: true });
		mkdirSync(this.data);
		if (thorough) await this.#fsck();
		const names = FILES[kind].flatMap((name) => name.endsWith('.db') ? [name, `${name}-wal`] : [name]);
		const script = path.join(this.at, 'script');
		writeFileSync(script, ['jr', ...names.map((name) => `dump /${name} ${this.data}/${name}`), ''].join('\n'));
		const dump = async () => (await run('debugfs', ['-w', '-f', script, this.image], TOOLS)).stderr;
		let stderr = await dump();
		// debugfs looks at bitmaps before it replays the journal that mends them.
		if (/Filesystem not open/.test(stderr)) {
			await this.#fsck();
			stderr = await dump();
		}
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
		const settings = this.#settings('edge.yaml', readFileSync(path.join(this.site, 'posts', this.post, 'edge.yaml'), 'utf8'),
			{ data: this.data, control, socket: path.join(this.at, 'wires') });
		// It offers again at least what has no receipt; if it does not, the rows say why.
		let durable = 0, offered = 0;
		const opened = ({ outbox }) => {
			if (outbox.durable) durable ||= Date.now();
			offered = outbox.unreceipted;
			return durable && (offered >= promises.lit.size || Date.now() - durable > OFFER_MS);
		};
		const text = await runProgram(path.join(this.build, 'bin/pospin-edge'), ['--allow-root', '--config', settings],
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
		const yaml = path.join(this.site, 'server.yaml');
		const file = path.join(this.at, 'server.yaml');
		if (!existsSync(file))
			writeFileSync(file, `${readFileSync(yaml, 'utf8').replace(/^data: .*$/m, `data: ${this.data}`)
				.replace(/^  console: .*\n/m, '').replace(/^  socket: .*$/m, `  socket: ${path.join(this.at, 'server')}`)
				.replace(/^  port: (\d+)$(?=\n  socket)/m, (_, port) => `  address: 127.0.1.${1 + this.number}\n  port: ${port}`)}`);
		await runProgram(path.join(this.build, 'bin/pospin-server'), ['--config', file], (text) => /server\.started/.test(text));
		const at = path.join(this.data, 'record.db');
		const rows = await query(at, `SELECT s.post, s.seq, i.number, NULL AS state, NULL AS rev FROM signal s LEFT JOIN incident i USING (incident_id)
			UNION ALL SELECT NULL, NULL, number, state, rev FROM incident`);
		const record = {
			signals: rows.filter(({ post }) => post !== null),
			incidents: rows.filter(({ state }) => state !== null),
		};
		const verify = await run(path.join(this.build, 'bin/pospinctl'), ['verify', '--record', at, '--heads', path.join(this.data, 'heads.log'),
			'--keys', path.join(this.site, 'pki/server-keys.txt')]).then(({ stdout, stderr }) => ({ status: 0, text: stdout + stderr }),
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
		writeFileSync(file, readFileSync(path.join(this.site, 'recorder.yaml'), 'utf8').replace(/^data: .*$/m, `data: ${this.data}`)
			.replace(/^control: .*$/m, `control: ${control}`).replace(/^  url: .*$/m, `  url: http://127.0.0.1:${store.address().port}`));
		try {
			await runProgram(path.join(this.build, 'bin/pospin-recorder'), ['--config', file], () => asked(control, ({ waiting }) => waiting === 0));
		} finally {
			store.closeAllConnections?.();
			store.close();
		}
		return { found: checkSpool(marks, after, lines), promised: lines.length };
	}
}

const opener = new Opener(JSON.parse(process.argv[2]));
process.on('message', async ({ kind, marks, after, thorough }) => {
	try {
		await opener.extract(kind, thorough);
		process.send(await opener[kind](marks, after));
	} catch (error) {
		process.send({ found: [error.message], promised: 0 });
	}
});
