// SPDX-License-Identifier: Apache-2.0
// inside.mjs -- one pass of vanish.mjs, all sides, inside network, mount and process namespaces of its own: a small internet (names,
// a webhook, an SMS gateway, a mail relay with TLS) is there, or every packet to it is dropped and nobody is told.
import { execFileSync, fork } from 'node:child_process';
import { createHmac } from 'node:crypto';
import dgram from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEvents } from '../../scripts/lib/narrator.mjs';
import { freePorts, pause, until } from '../../scripts/lib/parts.mjs';
import { openRelay } from '../../scripts/lib/smtp.mjs';
import { Site, TENANT, siteYaml } from './site.mjs';

const FAR = '198.51.100.10', NAMESERVER = '198.51.100.53', INTERNET = '198.51.100.0/24'; // RFC 5737
const WEBHOOK_NAME = 'jauh.example', MAIL_NAME = 'surat.example', SECRET = 'sixteen-bytes-of-chance';
/** An internet that answers, one that has vanished, and nobody called there at all. */
const ORDERS = ['there gone none', 'none gone there', 'gone none there', 'there none gone', 'none there gone', 'gone there none']
	.map((order) => order.split(' ')); // each follows each other as often: what comes later meets a warmer machine
const RATE = 20, CLAIM_AFTER_MS = 250;
const OPERATOR = { name: 'siti', display: 'Siti', password: 'kentongan-malam' };

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** Addresses of its own are the internet; without them the way there ends in a wire that nobody hears. */
class Internet {
	constructor(dir) {
		ip('link', 'add', 'hole', 'type', 'veth', 'peer', 'name', 'nowhere');
		for (const end of ['hole', 'nowhere']) ip('link', 'set', end, 'arp', 'off', 'up');
		ip('addr', 'add', '10.98.0.1/24', 'dev', 'hole');
		ip('route', 'add', INTERNET, 'dev', 'hole');
		// Longer than a try: what hangs must be left behind.
		writeFileSync(`${dir}/resolv.conf`, `nameserver ${NAMESERVER}\noptions timeout:30 attempts:3\n`);
		execFileSync('mount', ['--bind', `${dir}/resolv.conf`, '/etc/resolv.conf']);
	}
	appear() { for (const address of [FAR, NAMESERVER]) ip('addr', 'add', `${address}/32`, 'dev', 'lo'); }
	/** Packets that have gone to where nobody hears them. */
	get lost() { return Number(/hole:\s*(?:\d+\s+){9}(\d+)/.exec(readFileSync('/proc/net/dev', 'utf8'))[1]); }
	vanish() { for (const address of [FAR, NAMESERVER]) ip('addr', 'del', `${address}/32`, 'dev', 'lo'); }
}

