// SPDX-License-Identifier: Apache-2.0
// rig.mjs -- the whole system in namespaces: each party alone with its address, every client behind a proxy of its own, every program
// kept up by a warden as systemd would, its clock and disk on the switches of tests/support/faults.c.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { Part, pause, until } from '../../../scripts/lib/parts.mjs';
import { SOURCE, Stack, TENANT } from '../../../scripts/lib/stack.mjs';
import { Faults } from '../../support/faults.mjs';
import { BUILD, CONSOLE } from '../support.mjs';
import { POSTS, CRAMPED, SINKS, SPARE } from './kinds.mjs';
import { HUB, Net, smallDisk } from './net.mjs';
import { Proxy } from './proxy.mjs';

const ALL_POSTS = [...POSTS, SPARE];
const PORTS = { broker: 8883, http: 8480, store: 8428, storeInner: 8429 };
const FIRST_PROXY = 11001;
const RESTART_MS = { recorder: 1000 }; // the unit says 5 s; a session is short
const SIGKILL = 'SIGKILL';
/** The disk that a program's faults meet. */
const DISK = { server: 'record.db', recorder: 'spool.db', broker: 'mosquitto.db' };

/** Connects and says nothing: whether somebody listens. */
const answers = (target) => new Promise((resolve) => {
	const socket = net.connect(target);
	socket.once('connect', () => { socket.destroy(); resolve(true); });
	socket.once('error', () => resolve(false));
});

/** The stack of scripts/run, with each part in its namespace and its way through a proxy. */
class ChaosStack extends Stack {
	portOf(party) { return FIRST_PROXY + [...ALL_POSTS, 'server', 'recorder', 'store'].indexOf(party); }
	get storeUrl() { return `http://${HUB}:${this.portOf('store')}`; }
	brokerSettings(pki, name) {
		return super.brokerSettings(pki, name).map((line) => line.replace('127.0.0.1', HUB)
			.replace(/port: \d+/, `port: ${this.portOf(name.replace('svc-', ''))}`));
	}
	placeOf(post, dir) { return { ...super.placeOf(post, dir), host: HUB, port: this.portOf(post) }; }
}

/** Keeps one program up, and says in the history when it starts, is ready and ends. */
class Warden {
	constructor(node, part, chronicle, hooks) {
		Object.assign(this, { node, part, chronicle, held: 0, over: false, starts: 0, ...hooks });
	}

	async start() {
		const { node, chronicle, part } = this;
		this.starts++;
		chronicle.say('start', { node });
		await part.start({ wait: false });
		const { child, ended } = part;
		this.watchReady(child);
		ended.then(({ code, signal, error }) => this.#ended(child, code, signal ?? (error ? 'error' : null)));
	}

	async watchReady(child) {
		await until(`${this.node} to be ready`, () => this.part.child !== child || this.part.ready(), 600000, 20).catch(() => {});
		if (this.part.child === child) this.chronicle.say('ready', { node: this.node });
	}

	#ended(child, code, signal) {
		const how = signal === SIGKILL ? 'kill' : signal === 'SIGABRT' || signal === 'SIGSEGV' ? 'assert' : 'exit';
		this.chronicle.say('crash', { node: this.node, how, what: how === 'kill' ? undefined : `${signal ?? `status ${code}`}: ${this.part.logEnd(2)}`.slice(0, 400) });
		this.onEnd?.();
		if (!this.over) this.#again();
	}
	async #again() {
		await this.afterEnd?.();
		await pause(RESTART_MS[this.node] ?? 1000);
		while (this.held > 0) await pause(20);
		if (!this.over && !this.part.running) await this.start();
	}

	/** Killed, and down until release(). */
	down() {
		this.held++;
		this.part.child?.kill(SIGKILL);
		let done = false;
		return () => { if (!done) this.held--; done = true; };
	}
	async end() {
		this.over = true;
		this.part.child?.kill('SIGCONT');
		await this.part.stop();
	}
}

