// SPDX-License-Identifier: Apache-2.0
// bundle.test.mjs -- a running system is filled with canaries, a secret or a personal word of every kind, and the support bundles
// are searched for each of them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { withStack } from './support.mjs';

const CANARIES = {
	contact: 'Kenarina Penjaga', phone: '081298765432', hookPath: 'kenari-jalur-9f3c', hookSecret: 'kenari-rahasia-0123456789',
	user: 'kenaripetugas', display: 'Kenari Si Petugas', password: 'kenari sandi panjang', note: 'catatan kenari: pintu belakang',
	token: 'kenari-token-0123456789abcdef0123456789', storeUser: 'kenaristore', storePassword: 'kenaristorepw', logged: '+62 813-5555-0101',
};

const unpack = (file, dir) => {
	mkdirSync(dir);
	execFileSync('tar', ['-xzf', file, '-C', dir]);
	const inside = path.join(dir, readdirSync(dir)[0]);
	return Object.fromEntries(readdirSync(inside).map((name) => [name, readFileSync(path.join(inside, name), 'utf8')]));
};
/** No canary in any spelling that a program may have given it. */
function clean(files, secrets) {
	for (const [name, text] of Object.entries(files))
		for (const secret of secrets)
			for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex')])
				assert.ok(!text.toLowerCase().includes(form.toLowerCase()), `${name} holds '${form}'`);
}