/** A process of its own, so that what the far side costs is not taken for our client's time. */
class Far {
	static async open(dir) {
		const far = new Far();
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${dir}/far.key`,
			'-out', `${dir}/far.crt`, '-subj', `/CN=${MAIL_NAME}`, '-addext', `subjectAltName=DNS:${MAIL_NAME}`, '-days', '10'], { stdio: 'ignore' });
		far.child = fork(fileURLToPath(import.meta.url), ['far', dir]);
		await new Promise((resolve, reject) => {
			far.child.once('message', resolve).once('exit', () => reject(new Error('the far side has ended')));
		});
		return far;
	}
	/** What it has taken since it was last asked. */
	async heard() {
		const answer = new Promise((resolve) => { this.child.once('message', resolve); });
		this.child.send('heard');
		return answer;
	}
	close() { this.child.disconnect(); }
}

/** The answer to a question for an address: there is one for IPv4, none for IPv6. */
function answerName(question) {
	const end = question.indexOf(0, 12) + 5;
	const wantsV4 = question.readUInt16BE(end - 4) === 1;
	const head = Buffer.from(question.subarray(0, end));
	head.writeUInt16BE(0x8180, 2);
	for (const [at, count] of [[4, 1], [6, wantsV4 ? 1 : 0], [8, 0], [10, 0]]) head.writeUInt16BE(count, at);
	return wantsV4 ? Buffer.concat([head, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...FAR.split('.').map(Number)])]) : head;
}

/** The far side itself, in its process. */
async function beFar(dir) {
	const heard = { names: 0, webhook: 0, sms: 0, mail: 0 };
	const names = dgram.createSocket('udp4').on('message', (question, from) => {
		heard.names++;
		names.send(answerName(question), from.port, from.address);
	}).on('error', () => {});
	await new Promise((resolve) => { names.bind(53, NAMESERVER, resolve); });
	const web = http.createServer((request, response) => {
		request.resume().on('end', () => {
			heard[request.url === '/sms' ? 'sms' : 'webhook']++;
			response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":0}');
		});
	});
	await new Promise((resolve) => { web.listen(80, FAR, resolve); });
	await openRelay({ host: FAR, port: 587, key: readFileSync(`${dir}/far.key`), certificate: readFileSync(`${dir}/far.crt`), take: () => { heard.mail++; } });
	process.on('message', () => {
		process.send({ ...heard });
		for (const name of Object.keys(heard)) heard[name] = 0;
	}).on('disconnect', () => process.exit(0));
	process.send('open');
}

/** A webhook in the next room: always there, and exact about who it listens to. */
class Near {
	constructor() {
		this.opened = new Map();
		this.refused = 0;
		this.server = http.createServer((request, response) => {
			let body = '';
			request.setEncoding('utf8').on('data', (data) => { body += data; }).on('end', () => {
				const at = Date.now(), stamp = request.headers['x-pospin-timestamp'];
				const want = createHmac('sha256', SECRET).update(`${stamp}.${body}`).digest('hex');
				response.writeHead(204).end();
				if (request.headers['x-pospin-signature'] !== `sha256=${want}`) { this.refused++; return; }
				const { kind, incident } = JSON.parse(body);
				if (kind === 'incident.opened' && !this.opened.has(incident.number)) this.opened.set(incident.number, at - incident.opened);
			});
		});
	}
	async open() {
		[this.port] = await freePorts(1);
		await new Promise((resolve) => { this.server.listen(this.port, '127.0.0.1', resolve); });
	}
}

function settings(dir) {
	return ['mail:', `  server: "smtp://${MAIL_NAME}:587"`, '  from: pospin@bench.example', `  ca: ${dir}/far.crt`,
		'sms:', `  url: http://${FAR}/sms`, '  type: form', '  template: "to={{address}}&text={{text}}"', '  success: "status=0"'];
}
/** far: whether anybody behind the internet is called. */
function writeSite(dir, posts, nearPort, far) {
	const target = (name, url) => `      - { name: ${name}, url: "${url}", secret: ${SECRET} }`;
	writeFileSync(`${dir}/site.yaml`, siteYaml(posts).replace(/^ {4}posts:$/m, ['    webhooks:',
		...(far ? [target('far', `http://${WEBHOOK_NAME}/hook`)] : []), target('near', `http://127.0.0.1:${nearPort}/hook`), '    posts:'].join('\n')));
	const person = (way) => ({ name: 'Piket (contoh)', role: 'piket', ways: [way] });
	const ring = (...call) => ({ until: 'taken', steps: [{ call, wait: '60s' }] });
	writeFileSync(`${dir}/plan.json`, JSON.stringify({
		tenant: TENANT,
		contacts: { surat: person({ mail: 'piket@bench.example' }), pesan: person({ sms: '+620000000001' }) },
		plans: { all: { classes: ['all'], area: ['all'],
			rings: { desk: ring('role:operator'), ...(far ? { neighbours: ring('contact:surat', 'contact:pesan') } : {}) },
			fallback: { call: ['webhook:near'], every: '60s' } } },
	}));
}

/** An operator at a page: hears of each incident, takes it a moment later, closes it. */
class Operator {
	constructor(stack) { Object.assign(this, { stack, agent: new http.Agent({ keepAlive: true }), cookie: '', claims: [], failed: [], seen: 0, pending: 0 }); }
	async ask(target, body) {
		const begun = performance.now();
		const answer = await new Promise((resolve, reject) => {
			const request = http.request(`${this.stack.url}/api/v1${target}`, {
				method: 'POST', agent: this.agent, headers: { 'content-type': 'application/json', 'x-pospin': '1', cookie: this.cookie },
			}, (response) => { response.resume().once('end', () => resolve(response)); }).once('error', reject);
			request.end(JSON.stringify(body));
		});
		return { status: answer.statusCode, headers: answer.headers, ms: performance.now() - begun };
	}
	async login(token) {
		const made = await this.ask('/setup', { ...OPERATOR, token });
		const { status, headers } = await this.ask('/session', { name: OPERATOR.name, password: OPERATOR.password });
		if (status !== 200) throw new Error(`setup was answered ${made.status}, login ${status}`);
		this.cookie = /pospin_session=\w+/.exec(headers['set-cookie'])[0];
		this.events = openEvents({ url: this.stack.url, headers: { cookie: this.cookie } }, (event) => {
			if (event.kind !== 'incident.opened') return;
			this.seen++;
			this.#work(event.incident).catch((error) => this.failed.push(error.message));
		});
	}
	async #work(number) {
		this.pending++;
		await pause(CLAIM_AFTER_MS);
		const { status, ms } = await this.ask(`/incidents/${number}/acknowledge`, {});
		if (status === 200) this.claims.push(ms);
		else this.failed.push(`${number}: acknowledge ${status}`);
		// 409: a new alarm a moment ago; it stays open, and its next alarm is one more signal of it.
		const closed = await this.ask(`/incidents/${number}/close`, { code: 'test' });
		if (closed.status !== 200 && closed.status !== 409) this.failed.push(`${number}: close ${closed.status}`);
		this.pending--;
	}
	close() {
		this.events?.close();
		this.agent.destroy();
	}
}