export class Rig {
	/** dir: made; chronicle: hears everything; long: a session of its own length. */
	static async create(dir, chronicle) {
		const rig = new Rig();
		Object.assign(rig, { dir, chronicle, proxies: {}, faults: {}, wardens: {}, sinks: {}, away: new Map(), crlDays: 3653 });
		rig.net = new Net(['broker', 'server', 'recorder', 'store', ...ALL_POSTS]);
		rig.stack = await ChaosStack.create({
			build: BUILD, console: CONSOLE, dir, posts: ALL_POSTS, store: 'victoria-metrics', ports: PORTS, site: `${dir}/site.yaml`, brokerHost: HUB, sampleEvery: '2s',
		});
		for (const sink of SINKS) rig.sinks[sink] = await openSink(sink, chronicle);
		writeFileSync(`${dir}/site.yaml`, siteWith(rig.sinks));
		await rig.stack.prepare();
		rig.#settings();
		await rig.#openProxies();
		rig.#parts();
		return rig;
	}

	#settings() {
		const conf = this.stack.path('broker/mosquitto.conf');
		this.brokerConf = readFileSync(conf, 'utf8').replace(/^(listener \d+) 127\.0\.0\.1$/m, `$1 ${this.net.address.broker}`)
			.replace(/^user .*$/m, 'user root');
		writeFileSync(conf, this.brokerConf);
		this.cramped = smallDisk(this.stack.path('posts', CRAMPED, 'data'), 6144);
		this.brokerDisk = smallDisk(this.stack.path('broker/full'), 256);
		this.brokerDisk.full();
		this.disks = [this.cramped, this.brokerDisk, smallDisk(this.stack.path('broker/kept'), 16384)];
	}

	async #openProxies() {
		const { stack, net: { address } } = this;
		const open = (party, host, port) => Proxy.open({ host: HUB, port: stack.portOf(party) }, { host, port });
		for (const party of [...ALL_POSTS, 'server', 'recorder']) this.proxies[party] = await open(party, address.broker, PORTS.broker);
		this.proxies.store = await open('store', address.store, PORTS.store);
	}

	#part(node, command, args, ready, env = {}) {
		if (node !== 'store') {
			this.faults[node] = new Faults(this.stack.path(`faults.${node}`), DISK[node] ?? 'outbox.db');
			Object.assign(env, this.faults[node].env);
		}
		const part = new Part({ name: node, log: this.stack.path('log', `${node}.log`), ready, env, ...Net.within(node, command, args) });
		this.wardens[node] = new Warden(node, part, this.chronicle, {});
	}
	#parts() {
		const { stack, net: { address } } = this;
		this.#part('broker', '/usr/sbin/mosquitto', ['-c', stack.path('broker/mosquitto.conf')], () => answers({ host: address.broker, port: PORTS.broker }));
		this.#part('store', 'victoria-metrics', [`-storageDataPath=${stack.path('victoria')}`, `-httpListenAddr=${address.store}:${PORTS.store}`,
			'-retentionPeriod=100y', '-memory.allowedBytes=64MiB'], () => answers({ host: address.store, port: PORTS.store }));
		this.#part('server', stack.program('pospin-server'), ['--config', stack.path('server.yaml')], () => answers(stack.path('sock/server')));
		this.#part('recorder', stack.program('pospin-recorder'), ['--config', stack.path('recorder.yaml')], () => answers(stack.path('sock/recorder')));
		for (const post of ALL_POSTS)
			this.#part(post, stack.program('pospin-edge'), ['--config', stack.path('posts', post, 'edge.yaml')],
				() => answers(stack.path('sock', `${post}.wires`)), { POSPIN_ALLOW_ROOT: '1' });
	}

	async start() {
		for (const node of ['broker', 'store', 'server', 'recorder', ...ALL_POSTS]) {
			await this.wardens[node].start();
			await until(`${node} to be ready`, () => this.wardens[node].part.ready(), 20000, 20);
		}
		for (const post of ALL_POSTS) await this.connected(post, 30000);
	}
	connected(post, ms) {
		return until(`${post} to be connected`, async () => (await this.stack.edgeStatus(post)).server === 'connected', ms, 100);
	}
	isUp(node) { return this.wardens[node].part.running; }
	pid(node) { return this.wardens[node].part.pid; }

	// ---- what faults take hold of ----

	down(node) { return this.wardens[node].down(); }
	/** SIGSTOP and SIGCONT of a program that runs; the history hears of both. */
	signal(node, number) {
		const pid = this.pid(node);
		if (!pid) return;
		process.kill(pid, number);
		this.frozen(node, number === 19);
	}
	frozen(node, is) {
		const warden = this.wardens[node];
		if (warden.frozen === is || (!is && !warden.frozen)) return;
		warden.frozen = is;
		this.chronicle.say(is ? 'freeze' : 'thaw', { node });
		warden.onEnd = () => { if (warden.frozen) { warden.frozen = false; this.chronicle.say('thaw', { node }); } };
	}
	/** A program that stops itself at a call is noticed here. */
	watchStop(node) {
		const timer = setInterval(() => {
			const pid = this.pid(node);
			if (pid && stateOf(pid) === 'T') this.frozen(node, true);
		}, 10);
		return { end: () => clearInterval(timer) };
	}
	wall(node, by) {
		this.faults[node].set({ wall_ms: by });
		this.chronicle.say('clock', { node, by: `${by} ms off` });
	}
	/** The broker ends, `before` is done, and it starts with these lines added (none: as shipped). */
	async brokerAgain(lines, before = () => {}) {
		const release = this.down('broker');
		await until('the broker to end', () => !this.isUp('broker'), 20000, 5);
		const names = lines.map((line) => line.split(' ')[0]);
		const kept = this.brokerConf.split('\n').filter((line) => !names.includes(line.split(' ')[0]));
		before(this);
		writeFileSync(this.stack.path('broker/mosquitto.conf'), [...kept, ...lines, ''].join('\n'));
		release();
	}
	persistence(folder) {
		return ['persistence true', `persistence_location ${this.stack.path(folder)}/`, 'autosave_on_changes true', 'autosave_interval 1'];
	}
	wipe(folder) { rmSync(`${this.stack.path(folder)}/mosquitto.db`, { force: true }); }
	async revoke(post) {
		const { stack } = this;
		const revoke = () => stack.ctl('post', 'revoke', '--record', stack.path('server/record.db'), '--pki', stack.path('pki'),
			'--tenant', TENANT, '--post', post, '--reason', 'dicuri').then(() => true);
		await until(`${post} to be revoked`, revoke, 30000, 500); // the record may be locked, or its disk full
		this.chronicle.say('revoke', { post });
		if (this.isUp('broker')) process.kill(this.pid('broker'), 'SIGHUP');
		this.proxies[post].reset();
	}

	async verify() {
		const { stack } = this;
		return stack.ctl('verify', '--record', stack.path('server/record.db'), '--heads', stack.path('server/heads.log'), '--keys', stack.path('pki/server-keys.txt'));
	}
	async stop() {
		await Promise.all(Object.values(this.wardens).map((warden) => warden.end()));
		for (const proxy of Object.values(this.proxies)) proxy.close();
		for (const sink of Object.values(this.sinks)) sink.close();
		for (const disk of this.disks) disk.away();
		this.net.close();
	}
}

