// SPDX-License-Identifier: Apache-2.0
// privacy.test.mjs -- a word of its own in every personal field of a running system, and every output of it, as every role, searched
// for each of them: what is found where nobody allowed it is a leak, and every look that is allowed stands in the audit chain.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { letterRead, startRelay, startSink } from '../support/sinks.mjs';
import { withStack } from './support.mjs';

const POST = 'boja-01', PASSWORD = 'kentongan-tanpa-henti', TOKEN = 'a-token-of-thirty-two-characters-or-more';
const DESK = ['operator', 'claimer', 'supervisor'], STAFF = [...DESK, 'engineer', 'administrator'];
/** Each personal field: its word, and who may see it in which answer of the API ('*': every one that the role may ask). */
const FIELDS = {
	postName: { word: 'Kanari Penjaga', seen: { supervisor: ['incident', 'report', 'contact'], claimer: ['incident', 'report'], agency: ['incident'], engineer: ['contact'] } },
	postPhone: { word: '+62 811-1111-0101', seen: { supervisor: ['incident', 'report', 'contact'], claimer: ['incident', 'report'], agency: ['incident'], engineer: ['contact'] } },
	caller: { word: 'Kanari Pelapor 0811-2222-0202', seen: { supervisor: ['report'], claimer: ['report'] } },
	words: { word: 'kanari kata pelapor', seen: { operator: ['report'], supervisor: ['report'], claimer: ['report'] } },
	note: { word: 'kanari catatan desk', seen: { operator: ['incident'], supervisor: ['incident'], claimer: ['incident'], agency: ['incident'] } },
	refusal: { word: 'kanari alasan menolak', seen: { operator: ['incident'], supervisor: ['incident'], claimer: ['incident'], agency: ['incident'] } },
	closing: { word: 'kanari catatan penutup', seen: { operator: ['report'], supervisor: ['report'], claimer: ['report'] } },
	planName: { word: 'Kanari Piket Damkar', seen: {} },
	planNumber: { word: '+6281133330303', seen: {} },
	planMail: { word: 'kanari.rw@kendal.example', seen: {} },
	rosterName: { word: 'Kanari Warga Ronda', seen: {} },
	rosterNumber: { word: '+6281144440404', seen: {} },
	display: { word: 'Kanari Tampilan', seen: { administrator: ['users'], ...Object.fromEntries(DESK.map((role) => [role, ['desk']])) } },
	tested: { word: '+6281155550505', seen: {} },
	sender: { word: '+6281166660606', seen: {} },
	mode: { word: 'kanari alasan uji', seen: Object.fromEntries(STAFF.map((role) => [role, ['posts']])) },
};
/** Who gets a message of his own sees his own address in it, and nobody's else. */
const OWN = { '+6281133330303': ['planNumber'], '+6281144440404': ['rosterNumber'], 'kanari.rw@kendal.example': ['planMail'], '+6281155550505': ['tested'] };

const PLAN = {
	tenant: 'kendal',
	contacts: {
		piket: { name: FIELDS.planName.word, role: 'piket', ways: [{ sms: FIELDS.planNumber.word }] },
		ronda: { name: FIELDS.rosterName.word, role: 'ronda', ways: [{ sms: FIELDS.rosterNumber.word }] },
		ketua: { name: FIELDS.planName.word, role: 'ketua-rw', ways: [{ mail: FIELDS.planMail.word }, { webhook: 'sink' }] },
	},
	agencies: {
		damkar: { name: 'Pos Damkar Uji', kind: 'damkar', contacts: ['piket'], area: ['all'] },
		psc: { name: 'PSC Uji', kind: 'psc-119', contacts: ['ketua'], area: ['all'] },
	},
	rosters: { malam: [{ from: '00:00', to: '00:00', contacts: ['ronda'] }] },
	plans: {
		semua: {
			classes: ['all'], area: ['all'],
			rings: {
				desk: { until: 'taken', steps: [{ call: ['role:operator'], wait: '1h' }] },
				neighbours: { until: 'taken', steps: [{ call: ['roster:malam', 'contact:ketua'], wait: '1h' }] },
				agencies: { until: 'accepted', steps: [{ call: ['agency:damkar', 'agency:psc'], wait: '1h' }] },
			},
			fallback: { call: ['contact:ketua'], every: '1h' },
		},
	},
};

/** The spellings that a program may have given a word. */
const spellings = (word) => [word, encodeURIComponent(word), encodeURIComponent(word).replace(/%20/g, '+'), JSON.stringify(word).slice(1, -1),
	Buffer.from(word).toString('base64').replace(/=+$/, '').slice(0, -1), Buffer.from(word).toString('hex')].map((text) => text.toLowerCase());
