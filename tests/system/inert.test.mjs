// SPDX-License-Identifier: Apache-2.0
// inert.test.mjs -- the corpus of tests/support/injection.mjs in every name of the site and the plan, in reports, reasons and closing notes,
// in what gateways, webhooks and telephones answer: refused, or inert in every message and every output.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { until } from '../../scripts/lib/parts.mjs';
import { BUILD, withStack } from './support.mjs';
import { PAYLOADS, isAccepted } from '../support/injection.mjs';
import { Modem } from '../support/modem.mjs';
import { letterRead, startRelay, startSink } from '../support/sinks.mjs';

const exec = promisify(execFile);
const TOKEN = 'a-token-of-thirty-two-characters-or-more';
const PHONE = '+6281234567890', MAIL = 'piket@kendal.example';
const MARK = /INJ\d{3}/;
// eslint-disable-next-line no-control-regex
const ACTIVE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
// eslint-disable-next-line no-control-regex
const TURNING = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const FORMULA = /^[=+@\t-]/m;

/** JSON that a YAML reader takes, too: what it would refuse itself is escaped, so that it reaches our own check. */
const quoted = (value) => JSON.stringify(value).replace(/[\u007f-\ud7ff\ue000-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
/** Of the same lines on a terminal, in a letter and in an SMS. */
function inert(told, text, { lines = false, markup = false } = {}) {
	assert.doesNotMatch(lines ? text.replaceAll('\r\n', '\n') : text, ACTIVE, `${told}: ${JSON.stringify(text).slice(0, 200)}`);
	if (!lines) assert.doesNotMatch(text, /[\r\n]/, told);
	assert.doesNotMatch(text, FORMULA, told);
	if (!markup) assert.doesNotMatch(text, /[<>&]/, `${told}: ${text}`);
}

const point = (label) => [{ id: 'panic-crime', kind: 'panic', class: 'crime', label: { id: label, en: label } }];
const place = (i, text) => ({ id: `p-${i}`, name: text, desa: `33.24.07.${2000 + i}`, rw: '01', latitude: -7.1, longitude: 110.2,
	contact: { name: text, phone: '+62 0' }, points: point(text) });
const site = (texts, webhooks = []) => ({ tenants: [{
	id: 'kendal', name: 'Kabupaten Uji', prefix: 'KDL', timezone: 'Asia/Jakarta', sample: true,
	kecamatan: [{ code: '33.24.07', name: texts[0], desa: texts.map((name, i) => ({ code: `33.24.07.${2000 + i}`, name })) }],
	...(webhooks.length ? { webhooks } : {}),
	posts: texts.map((text, i) => place(i, text)),
}] });
const plan = (texts) => ({
	tenant: 'kendal',
	contacts: {
		a: { name: 'A', role: 'piket', ways: [{ sms: PHONE }] }, b: { name: 'B', role: 'piket', ways: [{ mail: MAIL }] }, c: { name: 'C', role: 'piket', language: 'en', ways: [{ sms: PHONE }] },
		...Object.fromEntries(texts.map((name, i) => [`k-${i}`, { name, role: 'piket', ways: [{ webhook: 'plain' }] }])),
	},
	agencies: {
		uji: { name: 'Uji', kind: 'damkar', contacts: ['a', 'b', 'c'], area: ['all'] },
		...Object.fromEntries(texts.map((name, i) => [`g-${i}`, { name, kind: 'damkar', contacts: [`k-${i}`], area: ['all'] }])),
	},
	plans: { semua: { classes: ['all'], area: ['all'], rings: { agencies: { until: 'accepted', steps: [{ call: ['agency:uji'], wait: '1h' }] } }, fallback: { call: ['contact:b'], every: '1h' } } },
});

/** Which payloads a program takes as a name. */
async function accepted(dir, args, make) {
	const taken = [];
	for (const [i, payload] of PAYLOADS.entries()) {
		const file = path.join(dir, `one-${i}.yaml`);
		writeFileSync(file, quoted(make([payload.text])));
		const said = await exec(path.join(BUILD, 'bin/pospinctl'), [...args, file]).then(() => null, ({ stderr }) => stderr);
		rmSync(file);
		if (said === null) taken.push(payload);
		else inert('a refusal', said, { lines: true, markup: true });
	}
	return taken;
}

test(`${PAYLOADS.length} payloads in names, reports, reasons and answers come out inert in every message`, async (t) => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-inert-'));
	let answered = 0;
	const next = () => PAYLOADS[answered++ % PAYLOADS.length].text;
	const hooks = await startSink(() => next());
	const gateway = await startSink(() => JSON.stringify(answered % 2 ? { status: 0, id: next() } : { status: next(), id: next() }));
	const relay = await startRelay(path.join(dir, 'smtp'), { user: 'pospin', password: 'rahasia' });
	const modem = new Modem(path.join(dir, 'modem'));
	try {
		await modem.start();
		const names = await accepted(dir, ['import', '--check'], site);
		const planned = await accepted(dir, ['plan', 'check'], plan);
		await t.test('a name with control characters is refused by site and plan, and the refusal does not carry it', () => {
			for (const { text } of names) assert.ok(isAccepted(text, { max: 1000, lines: false }), text);
			for (const { text } of planned) assert.doesNotMatch(text, TURNING);
			assert.ok(names.length >= 45 && planned.length >= 40, `${names.length}, ${planned.length}`);
		});
		const webhook = (name, more) => ({ name, url: `http://127.0.0.1:${hooks.port}/${name}`, secret: 'sixteen-bytes-of-chance', ...more });
		writeFileSync(path.join(dir, 'site.yaml'), quoted(site(names.map(({ text }) => text), [webhook('plain'),
			webhook('json', { template: '{"chat": "-100", "text": "{{text}}", "post": "{{post}}", "key": "{{key}}"}' }),
			webhook('form', { template: 'to=-100&text={{text}}&post={{post}}', type: 'form' })])));
		writeFileSync(path.join(dir, 'plan.yaml'), quoted(plan(planned.map(({ text }) => text))));
		await withStack({ posts: [], store: 'influxdb', site: path.join(dir, 'site.yaml') }, async (stack) => {
			for (const [name, text] of [['password', 'rahasia'], ['token', TOKEN]]) writeFileSync(stack.path(name), `${text}\n`, { mode: 0o600 });
			appendFileSync(stack.path('server.yaml'), ['mail:', `  server: "smtp://localhost:${relay.port}"`, '  from: pospin@kendal.example', '  user: pospin',
				`  password: ${stack.path('password')}`, `  ca: ${relay.ca}`, 'sms:', `  url: http://127.0.0.1:${gateway.port}/send`,
				'  template: "to={{address}}&text={{text}}"', '  type: form', '  success: "status=0"', '  reference: id', `  inbound: ${stack.path('token')}`,
				'  modem: true', `  bus: ${modem.address}`, ''].join('\n'));
			await stack.parts.server.stop();
			await stack.ctl('plan', 'import', '--record', stack.path('server/record.db'), path.join(dir, 'plan.yaml'));
			await stack.startServer();
			const put = async (method, target, body, text, limits, good) => {
				const { status, body: answer } = await stack.api(method, target, body);
				assert.ok((isAccepted(text, limits) ? [good].flat() : [400, 422]).includes(status), `${target} ${JSON.stringify(text).slice(0, 80)}: ${status} ${JSON.stringify(answer)}`);
				if (status >= 400) assert.doesNotMatch(JSON.stringify(answer), /\\u001b|[\u202a-\u202e\u2066-\u2069]/);
				return answer;
			};
			const wait = { note: { max: 2000, lines: true }, caller: { max: 120, lines: false }, rw: { max: 63, lines: false }, reason: { max: 200, lines: false }, key: { max: 64, lines: false } };
			const numbers = [];

			await t.test('reports, their callers and places, reasons and closing notes', async () => {
				for (const [i, { text }] of PAYLOADS.entries()) {
					const where = { class: ['crime', 'fire', 'medical'][i % 3], post: `p-${i % names.length}` };
					const { number } = await put('POST', '/incidents', { ...where, note: text }, text, wait.note, 201);
					await put('POST', '/incidents', { ...where, note: 'x', caller: text }, text, wait.caller, 201);
					await put('POST', '/incidents', { class: 'disaster', desa: '33.24.07.2000', note: 'x', rw: text }, text, wait.rw, 201);
					await put('POST', '/posts/p-0/modes', { mode: 'disabled', point: 'panic-crime', reason: text, for: '1h' }, text, wait.reason, 200);
					for (const [target, body] of [['/incidents', { ...where, note: 'x', mark: text }], ['/incidents', { ...where, class: text, note: 'x' }],
						['/incidents', { class: 'fire', desa: text, note: 'x' }], ['/incidents', { class: 'fire', post: text, note: 'x' }],
						['/notifications/test', { channel: 'mail', contact: 'uji', address: text }], ['/notifications/test', { channel: 'sms', contact: 'uji', address: text }],
						['/notifications/test', { channel: text, contact: 'uji', address: PHONE }], [`/incidents/${numbers[0] ?? number}/merge`, { other: text }],
						[`/incidents/${numbers[0] ?? number}/hand-over`, { to: text }], ['/posts/p-0/modes', { mode: text, reason: 'x', for: '1h' }]])
						assert.ok([400, 404, 409, 422].includes((await stack.api('POST', target, body)).status), `${target} ${JSON.stringify(body).slice(0, 120)}`);
					if (!number) continue;
					numbers.push(number);
					const { body } = await stack.api('GET', `/incidents/${number}`);
					const [{ id }] = body.calls;
					await put('POST', `/incidents/${number}/calls/${id}`, { state: 'accepted', reason: text }, text, wait.reason, 200);
					await put('POST', `/incidents/${number}/close`, { code: 'test', note: text }, text, wait.note, 200);
				}
				assert.ok(numbers.length >= 55, `${numbers.length}`);
			});
			await t.test('what a gateway posts back is counted for nothing', async () => {
				for (const { text } of PAYLOADS) {
					for (const body of [{ from: text, text }, { from: PHONE, text: `YA 1234567 ${text}` }, { id: text, status: 'delivered' }, { id: 'x', status: text }, { [text]: text }]) {
						const { status } = await fetch(`${stack.url}/api/v1/sms/inbound`, { method: 'POST', body: JSON.stringify(body),
							headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } });
						assert.ok([200, 400, 404, 422].includes(status), `${status} ${JSON.stringify(body).slice(0, 120)}`);
					}
					if (!/[\r\n\0]/.test(text)) modem.order(`receive ${PHONE} ${text.slice(0, 300)}`);
				}
			});
			await t.test('letters: our headers and no other, and a text that is only a text', async () => {
				await until('letters', () => relay.letters.length >= numbers.length, 60000);
				const found = new Set();
				for (const { letter, to, from } of relay.letters) {
					const { headers, text } = letterRead(letter);
					assert.deepEqual([to, from], [[MAIL], 'pospin@kendal.example']);
					assert.deepEqual(Object.keys(headers).filter((name) => name !== 'x-priority').sort(), ['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to'], letter);
					assert.equal(headers.to, `<${MAIL}>`);
					assert.match(letter.split('\r\n\r\n')[0], /^[\x20-\x7e\r\n]*$/);
					inert('a subject', headers.subject);
					inert('a letter', text, { lines: true });
					for (const [mark] of text.matchAll(/INJ\d{3}/g)) found.add(mark);
				}
				assert.ok(found.size >= 45, `${found.size} of the names came through`);
			});
			await t.test('SMS: one line of plain characters, by gateway and by modem', async () => {
				await until('both ways', () => gateway.heard.length >= 20 && modem.sent().length >= 10, 60000);
				for (const { body } of gateway.heard) {
					const form = new URLSearchParams(body);
					assert.deepEqual([...form.keys()], ['to', 'text']);
					assert.equal(form.get('to'), PHONE);
					assert.match(form.get('text'), /^[\x20-\x7e]{1,160}$/);
					inert('an SMS', form.get('text'));
				}
				for (const [number, text] of modem.sent()) {
					assert.equal(number, PHONE);
					assert.match(text, /^[\x20-\x7e]{1,160}$/);
					inert('an SMS', text);
				}
				for (const line of modem.said) assert.match(line, /^(ready$|sent \+|deleted |received )/, 'a line break in a message');
				assert.ok(gateway.heard.some(({ body }) => MARK.test(body)) && modem.sent().some(([, text]) => MARK.test(text)));
			});
			await t.test('webhooks: JSON with our members alone, templates that stay what they were', async () => {
				await until('each of them', () => ['/plain', '/json', '/form'].every((url) => hooks.heard.filter((each) => each.url === url).length >= 20), 60000);
				for (const { url, body, headers } of hooks.heard) {
					assert.ok(Object.keys(headers).every((name) => /^(host|user-agent|accept|accept-encoding|content-type|content-length|idempotency-key|x-pospin-(timestamp|signature)|connection|expect|authorization)$/.test(name)), JSON.stringify(headers));
					if (url === '/form') {
						const form = new URLSearchParams(body);
						assert.deepEqual([[...form.keys()], form.get('to')], [['to', 'text', 'post'], '-100']);
						inert('a form', form.get('text'), { lines: true });
						continue;
					}
					const value = JSON.parse(body);
					if (url === '/plain') {
						assert.deepEqual(Object.keys(value), ['kind', 'at', 'tenant', 'incident', 'post', 'point', 'id']);
						continue;
					}
					assert.deepEqual([Object.keys(value), value.chat], [['chat', 'text', 'post', 'key'], '-100']);
					inert('a template', value.text, { lines: true });
				}
				assert.ok(hooks.heard.filter(({ body }) => MARK.test(body)).length > 60);
			});
			await t.test('what they answered stands nowhere', async () => {
				for (const number of numbers.slice(0, 20)) {
					const { notifications } = (await stack.api('GET', `/incidents/${number}`)).body;
					for (const { detail } of notifications) assert.ok(!MARK.test(detail ?? '') && !ACTIVE.test(detail ?? ''), detail);
				}
			});
			await t.test('the log has one line for each entry, and none of the texts', () => {
				for (const line of readFileSync(stack.path('log/server.log'), 'utf8').split('\n').filter(Boolean)) {
					assert.doesNotMatch(line, MARK);
					assert.doesNotMatch(line, ACTIVE);
				}
			});
			await t.test('the terminal shows them without obeying', async () => {
				const socket = ['--socket', stack.path('sock/server')], record = ['--record', stack.path('server/record.db')];
				const said = [await stack.ctl('plan', 'show', ...record), await stack.ctl('plan', 'who', ...record, '--post', 'p-0', '--class', 'crime'),
					await stack.ctl('incident', 'list', '--all', ...socket).catch((error) => error.message), await stack.call(stack.program('pospinctl'), ['audit', 'export', ...record], { maxBuffer: 1 << 26 })];
				for (const number of numbers.slice(0, 12)) said.push(await stack.ctl('incident', 'show', number, ...socket));
				for (const text of said) assert.doesNotMatch(text, ACTIVE);
				assert.ok(MARK.test(said[0]) && MARK.test(said.at(-1)));
				for (const line of said[3].trim().split('\n')) JSON.parse(line);
			});
			await t.test('the time-series store has our measurements, and values that say what they said', async () => {
				await until('the lines', async () => (await stack.influx('SHOW MEASUREMENTS')).length > 0, 20000);
				for (const { name } of await stack.influx('SHOW MEASUREMENTS')) assert.match(name, /^[a-z_]{3,20}$/);
				const answer = await fetch(`${stack.storeUrl}/query?db=pospin&q=${encodeURIComponent('SHOW TAG KEYS; SHOW FIELD KEYS')}`);
				assert.doesNotMatch(await answer.text(), /INJ\d{3}|forged|second=/);
				const rows = await stack.influx('SELECT * FROM /.*/');
				assert.ok(rows.length > numbers.length);
				assert.doesNotMatch(JSON.stringify(rows), /INJ\d{3}/, 'names and notes are no tags');
			});
		});
	} finally {
		modem.stop();
		relay.end();
		gateway.end();
		hooks.end();
		rmSync(dir, { recursive: true, force: true });
	}
});