const stateOf = (pid) => {
	try { return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')[0]; } catch { return ''; }
};

/** A webhook's receiver. good: 204; refuses: 503; slow: 204 after 3 s; loses: takes the request and closes without a word. */
async function openSink(name, chronicle) {
	const sink = { behaviour: 'good' };
	const server = http.createServer((request, response) => {
		let body = '';
		request.setEncoding('utf8').on('data', (data) => { body += data; }).on('end', () => {
			const { id, kind, incident } = JSON.parse(body);
			const { behaviour } = sink;
			const answer = behaviour === 'refuses' ? 503 : behaviour === 'loses' ? 0 : 204;
			const say = () => chronicle.say('told', { sink: name, key: id, incident: incident?.number, kind, signals: incident?.signals, answer });
			if (behaviour === 'loses') { say(); request.socket.destroy(); return; }
			setTimeout(() => { say(); response.writeHead(answer).end(); }, behaviour === 'slow' ? 3000 : 0);
		});
	});
	await new Promise((resolve) => server.listen(0, HUB, resolve));
	sink.url = `http://${HUB}:${server.address().port}/${name}`;
	sink.close = () => { server.closeAllConnections(); server.close(); };
	return sink;
}

function siteWith(sinks) {
	const hooks = Object.entries(sinks).map(([name, { url }]) => `      - { name: ${name}, url: "${url}", secret: sixteen-bytes-of-chance }`).join('\n');
	return readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8').replace(/^ {4}posts:$/m, `    webhooks:\n${hooks}\n\n    posts:`);
}
