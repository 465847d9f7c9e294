// SPDX-License-Identifier: Apache-2.0
// site.mjs -- a site of many posts with real keys: made once for each number of posts, then used again from a cache, because
// a certificate authority on a real disk signs a few hundred posts a second only.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Part, freePorts, until } from '../../scripts/lib/parts.mjs';
import { SOURCE, Stack } from '../../scripts/lib/stack.mjs';

export const TENANT = 'bench';
export const postName = (i) => `bench-${String(i).padStart(4, '0')}`;

/** Each post in an RW of its own and half a kilometre from the next: alarms of neighbours would be one incident. */
export function siteYaml(posts) {
	const classes = ['crime', 'fire', 'medical', 'disaster'];
	const points = classes.map((name) => `          - { id: panic-${name}, kind: panic, class: ${name}, label: { id: Tombol, en: Button } }`);
	return ['tenants:', `  - id: ${TENANT}`, '    name: Bench', '    prefix: BEN', '    timezone: Asia/Jakarta', '    sample: true',
		'    kecamatan:', '      - code: "33.24.01"', '        name: Plantungan', '        desa:',
		'          - { code: "33.24.01.2001", name: Tirtomulyo }', '    posts:',
		...Array.from({ length: posts }, (_, i) => [`      - id: ${postName(i)}`, `        name: Poskamling ${i}`, '        desa: "33.24.01.2001"',
			`        rw: "${String(i).padStart(4, '0')}"`,
			`        latitude: ${(-7.2 + 0.005 * (i % 100)).toFixed(4)}`, `        longitude: ${(110 + 0.005 * Math.floor(i / 100)).toFixed(4)}`,
			'        contact: { name: Ketua RW (contoh), phone: "+62 000 0000 0001" }', '        points:', ...points].join('\n')), ''].join('\n');
}

/** Many small synced files: in memory first, where there is such a place. */
const fastFolder = () => (existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir());

