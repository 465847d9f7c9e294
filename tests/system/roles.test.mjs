// SPDX-License-Identifier: Apache-2.0
// roles.test.mjs -- the table of roles against the running server: each role, each endpoint, each method; and what is outside a region.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { withStack } from './support.mjs';

const ROLES = ['administrator', 'supervisor', 'operator', 'engineer', 'agency', 'auditor'];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];
const PASSWORD = 'kentongan-tanpa-henti';

/** The rows of server/roles/roles.h: { method, path, roles, open }. */
function table() {
	const text = readFileSync(path.join(SOURCE, 'server/roles/include/roles/roles.h'), 'utf8').replace(/\\\n/g, ' ');
	const named = Object.fromEntries([...text.matchAll(/#define (PP_\w+_PATH) "([^"]+)"/g)].map(([, name, value]) => [name, value]));
	const sets = { PP_AS_DESK: ['operator', 'supervisor'] };
	sets.PP_AS_STAFF = [...sets.PP_AS_DESK, 'engineer', 'administrator'];
	sets.PP_AS_EVERYBODY = [...sets.PP_AS_STAFF, 'agency', 'auditor'];
	return [...text.matchAll(/X\((\w+),\s*"(\w+)",\s*((?:PP_\w+_PATH\s*)?(?:"[^"]*")?),\s*([^,]+),\s*([^)]+)\)/g)].map(([, name, method, where, roles, rules]) => ({
		name, method, path: where.replace(/PP_\w+_PATH/, (word) => named[word]).replace(/[" ]/g, ''),
		roles: roles.split('|').flatMap((word) => sets[word.trim()] ?? (word.trim() === '0' ? [] : [word.trim().replace('PP_AS_', '').toLowerCase()])),
		open: rules.includes('PP_RULE_OPEN'),
	}));
}

/** One request; the answer's status, without waiting for a stream to end. */
async function ask(stack, cookie, method, target) {
	const abort = new AbortController();
	const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{}' : undefined;
	const answer = await fetch(stack.url + target, {
		method, body, signal: abort.signal,
		headers: { cookie, 'x-pospin': '1', ...(body ? { 'content-type': 'application/json' } : {}) },
	});
	abort.abort();
	return answer.status;
}

async function post(stack, target, body, cookie = '') {
	const answer = await fetch(`${stack.url}/api/v1${target}`, {
		method: 'POST', body: JSON.stringify(body), headers: { cookie, 'x-pospin': '1', 'content-type': 'application/json' },
	});
	return { status: answer.status, cookie: /pospin_session=\w+/.exec(answer.headers.get('set-cookie') ?? '')?.[0], body: await answer.text() };
}

async function login(stack, name) {
	const { status, cookie, body } = await post(stack, '/session', { name, password: PASSWORD });
	assert.equal(status, 200, `${name}: ${body}`);
	return cookie;
}

/** A user made as an administrator makes one; the session's cookie. */
async function become(stack, name, more) {
	const made = await stack.api('POST', '/users', { name, display: name, ...more });
	assert.equal(made.status, 201, JSON.stringify(made.body));
	const token = /#invitation=(\w+)/.exec(made.body.link)[1];
	assert.equal((await post(stack, '/invitation', { token, password: PASSWORD })).status, 204);
	return login(stack, name);
}

test('the table of roles against the running server', async (t) => {
	const rows = table();
	const doc = JSON.parse(readFileSync(path.join(SOURCE, 'docs/openapi.json'), 'utf8'));
	assert.ok(rows.length > 30);
	await t.test('the table and the document of the API have the same endpoints', () => {
		const documented = Object.entries(doc.paths).flatMap(([where, ops]) => METHODS.filter((method) => ops[method.toLowerCase()]).map((method) => `${method} ${where}`));
		assert.deepEqual(rows.map(({ method, path: where }) => `${method} ${where}`).sort(), documented.sort());
	});
	await withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
		await stack.press('boja-01', 'panic-crime', 100);
		const [{ number }] = await until('the incident', async () => {
			const open = await stack.incidents('open');
			return open.length && open;
		});
		const token = /#setup=(\w+)/.exec(await until('the setup link', () => stack.setupLink()))[1];
		assert.equal((await post(stack, '/setup', { name: 'pertama', display: 'Pertama', password: PASSWORD, token })).status, 201);

		await t.test('each role gets what its column says, and nothing else', async () => {
			for (const role of ROLES) {
				let cookie = await become(stack, `uji-${role}`, { roles: role, ...(role === 'agency' ? { unit: 'Damkar Uji' } : {}) });
				// What ends sessions comes last, each with one of its own.
				const ordered = [...rows].sort((a, b) => (a.method === 'DELETE') - (b.method === 'DELETE'));
				for (const { method, path: where, roles, open } of ordered.filter((row) => !row.open)) {
					const target = where.replace('{number}', 'KDL-99-000009').replace('{post}', 'nowhere').replace('{name}', 'nobody').replace(/\{\w+\}/, '1');
					if (method === 'DELETE') cookie = await login(stack, `uji-${role}`);
					const status = await ask(stack, cookie, method, target);
					const told = `${role} ${method} ${where}: ${status}`;
					assert.ok(!open && status !== 401, told);
					assert.equal(status === 403, !roles.includes(role), told);
					assert.ok(status < 500, told);
				}
			}
		});
		await t.test('without a session each of them is 401, and any other method 405', async () => {
			for (const where of new Set(rows.map((row) => row.path))) {
				const target = where.replace('{number}', number).replace('{post}', 'boja-01').replace(/\{\w+\}/, '1');
				for (const method of METHODS) {
					const row = rows.find((candidate) => candidate.method === method && candidate.path === where);
					const status = await ask(stack, '', method, target);
					if (!row) assert.equal(status, 405, `${method} ${where}`);
					else if (!row.open) assert.equal(status, 401, `${method} ${where}`);
				}
			}
		});
		await t.test('outside the region there is no incident, in no list and no stream', async () => {
			const far = await become(stack, 'jauh', { roles: 'supervisor', kecamatan: '33.24.12' });
			const near = await become(stack, 'dekat', { roles: 'supervisor', kecamatan: '33.24.07' });
			const read = async (cookie, target) => (await fetch(`${stack.url}/api/v1${target}`, { headers: { cookie } })).json();
			const streams = [far, near].map((cookie) => {
				const abort = new AbortController(), stream = { text: '', end: () => abort.abort() };
				fetch(`${stack.url}/api/v1/events`, { headers: { cookie, 'last-event-id': '0' }, signal: abort.signal })
					.then(async (answer) => { for await (const piece of answer.body) stream.text += Buffer.from(piece).toString(); }).catch(() => {});
				return stream;
			});
			assert.equal((await stack.api('POST', `/incidents/${number}/note`, { text: 'rahasia warga' })).status, 200);
			await until('the near one to hear of it', () => streams[1].text.includes('incident.note'));
			assert.ok(!streams[0].text.includes(number), streams[0].text);
			assert.ok(!streams[0].text.includes('boja-01'));
			assert.ok(!streams[1].text.includes('rahasia warga'), 'a stream holds no personal text');
			streams.forEach((stream) => stream.end());
			assert.deepEqual((await read(far, '/incidents?state=all')).incidents, []);
			assert.ok((await read(far, '/posts')).posts.every((each) => each.id !== 'boja-01'));
			assert.ok((await read(near, '/posts')).posts.some((each) => each.id === 'boja-01'));
			assert.equal(await ask(stack, far, 'GET', '/api/v1/plan/who?post=boja-01&class=fire'), 422);
			assert.equal(await ask(stack, near, 'GET', '/api/v1/plan/who?post=boja-01&class=fire'), 200);
			assert.equal(await ask(stack, far, 'GET', `/api/v1/incidents/${number}`), 404);
			assert.equal(await ask(stack, far, 'POST', `/api/v1/incidents/${number}/acknowledge`), 404);
			assert.equal(await ask(stack, far, 'POST', '/api/v1/posts/boja-01/silence'), 404);
			assert.equal(await ask(stack, near, 'GET', `/api/v1/incidents/${number}`), 200);
		});
		await t.test('who is disabled is out at once, and the stream with him', async () => {
			const cookie = await become(stack, 'keluar', { roles: 'operator' });
			const answer = await fetch(`${stack.url}/api/v1/events`, { headers: { cookie } });
			const ended = (async () => { for await (const piece of answer.body) void piece; return true; })();
			assert.equal((await stack.api('POST', '/users/keluar/disable', {})).status, 200);
			assert.equal(await ask(stack, cookie, 'GET', '/api/v1/session'), 401);
			assert.ok(await ended);
			assert.equal((await post(stack, '/session', { name: 'keluar', password: PASSWORD })).status, 401);
		});
		await t.test('who has looked at names stands in the chain, which the auditor reads and anybody can recompute', async () => {
			const { createHash } = await import('node:crypto');
			await stack.api('POST', `/incidents/${number}/acknowledge`, {});
			const tono = await become(stack, 'tono', { roles: 'supervisor' });
			const seen = await (await fetch(`${stack.url}/api/v1/incidents/${number}`, { headers: { cookie: tono } })).json();
			assert.equal(seen.post.contact_masked, false);
			const auditor = await login(stack, 'uji-auditor');
			const events = [];
			for (let after = 0, page; after === 0 || page.length; after = events.at(-1).height) {
				page = (await (await fetch(`${stack.url}/api/v1/audit?after=${after}`, { headers: { cookie: auditor } })).json()).events;
				events.push(...page);
			}
			let previous = Buffer.alloc(32);
			for (const event of events) {
				const words = [event.height, event.at, event.kind, event.actor, event.incident ?? '', event.post ?? '', event.point ?? '', event.body].join('\n');
				const hash = createHash('sha256').update(previous).update(words).digest();
				assert.equal(event.previous, previous.toString('hex'), `height ${event.height}`);
				assert.equal(event.hash, hash.toString('hex'), `height ${event.height}: ${words}`);
				previous = hash;
			}
			assert.ok(events.some(({ kind, actor, body }) => kind === 'personal.viewed' && actor === 'user:tono' && body.includes(number)));
			assert.ok(!JSON.stringify(events).includes('rahasia warga'));
			// The same chain as a file for somebody who has the server's public keys and nothing else.
			const exported = await stack.ctl('audit', 'export', '--record', stack.path('server/record.db'), '--keys', stack.path('pki/server-keys.txt'));
			const lines = exported.trim().split('\n').map((line) => JSON.parse(line)), file = stack.path('audit.jsonl');
			assert.deepEqual(lines.filter(({ height }) => height).slice(0, events.length).map(({ hash }) => hash), events.map(({ hash }) => hash));
			assert.ok(!exported.includes('rahasia warga'));
			const verify = async (text) => {
				writeFileSync(file, text);
				return stack.ctl('audit', 'verify', file, '--keys', stack.path('pki/server-keys.txt')).catch((error) => error.message);
			};
			assert.match(await verify(exported), new RegExp(`as it was written: tenant kendal, events 1 to ${lines.filter(({ height }) => height).length}, .*\\nSigned by the server up to`));
			const viewed = events.find(({ kind }) => kind === 'personal.viewed');
			assert.match(await verify(exported.replace('"kind":"personal.viewed","actor":"user:', '"kind":"personal.viewed","actor":"ctl:')), /IS NOT AS IT WAS WRITTEN: .*event \d+ has been changed/);
			assert.match(await verify(exported.split('\n').filter((line) => !line.startsWith(`{"height":${viewed.height},`)).join('\n')),
				new RegExp(`IS NOT AS IT WAS WRITTEN: .*event ${viewed.height + 1} follows event ${viewed.height - 1}`));
		});
	});
});
