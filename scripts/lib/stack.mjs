// SPDX-License-Identifier: Apache-2.0
// stack.mjs -- the whole system on loopback: keys, broker, time-series store, server, recorder, posts. The demo and every
// system test stand on it, so that what is shown and what is tested is one thing.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Part, freePorts, portAnswers, until } from './parts.mjs';

const exec = promisify(execFile);
export const SOURCE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const TENANT = 'kendal';
export const SAMPLE_POSTS = ['kaliwungu-01', 'boja-01', 'weleri-01', 'sukorejo-01', 'ngampel-01'];

/** Ports by name; fixed ones for the demo, free ones for tests. */
async function choosePorts(fixed) {
	const names = ['broker', 'http', 'store', 'storeInner'];
	if (fixed) return fixed;
	const free = await freePorts(names.length);
	return Object.fromEntries(names.map((name, i) => [name, free[i]]));
}

export class Stack {
	/** options: build (folder with bin/), dir (made), posts, store ('influxdb' | 'victoria-metrics' | null), ports, site,
	 *  edge (settings of a post of this machine), console (folder of the built page), brokerHost (address that posts use),
	 *  plans (a dispatch file), sinks (where messages end: sinks.mjs). */
	static async create(options) {
		const stack = new this();
		stack.options = options;
		stack.dir = options.dir;
		stack.posts = options.posts ?? SAMPLE_POSTS;
		stack.store = options.store === undefined ? 'influxdb' : options.store;
		stack.ports = await choosePorts(options.ports);
		stack.parts = {};
		stack.edges = {};
		stack.clean = new Map();
		mkdirSync(stack.dir, { recursive: true, mode: 0o700 });
		for (const folder of ['log', 'sock', 'server', 'recorder', 'broker', 'posts'])
			mkdirSync(stack.path(folder), { recursive: true });
		return stack;
	}

	path(...parts) { return path.join(this.dir, ...parts); }
	program(name) { return path.join(this.options.build, 'bin', name); }
	get url() { return `http://127.0.0.1:${this.ports.http}`; }
	get storeUrl() { return `http://127.0.0.1:${this.ports.store}`; }

	/** Runs a program to its end; its words are part of the error when it fails. */
	async call(command, args, options = {}) {
		try {
			const { stdout } = await exec(command, args, { timeout: 60000, ...options });
			return stdout;
		} catch (error) {
			throw new Error(`${path.basename(command)} ${args.join(' ')}: ${error.stderr || error.message}`);
		}
	}
	ctl(...args) { return this.call(this.program('pospinctl'), args); }

	/** Keys, registry, settings: everything that exists before the first process. Keys and record are made once; what was
	 *  broken off while they were made is made anew. */
	async prepare() {
		const pki = this.path('pki'), making = this.path('making');
		if (existsSync(making)) for (const part of ['pki', 'server', 'recorder', 'posts']) rmSync(this.path(part), { recursive: true, force: true });
		const fresh = !existsSync(pki);
		for (const folder of ['server', 'recorder', 'posts']) mkdirSync(this.path(folder), { recursive: true });
		if (fresh) {
			writeFileSync(making, '');
			await this.ctl('pki', 'init', '--dir', pki, '--broker-name', 'localhost', '--broker-name', '127.0.0.1',
				...(this.options.brokerHost ? ['--broker-name', this.options.brokerHost] : []));
		}
		const limits = path.join(this.options.build, 'lib/pospin-limits.so');
		await this.call(path.join(SOURCE, 'broker-config/generate'),
			['--dir', this.path('broker'), '--pki', pki, '--port', `${this.ports.broker}`, '--pid-file', this.path('broker/pid'),
				...(existsSync(limits) ? ['--limits', limits] : [])]);
		await this.importSite();
		this.writeServerSettings(pki);
		this.writeRecorderSettings(pki);
		for (const post of this.posts) await this.enrol(post);
		rmSync(making, { force: true });
	}

