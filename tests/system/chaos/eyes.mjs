// SPDX-License-Identifier: Apache-2.0
// eyes.mjs -- what the harness sees by itself: the record and the outboxes as files, read only; the outputs of a post at its wires.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pause } from '../../../scripts/lib/parts.mjs';

const END = '@@end@@';
const ANSWER_MS = 4000;

/** One sqlite3 that reads a file; ask() resolves with rows, or null when the file cannot be read at the moment. */
export class Reader {
	constructor(file) { Object.assign(this, { file, text: '', wanted: [], turn: Promise.resolve() }); }

	#start() {
		const child = spawn('sqlite3', ['-batch', '-readonly', '-json', this.file], { stdio: ['pipe', 'pipe', 'pipe'] });
		this.child = child;
		this.text = '';
		this.bad = false;
		child.stdin.on('error', () => {});
		child.stderr.on('data', () => { this.bad = true; });
		child.stdout.setEncoding('utf8').on('data', (data) => { this.text += data; this.#look(); });
		child.once('exit', () => { if (this.child === child) { this.child = null; this.bad = true; this.done?.(); } });
		child.stdin.write('.timeout 500\n');
	}
	#look() {
		if (this.text.endsWith(`${END}\n`)) this.done?.();
	}

	ask(sql) {
		const answer = this.turn.then(() => this.#ask(sql));
		this.turn = answer.catch(() => {});
		return answer;
	}
	async #ask(sql) {
		if (!this.child) this.#start();
		this.text = '';
		this.bad = false;
		let late;
		await new Promise((resolve) => {
			this.done = resolve;
			late = setTimeout(() => { this.bad = true; this.close(); resolve(); }, ANSWER_MS);
			this.child.stdin.write(`${sql};\n.print ${END}\n`);
		});
		clearTimeout(late);
		this.done = null;
		// What is said of an error comes by another pipe.
		if (this.bad || this.text === `${END}\n`) await pause(1);
		if (this.bad) return null;
		const body = this.text.slice(0, -END.length - 1).trim();
		try {
			return body ? JSON.parse(body) : [];
		} catch {
			return null;
		}
	}
	/** Lets go of the file; the next ask() opens it again. */
	end() {
		const { child } = this;
		this.child = null;
		if (!child) return null;
		const ended = new Promise((resolve) => child.once('exit', resolve));
		child.stdin.end();
		return ended;
	}
	close() {
		this.child?.kill('SIGKILL');
		this.child = null;
	}
}

const hex = (column, bytes = 8) => `lower(hex(substr(${column}, 1, ${bytes}))) AS ${column}`;

/** The server's record: everything new, each time it looks. */
export class RecordEyes {
	constructor(file, chronicle) {
		Object.assign(this, { reader: new Reader(file), chronicle, signal: 0, event: 0, rows: [], incidents: new Map(), queued: new Map(), desk: new Map(), troubles: new Map() });
		this.turn = Promise.resolve();
	}

	/** Looks for new signals and events now; all the rest as well when `whole`. */
	look(whole = false) {
		const looked = this.turn.then(() => this.#look(whole));
		this.turn = looked.catch(() => {});
		return looked;
	}

	async #look(whole) {
		const signals = await this.reader.ask(`SELECT signal_id, post, epoch, seq, point, signal, class, boot, mono, flags, cause, late,
			(SELECT number FROM incident i WHERE i.incident_id = s.incident_id) AS incident FROM signal s WHERE signal_id > ${this.signal} ORDER BY signal_id`);
		for (const row of signals ?? []) this.#takeRow(row);
		const events = await this.reader.ask(`SELECT event_id, height, kind, actor, post, point, body, ${hex('previous')}, ${hex('hash')},
			(SELECT number FROM incident i WHERE i.incident_id = e.incident_id) AS incident FROM event e WHERE event_id > ${this.event} ORDER BY event_id`);
		for (const { event_id: id, body, ...event } of events ?? []) {
			this.event = id;
			this.chronicle.say('entry', event);
		}
		if (events?.length || whole) await this.#incidents();
		if (whole) await this.#rest();
		return signals !== null && events !== null;
	}

	#takeRow({ signal_id: id, ...row }) {
		this.signal = id;
		this.rows.push({ ...row, seen: this.chronicle.now() });
		this.chronicle.say('row', { where: 'record', ...row, late: row.late === 1, flags: flagWords(row.flags), incident: row.incident ?? undefined });
	}

	async #incidents() {
		for (const row of await this.reader.ask('SELECT number AS incident, post, class, state, rev, signals FROM incident') ?? [])
			this.#changed(this.incidents, row.incident, row, 'incident');
	}
	#changed(map, key, row, is) {
		const text = JSON.stringify(row);
		if (map.get(key) === text) return;
		map.set(key, text);
		this.chronicle.say(is, row);
	}

	async #rest() {
		const notes = await this.reader.ask(`SELECT key, target, n.state, json_extract(n.body, '$.kind') AS kind, json_extract(n.body, '$.incident.signals') AS signals,
			(SELECT number FROM incident i WHERE i.incident_id = n.incident_id) AS incident, (SELECT height FROM event e WHERE e.event_id = n.event_id) AS entry FROM notification n`);
		for (const row of notes ?? []) this.#changed(this.queued, row.key, row, 'queued');
		for (const { post, supervised } of await this.reader.ask('SELECT post, supervised FROM post_state') ?? [])
			this.#changed(this.desk, post, { post, shows: supervised ? 'supervised' : 'unsupervised' }, 'desk');
		await this.#troubles();
	}

	async #troubles() {
		const rows = await this.reader.ask('SELECT post, point, kind FROM trouble');
		if (!rows) return;
		const now = new Set(rows.map(({ post, point, kind }) => `${post} ${point} ${kind}`));
		for (const [key, row] of this.troubles) if (!now.has(key)) { this.troubles.delete(key); this.chronicle.say('trouble', { ...row, on: false }); }
		for (const row of rows) {
			const key = `${row.post} ${row.point} ${row.kind}`;
			if (this.troubles.has(key)) continue;
			this.troubles.set(key, row);
			this.chronicle.say('trouble', { ...row, on: true });
		}
	}

	/** A complete look: what was seen and is not there any more is gone. */
	async wholeLook(how) {
		await this.look(true);
		const keys = await this.reader.ask('SELECT post, epoch, seq FROM signal');
		if (!keys) return false;
		const there = new Set(keys.map(({ post, epoch, seq }) => `${post} ${epoch} ${seq}`));
		for (const { post, epoch, seq } of this.rows)
			if (!there.has(`${post} ${epoch} ${seq}`)) this.chronicle.say('gone', { where: 'record', post, epoch, seq });
		this.chronicle.say('look', { where: 'record', how, rows: there.size });
		return true;
	}
	close() { this.reader.close(); }
}

