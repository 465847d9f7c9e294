// SPDX-License-Identifier: Apache-2.0
// input.test.mjs -- what is wrong in a file or at a start is named: which file, which line, and what was expected.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { freePorts } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { BUILD, withStack } from './support.mjs';

const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-input-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const at = (...parts) => path.join(dir, ...parts);
const sample = (name) => readFileSync(path.join(SOURCE, 'packaging/examples', name), 'utf8');

/** Runs a program to its end (or 5 s): { code, said }. */
const run = (program, ...args) => new Promise((resolve) => {
	execFile(path.join(BUILD, 'bin', program), args, { timeout: 5000 }, (error, stdout, stderr) =>
		resolve({ code: error ? error.code ?? 'still running' : 0, said: stdout + stderr }));
});

/** A file of the sample with one text replaced. */
function spoil(name, from, to) {
	const text = sample(name);
	assert.ok(text.includes(from), `packaging/examples/${name} has no '${from}'`);
	writeFileSync(at(name), text.replace(from, to));
	return at(name);
}

const SETTINGS = {
	'pospin-edge': 'edge.yaml', 'pospin-server': 'server.yaml', 'pospin-recorder': 'recorder.yaml',
};
/** program, what is replaced by what, what its message must say. */
const BAD_SETTINGS = [
	['pospin-edge', 'state_every: 10s', 'state_evry: 10s', /edge\.yaml:\d+:1: .*'state_evry'.*did you mean 'state_every'/],
	['pospin-edge', 'state_every: 10s', 'state_every: 50', /edge\.yaml:\d+:\d+: .*state_every.*10s|edge\.yaml:\d+:\d+: .*state_every.*unit/],
	['pospin-edge', 'post: boja-01', 'post: boja-01\npost: boja-02', /edge\.yaml:\d+:1: 'post' is given twice, first in line \d+/],
	['pospin-edge', 'post: boja-01', 'post: svc-server', /edge\.yaml:\d+:\d+: .*post/],
	['pospin-edge', 'silent: true', 'silent: flase', /edge\.yaml:\d+:\d+: .*true or false.*flase/],
	['pospin-edge', 'class: crime', 'class: crmie', /edge\.yaml:\d+:\d+: .*crmie/],
	['pospin-edge', '- id: panic-fire', '- id: panic-crime', /edge\.yaml:\d+:\d+: .*panic-crime/],
	['pospin-server', 'allow_private: false', 'allow_private: flase', /server\.yaml:\d+:\d+: .*true or false.*flase/],
	['pospin-server', 'idle: 12h', 'idle: 50', /server\.yaml:\d+:\d+: .*session\.idle.*50/],
	['pospin-server', 'port: 8480', 'port: 84800', /server\.yaml:\d+:\d+: .*http\.port.*65535.*84800/],
	['pospin-server', 'console:', 'konsole:', /server\.yaml:\d+:\d+: .*'http\.konsole'|server\.yaml:\d+:\d+: .*'konsole'/],
	['pospin-server', 'origin: ""', 'origin: pospin.example', /server\.yaml:\d+:\d+: 'origin': expected https/],
	['pospin-recorder', 'api: 1', 'api: 3', /recorder\.yaml:\d+:\d+: .*api.*3/],
	['pospin-recorder', 'timeout: 10s', 'timeout: 10', /recorder\.yaml:\d+:\d+: .*timeout.*10/],
	['pospin-recorder', 'database: pospin', 'database: pospin\n  database: other', /recorder\.yaml:\d+:3: 'database' is given twice/],
	['pospin-recorder', 'data: ', 'dta: ', /recorder\.yaml:\d+:1: .*'dta'.*did you mean 'data'/],
];
for (const [program, from, to, words] of BAD_SETTINGS)
	test(`${program} says what is wrong with '${to.split('\n').at(-1)}'`, async () => {
		const { code, said } = await run(program, '--config', spoil(SETTINGS[program], from, to), '--check-config');
		assert.equal(code, 1, said);
		assert.match(said, words);
		assert.equal(said.trim().split('\n').length, 1, said);
	});

test('every program names a settings file that is not there', async () => {
	for (const program of Object.keys(SETTINGS)) {
		const { code, said } = await run(program, '--config', at('nowhere.yaml'));
		assert.equal(code, 1);
		assert.match(said, /nowhere\.yaml.*No such file/, program);
	}
});

const BAD_SITES = [
	['two posts of one name', '- id: boja-01', '- id: kaliwungu-01', /site-kendal\.yaml:\d+:\d+: .*kaliwungu-01/],
	['a desa that is not in the file', 'desa: "33.24.08.2001"', 'desa: "33.24.99.9999"', /site-kendal\.yaml:\d+:\d+: .*33\.24\.99\.9999/],
	['a name kept for services', '- id: boja-01', '- id: svc-boja', /site-kendal\.yaml:\d+:\d+: .*svc-/],
	['a place that is no place', /latitude: \S+/.exec(sample('site-kendal.yaml'))[0], 'latitude: 96.9', /site-kendal\.yaml:\d+:\d+: 'latitude': expected a latitude of Indonesia/],
	['a zone that nobody knows', 'Asia/Jakarta', 'Asia/Kendal', /site-kendal\.yaml:\d+:\d+: 'timezone': expected Asia\/Jakarta/],
	['a class that nobody knows', 'class: fire', 'class: fier', /site-kendal\.yaml:\d+:\d+: 'class': expected crime, fire/],
];
for (const [name, from, to, words] of BAD_SITES)
	test(`a site file with ${name} is refused with its place`, async () => {
		const record = at(`bad-${name.length}.db`);
		const { code, said } = await run('pospinctl', 'import', '--record', record, spoil('site-kendal.yaml', from, to));
		assert.notEqual(code, 0);
		assert.match(said, words);
	});