	/** The site, and who is called in it; of a sample only what is not in the record yet. */
	async importSite() {
		const { site, plans, sinks } = this.options, record = this.path('server/record.db'), stamp = this.path('sample');
		if (site) {
			await this.ctl('import', '--record', record, site);
			if (plans) await this.ctl('plan', 'import', '--record', record, plans);
			return;
		}
		const sample = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8'), text = sinks ? sinks.site(sample) : sample;
		const hash = createHash('sha256').update(text).update(plans ? readFileSync(plans) : '').digest('hex');
		if (existsSync(record) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
		writeFileSync(this.path('site.yaml'), text, { mode: 0o600 });
		await this.ctl('import', '--record', record, this.path('site.yaml'));
		if (plans) await this.ctl('plan', 'import', '--record', record, plans);
		writeFileSync(stamp, hash);
	}

	brokerSettings(pki, name) {
		return ['broker:', '  host: 127.0.0.1', `  port: ${this.ports.broker}`, `  ca: ${pki}/service-ca.crt`,
			`  certificate: ${pki}/${name}.crt`, `  key: ${pki}/${name}.key`];
	}

	writeServerSettings(pki) {
		writeFileSync(this.path('server.yaml'), [
			`data: ${this.path('server')}`, `signing_key: ${pki}/server-signing.key`,
			...this.brokerSettings(pki, 'svc-server'), `  crl: ${pki}/revoked.pem`,
			'http:', `  port: ${this.ports.http}`, `  socket: ${this.path('sock/server')}`,
			`  console: ${this.options.console ?? path.join(this.options.build, 'console')}`,
			'webhook:', '  allow_private: true', ...(this.options.sinks?.settings() ?? []), ''].join('\n'));
	}

	writeRecorderSettings(pki) {
		if (!this.store) return;
		const influx = this.store === 'influxdb';
		writeFileSync(this.path('recorder.yaml'), [
			`record: ${this.path('server/record.db')}`, `data: ${this.path('recorder')}`, `control: ${this.path('sock/recorder')}`,
			...this.brokerSettings(pki, 'svc-recorder'),
			'store:', `  url: ${this.storeUrl}`, `  api: ${influx ? 1 : 2}`,
			...(influx ? ['  database: pospin'] : ['  org: pospin', '  bucket: pospin']), ''].join('\n'));
	}

	/** Key and request made "at the post", signed by the post authority. Returns the post's folder. */
	async certify(tenant, post) {
		const dir = this.path('posts', post);
		mkdirSync(dir, { recursive: true });
		await this.ctl('post', 'request', '--tenant', tenant, '--post', post, '--key', `${dir}/post.key`, '--out', `${dir}/post.csr`);
		await this.ctl('post', 'enrol', '--record', this.path('server/record.db'), '--pki', this.path('pki'),
			'--request', `${dir}/post.csr`, '--tenant', tenant, '--post', post, '--out', `${dir}/post.crt`);
		return dir;
	}
	async enrol(post) {
		const made = this.path('posts', post), dir = existsSync(`${made}/post.crt`) ? made : await this.certify(TENANT, post);
		writeFileSync(`${dir}/edge.yaml`, this.edgeSettings(post, dir));
	}

	/** The post that a settings file of this machine describes: its lines, points and outputs, our keys and broker. */
	async adopt(file) {
		const settings = await this.call(this.program('pospin-edge'), ['--config', path.resolve(file), '--print-config']);
		const [tenant, post] = ['tenant', 'post'].map((key) => settings.match(new RegExp(`^${key}: (\\S+)`, 'm'))?.[1]);
		const dir = await this.certify(tenant, post);
		writeFileSync(`${dir}/edge.yaml`, fillSettings(settings, this.placeOf(post, dir)));
		this.posts = [...this.posts, post];
		this.edges[post] = this.edgePart(post, () => existsSync(this.path('sock', post)));
	}

	/** Where a post of this stack keeps its things and finds the broker. */
	placeOf(post, dir) {
		return {
			data: `${dir}/data`, control: this.path('sock', post), host: '127.0.0.1', port: this.ports.broker,
			ca: this.path('pki/service-ca.crt'), certificate: `${dir}/post.crt`, key: `${dir}/post.key`,
			server_keys: this.path('pki/server-keys.txt'),
		};
	}

	edgeSettings(post, dir) {
		const template = readFileSync(path.join(SOURCE, 'packaging/examples/edge.yaml'), 'utf8');
		const values = {
			...this.placeOf(post, dir), tenant: TENANT, post, source: 'script', socket: this.path('sock', `${post}.wires`),
			profile: path.join(SOURCE, 'packaging/examples/kentongan.yaml'),
			sample_every: this.options.sampleEvery ?? '10s',
		};
		return fillSettings(template, values);
	}

	async startBroker() {
		this.parts.broker ??= new Part({
			name: 'broker', command: existsSync('/usr/sbin/mosquitto') ? '/usr/sbin/mosquitto' : 'mosquitto',
			args: ['-c', this.path('broker/mosquitto.conf')], log: this.path('log/broker.log'),
			ready: () => portAnswers(this.ports.broker),
		});
		await this.parts.broker.start();
	}

	async startStore() {
		if (!this.store) return;
		this.parts.store ??= this.store === 'influxdb' ? this.influxPart() : this.victoriaPart();
		await this.parts.store.start();
	}

	influxPart() {
		const at = this.path('influxdb');
		mkdirSync(at, { recursive: true });
		writeFileSync(`${at}/influxdb.conf`, [
			'reporting-disabled = true', `bind-address = "127.0.0.1:${this.ports.storeInner}"`,
			'[meta]', `dir = "${at}/meta"`, '[data]', `dir = "${at}/data"`, `wal-dir = "${at}/wal"`, 'query-log-enabled = false',
			'[http]', `bind-address = "127.0.0.1:${this.ports.store}"`, 'log-enabled = false',
			'[monitor]', 'store-enabled = false', ''].join('\n'));
		return new Part({
			name: 'influxdb', command: 'influxd', args: ['-config', `${at}/influxdb.conf`], log: this.path('log/influxdb.log'),
			ready: async () => (await fetch(`${this.storeUrl}/ping`)).status === 204,
		});
	}

	victoriaPart() {
		return new Part({
			name: 'victoria-metrics', command: 'victoria-metrics', log: this.path('log/victoria-metrics.log'),
			args: [`-storageDataPath=${this.path('victoria')}`, `-httpListenAddr=127.0.0.1:${this.ports.store}`, '-retentionPeriod=100y'],
			ready: async () => (await fetch(`${this.storeUrl}/health`)).ok,
		});
	}

	async startServer() {
		this.parts.server ??= new Part({
			name: 'server', command: this.program('pospin-server'), args: ['--config', this.path('server.yaml')],
			log: this.path('log/server.log'),
			ready: async () => (await (await fetch(`${this.url}/api/v1/health`)).json()).broker,
		});
		await this.parts.server.start();
	}

	async startRecorder() {
		if (!this.store) return;
		this.parts.recorder ??= new Part({
			name: 'recorder', command: this.program('pospin-recorder'), args: ['--config', this.path('recorder.yaml')],
			log: this.path('log/recorder.log'),
		});
		await this.parts.recorder.start();
	}

	edgePart(post, ready) {
		return new Part({
			name: `edge ${post}`, command: this.program('pospin-edge'),
			args: ['--config', this.path('posts', post, 'edge.yaml')], log: this.path('log', `${post}.log`),
			env: { POSPIN_ALLOW_ROOT: '1' }, ready,
		});
	}
	async startEdge(post, { wait = true } = {}) {
		this.edges[post] ??= this.edgePart(post, () => existsSync(this.path('sock', `${post}.wires`)));
		await this.edges[post].start({ wait });
	}

	/** Everything, in order; told(step) hears what is being done. */
	async start(told = () => {}) {
		told('keys and registry');
		await this.prepare();
		if (this.options.edge) await this.adopt(this.options.edge);
		told('broker');
		await this.startBroker();
		if (this.store) {
			told(this.store);
			await this.startStore();
		}
		told('server');
		await this.startServer();
		await this.startRecorder();
		told(`posts: ${this.posts.join(' ') || 'none'}`);
		await Promise.all(this.posts.map((post) => this.startEdge(post)));
	}

	async stop() {
		await Promise.all(Object.values(this.edges).map((edge) => edge.stop()));
		for (const name of ['recorder', 'server', 'store', 'broker']) await this.parts[name]?.stop();
	}

	/** One line to a post's script socket; resolves with its answer's first line. */
	wire(post, line) {
		return new Promise((resolve, reject) => {
			const socket = net.connect(this.path('sock', `${post}.wires`));
			let text = '';
			socket.setTimeout(5000, () => socket.destroy(new Error(`${post}: no answer to '${line}'`)));
			socket.once('error', reject);
			socket.once('close', () => reject(new Error(`${post}: no answer to '${line}'`)));
			socket.on('data', (data) => {
				text += data;
				if (!text.includes('\n')) return;
				socket.destroy();
				resolve(text.slice(0, text.indexOf('\n')));
			});
			socket.write(`${line}\n`);
		});
	}
	press(post, point, ms = 200) { return this.wire(post, `press ${point} ${ms}`); }
	async lamp(post, id) { return (await this.wire(post, `get ${id}`)).endsWith(' on'); }

	/** The one-time link of the first operator that the server printed last; worth nothing once there is an operator. */
	setupLink() { return this.setupLinks().at(-1) ?? null; }
	setupLinks() {
		const log = this.path('log/server.log');
		return existsSync(log) ? readFileSync(log, 'utf8').match(/http:\S+#setup=\S+/g) ?? [] : [];
	}

	async edgeStatus(post) {
		return JSON.parse(await this.call(this.program('pospin-edge'), ['status', '--socket', this.path('sock', post), '--json']));
	}

	/** The server's API over its control socket (actor ctl:<user>). */
	api(method, target, body) {
		return new Promise((resolve, reject) => {
			const request = http.request({
				socketPath: this.path('sock/server'), method, path: `/api/v1${target}`, timeout: 10000,
				headers: body ? { 'content-type': 'application/json' } : {},
			}, (response) => {
				let text = '';
				response.setEncoding('utf8').on('data', (data) => { text += data; });
				response.on('end', () => resolve({
					status: response.statusCode, body: text && /json/.test(response.headers['content-type']) ? JSON.parse(text) : text,
				}));
			});
			request.once('timeout', () => request.destroy(new Error(`${method} ${target}: no answer in 10 s`)));
			request.once('error', reject);
			request.end(body ? JSON.stringify(body) : undefined);
		});
	}
	async incidents(state = 'all') { return (await this.api('GET', `/incidents?state=${state}&limit=200`)).body.incidents; }
	act(number, action, body = {}) { return this.api('POST', `/incidents/${number}/${action}`, body); }

	/** Rows of one InfluxQL query (InfluxDB 1.x): [{column: value}]. */
	async influx(query) {
		const answer = await fetch(`${this.storeUrl}/query?db=pospin&epoch=ns&q=${encodeURIComponent(query)}`);
		const { results } = await answer.json();
		const series = results[0].series ?? [];
		return series.flatMap(({ columns, values, tags = {} }) =>
			values.map((row) => ({ ...tags, ...Object.fromEntries(columns.map((column, i) => [column, row[i]])) })));
	}
}

/** Sets `key: value` lines of a settings sample; a key that the sample lacks is our own mistake and throws. */
export function fillSettings(template, values) {
	let text = template;
	for (const [key, value] of Object.entries(values)) {
		const line = new RegExp(`^(\\s*#?\\s*)${key}:.*$`, 'm');
		if (!line.test(text)) throw new Error(`packaging/examples: the sample has no '${key}:' line`);
		text = text.replace(line, (_, indent) => `${indent.replace(/#\s?/, '')}${key}: ${value}`);
	}
	return text;
}
