// SPDX-License-Identifier: Apache-2.0
// session.mjs -- one stack, its rounds of fire, and the history of it.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { pause, until } from '../../../scripts/lib/parts.mjs';
import { BUILD } from '../support.mjs';
import { Chronicle, monoNow } from './chronicle.mjs';
import { LampEyes, OutboxEyes, RecordEyes } from './eyes.mjs';
import { KINDS, POSTS, SINKS, SPARE } from './kinds.mjs';
import { Presser, settlePresses, work } from './people.mjs';
import { inWords, random } from './plan.mjs';
import { Rig } from './rig.mjs';

const LOOK_MS = 60, WHOLE_MS = 400, OUTBOX_MS = 1500;
/** How long after the heal a session waits for everything to be well; what is late is a matter of the judge. */
const WELL_MS = 60000;
const SAID_MAX = 40; // lines of the judge's words a round
const SEES = ['stored', 'row', 'entry', 'queued', 'told', 'light', 'incident', 'desk', 'trouble'];
const BOUNDS = { memory: 400 * 2 ** 20, descriptors: 400 };
const EVERYBODY = [...POSTS, SPARE];

class Session {
	constructor({ dir, seed, plan, fireMs, say }) {
		Object.assign(this, { dir, seed, plan, fireMs, say, over: false, faults: 0, kinds: {}, breaches: [], rounds: [], endings: {} });
		this.chronicle = new Chronicle(seed);
		this.next = random(seed ^ 0x5eed);
	}

	async open() {
		this.rig = await Rig.create(this.dir, this.chronicle);
		const { rig, chronicle } = this;
		for (const sink of SINKS) chronicle.say('target', { name: sink });
		for (const post of EVERYBODY) {
			for (const [point, of] of Object.entries(Presser.points())) chronicle.say('point', { post, point, class: of, silent: point === 'panic-silent' });
			chronicle.say('boot', { node: post, mono: monoNow() });
		}
		this.record = new RecordEyes(rig.stack.path('server/record.db'), chronicle);
		this.outboxes = Object.fromEntries(EVERYBODY.map((post) => [post, new OutboxEyes(rig.stack.path('posts', post, 'data/outbox.db'), post, chronicle)]));
		this.#watchEnds();
		this.lamps = EVERYBODY.map((post) => new LampEyes(rig.stack.path('sock', `${post}.wires`), (role, of, on) => this.#lamp(post, role, of, on)));
		await rig.start();
		this.pressers = EVERYBODY.map((post) => new Presser(rig, post, random(this.seed * 7919 + EVERYBODY.indexOf(post))));
		this.chronicle.lag = 0; // making keys is no observation
		this.looking = this.#look();
	}

	/** What a post has stored is read before it starts again: it is what its end has left. */
	#watchEnds() {
		for (const post of EVERYBODY) {
			this.endings[post] = [];
			const warden = this.rig.wardens[post];
			warden.afterEnd = () => {
				this.endings[post].push(this.chronicle.now());
				return this.outboxes[post].look();
			};
		}
	}

	#lamp(post, role, of, on) {
		// Whoever lights a lamp has done before what it says: the files are looked at as soon as it is seen.
		if (on && role === 'taken') this.outboxes[post].look();
		if (on && role === 'received') this.record.look();
		this.chronicle.say('light', { post, role, class: of, on });
	}