test('what cannot be enrolled is refused in words', async (t) => {
	const pki = at('pki'), record = at('record.db');
	const ctl = (...args) => run('pospinctl', ...args);
	const request = (post) => ctl('post', 'request', '--tenant', 'kendal', '--post', post, '--key', at(`${post}.key`), '--out', at(`${post}.csr`));
	const enrol = (post, csr) => ctl('post', 'enrol', '--record', record, '--pki', pki, '--request', at(`${csr}.csr`), '--tenant', 'kendal', '--post', post, '--out', at('out.crt'));
	assert.equal((await ctl('pki', 'init', '--dir', pki, '--broker-name', 'localhost')).code, 0);
	assert.equal((await ctl('import', '--record', record, path.join(SOURCE, 'packaging/examples/site-kendal.yaml'))).code, 0);
	assert.equal((await request('boja-01')).code, 0);
	assert.equal((await request('nowhere-01')).code, 0);

	await t.test('a request for another name', async () => {
		const { code, said } = await enrol('weleri-01', 'boja-01');
		assert.notEqual(code, 0);
		assert.match(said, /boja-01\.csr: is a request of kendal\/boja-01, not of kendal\/weleri-01/);
	});
	await t.test('a post that is not in the registry', async () => {
		const { code, said } = await enrol('nowhere-01', 'nowhere-01');
		assert.notEqual(code, 0);
		assert.match(said, /nowhere-01.*(regist|no such)/i);
	});
	await t.test('a file that is no request', async () => {
		writeFileSync(at('junk.csr'), 'junk');
		const { code, said } = await enrol('boja-01', 'junk');
		assert.notEqual(code, 0);
		assert.match(said, /junk\.csr/);
	});
	await t.test('a name kept for services', async () => assert.notEqual((await request('svc-server')).code, 0));
});

test('a server that cannot start names what and where', async (t) => {
	const pki = at('pki');
	const [port, taken] = await freePorts(2);
	const settings = (values = {}) => {
		const all = { data: at('server'), key: `${pki}/server-signing.key`, cert: `${pki}/svc-server.crt`, console: '""', socket: at('sock'), port, ...values };
		writeFileSync(at('start.yaml'), [`data: ${all.data}`, `signing_key: ${all.key}`, 'broker:', '  host: 127.0.0.1', '  port: 1', `  ca: ${pki}/service-ca.crt`,
			`  certificate: ${all.cert}`, `  key: ${pki}/svc-server.key`, 'http:', `  port: ${all.port}`, `  console: ${all.console}`, `  socket: ${all.socket}`, ''].join('\n'));
		return at('start.yaml');
	};
	const blocker = net.createServer();
	await new Promise((resolve) => blocker.listen(taken, '127.0.0.1', resolve));
	writeFileSync(at('wrong.key'), '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
	writeFileSync(at('no-record'), '');
	mkdirSync(at('broken'));
	writeFileSync(at('broken/record.db'), 'this is no database, and long enough to be taken for one'.repeat(100));
	const cases = [
		['a console folder that is missing', { console: at('no-console') }, /console folder .*no-console: No such file/],
		['a signing key that is missing', { key: at('no.key') }, /signing_key .*no\.key: No such file/],
		['a signing key that is none', { key: at('wrong.key') }, /signing key .*wrong\.key: /],
		['a broker certificate that is missing', { cert: at('no.crt') }, /broker\.certificate .*no\.crt: No such file/],
		['a port that is taken', { port: taken }, new RegExp(`address 127\\.0\\.0\\.1 port ${taken}: Address already in use`)],
		['a control socket where a file is', { socket: at('no-record') }, /control socket .*no-record: /],
		['a folder that cannot be made', { data: `${at('no-record')}/x` }, /folder .*no-record\/x: Not a directory/],
		['a record that is none', { data: at('broken') }, /record .*broken\/record\.db: /],
	];
	for (const [name, values, words] of cases)
		await t.test(name, async () => {
			const { code, said } = await run('pospin-server', '--config', settings(values));
			assert.equal(code, 1, said);
			assert.match(said, /server\.not-started/);
			assert.match(said, words);
		});
	await t.test('a signing key that may not be read', { skip: process.getuid() === 0 && 'root reads everything' }, async () => {
		writeFileSync(at('shut.key'), '');
		chmodSync(at('shut.key'), 0);
		assert.match((await run('pospin-server', '--config', settings({ key: at('shut.key') }))).said, /shut\.key: Permission denied/);
	});
	blocker.close();
});

test('a second server on a record is refused, and the first goes on', () =>
	withStack({ posts: [], store: null }, async (stack) => {
		const [other] = await freePorts(1);
		const text = readFileSync(stack.path('server.yaml'), 'utf8').replace(`port: ${stack.ports.http}`, `port: ${other}`).replace('sock/server', 'sock/second');
		writeFileSync(stack.path('second.yaml'), text);
		const { code, said } = await run('pospin-server', '--config', stack.path('second.yaml'));
		assert.equal(code, 1, said);
		assert.match(said, /record .*record\.db: another pospin-server works on it/);
		assert.equal((await stack.api('GET', '/health')).status, 200);
		await stack.parts.server.stop('SIGKILL');
		await stack.startServer();
	}));
