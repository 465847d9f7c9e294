// SPDX-License-Identifier: Apache-2.0
// plan.test.mjs -- response plans in the running server: imported, shown, asked, replaced, refused, and what the audit chain says of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { withStack } from './support.mjs';

const SAMPLE = path.join(SOURCE, 'packaging/examples/plans-kendal.yaml');
const ways = ({ body }) => body.calls.flatMap(({ callees }) => callees).filter(({ contact }) => contact).map(({ contact }) => contact);

test('a plan is imported, asked and replaced while the server runs', async (t) => {
	await withStack({ posts: [], store: null, plans: SAMPLE }, async (stack) => {
		const record = stack.path('server/record.db');
		const rows = (sql) => execFileSync('sqlite3', ['-readonly', record, sql], { encoding: 'utf8' }).trim();

		await t.test('the sample calls the nearest Damkar post first, and tonight\'s ronda', async () => {
			assert.equal((await stack.api('GET', '/plan')).body.rev, 1);
			const fire = await stack.api('GET', '/plan/who?post=weleri-01&class=fire&at=mon-12:00');
			assert.equal(fire.status, 200);
			assert.equal(fire.body.plan, 'kebakaran');
			assert.deepEqual(fire.body.calls.filter(({ ring }) => ring === 'agencies').map(({ after, callees }) => [after, callees.map(({ agency }) => agency)]),
				[[0, ['damkar-weleri']], [60, ['damkar-kendal']]]);
			const night = await stack.api('GET', '/plan/who?post=boja-01&class=crime&at=sat-23:30');
			assert.equal(night.body.plan, 'kejahatan-boja-malam');
			assert.ok(ways(night).includes('ronda-boja-b'));
			assert.ok(!ways(await stack.api('GET', '/plan/who?post=boja-01&class=crime&at=sat-12:00')).includes('ronda-boja-b'));
		});

		await t.test('what was shown can be put again, and a change is a new revision', async () => {
			const { body: { plan } } = await stack.api('GET', '/plan');
			assert.deepEqual((await stack.api('PUT', '/plan', plan)).body, { rev: 1, changed: false });
			plan.plans.medis.rings.agencies.steps[0].wait = '45s';
			assert.deepEqual((await stack.api('PUT', '/plan', plan)).body, { rev: 2, changed: true });
			assert.equal((await stack.api('GET', '/plan')).body.plan.plans.medis.rings.agencies.steps[0].wait, '45s');
		});

		await t.test('a plan that would call nobody at some hour is refused, with plan, ring, hour and place', async () => {
			const { body: { plan } } = await stack.api('GET', '/plan');
			plan.plans['kejahatan-boja-malam'].rings.neighbours.steps[0].call = ['roster:ronda-boja'];
			const { status, body } = await stack.api('PUT', '/plan', plan);
			assert.equal(status, 422);
			assert.match(body.detail, /plan kejahatan-boja-malam, ring neighbours, step 1: calls nobody from mon 21:00 to mon 22:00 in post boja-01, class crime/);
			assert.equal((await stack.api('GET', '/plan')).body.rev, 2);
		});

		await t.test('pospinctl imports beside the running server, and a contact that is gone is erased', async () => {
			const file = stack.path('plans.yaml');
			writeFileSync(file, readFileSync(SAMPLE, 'utf8').replace(/^ {2}ronda-boja-b: .*\n/m, '').replace('[ronda-boja-a, ronda-boja-b]', '[ronda-boja-a]'));
			assert.match(await stack.ctl('plan', 'import', '--record', record, file), /plan revision 3; contacts: 0 new, 0 changed, 1 erased/);
			assert.equal((await stack.api('GET', '/plan')).body.rev, 3);
			assert.ok(!ways(await stack.api('GET', '/plan/who?post=boja-01&class=crime&at=sat-23:30')).includes('ronda-boja-b'));
			assert.equal(rows("SELECT count(*) FROM contact_way WHERE address = '+620000000203'"), '0');
		});

		await t.test('a contact is sent a test message with a code of its own', async () => {
			assert.match(await stack.ctl('contact', 'test', '--socket', stack.path('sock/server'), 'psc119-piket'), /a test message by sms is on its way/);
			assert.equal(rows("SELECT count(*) FROM notification WHERE purpose = 'test' AND contact = 'psc119-piket' AND address = '+620000000121'"), '1');
			assert.equal(rows('SELECT contact FROM contact_code'), 'psc119-piket');
			const { body: { plan } } = await stack.api('GET', '/plan');
			for (const contact of Object.values(plan.contacts)) contact.verified = new Date().toISOString().slice(0, 10);
			plan.contacts['psc119-piket'].verified = '2020-01-01';
			plan.contacts['psc119-piket'].ways = [{ sms: '+620000000555' }];
			assert.equal((await stack.api('PUT', '/plan', plan)).status, 200);
			assert.match(await stack.ctl('contact', 'test', '--socket', stack.path('sock/server'), '--stale'), /^psc119-piket: a test message by sms is on its way[^\n]*\n$/);
		});

		await t.test('every change is on the chain, with its digest and without a name', async () => {
			const bodies = rows("SELECT body FROM event WHERE kind = 'plan.changed' ORDER BY height").split('\n').map((line) => JSON.parse(line));
			assert.deepEqual(bodies.map(({ rev }) => rev), [1, 2, 3, 3]);
			for (const { digest } of bodies) assert.match(digest, /^[0-9a-f]{64}$/);
			assert.equal(rows("SELECT count(*) FROM event WHERE body LIKE '%+62%' OR body LIKE '%contoh%' OR body LIKE '%@%'"), '0');
			await stack.ctl('verify', '--record', record, '--heads', stack.path('server/heads.log'), '--keys', stack.path('pki/server-keys.txt'));
		});
	});
});
