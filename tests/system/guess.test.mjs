// SPDX-License-Identifier: Apache-2.0
// guess.test.mjs -- somebody guesses codes of calls by text message: he is soon not looked at, hears nothing that tells him so, and whoever was called is heard.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { startGateway } from './relays.mjs';
import { withStack } from './support.mjs';

const TOKEN = 'a-token-of-thirty-two-characters-or-more';
const CALLED = '+6281234567890', STRANGER = '+6285550001111';
const PLAN = {
	tenant: 'kendal',
	contacts: { rt: { name: 'Pak Budi', role: 'ketua-rt', ways: [{ sms: CALLED }] } },
	plans: { all: { classes: ['all'], area: ['all'], rings: { neighbours: { until: 'taken', steps: [{ call: ['rt'], wait: '1h' }] } }, fallback: { call: ['rt'], every: '60s' } } },
};

/** Seven digits as a call has them: the last is Luhn's. */
function codeOf(number) {
	const digits = String(number).padStart(6, '0');
	const sum = [...digits].reduce((all, digit, i) => { const n = digit * (i % 2 ? 2 : 1); return all + (n > 9 ? n - 9 : n); }, 0);
	return `${digits}${(10 - sum % 10) % 10}`;
}

test('who guesses codes of calls', async (t) => {
	const gateway = await startGateway();
	try {
		await withStack({ posts: ['boja-01'], store: null }, async (stack) => {
			writeFileSync(stack.path('token'), `${TOKEN}\n`);
			appendFileSync(stack.path('server.yaml'), ['sms:', `  url: http://127.0.0.1:${gateway.port}/send`, '  template: "to={{address}}&text={{text}}"', '  type: form',
				'  success: "status=0"', '  reference: id', `  inbound: ${stack.path('token')}`, ''].join('\n'));
			await stack.parts.server.stop();
			await stack.startServer();
			const put = await stack.api('PUT', '/plan', PLAN);
			assert.equal(put.status, 200, JSON.stringify(put.body));
			await stack.press('boja-01', 'panic-fire');
			const { text } = await until('the call', () => gateway.heard[0], 30000);
			const [code] = /\d{7}/.exec(text.slice(text.indexOf('YA ')));
			const answer = async (from, words) => {
				const got = await fetch(`${stack.url}/api/v1/sms/inbound`, { method: 'POST', body: JSON.stringify({ from, text: words }),
					headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } });
				return { status: got.status, body: await got.json() };
			};
			const record = (sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', stack.path('server/record.db'), sql]).toString() || '[]');
			const states = () => record('SELECT state FROM call').map(({ state }) => state);
			const wrong = [...Array(9).keys()].map((n) => codeOf(424242 + n)).filter((one) => one !== code);
			let first;

			await t.test('five wrong codes are told, once, and the next one is refused in the same words', async () => {
				for (const one of wrong.slice(0, 7)) {
					const got = await answer(STRANGER, `YA ${one}`);
					first ??= got;
					assert.deepEqual(got, first);
				}
				assert.equal(first.status, 404);
				assert.deepEqual(record("SELECT body ->> 'kind' AS kind, body ->> 'count' AS count FROM event WHERE kind = 'security' AND tenant = 'kendal'"),
					[{ kind: 'guessed-codes', count: 5 }]);
			});
			await t.test('the right code from there is not looked at, also by a server that was killed', async () => {
				assert.deepEqual(await answer(STRANGER, `YA ${code}`), first);
				await stack.parts.server.stop('SIGKILL');
				await stack.startServer();
				assert.deepEqual(await answer('085550001111', `YA ${code}`), first);
				assert.deepEqual(states(), ['notified']);
				const metrics = await stack.call('curl', ['-s', '--unix-socket', stack.path('sock/server'), 'http://pospin/metrics']);
				assert.match(metrics, /^pospin_server_refused_total\{by="ledger",reason="guess"\} 1$/m);
			});
			await t.test('whoever was called is heard', async () => {
				assert.equal((await answer(CALLED, `YA ${code}`)).status, 200);
				assert.deepEqual(states(), ['accepted']);
			});
		});
	} finally {
		gateway.end();
	}
});
