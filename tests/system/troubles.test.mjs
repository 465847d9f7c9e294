// SPDX-License-Identifier: Apache-2.0
// troubles.test.mjs -- what engineers are told: after a while, as one message, not in their quiet hours; and a storm of alarms that
// becomes few messages. Nothing of it is lost on the way, and no alarm waits.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { Faults } from '../support/faults.mjs';
import { connectAs, postKey, publishSigned, signalBody, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const TEKNISI = '+628111111111';
const SATPAM = '+628222222222';
const STORM = 200;
const LIMIT = 5;

/** Both a gateway for SMS and a webhook. */
async function startSinks() {
	const sms = [], told = [];
	const server = http.createServer((request, answer) => {
		let body = '';
		request.setEncoding('utf8').on('data', (data) => { body += data; }).on('end', () => {
			const form = new URLSearchParams(body);
			if (request.url === '/bot') told.push({ ...JSON.parse(body), came: Date.now() });
			else sms.push({ to: form.get('to'), text: form.get('text') });
			answer.writeHead(200, { 'content-type': 'application/json' }).end('{"status":0}');
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${server.address().port}`;
	return { sms, told, url, to: (number) => sms.filter((one) => one.to === number).map(({ text }) => text),
		end: () => { server.closeAllConnections(); server.close(); } };
}

/** Quiet hours of Jakarta that end in 35 s, and how much the server's clock must be ahead for that to be a full minute. */
function quietHours() {
	const ends = Date.now() + 35000, minute = Math.ceil(ends / 60000) * 60000;
	const clock = (at) => new Date(at + 7 * 3600000).toISOString().slice(11, 16);
	return { ends, ahead: minute - ends, quiet: { from: clock(minute - 7200000), to: clock(minute) } };
}
const person = (name, sms) => ({ name, role: 'teknisi', ways: [{ sms }] });
const planWith = (quiet) => ({
	tenant: 'kendal',
	contacts: { teknisi: person('Bu Teknisi', TEKNISI), satpam: person('Pak Satpam', SATPAM) },
	troubles: [
		{ kinds: ['storage'], after: '1s', call: ['contact:teknisi'] },
		{ kinds: ['mains', 'battery', 'stuck'], after: '1s', quiet, call: ['contact:teknisi'] },
	],
	limits: { troubles: { most: 20, in: '1min' }, alarms: { most: LIMIT, in: '20s' } },
	plans: { all: { classes: ['all'], area: ['all'],
		rings: { desk: { until: 'taken', steps: [{ call: ['contact:satpam'], wait: '1h' }] } },
		fallback: { call: ['contact:satpam'], every: '1h' } } },
});

test('what engineers are told, and how often', async (t) => {
	const sinks = await startSinks();
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-troubles-'));
	const site = path.join(dir, 'site.yaml');
	writeFileSync(site, readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8').replace(/^ {4}posts:$/m,
		`    webhooks:\n      - { name: bot, url: "${sinks.url}/bot", secret: sixteen-bytes-of-chance }\n\n    posts:`));
	try {
		await withStack({ posts: [POST], store: null, site }, async (stack) => {
			appendFileSync(stack.path('server.yaml'), ['sms:', `  url: ${sinks.url}/send`, '  template: "to={{address}}&text={{text}}"', '  type: form',
				'  success: "status=0"', ''].join('\n'));
			await stack.edges[POST].stop();
			await stack.parts.server.stop();
			const { ends, ahead, quiet } = quietHours();
			const clock = new Faults(stack.path('clock'));
			clock.set({ synchronised: 1, wall_ms: ahead });
			clock.close();
			Object.assign(stack.parts.server.env, clock.env);
			await stack.startServer();
			const record = (sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', stack.path('server/record.db'), sql]).toString() || '[]');
			const states = (where) => record(`SELECT about, state, detail FROM notification WHERE ${where} ORDER BY notification_id`);
			const client = await connectAs(stack, POST);
			let seq = 0;
			const send = (values) => publishSigned(client, topicOf(POST, 'signal'), JSON.stringify(signalBody({ seq: ++seq, mono: 1000 + seq, ...values })),
				postKey(stack, POST));
			const trouble = (detail, signal = 'trouble') => send({ signal, kind: 'mains', point: 'mains', class: 'unspecified', detail });

			assert.equal((await stack.api('PUT', '/plan', planWith(quiet))).status, 200);

			await t.test('a trouble that must not wait is told after it has stood, and the others are held', async () => {
				// One after the other: of what the server hears in the same moment none is the newer one.
				for (const kind of ['storage', 'mains', 'battery', 'stuck']) {
					await trouble(kind);
					await until(`${kind} to be in the record`, async () => (await stack.api('GET', '/troubles')).body.troubles.some((one) => one.kind === kind));
				}
				await until('the word to the engineer', () => sinks.to(TEKNISI).length === 1, 20000);
				assert.match(sinks.to(TEKNISI)[0], /^GANGGUAN .*: penyimpanan pos rusak \d\d:\d\d$/);
				await until('three to be held', () => states("state = 'collecting'").length === 3);
				const { body: { troubles } } = await stack.api('GET', '/troubles');
				assert.deepEqual(troubles.map(({ kind, told }) => [kind, told]).filter(([, told]) => told), [['storage', 1]]);
				assert.equal((await stack.incidents()).length, 0);
			});
			await t.test('what is mended before it was told is withdrawn, and its row says so', async () => {
				await trouble('stuck', 'trouble-restore');
				const [row] = await until('the row', () => {
					const rows = states("about LIKE '%stuck%' AND state = 'withdrawn'");
					return rows.length && rows;
				});
				assert.equal(row.detail, 'mended before it was told');
			});
			await t.test('an alarm in quiet hours is told at once', async () => {
				await send({});
				await until('both to be told', () => sinks.told.length === 1 && sinks.to(SATPAM).length === 1, 20000);
				if (Date.now() < ends) assert.equal(states("state = 'collecting'").length, 2, 'it is quiet still');
			});
			await t.test('a storm of 200 signals is few messages with the right count, and another incident is not held up', async () => {
				for (let i = 1; i < STORM; i++) await send({});
				await send({ point: 'panic-fire', class: 'fire' });
				const first = await until('the first word of the fire', () => sinks.told.find(({ incident }) => incident.class === 'fire'), 15000);
				assert.equal(first.kind, 'incident.opened');
				const crime = () => sinks.told.filter(({ incident }) => incident.class === 'crime');
				const carrying = await until('the message that carries the others', () => crime().find(({ collapsed }) => collapsed), 60000, 100);
				const { body: incident } = await until('its row to be sent', async () => {
					const answer = await stack.api('GET', `/incidents/${carrying.incident.number}`);
					return answer.body.notifications.some(({ gathered, state }) => gathered && state === 'sent') && answer;
				}, 20000);
				assert.equal(incident.signals, STORM);
				const rows = incident.notifications.filter(({ target }) => target === 'bot');
				assert.ok(rows.length >= 20, `${rows.length} were to be told`);
				assert.ok(crime().length <= 2 * LIMIT, `${crime().length} messages`);
				const carriers = new Map(rows.filter(({ gathered }) => gathered).map((row) => [row.id, row]));
				for (const row of rows.filter(({ state }) => state === 'collapsed')) assert.ok(carriers.has(row.into), `${row.id} is in one that went`);
				for (const [id, { gathered }] of carriers) assert.equal(rows.filter(({ into }) => into === id).length, gathered);
				const told = incident.timeline.find(({ kind, body }) => kind === 'notification.collapsed' && body.into === carrying.id);
				assert.equal(told.body.count, carrying.collapsed);
				assert.match(record(`SELECT text FROM notification WHERE key = '${carrying.id}'`)[0].text, new RegExp(`Termasuk ${carrying.collapsed} pesan`));
			});
			await t.test('the end of quiet hours brings one message, across a kill', async () => {
				await stack.parts.server.stop('SIGKILL');
				if (Date.now() < ends) assert.equal(sinks.to(TEKNISI).length, 1, 'it is quiet still');
				await stack.startServer();
				await until('the morning', () => sinks.to(TEKNISI).length === 2, 110000, 200);
				assert.ok(Date.now() >= ends);
				assert.match(sinks.to(TEKNISI)[1], /^2 GANGGUAN: .*: baterai lemah .*; .*: listrik padam/, 'the newest first');
			});
			await t.test('whoever was told is told that it is mended', async () => {
				await trouble('', 'trouble-restore');
				await until('the word', () => sinks.to(TEKNISI).length === 3, 20000);
				assert.match(sinks.to(TEKNISI)[2], /^3 PULIH: /);
			});
			await t.test('every row has come to its end', async () => {
				const open = () => record("SELECT state, purpose, target, detail FROM notification n WHERE state NOT IN ('sent', 'delivered', 'withdrawn')"
					+ " AND NOT (state = 'collapsed' AND (SELECT c.state FROM notification c WHERE c.notification_id = n.into_id) = 'sent')");
				await until('none to be open', () => open().length === 0, 60000, 250).catch(() => assert.deepEqual(open(), []));
			});
			client.end(true);
		});
	} finally {
		sinks.end();
		rmSync(dir, { recursive: true, force: true });
	}
});
