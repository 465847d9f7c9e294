// SPDX-License-Identifier: Apache-2.0
// demo.test.mjs -- ./scripts/run as a person meets it, the sinks that its messages end in, and the judge of its night.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { messageWords, wordsOf } from '../../scripts/lib/narrator.mjs';
import { checkNight } from '../../scripts/lib/one-night.mjs';
import { freePorts, takenPorts, until } from '../../scripts/lib/parts.mjs';
import { GROUP, Sinks, isOurs } from '../../scripts/lib/sinks.mjs';
import { SOURCE, Stack } from '../../scripts/lib/stack.mjs';
import { BUILD, CONSOLE } from './support.mjs';

const exec = promisify(execFile);
async function withFolder(run) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-demo-'));
	try {
		await run(dir);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}
async function withSinks(run) {
	await withFolder(async (dir) => {
		const [mail, sinks] = await freePorts(2);
		const open = await Sinks.open({ dir, ports: { mail, sinks } });
		try {
			await run(open);
		} finally {
			await open.close();
		}
	});
}

/** Says a line, hears an answer of one or more lines. */
function smtp(socket) {
	let text = '', done;
	socket.setEncoding('latin1').on('data', (data) => {
		text += data;
		if (/^\d{3} .*\r\n$/m.test(text)) done?.();
	}).on('error', () => {}).on('close', () => done?.());
	const hear = () => new Promise((resolve) => {
		done = () => { const heard = text; text = ''; done = null; resolve(heard); };
		if (/^\d{3} .*\r\n$/m.test(text)) done();
	});
	return { hear, say: (line) => { const heard = hear(); socket.write(`${line}\r\n`); return heard; } };
}

test('the relay takes letters over TLS only, whole, and keeps each in a file before it says so', () => withSinks(async (sinks) => {
	const plain = net.connect(sinks.ports.mail, '127.0.0.1');
	const clear = smtp(plain);
	assert.match(await clear.hear(), /^220/);
	assert.match(await clear.say('EHLO test'), /STARTTLS/);
	assert.match(await clear.say('MAIL FROM:<a@b.example>'), /^530/, 'nothing in the clear');
	assert.match(await clear.say('toString'), /^500/);
	assert.match(await clear.say('STARTTLS'), /^220/);
	plain.removeAllListeners('data');
	const secure = tls.connect({ socket: plain, ca: sinks.tls.certificate, servername: 'localhost' });
	const { say } = smtp(secure);
	assert.doesNotMatch(await say('EHLO test'), /STARTTLS/);
	assert.match(await say('RCPT TO:<x@y.example>'), /^503/);
	assert.match(await say('MAIL FROM:<a@b.example>'), /^250/);
	assert.match(await say('DATA'), /^503/);
	assert.match(await say('RCPT TO:<../../\u001bx@y.example>'), /^250/);
	assert.match(await say('DATA'), /^354/);
	const body = Buffer.from('Kebakaran \u001b[2J di \u202eRW 02\r\n Balas: YA 1234567').toString('base64');
	const subject = `=?UTF-8?B?${Buffer.from('Kebakaran – RW 02').toString('base64')}?=`;
	assert.match(await say(`Subject: ${subject}\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n.`), /^250/);
	const [file] = readdirSync(sinks.mailDir);
	assert.equal(file, '001-.._..__x@y.example.txt');
	const kept = readFileSync(path.join(sinks.mailDir, file), 'utf8');
	assert.match(kept, /^To: ..\/..\/x@y.example\nSubject: Kebakaran – RW 02\n/);
	assert.ok(kept.endsWith('Kebakaran [2J di RW 02\n Balas: YA 1234567\n'), 'and what moves a terminal is not in it');
	assert.deepEqual([sinks.messages[0].to, sinks.messages[0].code], ['../../x@y.example', '1234567']);
	await say('MAIL FROM:<a@b.example>');
	await say('RCPT TO:<x@y.example>');
	await say('DATA');
	assert.match(await say('Subject: dots\r\n\r\n..\r\n.'), /^250/);
	assert.equal(sinks.messages[1].text, '.', 'a dot that was doubled on its way is one');
	secure.destroy();
}));

test('what is sent in the clear behind STARTTLS ends the connection', () => withSinks(async (sinks) => {
	const socket = net.connect(sinks.ports.mail, '127.0.0.1');
	const { hear } = smtp(socket);
	await hear();
	socket.write('STARTTLS\r\nMAIL FROM:<a@b.example>\r\n');
	await new Promise((resolve) => socket.once('close', resolve));
	assert.equal(sinks.messages.length, 0);
}));