const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)];
const quantiles = (values) => ({ p50: quantile(values, 0.5), p99: quantile(values, 0.99) });

/** It was there and everything of it was used, or it was gone and looked for (the kernel itself sends a packet or two), or nobody asked. */
async function checkFar(kind, far, lost) {
	const sum = {};
	const look = async () => {
		for (const [name, count] of Object.entries(await far.heard())) sum[name] = (sum[name] ?? 0) + count;
		return Object.values(sum).every((count) => count > 0);
	};
	if (kind === 'there') return until('every far receiver to hear something', look, 20000);
	await look();
	if (Object.values(sum).some((count) => count > 0) || lost < 10 !== (kind === 'none'))
		throw new Error(`${kind}: the far side has heard ${JSON.stringify(sum)}, and ${lost} packets were lost`);
}

/** One side: the server on a fresh record, an operator, alarms for so many seconds. */
async function side(site, { internet, near, far, seconds, seed, kind }) {
	const { stack } = site, record = stack.path('server/record.db');
	const before = stack.setupLinks(), { lost } = internet;
	near.opened.clear();
	await far.heard();
	writeSite(site.dir, site.posts, near.port, kind !== 'none');
	const server = await site.server({}, async () => {
		await stack.ctl('import', '--record', record, stack.path('site.yaml'));
		await stack.ctl('plan', 'import', '--record', record, stack.path('plan.json'));
	});
	const operator = new Operator(stack);
	let result;
	try {
		await until('the setup link', () => stack.setupLinks().length > before.length);
		await operator.login(/#setup=(\w+)/.exec(stack.setupLinks().at(-1))[1]);
		result = await play(site, { operator, near, seconds, seed });
		await checkFar(kind, far, internet.lost - lost);
	} finally {
		operator.close();
		const how = await server.stop();
		if (result && how.code !== 0) throw new Error(`the server has not ended by itself: ${JSON.stringify(how)}`);
	}
	return result;
}

/** Alarms for so many seconds, and all that must come of them. */
async function play(site, { operator, near, seconds, seed }) {
	const played = await site.fleet(['--posts', site.posts, '--rate', RATE, '--seconds', seconds, '--seed', seed]);
	const { signals } = await site.counts();
	if (signals !== played.total.pressed) throw new Error(`the record has ${signals} of ${played.total.pressed} alarms`);
	await until('every incident to be worked', () => operator.seen > 0 && operator.pending === 0, 20000);
	await until('the near webhook to be told of every incident', () => near.opened.size >= operator.seen, 20000).catch(() => {});
	if (operator.failed.length || near.refused) throw new Error(`${near.refused} refused; ${operator.failed.slice(0, 3).join('; ')}`);
	const { p50, p99 } = played.main.latency_ms;
	return { receipt: { p50, p99 }, claim: quantiles(operator.claims), near: quantiles([...near.opened.values()]), missing: operator.seen - near.opened.size };
}

async function main([build, posts, seconds, seed]) {
	ip('link', 'set', 'lo', 'up');
	const site = await Site.open(build, Number(posts));
	const near = new Near();
	let far;
	try {
		const internet = new Internet(site.dir);
		internet.appear();
		far = await Far.open(site.dir);
		await near.open();
		site.stack.options.sinks = { settings: () => settings(site.dir) };
		site.stack.writeServerSettings(`${site.dir}/pki`);
		const result = {};
		for (const kind of ORDERS[(Number(seed) - 1) % ORDERS.length]) {
			if (kind === 'gone') internet.vanish();
			result[kind] = await side(site, { internet, near, far, seconds, seed, kind });
			if (kind === 'gone') internet.appear();
		}
		console.log(JSON.stringify(result));
	} finally {
		far?.close();
		near.server.closeAllConnections();
		near.server.close();
		await site.close();
	}
}

if (process.argv[2] === 'far') await beFar(process.argv[3]);
else await main(process.argv.slice(2));