const holds = (text, field) => spellings(FIELDS[field].word).some((form) => text.toLowerCase().includes(form));
function onlyHolds(told, text, allowed) {
	for (const field of Object.keys(FIELDS))
		if (!allowed.includes(field)) assert.ok(!holds(text, field), `${told} holds ${field} ('${FIELDS[field].word}')`);
}

function makeSite(dir, port) {
	const hook = `    webhooks:\n      - { name: sink, url: "http://127.0.0.1:${port}/hook", secret: sixteen-bytes-of-chance }\n    posts:\n`;
	const text = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8').replace(/^ {4}posts:\n/m, hook)
		.replace(/contact: \{.*\}/g, `contact: { name: ${FIELDS.postName.word}, phone: "${FIELDS.postPhone.word}" }`);
	writeFileSync(path.join(dir, 'site.yaml'), text);
	return path.join(dir, 'site.yaml');
}

async function post(stack, target, body, cookie = '') {
	const answer = await fetch(`${stack.url}/api/v1${target}`, {
		method: 'POST', body: JSON.stringify(body), headers: { cookie, 'x-pospin': '1', 'content-type': 'application/json' },
	});
	return { status: answer.status, cookie: /pospin_session=\w+/.exec(answer.headers.get('set-cookie') ?? '')?.[0], text: await answer.text() };
}
const read = async (stack, cookie, target) => {
	const answer = await fetch(`${stack.url}/api/v1${target}`, { headers: { cookie } });
	return { status: answer.status, text: await answer.text() };
};
/** A user's session, the word of the display name in it. */
async function become(stack, name, more) {
	const made = await stack.api('POST', '/users', { name, display: `${FIELDS.display.word} ${name}`, ...more });
	assert.equal(made.status, 201, JSON.stringify(made.body));
	assert.equal((await post(stack, '/invitation', { token: /#invitation=(\w+)/.exec(made.body.link)[1], password: PASSWORD })).status, 204);
	const { cookie, text } = await post(stack, '/session', { name, password: PASSWORD });
	assert.ok(cookie, text);
	return cookie;
}
/** What a stream says from the beginning of the record, until it has said `last`. */
async function stream(stack, cookie, last) {
	const abort = new AbortController();
	const answer = await fetch(`${stack.url}/api/v1/events`, { headers: { cookie, 'last-event-id': '0' }, signal: abort.signal });
	if (answer.status !== 200) return '';
	let text = '';
	const late = setTimeout(() => abort.abort(), 3000);
	try {
		for await (const piece of answer.body) {
			text += Buffer.from(piece).toString();
			if (text.includes(last)) break;
		}
	} catch { /* told enough */ }
	clearTimeout(late);
	abort.abort();
	return text;
}
const unpack = (file, dir) => {
	mkdirSync(dir);
	execFileSync('tar', ['-xzf', file, '-C', dir]);
	const inside = path.join(dir, readdirSync(dir)[0]);
	return readdirSync(inside).map((name) => `== ${name}\n${readFileSync(path.join(inside, name), 'utf8')}`).join('\n');
};

test('names, numbers and what people wrote are seen by those who may, and stand in no other output', async (t) => {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-privacy-'));
	const hook = await startSink(), gateway = await startSink(() => '{"status":0,"id":"m"}');
	const relay = await startRelay(path.join(dir, 'smtp'), { user: 'pospin', password: 'rahasia' });
	try {
		await withStack({ posts: [POST], site: makeSite(dir, hook.port) }, async (stack) => {
			for (const [name, text] of [['password', 'rahasia'], ['token', TOKEN]]) writeFileSync(stack.path(name), `${text}\n`, { mode: 0o600 });
			appendFileSync(stack.path('server.yaml'), ['mail:', `  server: "smtp://localhost:${relay.port}"`, '  from: pospin@kendal.example', '  user: pospin',
				`  password: ${stack.path('password')}`, `  ca: ${relay.ca}`, 'sms:', `  url: http://127.0.0.1:${gateway.port}/send`,
				'  template: "to={{address}}&text={{text}}"', '  type: form', '  success: "status=0"', `  inbound: ${stack.path('token')}`, ''].join('\n'));
			await stack.parts.server.stop();
			await stack.startServer();
			assert.equal((await stack.api('PUT', '/plan', PLAN)).status, 200);
			const cookies = {};
			for (const role of ['operator', 'supervisor', 'engineer', 'administrator', 'auditor']) cookies[role] = await become(stack, `uji-${role}`, { roles: role });
			cookies.claimer = await become(stack, 'uji-claimer', { roles: 'operator' });
			cookies.agency = await become(stack, 'uji-agency', { roles: 'agency', unit: 'damkar' });
			const reader = await become(stack, 'uji-pembaca', { roles: 'auditor' });
			await until('the post to be connected', async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
			await stack.press(POST, 'panic-fire', 100);
			const [{ number }] = await until('the incident', async () => { const open = await stack.incidents('open'); return open.length && open; });
			const did = async (who, target, body, status = 200) => {
				const answer = await post(stack, target, body, cookies[who]);
				assert.equal(answer.status, status, `${target}: ${answer.text}`);
				return answer.text && JSON.parse(answer.text);
			};
			await until('everybody to be told', () => gateway.heard.length >= 2 && relay.letters.length >= 1, 30000);
			await did('claimer', `/incidents/${number}/acknowledge`, {});
			await did('claimer', `/incidents/${number}/note`, { text: FIELDS.note.word });
			const { calls } = (await stack.api('GET', `/incidents/${number}`)).body;
			const callOf = (name) => `/incidents/${number}/calls/${calls.find(({ agency }) => agency === name).id}`;
			await did('supervisor', callOf('psc'), { state: 'refused', reason: FIELDS.refusal.word });
			const { number: report } = await did('claimer', '/incidents',
				{ class: 'crime', post: POST, caller: FIELDS.caller.word, note: FIELDS.words.word }, 201);
			await did('claimer', `/incidents/${report}/close`, { code: 'real', note: FIELDS.closing.word });
			await did('supervisor', '/notifications/test', { channel: 'sms', contact: 'uji', address: FIELDS.tested.word });
			await did('engineer', `/posts/${POST}/modes`, { mode: 'disabled', point: 'tamper', reason: FIELDS.mode.word, for: '1h' });
			await until('the test message', () => gateway.heard.some(({ body }) => body.includes(encodeURIComponent(FIELDS.tested.word))), 20000);
			const answers = {
				incidents: '/incidents?state=all', incident: `/incidents/${number}`, report: `/incidents/${report}`, posts: '/posts', contact: `/posts/${POST}/contact`,
				troubles: '/troubles', plan: '/plan', who: `/plan/who?post=${POST}&class=fire&at=sat-23:30`, counts: '/counts', users: '/users', desk: '/desk', audit: '/audit',
				health: '/health', setup: '/setup', openapi: '/openapi.json',
			};

			await t.test('each answer of the API, to each role', async () => {
				const seen = Object.fromEntries(Object.keys(FIELDS).map((field) => [field, new Set()]));
				for (const [role, cookie] of Object.entries(cookies)) {
					for (const [name, target] of Object.entries(answers)) {
						const { text } = await read(stack, cookie, target);
						const allowed = Object.keys(FIELDS).filter((field) => FIELDS[field].seen[role]?.includes(name));
						onlyHolds(`${role}: GET ${target}`, text, allowed);
						allowed.filter((field) => holds(text, field)).forEach((field) => seen[field].add(`${role} ${name}`));
					}
				}
				for (const [field, { seen: allowed }] of Object.entries(FIELDS))
					assert.deepEqual([...seen[field]].sort(), Object.entries(allowed).flatMap(([role, names]) => names.map((name) => `${role} ${name}`)).sort(), `who sees ${field}`);
			});
			await t.test('an agency that has refused sees none of them any longer, and again when it is sent', async () => {
				const seen = async () => (await read(stack, cookies.agency, `/incidents/${number}`)).text;
				// Neither the number nor the words of whoever answers are kept.
				const sms = gateway.heard.map(({ body }) => new URLSearchParams(body)).find((form) => form.get('to') === FIELDS.planNumber.word);
				const code = /\b\d{7}\b/.exec(sms.get('text'))[0];
				for (const [text, status] of [[`TIDAK ${code} ${FIELDS.planName.word}`, 200], [`YA 7654321 ${FIELDS.planName.word}`, 422]]) {
					const answer = await fetch(`${stack.url}/api/v1/sms/inbound`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
						body: JSON.stringify({ from: FIELDS.sender.word, text }) });
					assert.equal(answer.status, status, await answer.text());
				}
				onlyHolds('who has refused', await seen(), []);
				assert.ok((await seen()).includes(number));
				await did('supervisor', `/incidents/${number}/dispatch`, { unit: 'damkar' });
				assert.ok(holds(await seen(), 'postPhone') && holds(await seen(), 'note'));
			});
			await t.test('each look at them stands in the chain, with who and at what', async () => {
				const { text } = await read(stack, reader, '/audit?after=0');
				const views = JSON.parse(text).events.filter(({ kind }) => kind === 'personal.viewed').map(({ actor, body }) => `${actor} ${body}`);
				for (const [who, of, what] of [['supervisor', number, 'contact,notes'], ['claimer', number, 'contact,notes'], ['agency', number, 'contact,notes'], ['operator', number, 'notes'],
					['supervisor', report, 'contact,notes'], ['claimer', report, 'contact,notes'], ['operator', report, 'notes'], ['supervisor', POST, 'contact'], ['engineer', POST, 'contact']])
					assert.ok(views.some((view) => view.startsWith(`user:uji-${who} `) && view.includes(`"${of}"`) && view.includes(`"${what}"`)),
						`${who} ${of} ${what} is not among\n${views.join('\n')}`);
			});
			await t.test('no stream holds any', async () => {
				for (const [role, cookie] of Object.entries(cookies)) onlyHolds(`${role}: stream`, await stream(stack, cookie, 'mode.begun'), []);
			});
			await t.test('the audit chain and its heads hold none', async () => {
				onlyHolds('the chain', (await read(stack, reader, '/audit?after=0')).text, []);
				onlyHolds('heads.log', readFileSync(stack.path('server/heads.log'), 'utf8'), []);
				onlyHolds('the events', execFileSync('sqlite3', ['-readonly', stack.path('server/record.db'), 'SELECT kind, actor, post, point, body FROM event'], { encoding: 'utf8' }), []);
			});
			await t.test('webhooks are told none, and each message holds its own address alone', async () => {
				assert.ok(hook.heard.length > 0);
				for (const { body, headers, url } of hook.heard) onlyHolds('a webhook', `${url}\n${JSON.stringify(headers)}\n${body}`, []);
				for (const { body, headers } of gateway.heard)
					onlyHolds(`an SMS to ${new URLSearchParams(body).get('to')}`, `${JSON.stringify(headers)}\n${body}\n${decodeURIComponent(body)}`, OWN[new URLSearchParams(body).get('to')]);
				for (const { letter, to } of relay.letters) {
					const { headers, text } = letterRead(letter);
					onlyHolds(`a letter to ${to}`, `${letter}\n${JSON.stringify(headers)}\n${text}`, OWN[to[0]]);
				}
				for (const told of [...hook.heard, ...gateway.heard].map(({ body }) => decodeURIComponent(body)).concat(relay.letters.map(({ letter }) => letterRead(letter).text)))
					assert.doesNotMatch(told, /uji-claimer/, 'who works at the desk is nobody else\'s to know');
			});
			await t.test('the time-series store and the recorder\'s disk hold none', async () => {
				await until('lines', async () => (await stack.influx('SHOW MEASUREMENTS')).length > 0, 20000);
				await pause(1500);
				onlyHolds('the store', JSON.stringify(await stack.influx('SELECT * FROM /.*/')), []);
				onlyHolds('the spool', execFileSync('strings', ['-n', '6', ...readdirSync(stack.path('recorder')).map((name) => stack.path('recorder', name))], { encoding: 'utf8', maxBuffer: 1 << 26 }), []);
			});
			await t.test('logs, metrics, doctor and bundles hold none', async () => {
				for (const name of readdirSync(stack.path('log')).filter((each) => each.endsWith('.log'))) onlyHolds(name, readFileSync(stack.path('log', name), 'utf8'), []);
				onlyHolds('metrics', await stack.call('curl', ['-s', '--unix-socket', stack.path('sock/server'), 'http://pospin/metrics']), []);
				const settings = ['--config', stack.path('server.yaml'), '--recorder', stack.path('recorder.yaml'), '--pki', stack.path('pki')];
				onlyHolds('doctor', await stack.ctl('doctor', ...settings).catch((error) => error.message), []);
				onlyHolds('verify', await stack.ctl('verify', '--record', stack.path('server/record.db')), []);
				await stack.ctl('support-bundle', '--out', stack.path('b.tar.gz'), ...settings, '--log', stack.path('log/server.log'));
				onlyHolds('the bundle', unpack(stack.path('b.tar.gz'), stack.path('bundle')), []);
				await stack.call(stack.program('pospin-edge'), ['--config', stack.path('posts', POST, 'edge.yaml'), 'support-bundle', '--out', stack.path('e.tar.gz'), '--log', stack.path(`log/${POST}.log`)]);
				onlyHolds('the post\'s bundle', unpack(stack.path('e.tar.gz'), stack.path('edge-bundle')), []);
			});
		});
	} finally {
		relay.end();
		gateway.end();
		hook.end();
		rmSync(dir, { recursive: true, force: true });
	}
});