/** The folder of a made site: pki/, posts/, server/record.db. Keys are real; the cache is worth as much as the programs that made it. */
export async function madeSite(build, posts) {
	const maker = path.join(build, 'tests/fleet.make');
	const hash = createHash('sha256').update(readFileSync(maker)).update(siteYaml(posts)).digest('hex').slice(0, 12);
	const at = path.join(build, `../bench/sites/${posts}-${hash}`);
	if (existsSync(at)) return at;
	const dir = mkdtempSync(path.join(fastFolder(), 'pospin-site-'));
	try {
		const stack = await Stack.create({ build, dir, posts: [], store: null });
		writeFileSync(`${dir}/site.yaml`, siteYaml(posts));
		await stack.ctl('pki', 'init', '--dir', `${dir}/pki`, '--broker-name', 'localhost', '--broker-name', '127.0.0.1');
		await stack.ctl('import', '--record', `${dir}/server/record.db`, `${dir}/site.yaml`);
		await stack.call(maker, [dir, TENANT, `${posts}`], { timeout: 120000 });
		mkdirSync(path.dirname(at), { recursive: true });
		for (const part of ['pki', 'posts', 'server']) cpSync(`${dir}/${part}`, `${at}.${process.pid}/${part}`, { recursive: true });
		renameSync(`${at}.${process.pid}`, at);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
	return at;
}

/** A site with its broker running; server, recorder or a floor are put to it in turn. */
export class Site {
	static async open(build, posts, { keep = false } = {}) {
		const made = await madeSite(build, posts);
		const site = new Site();
		Object.assign(site, { build, made, posts, keep, dir: mkdtempSync(path.join(os.tmpdir(), 'pospin-bench-')), parts: [] });
		site.stack = await Stack.create({ build, dir: site.dir, posts: [], store: 'victoria-metrics', console: site.dir });
		for (const part of ['pki', 'posts']) {
			rmSync(`${site.dir}/${part}`, { recursive: true, force: true });
			symlinkSync(path.join(made, part), `${site.dir}/${part}`);
		}
		await site.stack.call(path.join(SOURCE, 'broker-config/generate'), ['--dir', `${site.dir}/broker`, '--pki', `${site.dir}/pki`,
			'--port', `${site.port}`, '--connections', '6000']);
		site.stack.writeServerSettings(`${site.dir}/pki`);
		site.stack.writeRecorderSettings(`${site.dir}/pki`);
		await site.stack.startBroker();
		return site;
	}
	get port() { return this.stack.ports.broker; }
	program(name) { return path.join(this.build, 'tests', name); }

	/** The record as it is before the first alarm. */
	renew() {
		rmSync(`${this.dir}/server`, { recursive: true, force: true });
		cpSync(`${this.made}/server`, `${this.dir}/server`, { recursive: true });
	}

	/** pospin-server on a fresh record. env: for a preloaded shim; prepare: what else the record is to have. */
	async server(env = {}, prepare = () => {}) {
		this.renew();
		await prepare();
		this.stack.parts.server = new Part({
			name: 'server', command: this.stack.program('pospin-server'), args: ['--config', `${this.dir}/server.yaml`],
			log: `${this.dir}/log/server.log`, env,
			ready: async () => (await (await fetch(`${this.stack.url}/api/v1/health`)).json()).broker,
		});
		await this.stack.parts.server.start();
		return this.stack.parts.server;
	}

	/** pospin-recorder on an empty spool. */
	async recorder() {
		this.renew();
		rmSync(`${this.dir}/recorder`, { recursive: true, force: true });
		mkdirSync(`${this.dir}/recorder`);
		const settings = readFileSync(`${this.dir}/recorder.yaml`, 'utf8').replace(/^control:.*\n/m, '');
		writeFileSync(`${this.dir}/recorder.yaml`, `${settings}control: ${this.dir}/sock/recorder\n`);
		const part = new Part({
			name: 'recorder', command: this.stack.program('pospin-recorder'), args: ['--config', `${this.dir}/recorder.yaml`],
			log: `${this.dir}/log/recorder.log`, ready: async () => (await this.recorderReport()).broker,
		});
		this.parts.push(part);
		await part.start();
		return part;
	}
	/** What the running recorder says of itself, with its counts. */
	async recorderReport() {
		const text = await new Promise((resolve, reject) => {
			let all = '';
			net.connect(`${this.dir}/sock/recorder`).setEncoding('utf8').on('data', (part) => { all += part; })
				.once('end', () => resolve(all)).once('error', reject);
		});
		const report = JSON.parse(text);
		return { ...report, ...report.counts };
	}

	/** The floor in its place. */
	async floor(mode = 'alarms', env = {}) {
		const part = new Part({
			name: 'floor', command: this.program('bench.floor'), args: [mode, this.dir, `${this.port}`, `${this.posts}`],
			log: `${this.dir}/log/floor-${this.parts.length}.log`, env,
			ready: () => readFileSync(part.log, 'utf8').includes('ready'),
		});
		this.parts.push(part);
		await part.start();
		return part;
	}

	/** Plays posts; on(event) hears its lines as they come. Returns { total, main, spaced, ... } by phase. */
	async fleet(args, on = () => {}) {
		const log = openSync(`${this.dir}/log/fleet.log`, 'a');
		const child = spawn(this.program('fleet.play'), ['--dir', this.dir, '--port', `${this.port}`, ...args.map(String)],
			{ stdio: ['ignore', 'pipe', log] });
		closeSync(log);
		const result = {};
		const ended = new Promise((resolve) => child.once('close', resolve));
		for await (const line of createInterface({ input: child.stdout })) {
			const event = JSON.parse(line);
			if (event.event === 'report') result[event.phase] = event;
			else if (event.event === 'total') result.total = event;
			else await on(event);
		}
		result.code = await ended;
		if (result.code !== 0)
			throw new Error(`fleet ${args.join(' ')}: ended with ${result.code}: ${JSON.stringify(result)}\n${readFileSync(`${this.dir}/log/fleet.log`, 'utf8').slice(-600)}`);
		return result;
	}

	async counts() { return (await this.stack.api('GET', '/counts')).body; }

	async close() {
		for (const part of this.parts) await part.stop();
		await this.stack.stop();
		if (this.keep) console.error(`kept: ${this.dir}`);
		else rmSync(this.dir, { recursive: true, force: true });
	}
}

export { freePorts, until };