test('the webhook\'s receiver wants our signature, of now, and takes a repeated try once', () => withSinks(async (sinks) => {
	const now = Date.now(), body = JSON.stringify({ chat: GROUP, text: 'LATIHAN' });
	const signed = (stamp, secret, of = body) => ({
		'x-pospin-timestamp': `${stamp}`, 'x-pospin-signature': `sha256=${createHmac('sha256', secret).update(`${stamp}.${of}`).digest('hex')}`,
	});
	for (const [what, headers] of [['nothing', {}], ['another secret', signed(now, 'other')], ['another body', signed(now, sinks.secret, '{}')],
		['an old one', signed(now - 3600000, sinks.secret)], ['no number', signed('x', sinks.secret)]])
		assert.equal(isOurs(headers, body, sinks.secret, now), false, what);
	const post = async (headers) => (await fetch(`http://127.0.0.1:${sinks.ports.sinks}/${GROUP}`, { method: 'POST', headers, body })).status;
	assert.equal(await post({}), 401);
	assert.equal(sinks.refused, 1);
	for (let i = 0; i < 2; i++) assert.equal(await post({ ...signed(now, sinks.secret), 'idempotency-key': 'k1' }), 204);
	assert.deepEqual(sinks.messages.map(({ channel, to, text }) => [channel, to, text]), [['webhook', GROUP, 'LATIHAN']]);
	assert.equal((await fetch(`http://127.0.0.1:${sinks.ports.sinks}/nothing`, { method: 'POST' })).status, 404);
}));

const NIGHT = [
	['incident.opened', 'post:kendal/boja-01', { class: 'crime' }], ['ladder.step', 'server', { ring: 'desk', step: 1, wait: 8000, call: ['role:operator'] }],
	['ladder.step', 'server', { ring: 'agencies', step: 1, call: ['agency:polsek-boja'] }], ['call.notified', 'server', { agency: 'polsek-boja' }],
	['call.refused', 'agency:polsek-boja', { agency: 'polsek-boja' }], ['ladder.step', 'server', { ring: 'agencies', step: 2, call: ['agency:satpolpp'] }],
	['call.notified', 'server', { agency: 'satpolpp' }], ['ladder.step', 'server', { ring: 'desk', step: 2, call: ['contact:kepala-piket'] }, 8100],
	['call.notified', 'server', { contact: 'kepala-piket' }, 8100], ['call.accepted', 'agency:satpolpp', { agency: 'satpolpp' }, 9000],
	['incident.dispatched', 'agency:satpolpp', {}, 9000], ['call.on-scene', 'agency:satpolpp', { agency: 'satpolpp' }, 9500],
	['incident.on-scene', 'agency:satpolpp', {}, 9500], ['incident.closed', 'ctl:demo', { code: 'test' }, 9600],
].map(([kind, actor, body, at = 0]) => ({ kind, actor, body, at, incident: 'KDL-26-000001', post: 'boja-01' }));

test('a night whose record lacks a step, or has it from somebody else or too early, has failed', () => {
	checkNight(NIGHT);
	for (const [i, { kind }] of NIGHT.entries()) {
		assert.throws(() => checkNight(NIGHT.filter((_, k) => k !== i)), /the record has no/, kind);
		const other = NIGHT.map((event, k) => (k === i ? { ...event, actor: 'ctl:demo' } : event));
		if (kind !== 'incident.opened' && kind !== 'incident.closed')
			assert.throws(() => checkNight(other), /the record has no/, `${kind} by somebody else`);
	}
	const early = NIGHT.map((event) => ({ ...event, at: Math.min(event.at, 5000) }));
	assert.throws(() => checkNight(early), /after 5000 ms, not after 8000/);
	const later = NIGHT.map((event) => (event.body.agency === 'satpolpp' || event.body.step === 2 ? { ...event, at: event.at + 30000 } : event));
	assert.throws(() => checkNight(later), /30000 ms after the refusal/);
	assert.throws(() => checkNight([...NIGHT, { kind: 'incident.acknowledged', actor: 'user:siti', body: {}, at: 8000 }]), /at the desk/);
});

test('each step has its words, in both languages where people read them', () => {
	const lines = NIGHT.map(wordsOf).filter(Boolean);
	assert.equal(lines.length, NIGHT.filter(({ kind }) => kind !== 'call.notified').length, 'who is notified is seen by the message');
	assert.ok(lines.includes('KDL-26-000001  langkah / step 2, meja / desk: kepala-piket'));
	assert.ok(lines.includes('KDL-26-000001  polsek-boja: menolak / refuses'));
	assert.equal(wordsOf({ kind: 'notification.sent', body: {} }), null);
	assert.deepEqual(messageWords({ channel: 'SMS', to: '+62', text: 'A\n B', code: '1234567' }, 'answer'),
		['  -> SMS +62: A | B', '     jawab / answer: answer YA 1234567   (atau / or TOLAK)']);
});

/** Six ports in a row. */
async function sixPorts() {
	for (;;) {
		const first = 11000 + Math.floor(Math.random() * 20000);
		const ports = [0, 1, 2, 3, 4, 5].map((i) => first + i);
		if (!(await takenPorts(ports)).length) return ports;
	}
}

