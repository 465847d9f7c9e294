// SPDX-License-Identifier: Apache-2.0
// escalation.test.mjs -- a night in which nobody is at the desk: who is called when, who refuses by SMS, who reads the letter and comes; while the
// server is killed and its clock jumps.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { Faults } from '../support/faults.mjs';
import { Proxy } from './chaos/proxy.mjs';
import { bodyOf, certificateIn, startGateway, startRelay } from './relays.mjs';
import { withStack } from './support.mjs';

const POST = 'boja-01';
const HOUR = 3600000;
const rows = (stack, sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', stack.path('server/record.db'), sql]).toString() || '[]');
const TOKEN = 'a-token-of-thirty-two-characters-or-more';
const contact = (name, way) => ({ name, role: 'piket', ways: [way] });
const PLAN = {
	tenant: 'kendal',
	agencies: {
		weleri: { name: 'Damkar Weleri', kind: 'damkar', contacts: ['weleri-piket'], area: ['all'] },
		boja: { name: 'Damkar Boja', kind: 'damkar', contacts: ['boja-piket'], area: ['all'] },
	},
	contacts: {
		'weleri-piket': contact('Piket Weleri', { sms: '+6281234567890' }), 'boja-piket': contact('Piket Boja', { mail: 'piket.boja@kendal.example' }),
		kepala: contact('Kepala', { webhook: 'sink' }),
	},
	plans: {
		all: {
			classes: ['all'], area: ['all'],
			rings: {
				desk: { until: 'taken', steps: [{ call: ['role:operator'], wait: '8s' }, { call: ['role:supervisor'], wait: '8s' }] },
				agencies: { until: 'accepted', steps: [{ call: ['agency:weleri'], wait: '60s' }, { call: ['agency:boja'], wait: '60s' }] },
			},
			fallback: { call: ['contact:kepala'], every: '8s' },
		},
	},
};

async function withSink(file, run) {
	const heard = [];
	const server = http.createServer((request, response) => {
		let body = '';
		request.on('data', (data) => { body += data; }).on('end', () => {
			heard.push(JSON.parse(body));
			response.writeHead(204).end();
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	writeFileSync(file, readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8').replace(/^ {4}posts:$/m,
		`    webhooks:\n      - { name: sink, url: "http://127.0.0.1:${server.address().port}/sink", secret: sixteen-bytes-of-chance }\n\n    posts:`));
	try {
		await run(heard);
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

/** Mail over TLS and SMS by a gateway, both on this machine, for a server that is not running yet. */
async function withRelays(stack, run) {
	const tls = certificateIn(stack.path('smtp')), relay = await startRelay(tls, 'starttls'), gateway = await startGateway();
	writeFileSync(stack.path('smtp/password'), 'rahasia\n');
	writeFileSync(stack.path('smtp/token'), `${TOKEN}\n`);
	appendFileSync(stack.path('server.yaml'), ['mail:', `  server: "smtp://localhost:${relay.port}"`, '  from: pospin@kendal.example', '  user: pospin',
		`  password: ${stack.path('smtp/password')}`, `  ca: ${tls.crt}`, 'sms:', `  url: http://127.0.0.1:${gateway.port}/send`,
		'  template: "to={{address}}&text={{text}}"', '  type: form', '  success: "status=0"', '  reference: id', `  inbound: ${stack.path('smtp/token')}`, ''].join('\n'));
	try {
		await run({ letters: relay.letters, messages: gateway.heard });
	} finally {
		relay.end();
		gateway.end();
	}
}
const codeIn = (text) => /(?:Balas: YA|Reply: YES) (\d{7})/.exec(text)?.[1];

/** When each step of a ladder stood in the record, by a clock that no fault touches; and how late a timer is on this machine. */
function watch(stack) {
	const seen = new Map(), control = { worst: 0 };
	let last = performance.now();
	const timer = setInterval(() => {
		const now = performance.now();
		control.worst = Math.max(control.worst, now - last - 100);
		last = now;
		try {
			for (const { id, ring, step } of rows(stack, `SELECT event_id AS id, body ->> 'ring' AS ring, body ->> 'step' AS step FROM event WHERE kind = 'ladder.step'`))
				if (!seen.has(id)) seen.set(id, { ring, step: Number(step), at: now });
		} catch { /* it is being opened */ }
	}, 100);
	return { control, end: () => clearInterval(timer), of: (ring) => [...seen.values()].filter((one) => one.ring === ring) };
}

test('an alarm finds its people by itself', async (t) => {
	const site = path.join(process.env.TMPDIR ?? '/tmp', `pospin-escalation-${process.pid}.yaml`);
	await withSink(site, (heard) => withStack({ posts: [POST], store: null, site }, (stack) => withRelays(stack, async ({ letters, messages }) => {
		const faults = new Faults(stack.path('clock'));
		faults.set({ synchronised: 1 });
		await stack.parts.server.stop();
		Object.assign(stack.parts.server.env, faults.env);
		await stack.startServer();
		await until('the post to be heard', async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
		const put = await stack.api('PUT', '/plan', PLAN);
		assert.equal(put.status, 200, JSON.stringify(put.body));
		const steps = watch(stack);
		/** ± 2 s, and what this machine costs today: the control's worst wait, and a restart's. */
		const near = (later, earlier, want, spare = 0) => {
			const got = later.at - earlier.at, room = 2000 + 2 * steps.control.worst + spare;
			assert.ok(Math.abs(got - want) < room, `${later.ring} ${later.step}: ${Math.round(got)} ms after ${earlier.ring} ${earlier.step}, not ${want} ± ${Math.round(room)}`);
		};
		await stack.press(POST, 'panic-fire');
		const [{ number }] = await until('the incident', async () => { const open = await stack.incidents(); return open.length && open; });
		const at = `/incidents/${number}`;
		const detail = async () => (await stack.api('GET', at)).body;
		const states = async () => (await detail()).calls.map(({ agency, contact: who, state }) => `${agency}${who} ${state}`);
		const say = async (id, state, reason) => stack.api('POST', `${at}/calls/${id}`, { state, ...(reason ? { reason } : {}) });
		/** What the gateway posts when somebody answers by SMS. */
		const answers = (text) => fetch(`${stack.url}/api/v1/sms/inbound`, { method: 'POST', body: JSON.stringify({ from: '+628000', text }),
			headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } }).then(({ status }) => status);
		const told = (contactId, state) => until(`${contactId} to be ${state}`, () => rows(stack, `SELECT state FROM notification WHERE contact = '${contactId}' AND purpose = 'alarm'`)
			.some((row) => row.state === state), 20000);

		await t.test('rings start together, and the page counts down to the next step', async () => {
			await until('both rings', () => steps.of('desk').length && steps.of('agencies').length);
			assert.deepEqual(await states(), ['weleri notified']);
			const { escalates_in: left } = await detail();
			assert.ok(left > 0 && left <= 8000, `${left}`);
			const { text, to } = await until('the agency to be told', () => messages[0], 20000);
			assert.deepEqual([to, text.includes(number)], ['+6281234567890', true]);
			await told('weleri-piket', 'sent');
		});
		await t.test('a refusal by SMS calls the next agency by itself, which gets a letter', async () => {
			const [{ id }] = (await detail()).calls;
			assert.equal(await answers('TIDAK'), 422, 'without the code it is nobody\'s');
			assert.equal(await answers(`TIDAK ${codeIn(messages[0].text)}`), 200);
			assert.equal((await detail()).state, 'open');
			assert.deepEqual(await states(), ['weleri refused', 'boja notified']);
			assert.equal((await say(id, 'refused')).status, 409);
			const letter = await until('the letter', () => letters[0], 20000);
			assert.deepEqual([letter.tls, letter.to], [true, ['piket.boja@kendal.example']]);
			await told('boja-piket', 'sent');
		});
		await t.test('nobody at the desk: the second desk is rung in time, though the clock of the server jumps', async () => {
			faults.set({ wall_ms: -2 * HOUR });
			await until('the second desk', () => steps.of('desk').length === 2, 30000);
			near(steps.of('desk')[1], steps.of('desk')[0], 8000);
			faults.set({ wall_ms: 2 * HOUR });
		});
		await t.test('... and the fallback, though the server was killed in the midst', async () => {
			await stack.parts.server.stop('SIGKILL');
			const down = performance.now();
			await stack.startServer();
			const spare = performance.now() - down;
			await until('the fallback', () => steps.of('fallback').length === 1, 40000);
			near(steps.of('fallback')[0], steps.of('desk')[1], 8000, spare);
			await until('it is repeated', () => steps.of('fallback').length === 2, 40000);
			near(steps.of('fallback')[1], steps.of('fallback')[0], 8000);
		});
		await t.test('an acceptance ends it, lights the post, and an arrival follows', async () => {
			const { id } = (await detail()).calls.find(({ agency }) => agency === 'boja');
			assert.equal(await answers(`YA ${codeIn(bodyOf(letters[0].letter))}`), 200);
			assert.equal((await detail()).state, 'dispatched');
			assert.equal((await detail()).escalates_in, null);
			assert.ok((await states()).every((state) => !/notified/.test(state)), 'nobody else is waited for');
			await until('help is on its way', () => stack.lamp(POST, 'lamp-dispatched-fire'), 15000);
			await until('those who were told to be told to stay', () => heard.some(({ kind }) => kind === 'call.stopped'));
			assert.equal((await say(id, 'on-scene')).body.state, 'on-scene');
			const fired = steps.of('fallback').length;
			await pause(10000);
			assert.equal(steps.of('fallback').length, fired, 'the calling has ended');
		});
		await t.test('the desk takes it, one of two, and closes it; each step has its time', async () => {
			const both = await Promise.all([1, 2].map(() => stack.api('POST', `${at}/acknowledge`, {})));
			assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
			assert.match(both.find(({ status }) => status === 409).body.detail, /acknowledged already, by ctl:/);
			const { id } = (await detail()).calls.find(({ agency }) => agency === 'boja');
			assert.equal((await say(id, 'done', 'mobil rusak')).status, 200);
			assert.equal((await stack.api('POST', `${at}/close`, { code: 'real' })).status, 200);
			const { timeline } = await detail();
			const kinds = timeline.map(({ kind }) => kind);
			// In this order, whatever stands between; the clock that jumped shows in the times, and moved nothing.
			let from = -1;
			for (const kind of ['incident.opened', 'ladder.step', 'call.notified', 'call.refused', 'call.notified', 'ladder.ended', 'call.accepted',
				'incident.dispatched', 'call.on-scene', 'incident.on-scene', 'incident.acknowledged', 'incident.closed']) {
				from = kinds.indexOf(kind, from + 1);
				assert.ok(from >= 0, `${kind} does not stand in its place among ${kinds.join(' ')}`);
			}
			assert.ok(timeline.every(({ at: when }) => when > 0));
			assert.deepEqual(timeline.filter(({ kind }) => /^call\.(refused|accepted)$/.test(kind)).map(({ kind, actor }) => `${kind} ${actor}`),
				['call.refused agency:weleri', 'call.accepted agency:boja']);
			assert.ok(!JSON.stringify(rows(stack, 'SELECT body FROM event')).includes('mobil rusak'), 'reasons are kept apart');
		});
		steps.end();
		faults.close();
		t.diagnostic(`the control was at most ${Math.round(steps.control.worst)} ms late`);
	})));
});

/** A page as the console is one: it reads the stream, and asks for something after whatever comes. */
function openPage(url, cookie, query = '?pulse=1') {
	const page = { beats: 0, end: () => request.destroy() };
	const request = http.get(`${url}/api/v1/events${query}`, { headers: { cookie } }, (stream) => {
		stream.on('data', () => {
			page.beats++;
			if (query) http.get(`${url}/api/v1/session`, { headers: { cookie } }, (answer) => answer.resume().on('error', () => {})).on('error', () => {});
		}).on('error', () => {});
	}).on('error', () => {});
	return page;
}

test('whoever claims an incident and closes the page, or is cut off without a word, loses it to the desk', async () => {
	await withStack({ posts: [POST], store: null }, async (stack) => {
		const ask = (target, body, headers = {}) => fetch(`${stack.url}/api/v1${target}`, {
			method: 'POST', headers: { 'content-type': 'application/json', 'x-pospin': '1', ...headers }, body: JSON.stringify(body),
		});
		const cookieOf = async (name) => {
			const login = await ask('/session', { name, password: 'kentongan-malam' });
			const cookie = /pospin_session=\w+/.exec(login.headers.get('set-cookie') ?? '')?.[0];
			assert.ok(cookie, `login: ${login.status}`);
			return cookie;
		};
		const invite = async (name) => {
			const { body } = await stack.api('POST', '/users', { name, display: name, roles: 'operator' });
			assert.ok((await ask('/invitation', { token: /#invitation=(\w+)/.exec(body.link)[1], password: 'kentongan-malam' })).ok);
			return cookieOf(name);
		};
		const raise = async (cls) => {
			await stack.press(POST, `panic-${cls}`);
			return (await until(`${cls}`, async () => (await stack.incidents()).find((each) => each.class === cls))).number;
		};
		const of = async (number) => (await stack.incidents()).find((each) => each.number === number);
		const token = /#setup=(\w+)/.exec(await until('the setup link', () => stack.setupLink()))[1];
		assert.ok((await ask('/setup', { name: 'siti', display: 'Siti', password: 'kentongan-malam', token })).ok);
		const cookies = { siti: await cookieOf('siti'), budi: await invite('budi'), tono: await invite('tono') };
		// budi's cable is the one that will be cut; tono's page is the same page with a good one; siti's knows no pulse.
		const cable = await Proxy.open({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: stack.ports.http });
		const pages = { siti: openPage(stack.url, cookies.siti, ''), budi: openPage(`http://127.0.0.1:${cable.port}`, cookies.budi), tono: openPage(stack.url, cookies.tono) };
		try {
			await until('the post to be heard', async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
			const numbers = { siti: await raise('fire'), budi: await raise('crime'), tono: await raise('medical') };
			for (const [name, number] of Object.entries(numbers))
				assert.equal((await ask(`/incidents/${number}/acknowledge`, {}, { cookie: cookies[name] })).status, 200);
			await until('the lamps', async () => await stack.lamp(POST, 'lamp-acknowledged-fire') && stack.lamp(POST, 'lamp-acknowledged-crime'), 15000);
			await until('a pulse of each', () => pages.budi.beats > 1 && pages.tono.beats > 1, 40000);
			cable.set({ swallow: true });
			const cut = performance.now();
			await pause(16000);
			assert.equal((await of(numbers.budi)).acknowledged_by, 'user:budi', 'a short gap is none');
			await pause(8000);
			assert.equal((await of(numbers.siti)).acknowledged_by, 'user:siti', 'its page is connected');
			pages.siti.end();
			const gone = performance.now();
			await until('the desk to have it back', async () => (await of(numbers.siti)).state === 'open', 60000);
			assert.ok(performance.now() - gone > 19500, 'not before its time');
			await until('the lamp to say so', async () => !(await stack.lamp(POST, 'lamp-acknowledged-fire')), 15000);
			await until('the desk to have back what was cut off', async () => (await of(numbers.budi)).state === 'open', 60000);
			assert.ok(performance.now() - cut < 70000, `noticed ${Math.round((performance.now() - cut) / 1000)} s after the cut`);
			assert.equal((await of(numbers.tono)).acknowledged_by, 'user:tono', 'the same page with a good cable keeps what it has');
			for (const name of ['siti', 'budi']) {
				const { timeline } = (await stack.api('GET', `/incidents/${numbers[name]}`)).body;
				assert.deepEqual(timeline.filter(({ kind }) => kind === 'incident.returned').map(({ actor, body }) => [actor, body.user]), [['server', `user:${name}`]]);
			}
		} finally {
			Object.values(pages).forEach((page) => page.end());
			cable.close();
		}
	});
});
