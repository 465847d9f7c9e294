// SPDX-License-Identifier: Apache-2.0
// wires_rig.mjs -- the shipped pospin-edge in the guest, the real broker and server on the host, and what the record says.
import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { SOURCE, Stack, TENANT, fillSettings } from '../../scripts/lib/stack.mjs';
import { HOST_ADDRESS, startVm } from './vm.mjs';

export const LONG = process.env.POSPIN_LONG === '1';
const POST = 'boja-01';
const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
const CONSOLE = process.env.POSPIN_CONSOLE ?? path.join(SOURCE, 'build/console');
const AT_START = 1; // the record's bit of the flag
export const SECONDS = 180; // emulated, and perhaps beside other work

/** Every contact to 3.3 V and no resistor of the chip's: a wire at rest is low, as a chip that is plugged in again begins. */
function settingsOf(stack) {
	const sample = readFileSync(path.join(SOURCE, 'packaging/examples/edge.yaml'), 'utf8')
		.replaceAll(/^    active: low$/gm, '    active: high').replaceAll(/^    bias: pull-up$/gm, '    bias: as-is')
		.replace(/(- id: panic-medical\n(?:    .*\n)*)/, '$1    stuck: 3s\n');
	return fillSettings(sample, { host: HOST_ADDRESS, port: stack.ports.broker, post: POST });
}

export class Rig {
	pid = 0;
	#mark = 0;

	static async start() {
		const rig = new Rig();
		rig.dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-wires-'));
		rig.stack = await Stack.create({ build: BUILD, console: CONSOLE, dir: rig.dir, posts: [], store: null, brokerHost: HOST_ADDRESS });
		try {
			await rig.stack.start();
			await rig.stack.enrol(POST);
			await rig.#boot();
			return rig;
		} catch (error) {
			await rig.stop();
			throw error;
		}
	}