/** Nothing outlives a test that fails. */
const demos = new Set();
test.after(async () => { for (const demo of demos) await demo.end('SIGTERM'); });
process.once('exit', () => { for (const { child } of demos) child.kill('SIGTERM'); });

class Demo {
	constructor(dir, ports) {
		demos.add(this);
		this.child = spawn(process.execPath, [path.join(SOURCE, 'scripts/lib/demo.mjs'),
			'--build', BUILD, '--console', CONSOLE, '--dir', dir, '--ports', `${ports[0]}`]);
		this.text = '';
		for (const stream of [this.child.stdout, this.child.stderr]) stream.setEncoding('utf8').on('data', (data) => { this.text += data; });
		this.ended = new Promise((resolve) => { this.child.once('close', (code, signal) => { demos.delete(this); resolve(signal ?? code); }); });
	}
	async says(pattern, what = `${pattern}`) {
		return until(what, () => pattern.exec(this.text), 30000).catch((error) => { throw new Error(`${error.message}\n${this.text}`); });
	}
	async end(signal = 'SIGINT') {
		this.child.kill(signal);
		return this.ended;
	}
}

/** What a person does: presses, sees whom it tells, answers as the agencies, ends it in the midst, starts again. */
test('scripts/run shows whom an alarm tells, takes the agencies\' answers, and ends whole', { timeout: 180000 }, () => withFolder(async (dir) => {
	const ports = await sixPorts(), env = { ...process.env, POSPIN_RUN: dir };
	const script = (name, ...args) => exec(path.join(SOURCE, 'scripts', name), args, { env })
		.then(({ stdout }) => stdout.trim(), (error) => `${error.code} ${error.stdout}${error.stderr}`.trim());
	const broken = new Demo(dir, ports);
	await broken.says(/keys and registry/);
	assert.equal(await broken.end(), 0, broken.text);
	assert.doesNotMatch(broken.text, /scripts\/run:/, 'what was ended is no failure');
	assert.match(await script('answer', 'YA', '1234567'), /^1 .*is \.\/scripts\/run up\?/);

	const demo = new Demo(dir, ports);
	try {
		await demo.says(/Ctrl-C mengakhiri/);
		const second = new Demo(dir, ports);
		assert.equal(await second.ended, 1);
		assert.match(second.text, new RegExp(`port ${ports[0]}, .* is taken: .*--ports`));
		assert.match(await script('press', 'boja-01', 'nothing'), /^1 /);
		await script('press', 'boja-01', 'panic-crime');
		const codeOf = async (who) => (await demo.says(new RegExp(`-> mail ${who}@[^\\n]*Balas: YA (\\d{7})`)))[1];
		const first = await codeOf('polsek\\.boja');
		await demo.says(/-> SMS \+620000000201: KEJAHATAN/);
		await demo.says(/-> SMS \+620000000202: CRIME/);
		await demo.says(/-> webhook grup-warga: KEJAHATAN/);
		await demo.says(new RegExp(`jawab / answer: POSPIN_RUN=${dir} \\./scripts/answer YA ${first} `));
		assert.match(await script('answer', 'TOLAK', '0000000'), /^1 ditolak \/ refused \(4\d\d\)/);
		assert.match(await script('answer', 'TOLAK'), /^2 usage/);
		assert.equal(await script('answer', 'TOLAK', first), 'tercatat / recorded');
		await demo.says(/polsek-boja: menolak \/ refuses/);
		const next = await codeOf('satpolpp');
		assert.equal(await script('answer', 'YA', next), 'tercatat / recorded');
		await demo.says(/bantuan dikirim \/ help is sent: agency:satpolpp/);
		await codeOf('kepala\\.piket');
		assert.equal(await script('answer', 'TIBA', next), 'tercatat / recorded');
		await demo.says(/bantuan tiba \/ help has arrived/);
		const api = (...what) => Stack.prototype.api.apply({ path: (...names) => path.join(dir, ...names) }, what);
		const [{ number }] = (await api('GET', '/incidents?state=open')).body.incidents;
		for (const [act, body] of [['acknowledge', {}], ['close', { code: 'test' }]])
			assert.equal((await api('POST', `/incidents/${number}/${act}`, body)).status, 200, act);
		await demo.says(/ditutup oleh \/ closed by/);
		checkNight((await api('GET', `/incidents/${number}`)).body.timeline);
		assert.ok(readdirSync(path.join(dir, 'sinks/mail')).length >= 3);
	} finally {
		assert.equal(await demo.end(), 0, demo.text);
	}
	assert.deepEqual(await takenPorts(ports), [], 'nothing is left');

	const again = new Demo(dir, ports);
	await again.says(/Ctrl-C mengakhiri/);
	assert.equal(await again.end(), 0, again.text);
}));