test('support bundles hold what a helper needs and no secret', async (t) => {
	const sink = http.createServer((request, response) => { request.resume(); response.writeHead(500).end(CANARIES.hookSecret); });
	await new Promise((resolve) => { sink.listen(0, '127.0.0.1', resolve); });
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-site-'));
	const site = makeSite(dir, sink.address().port);
	try {
		await withStack({ posts: ['boja-01'], site }, async (stack) => {
			const token = stack.path('metrics.token');
			writeFileSync(token, `${CANARIES.token}\n`, { mode: 0o600 });
			writeFileSync(stack.path('server.yaml'), readFileSync(stack.path('server.yaml'), 'utf8').replace(/^http:$/m, `http:\n  metrics_token: ${token}`));
			await stack.parts.server.stop();
			await stack.startServer();
			const setup = stack.setupLink().split('#setup=')[1];
			const made = await fetch(`${stack.url}/api/v1/setup`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-pospin': '1' },
				body: JSON.stringify({ token: setup, name: CANARIES.user, display: CANARIES.display, password: CANARIES.password }) });
			assert.equal(made.status, 201);
			const login = await fetch(`${stack.url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-pospin': '1' },
				body: JSON.stringify({ name: CANARIES.user, password: CANARIES.password }) });
			const cookie = login.headers.get('set-cookie').match(/pospin_session=(\w+)/)[1];
			await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
			await stack.press('boja-01', 'panic-crime', 100);
			const [incident] = await until('the incident', async () => { const open = await stack.incidents('open'); return open.length && open; });
			assert.equal((await stack.act(incident.number, 'note', { text: CANARIES.note })).status, 200);
			await until('a webhook to fail', async () => (await stack.api('GET', '/counts')).body.notifications.again > 0);
			const recorder = stack.path('recorder.yaml');
			writeFileSync(recorder, readFileSync(recorder, 'utf8').replace('http://127', `http://${CANARIES.storeUser}:${CANARIES.storePassword}@127`));
			await stack.parts.recorder.stop();
			await stack.startRecorder();
			const log = await until('the recorder to have begun again', () => {
				const text = readFileSync(stack.path('log/recorder.log'), 'utf8');
				return text.split('recorder.started').length > 2 && text;
			});
			assert.equal(log.includes(CANARIES.storePassword), false, 'the log has the password of the store');
			appendFileSync(stack.path('log/server.log'), `a call from ${CANARIES.contact}, ${CANARIES.logged}; cookie: ${cookie}; an ordinary line\n`);
			const keys = ['server-signing.key', 'svc-server.key', 'svc-ctl.key'].map((name) => readFileSync(stack.path('pki', name), 'utf8').split('\n')[1]);
			const secrets = [...Object.values(CANARIES), setup, cookie, ...keys];

			await t.test('the server\'s', async () => {
				const out = stack.path('server.tar.gz');
				await stack.ctl('support-bundle', '--out', out, '--config', stack.path('server.yaml'), '--recorder', recorder, '--pki', stack.path('pki'),
					'--log', stack.path('log/server.log'), '--log', stack.path('log/recorder.log'));
				assert.equal(statSync(out).mode & 0o7777, 0o600);
				const files = unpack(out, stack.path('unpacked-server'));
				clean(files, secrets);
				assert.deepEqual(Object.keys(files).sort(), ['README.txt', 'counts.json', 'doctor.txt', 'health.json', 'log.txt', 'metrics.txt', 'record.txt',
					'recorder-settings.txt', 'recorder.json', 'settings.txt', 'versions.txt']);
				assert.match(files['doctor.txt'], /^FAIL {2}webhooks .*webhook kabar: [1-9]/m);
				assert.match(files['metrics.txt'], /^pospin_server_incidents_open 1$/m);
				assert.match(files['record.txt'], /^incident: 1 rows$/m);
				assert.match(files['record.txt'], /CREATE TABLE signal /);
				assert.match(files['log.txt'], /server\.started/);
				assert.match(files['log.txt'], /an ordinary line/);
				assert.match(files['settings.txt'], new RegExp(`^signing_key: .*${path.basename(stack.dir)}`, 'm'));
				assert.match(files['settings.txt'], /metrics_token: .*metrics\.token/);
				assert.match(files['recorder-settings.txt'], /url: "?http:\/\/\[removed\]@127\.0\.0\.1/);
				assert.equal(JSON.parse(files['health.json']).broker, true);
				assert.match(files['versions.txt'], /^pospinctl \d/m);
				assert.deepEqual(readdirSync(stack.dir).filter((name) => name.startsWith('.pospin-bundle')), [], 'nothing is left behind');
			});
			await t.test('the post\'s', async () => {
				const out = stack.path('edge.tar.gz');
				appendFileSync(stack.path('log/boja-01.log'), `call ${CANARIES.logged} password=${CANARIES.token}\n`);
				await stack.call(stack.program('pospin-edge'), ['--config', stack.path('posts/boja-01/edge.yaml'), 'support-bundle', '--out', out,
					'--log', stack.path('log/boja-01.log')]);
				const files = unpack(out, stack.path('unpacked-edge'));
				clean(files, [...secrets, readFileSync(stack.path('posts/boja-01/post.key'), 'utf8').split('\n')[1]]);
				assert.deepEqual(Object.keys(files).sort(), ['README.txt', 'doctor.txt', 'log.txt', 'metrics.txt', 'outbox.txt', 'settings.txt', 'status.json', 'versions.txt']);
				assert.match(files['doctor.txt'], /^OK {4}broker\.way /m);
				assert.equal(JSON.parse(files['status.json']).post, 'boja-01');
				assert.match(files['outbox.txt'], /the running agent's: see outbox in status\.json/);
				assert.ok(JSON.parse(files['status.json']).outbox.last_seq >= 1);
				assert.match(files['log.txt'], /uplink\.up/);
				await stack.edges['boja-01'].stop();
				await stack.call(stack.program('pospin-edge'), ['--config', stack.path('posts/boja-01/edge.yaml'), 'support-bundle',
					'--out', stack.path('ended.tar.gz'), '--log', stack.path('log/boja-01.log')]);
				assert.match(unpack(stack.path('ended.tar.gz'), stack.path('unpacked-ended'))['outbox.txt'], /^signal: [1-9]\d* rows$/m);
			});
		});
	} finally {
		sink.close();
		rmSync(dir, { recursive: true, force: true });
	}
});

/** The sample site with a contact of a name and a number, and a webhook whose address is a secret. */
function makeSite(dir, port) {
	const sample = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8');
	const hook = `    webhooks:\n      - { name: kabar, url: "http://127.0.0.1:${port}/${CANARIES.hookPath}", secret: ${CANARIES.hookSecret} }\n    posts:\n`;
	const site = sample.replace(/contact: \{.*\}/, `contact: { name: ${CANARIES.contact}, phone: "${CANARIES.phone}" }`).replace(/^ {4}posts:\n/m, hook);
	assert.ok(site.includes(CANARIES.hookPath) && site.includes(CANARIES.contact));
	writeFileSync(path.join(dir, 'site.yaml'), site);
	return path.join(dir, 'site.yaml');
}
