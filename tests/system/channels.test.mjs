// SPDX-License-Identifier: Apache-2.0
// channels.test.mjs -- mail to Debian's aiosmtpd over TLS, SMS to an HTTP gateway that lies, and what it posts back.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { bodyOf, certificateIn, headersOf, startGateway, startRelay } from './relays.mjs';
import { withStack } from './support.mjs';

const TOKEN = 'a-token-of-thirty-two-characters-or-more';

test('mail and SMS', async (t) => {
	const gateway = await startGateway();
	let relay;
	try {
		await withStack({ posts: ['boja-01'], store: null }, async (stack) => {
			const tls = certificateIn(stack.path('smtp'));
			relay = await startRelay(tls, 'starttls');
			writeFileSync(stack.path('smtp/password'), 'rahasia\n');
			writeFileSync(stack.path('smtp/token'), `${TOKEN}\n`);
			const settings = (ca, port) => ['mail:', `  server: "smtp://localhost:${port}"`, '  from: pospin@kendal.example', '  user: pospin',
				`  password: ${stack.path('smtp/password')}`, `  ca: ${ca}`,
				'sms:', `  url: http://127.0.0.1:${gateway.port}/send`, '  template: "to={{address}}&text={{text}}"', '  type: form',
				'  success: "status=0"', '  reference: id', `  inbound: ${stack.path('smtp/token')}`, ''].join('\n');
			appendFileSync(stack.path('server.yaml'), settings(tls.crt, relay.port));
			await stack.parts.server.stop();
			await stack.startServer();
			const ring = async (channel, address, language) => {
				const { status, body } = await stack.api('POST', '/notifications/test', { channel, contact: 'rt-boja-03', address, language });
				assert.equal(status, 200, JSON.stringify(body));
				return body.key;
			};
			const record = (sql) => execFileSync('sqlite3', ['-json', stack.path('server/record.db'), sql], { encoding: 'utf8' });
			const stateOf = (key) => JSON.parse(record(`SELECT state, detail, attempts, reference FROM notification WHERE key = '${key}'`) || '[]')[0];
			const becomes = (key, state) => until(`${key} to be ${state}`, () => stateOf(key).state === state, 20000);

			await t.test('a letter goes over TLS with a login, and its text arrives whole', async () => {
				const key = await ring('mail', 'piket@kendal.example');
				const letter = await until('the letter', () => relay.letters[0], 20000);
				assert.deepEqual([letter.tls, letter.authenticated, letter.from, letter.to],
					[true, true, 'pospin@kendal.example', ['piket@kendal.example']]);
				const headers = headersOf(letter.letter);
				assert.equal(headers['Message-ID'], `<pospin.${key}@kendal.example>`);
				assert.match(bodyOf(letter.letter), /^Uji coba PosPin, .*: bukan alarm\./);
				await becomes(key, 'sent');
			});
			await t.test('a mailbox that is not there has failed for good, a full one is tried again', async () => {
				const [gone, full] = [await ring('mail', 'nobody@kendal.example'), await ring('mail', 'full@kendal.example', 'en')];
				await becomes(gone, 'failed');
				assert.deepEqual([stateOf(gone).detail, stateOf(gone).attempts], ['SMTP 550', 1]);
				await until('a second try', () => stateOf(full).attempts >= 2, 20000);
				assert.equal(stateOf(full).state, 'queued');
			});
			let good;
			await t.test('an SMS is sent only when the answer says so', async () => {
				good = await ring('sms', '+6281234567890');
				const [lied] = [await ring('sms', '+628999999999')];
				await becomes(good, 'sent');
				await until('the lie to be seen', () => stateOf(lied).attempts >= 1);
				assert.equal(stateOf(lied).state, 'queued');
				assert.match(stateOf(lied).detail, /not taken/);
				const sms = gateway.heard.find(({ to }) => to === '+6281234567890');
				assert.match(sms.text, /^Uji coba PosPin/);
				assert.ok(sms.text.length <= 160);
				assert.equal(sms.headers['idempotency-key'], good);
			});
			await t.test('a delivery report needs the token, and makes it delivered', async () => {
				const report = (token, body) => fetch(`${stack.url}/api/v1/sms/inbound`, { method: 'POST',
					headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
				const { reference } = stateOf(good);
				assert.match(reference, /^m-\d+$/);
				assert.equal((await report('x'.repeat(TOKEN.length), { id: reference, status: 'delivered' })).status, 401);
				assert.equal(stateOf(good).state, 'sent');
				assert.equal((await report(TOKEN, { id: reference, status: 'queued' })).status, 200);
				assert.equal((await report(TOKEN, { id: 'm-999', status: 'delivered' })).status, 404);
				assert.equal((await report(TOKEN, { id: reference, status: 'delivered' })).status, 200);
				await becomes(good, 'delivered');
				for (const text of ['1', 'YA', '<script>YA 1</script>', 'YA TIDAK 1234567'])
					assert.equal((await report(TOKEN, { from: '+6281234567890', text })).status, 422, text);
				assert.notEqual((await report(TOKEN, { from: '+6281234567890', text: 'YA 1234567' })).status, 200, 'no call has this code');
			});
			await t.test('a station is sounded by a signed order and its answer makes it delivered; one that is not there is refused', async () => {
				const sounded = await ring('siren', 'kendal/boja-01');
				const nowhere = await stack.api('POST', '/notifications/test', { channel: 'siren', contact: 'rt-boja-03', address: 'kendal/nowhere' });
				assert.deepEqual([nowhere.status, nowhere.body.detail], [404, 'there is no such post']);
				await becomes(sounded, 'delivered');
				assert.equal(stateOf(sounded).detail, 'the station has sounded');
				await until('its answer', () => Number(JSON.parse(record("SELECT count(*) AS n FROM event WHERE kind = 'command.answered'"))[0].n) === 1, 20000);
			});
			await t.test('a relay whose certificate is not known gets no letter', async () => {
				const other = certificateIn(stack.path('other'));
				const server = await stack.parts.server.stop();
				const text = execFileSync('sed', [`s|  ca: ${tls.crt}|  ca: ${other.crt}|`, stack.path('server.yaml')], { encoding: 'utf8' });
				writeFileSync(stack.path('server.yaml'), text);
				await stack.startServer();
				const before = relay.letters.length;
				const key = await ring('mail', 'piket@kendal.example');
				await until('a try', () => stateOf(key).attempts >= 1, 20000);
				assert.equal(stateOf(key).state, 'queued');
				assert.equal(relay.letters.length, before, server);
			});
			assert.ok(existsSync(stack.path('server/record.db')));
		});
	} finally {
		relay?.end();
		gateway.end();
	}
});