/** In the order of enum pp_flag. */
const FLAGS = ['at-start', 'silent', 'drill', 'verified'];
const flagWords = (bits) => FLAGS.filter((_, i) => bits & (1 << i));

/** A post's outbox: each row once, as it is seen. The file is open for a moment only: while somebody has it open SQLite does not recover what
 *  an agent that was killed has left of a commit, which is not how a post stands in the field. */
export class OutboxEyes {
	constructor(file, post, chronicle) {
		this.folder = mkdtempSync(path.join(os.tmpdir(), 'pospin-eyes-'));
		this.copy = path.join(this.folder, 'outbox.db');
		Object.assign(this, { file, reader: new Reader(this.copy), post, chronicle, seen: new Set(), rows: [], turn: Promise.resolve() });
	}

	/** The running agent has the file for itself: what is read is a copy, of a moment without a checkpoint. */
	#copied() {
		const written = () => statSync(this.file).mtimeMs;
		try {
			for (let tries = 0; tries < 5; tries++) {
				const before = written();
				copyFileSync(this.file, this.copy);
				rmSync(`${this.copy}-shm`, { force: true });
				if (existsSync(`${this.file}-wal`)) copyFileSync(`${this.file}-wal`, `${this.copy}-wal`);
				else writeFileSync(`${this.copy}-wal`, '');
				if (written() === before) return true;
			}
		} catch { /* not there now */ }
		return false;
	}

	/** Looks once more, also when a look is under way: it may have come too early. */
	look() {
		this.next ??= this.turn = this.turn.then(() => { this.next = null; return this.#look(); });
		return this.next;
	}
	async #look() {
		if (!this.#copied()) return;
		const rows = await this.reader.ask('SELECT m.epoch, s.seq, CAST(s.payload AS TEXT) AS payload FROM signal s, meta m UNION ALL SELECT epoch, seq, CAST(payload AS TEXT) FROM salvage');
		await this.reader.end();
		for (const row of rows ?? []) this.#take(row);
	}
	#take({ seq, payload }) {
		const body = parsed(payload);
		if (!body || this.seen.has(`${body.epoch} ${seq}`)) return;
		this.seen.add(`${body.epoch} ${seq}`);
		const { epoch, point, signal, mono } = body;
		this.rows.push({ point, signal, mono });
		this.chronicle.say('stored', { post: this.post, epoch, seq, point: point ?? '', signal, mono });
	}
	close() {
		this.reader.close();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
function parsed(text) {
	try { return JSON.parse(text); } catch { return null; }
}

/** The outputs of a post, as its script source shows them; taken up again whenever the agent runs. */
export class LampEyes {
	/** changed(role, class, on) hears each change. */
	constructor(socketPath, changed) {
		Object.assign(this, { socketPath, changed, lit: new Map(), socket: null, over: false });
		this.#connect();
	}

	#connect() {
		if (this.over) return;
		let text = '';
		const socket = net.connect(this.socketPath);
		this.socket = socket;
		socket.once('connect', () => socket.write('watch\n'));
		socket.on('error', () => {});
		socket.setEncoding('utf8').on('data', (data) => {
			text += data;
			for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
				this.#line(text.slice(0, end));
				text = text.slice(end + 1);
			}
		});
		socket.once('close', () => { this.dark(); setTimeout(() => this.#connect(), 30).unref(); });
	}

	#line(line) {
		const [, id, level] = /^(\S+) (on|off)$/.exec(line) ?? [];
		if (!id || this.lit.get(id) === (level === 'on')) return;
		const was = this.lit.get(id);
		this.lit.set(id, level === 'on');
		if (was !== undefined || level === 'on') this.#tell(id, level === 'on');
	}
	#tell(id, on) {
		const [, role, of] = /^(?:lamp-)?(.+?)(?:-(crime|fire|medical|disaster|unspecified))?$/.exec(id);
		this.changed(role, of, on);
	}

	/** The agent has ended: its lines are released. */
	dark() {
		for (const [id, on] of this.lit) if (on) this.#tell(id, false);
		this.lit.clear();
	}
	close() { this.over = true; this.socket?.destroy(); }
}