	async #boot() {
		const at = this.stack.path('posts', POST);
		const own = (from, mode = 0o644) => ({ from, mode, owner: 'pospin' });
		this.settings = settingsOf(this.stack);
		this.vm = await startVm({
			edgeBinary: this.stack.program('pospin-edge'), disk: path.join(this.dir, 'card.img'),
			programs: { '/usr/bin/wires': path.join(BUILD, 'tests/vm-wires') },
			files: {
				'/etc/pospin/edge.yaml': { data: this.settings },
				'/etc/pospin/kentongan.yaml': own(path.join(SOURCE, 'packaging/examples/kentongan.yaml')),
				'/etc/pospin/service-ca.crt': own(this.stack.path('pki/service-ca.crt')),
				'/etc/pospin/server-keys.txt': own(this.stack.path('pki/server-keys.txt')),
				'/etc/pospin/post.crt': own(`${at}/post.crt`), '/etc/pospin/post.key': own(`${at}/post.key`, 0o600),
			},
		});
	}

	async stop() {
		await this.vm?.stop();
		await this.stack.stop();
		rmSync(this.dir, { recursive: true, force: true });
	}

	/** The GPIO line of a point or output. */
	line(id) {
		const found = this.settings.match(new RegExp(`- id: ${id}\\n(?:    .*\\n)*?    line: GPIO(\\d+)`));
		if (!found) throw new Error(`${id} has no line in the sample`);
		return Number(found[1]);
	}
	lamp(step, of = 'crime') { return this.line(`lamp-${step}-${of}`); }
	up(id) { return this.vm.setLine(this.line(id), 'pull-up'); }
	down(id) { return this.vm.setLine(this.line(id), 'pull-down'); }
	press(id, ms = 100) { return this.vm.press(this.line(id), ms); }

	async startAgent() {
		await this.vm.run('rm -f /tmp/edge.log');
		this.pid = await this.vm.spawn('pospin-edge --config /etc/pospin/edge.yaml', { user: 'pospin', log: '/tmp/edge.log' });
		await this.vm.waitFor(`grep -q 'outbox.open' /tmp/edge.log`, SECONDS);
	}
	async killAgent(signal = 'KILL') {
		await this.vm.run(`kill -${signal} ${this.pid}; while kill -0 ${this.pid} 2>/dev/null; do usleep 5000; done`);
	}
	async restartAgent() {
		await this.killAgent();
		await this.startAgent();
	}
	/** Lets go of every button, and starts an agent where there is none. */
	async rest(ids) {
		await this.play(ids.map((id) => [0, this.line(id), 0]));
		if ((await this.vm.attempt(`kill -0 ${this.pid}`)).status !== 0) await this.startAgent();
	}
	log() { return this.vm.run('tail -n 40 /tmp/edge.log'); }
	/** A number of /proc/<agent>/status in KiB. */
	async memory(name = 'VmRSS') {
		return Number((await this.vm.run(`grep ${name} /proc/${this.pid}/status`)).match(/\d+/)[0]);
	}
	async status() {
		return JSON.parse(await this.vm.run('pospin-edge status --socket /run/pospin-edge/control --json', SECONDS));
	}

	/** Moves wires by a list of [us after the one before, line, level]; the moments at which they were moved: not before `us`, not after `end`,
	 *  which a host that lets the guest stand still between them makes two moments. */
	async play(moves) {
		await this.vm.put('/tmp/moves', moves.map((move) => `${Math.round(move[0])} ${move[1]} ${move[2]}\n`).join(''));
		const seconds = moves.reduce((sum, [us]) => sum + us, 0) / 1e6;
		const out = await this.vm.run('wires play </tmp/moves', Math.ceil(seconds * 3) + SECONDS);
		return out.trim().split('\n').map((text) => {
			const [us, line, level, end] = text.split(' ').map(Number);
			return { us, line, level, end };
		});
	}
	/** ms from a press until the agent has it on its disk, which is when *taken* lights. */
	async taken(id, ms = 100) {
		const out = await this.vm.run(`wires took ${this.line(id)} ${ms} /tmp/edge.log durable=true 120000`, SECONDS);
		return Number(out) / 1000;
	}

	#query(sql) {
		const out = execFileSync('sqlite3', ['-readonly', '-json', '-cmd', '.timeout 5000', this.stack.path('server/record.db'), sql],
			{ encoding: 'utf8', maxBuffer: 64 << 20 });
		return out ? JSON.parse(out) : [];
	}
	/** Signals in the record since the last mark, in the order of recording. */
	signals() {
		return this.#query(`SELECT signal_id AS id, epoch, seq, boot, mono, point, kind, signal, flags, cause, detail, incident_id AS incident,
			hex(payload) AS payload, hex(sig) AS sig FROM signal WHERE signal_id > ${this.#mark} ORDER BY signal_id`)
			.map((row) => ({ ...row, atStart: Boolean(row.flags & AT_START), word: row.detail.split(/[ ,;:]/)[0] }));
	}
	/** "panic-crime alarm", "panic-fire trouble:lost", "panic-crime alarm!at-start": since the last mark, of some points or of all.
	 *  A host that is busy with other things may make the agent give its disk up for a while: that trouble is not our case. */
	told(...points) {
		return this.signals().filter(({ point, word }) => word !== 'storage' && (!points.length || points.includes(point)))
			.map(({ point, signal, word, atStart }) => `${point} ${signal}${word && `:${word}`}${atStart ? '!at-start' : ''}`);
	}
	/** Whether the agent had to go on without what its disk knows. */
	get lostDisk() { return this.signals().some(({ word }) => word === 'storage'); }
	/** Waits until the record has all of these since the last mark, in whatever order. */
	async waitTold(...wanted) {
		await until(`the record to tell ${wanted.join(', ')}`, () => {
			const told = this.told();
			return wanted.every((one) => told.includes(one));
		}, SECONDS * 1000).catch(async (error) => {
			throw new Error(`${error.message}\ntold: ${this.told().join(', ')}\n${await this.log()}`);
		});
	}
	mark() { this.#mark = this.#query('SELECT coalesce(max(signal_id), 0) AS id FROM signal')[0].id; }
	/** Closes what is open, so that the next alarm opens an incident of its own. */
	async closeAll() {
		for (const { number } of await this.stack.incidents('open')) {
			await this.stack.act(number, 'acknowledge');
			// One that has had an alarm a moment ago is to be looked at first.
			await until(`${number} to be closed`, async () =>
				(await this.stack.act(number, 'close', { code: 'test' })).status === 200, SECONDS * 1000, 250);
		}
	}
	/** Waits until the server has everything that the agent has decided. */
	async received() {
		await pause(200); // what was pressed last is decided and numbered by then
		await until('the record to have everything', async () => {
			const { outbox } = await this.status();
			const [{ high }] = this.#query(`SELECT coalesce(max(seq), 0) AS high FROM signal_key WHERE epoch = '${outbox.epoch}'`);
			return outbox.unreceipted === 0 && high === outbox.last_seq;
		}, SECONDS * 1000, 100).catch(async (error) => { throw new Error(`${error.message}\n${await this.log()}`); });
	}
	calm() {
		return until('every point to be normal', async () =>
			Object.values((await this.status()).points).every(({ state }) => state === 'normal'), SECONDS * 1000, 250);
	}
	/** The same when every point is normal, and forgets it: the next case begins. */
	async settle({ calm = true } = {}) {
		if (calm) await this.calm();
		await this.received();
		this.mark();
	}
	isSigned({ payload, sig }) {
		const key = createPublicKey(readFileSync(this.stack.path('posts', POST, 'post.crt')));
		const bytes = Buffer.concat([Buffer.from(`pospin-v1\npospin/v1/${TENANT}/${POST}/signal\n`), Buffer.from(payload, 'hex')]);
		return verify(null, bytes, key, Buffer.from(sig, 'hex'));
	}
}

/** Numbers from 0 to 1 that depend on the seed alone. */
export function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