	async #look() {
		let whole = 0, outboxes = 0;
		while (!this.over) {
			const now = this.chronicle.now();
			const isWhole = now - whole >= WHOLE_MS;
			if (isWhole) whole = now;
			await this.record.look(isWhole);
			if (now - outboxes >= OUTBOX_MS) {
				outboxes = now;
				await Promise.all(EVERYBODY.map((post) => this.outboxes[post].look()));
			}
			await pause(LOOK_MS);
		}
	}

	/** One fault from beginning to end. */
	async #strike(fault, began) {
		await pause(fault.atMs - (this.chronicle.now() - began));
		const id = ++this.faults;
		this.kinds[fault.kind] = (this.kinds[fault.kind] ?? 0) + 1;
		const { kind, where, with: drawn } = fault;
		this.chronicle.say('fault', { id, kind, node: where, with: JSON.stringify(drawn) });
		this.#apart(kind, fault, true);
		const begun = this.chronicle.now();
		let heal;
		try {
			heal = await KINDS[kind].begin(this.rig, fault);
			await pause(fault.forMs - (this.chronicle.now() - begun));
		} finally {
			await heal?.();
			this.#apart(kind, fault, false);
			this.chronicle.say('heal', { id });
		}
	}

	/** Who is cut off from the server, by one fault or several. */
	#apart(kind, { where }, is) {
		if (kind !== 'net.cut' && kind !== 'link.one-way') return;
		const posts = POSTS.includes(where) ? [where] : ['server', 'broker'].includes(where) ? EVERYBODY : [];
		for (const post of posts) {
			const cuts = (this.rig.away.get(post) ?? 0) + (is ? 1 : -1);
			this.rig.away.set(post, cuts);
			if (is ? cuts === 1 : cuts === 0) this.chronicle.say(is ? 'apart' : 'together', { post });
		}
	}

	async round(number, faults) {
		const { chronicle } = this;
		let burning = true;
		for (const presser of this.pressers) presser.over = false;
		const pressing = this.pressers.filter(({ post }) => !this.gone?.has(post)).map((presser) => presser.run());
		const working = work(this.rig, chronicle, this.next, () => !burning);
		const began = chronicle.now();
		for (const fault of faults) this.say(`  ${inWords(fault)}`);
		if (faults.some(({ kind }) => kind === 'cert.revoked')) this.#leave(SPARE, faults.find(({ kind }) => kind === 'cert.revoked').atMs);
		const struck = await Promise.allSettled(faults.map((fault) => this.#strike(fault, began)));
		for (const { reason } of struck) if (reason) throw reason;
		burning = false;
		for (const presser of this.pressers) presser.over = true;
		const healedAt = chronicle.now();
		await Promise.all([...pressing, working]);
		await this.#well(number, healedAt);
		await this.#judge(number, healedAt, number === this.plan.length);
	}

	/** Nobody presses any more where the next press could not be recorded. */
	#leave(post, atMs) {
		this.gone = new Set([...this.gone ?? [], post]);
		const presser = this.pressers.find((one) => one.post === post);
		setTimeout(() => { presser.over = true; }, Math.max(0, atMs - 1000));
	}

	/** Waits until every post that may speak has every receipt, and every notification is out. */
	async #well(number, healedAt) {
		const end = healedAt + WELL_MS;
		const at = {};
		const wait = async (what, probe) => {
			await until(what, probe, Math.max(100, end - this.chronicle.now()), 150).catch(() => this.say(`  NOT WELL: ${what}`));
			at[what] = Math.round(this.chronicle.now() - healedAt);
		};
		await Promise.all(EVERYBODY.filter((post) => !this.gone?.has(post)).map((post) => wait(post, async () => {
			const { server, outbox } = await this.rig.stack.edgeStatus(post);
			return server === 'connected' && outbox.unreceipted === 0;
		})));
		await wait('sinks', async () => (await this.record.reader.ask('SELECT count(*) AS n FROM notification WHERE state = \'queued\''))?.[0].n === 0);
		await pause(300);
		this.rounds.push({ faults: this.plan[number - 1].length, healed_s: Math.max(...Object.values(at)) / 1000 });
		this.say(`  well again after ${(Math.max(...Object.values(at)) / 1000).toFixed(1)} s (${Object.entries(at).map(([who, ms]) => `${who} ${(ms / 1000).toFixed(1)}`).join(', ')})`);
	}

	async #judge(number, healedAt, isLast) {
		const { chronicle, record, rig } = this;
		for (const presser of this.pressers)
			settlePresses(chronicle, presser, (point) => [...record.rows.filter((row) => row.post === presser.post), ...this.outboxes[presser.post].rows]
				.filter((row) => row.point === point && row.signal === 'alarm'), this.endings[presser.post]);
		this.#sizes();
		const chain = await rig.verify().then((why) => ({ ok: true, why: why.slice(-200) }), (error) => ({ ok: false, why: error.message.slice(0, 400) }));
		chronicle.say('chain', chain);
		const before = chronicle.lines.length;
		if (!await record.wholeLook('end')) this.breaches.push(`round ${number}: the record cannot be read`);
		const file = `${this.dir}/history-${number}.jsonl`;
		chronicle.write(file, healedAt, SEES, before);
		const judge = path.join(BUILD, 'tests/pospin-judge');
		if (!existsSync(judge)) throw new Error(`${judge}: build it first (target pospin-judge)`);
		const { status, stdout, stderr } = await run(judge, [file]);
		if (status !== 0) this.breaches.push(...`${stdout}${stderr}`.trim().split('\n').slice(0, SAID_MAX).map((line) => `round ${number}: ${line.slice(0, 400)}`));
		if (status !== 0 || isLast) this.say(`  judged: ${status === 0 ? 'nothing' : stdout.split('\n').length - 1}`);
	}

	#sizes() {
		for (const node of [...EVERYBODY, 'server', 'recorder']) {
			const pid = this.rig.pid(node);
			if (!pid) continue;
			try {
				const memory = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
				const sizes = { memory, descriptors: readdirSync(`/proc/${pid}/fd`).filter((fd) => { try { return readlinkSync(`/proc/${pid}/fd/${fd}`); } catch { return false; } }).length };
				for (const [what, value] of Object.entries(sizes)) this.chronicle.say('size', { node, what, value, bound: BOUNDS[what] });
			} catch {
				// It has just ended.
			}
		}
	}

	async close() {
		this.over = true;
		await this.looking;
		for (const eyes of [this.record, ...this.lamps, ...Object.values(this.outboxes)]) eyes.close();
		this.chronicle.close();
		await this.rig.stop();
	}

	get report() {
		const told = this.pressers.flatMap(({ post, presses }) => presses.filter((press) => press.told !== undefined).map((press) => ({ post, ...press })));
		const alarmsOf = ({ post, point, told: at }) => this.record.rows.filter((row) => row.post === post && row.point === point && row.signal === 'alarm'
			&& Math.abs(this.chronicle.at(row.mono) - at) <= 300);
		// What the judge excuses: an agent that was killed while its disk was away, or just after the press; a post that was revoked.
		const unrecorded = told.filter((press) => alarmsOf(press).length === 0).length;
		const alarms = this.record.rows.filter(({ signal }) => signal === 'alarm').length;
		return {
			seed: this.seed, seconds: Math.round(this.chronicle.now() / 1000), faults: this.faults, kinds: this.kinds, presses: told.length, alarms, unrecorded,
			ends: Object.values(this.rig.wardens).reduce((sum, { starts }) => sum + starts - 1, 0), blur_ms: this.chronicle.blur, rounds: this.rounds, breaches: this.breaches,
		};
	}
}

/** {status, stdout, stderr} of a program; the harness goes on looking meanwhile. */
const run = (command, args) => new Promise((resolve) => {
	execFile(command, args, { encoding: 'utf8', maxBuffer: 1e8 }, (error, stdout, stderr) => resolve({ status: error ? error.code ?? 1 : 0, stdout, stderr }));
});

/** Plays a plan and judges it after each round. */
export async function runSession(wanted) {
	const session = new Session(wanted);
	await session.open();
	for (const [i, faults] of wanted.plan.entries()) {
		wanted.say(`session ${wanted.seed}, round ${i + 1}: ${faults.length} faults`);
		await session.round(i + 1, faults);
	}
	const { report } = session;
	await session.close();
	const most = Math.max(...report.rounds.map(({ healed_s: s }) => s));
	wanted.say(`session ${wanted.seed}: ${report.faults} faults of ${Object.keys(report.kinds).length} kinds, ${report.presses} presses, ${report.alarms} alarms recorded (${report.unrecorded} presses rightly not), `
		+ `${report.ends} programs ended, well within ${most} s, ${report.breaches.length} breaches, ${report.seconds} s`);
	return report;
}
