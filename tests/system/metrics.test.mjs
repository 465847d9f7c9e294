// SPDX-License-Identifier: Apache-2.0
// metrics.test.mjs -- what the three running programs tell Prometheus, judged by promtool; the tables of counters in the code
// held against it and against docs/operations.md; the sample rules, each fired.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { connectAs, postKey, publishSigned, topicOf, withStack } from './support.mjs';

const PROMTOOL = [path.join(SOURCE, 'build/tools/promtool'), '/usr/bin/promtool'].find((file) => existsSync(file)) ?? 'promtool';
const TOKEN = 'a-token-of-this-test-0123456789abcdef';

/** promtool's complaints about a page, which must be none. */
function judged(name, page) {
	const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'metrics'], { input: page, encoding: 'utf8' });
	assert.equal(`${stdout}${stderr}`, '', `${name}: promtool check metrics`);
	assert.equal(status, 0, name);
}

/** {'family{labels}': value} of a page. */
const samples = (page) => Object.fromEntries(page.split('\n').filter((line) => line && !line.startsWith('#'))
	.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));

/** Rows X(member, by, reason, help) of the tables in the code. */
function rows(file) {
	const text = readFileSync(path.join(SOURCE, file), 'utf8').replace(/\\\n/g, ' ').replace(/"\s+"/g, '');
	return [...text.matchAll(/X\((\w+),\s+(NULL|"[^"]*"),\s+(NULL|"[^"]*"),\s+"/g)]
		.map(([, member, by, reason]) => ({ member, by: by === 'NULL' ? null : by.slice(1, -1), reason: reason === 'NULL' ? null : reason.slice(1, -1) }));
}
const TABLES = {
	server: ['server/engine/include/engine/counts.h', 'server/http/counts.h', 'server/notify/include/notify/notifier.h'],
	recorder: ['server/recorder/include/recorder/feed.h'],
	edge: ['edge-agent/edge.h', 'edge-agent/uplink/include/uplink/inbox.h'],
};
const documented = () => readFileSync(path.join(SOURCE, 'docs/operations.md'), 'utf8').split('\n')
	.map((line) => line.split('|').map((cell) => cell.trim())).filter((cells) => cells.length === 7 && TABLES[cells[1]]);

/** Every row of a program's tables is in its page; every refusal is in the document's table, and nothing else is. */
function held(program, page) {
	const has = samples(page);
	const all = TABLES[program].flatMap(rows);
	assert.ok(all.length > 4, program);
	for (const { member, by, reason } of all) {
		const families = [`pospin_${program}_${member}_total`, `pospin_${program}_http_${member}_total`, `pospin_${program}_notifications_${member}_total`];
		const wanted = reason ? [`pospin_${program}_refused_total{by="${by}",reason="${reason}"}`] : families;
		assert.ok(wanted.some((name) => name in has), `${program}: ${wanted[0]} is not in its metrics`);
	}
	const inCode = all.filter(({ reason }) => reason).map(({ by, reason }) => `${by} ${reason}`).sort();
	const inDocs = documented().filter((cells) => cells[1] === program).map((cells) => `${cells[2]} ${cells[3]}`).sort();
	assert.deepEqual(inDocs, inCode, `${program}: docs/operations.md, "Metrics"`);
	for (const cells of documented()) assert.ok(cells[4] && cells[5], `${cells.slice(1, 4)}: what it means and what to do`);
}

test('every enumerated refusal of the intake has a counter', () => {
	const text = readFileSync(path.join(SOURCE, 'server/intake/include/intake/verify.h'), 'utf8');
	const names = [...text.matchAll(/^\s*X\((\w+), /gm)].map(([, name]) => name).filter((name) => name !== 'NONE');
	const outcome = readFileSync(path.join(SOURCE, 'server/engine/outcome.c'), 'utf8');
	const members = rows(TABLES.server[0]).map(({ member }) => member);
	assert.ok(names.length >= 7);
	for (const name of names) {
		const member = outcome.match(new RegExp(`\\[PP_REFUSED_${name}\\] = &c->(\\w+)`))?.[1];
		assert.ok(members.includes(member), `PP_REFUSED_${name} is counted in ${member}`);
	}
});

test('the three programs tell Prometheus everything that they count, in a form that promtool has nothing against', async (t) => {
	await withStack({ posts: ['boja-01'], sampleEvery: '1s' }, async (stack) => {
		const token = stack.path('metrics.token');
		writeFileSync(token, `${TOKEN}\n`, { mode: 0o600 });
		writeFileSync(stack.path('server.yaml'), readFileSync(stack.path('server.yaml'), 'utf8')
			.replace(/^http:$/m, `http:\n  metrics_token: ${token}`));
		await stack.parts.server.stop();
		await stack.startServer();
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
		await stack.press('boja-01', 'panic-crime', 100);
		await until('the incident', async () => (await stack.incidents('open')).length === 1);

		const scrape = (headers = {}) => fetch(`${stack.url}/metrics`, { headers });
		const page = async () => (await scrape({ authorization: `Bearer ${TOKEN}` })).text();

		await t.test('over TCP only with the token, and the refusal is counted', async () => {
			assert.equal((await scrape()).status, 401);
			assert.equal((await scrape({ authorization: 'Bearer wrong' })).status, 401);
			assert.equal((await scrape({ authorization: `Bearer ${TOKEN}x` })).status, 401);
			const answer = await scrape({ authorization: `Bearer ${TOKEN}` });
			assert.equal(answer.status, 200);
			assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
			assert.equal(samples(await answer.text())['pospin_server_refused_total{by="http",reason="metrics-token"}'], 3);
		});
		await t.test('the server', async () => {
			const text = await page();
			judged('pospin-server', text);
			held('server', text);
			const has = samples(text);
			assert.equal(has['pospin_server_broker_connected'], 1);
			assert.equal(has['pospin_server_incidents_unacknowledged'], 1);
			assert.ok(has['pospin_server_unacknowledged_seconds'] > 0);
			assert.equal(has['pospin_server_posts{state="heard"}'], 1);
			assert.ok(has['pospin_server_posts{state="never"}'] >= 4);
			assert.ok(has['pospin_server_receipt_seconds_count'] >= 1, 'a receipt was measured');
			assert.ok(has['pospin_server_receipt_seconds_sum'] > 0 && has['pospin_server_receipt_seconds_sum'] < 60);
			assert.equal(has['pospin_server_receipt_seconds_bucket{le="+Inf"}'], has['pospin_server_receipt_seconds_count']);
			assert.ok(has['pospin_server_crl_expiry_timestamp_seconds'] > Date.now() / 1000 + 3600 * 86400);
			assert.ok(has['pospin_server_disk_free_bytes'] > 0 && has['pospin_server_record_bytes'] > 0);
			assert.ok(Buffer.byteLength(text) < 40000, 'the page stays small');
			assert.doesNotMatch(text, /boja|kaliwungu|kendal/, 'no figure names a post');
		});
		await t.test('what is refused moves its counter and nothing else', async () => {
			const before = samples(await page());
			const post = await connectAs(stack, 'boja-01');
			await publishSigned(post, topicOf('boja-01', 'signal'), '[1,2,3]', postKey(stack, 'boja-01'));
			const name = 'pospin_server_refused_total{by="intake",reason="form"}';
			await until('the refusal to be counted', async () => samples(await page())[name] === before[name] + 1);
			const after = samples(await page());
			const moved = Object.keys(after).filter((key) => key.startsWith('pospin_server_refused_total') && after[key] !== before[key]
				&& !/stale-state/.test(key));
			assert.deepEqual(moved, [name]);
			await post.endAsync();
		});
		await t.test('the recorder', async () => {
			const text = await until('a reading', async () => {
				const out = await stack.call(stack.program('pospin-recorder'), ['--config', stack.path('recorder.yaml'), 'metrics']);
				return samples(out).pospin_recorder_readings_total > 0 && samples(out).pospin_recorder_events_total > 0 && out;
			}, 30000);
			judged('pospin-recorder', text);
			held('recorder', text);
			assert.equal(samples(text).pospin_recorder_broker_connected, 1);
			assert.match(await stack.call(stack.program('pospin-recorder'), ['--config', stack.path('recorder.yaml'), 'status']), /^broker: connected$/m);
		});
		await t.test('the post', async () => {
			const text = await stack.call(stack.program('pospin-edge'), ['--socket', stack.path('sock/boja-01'), 'metrics']);
			judged('pospin-edge', text);
			held('edge', text);
			const has = samples(text);
			assert.ok(has.pospin_edge_alarms_total >= 1);
			assert.equal(has.pospin_edge_storage_durable, 1);
			assert.ok(has['pospin_edge_points{state="normal"}'] >= 1);
		});
		await t.test('the notifications are counted in /counts, too', async () => {
			assert.deepEqual(Object.keys((await stack.api('GET', '/counts')).body.notifications), ['tries', 'sent', 'failed', 'again']);
		});
	});
});

test('the sample scrape settings and rules are good, and every rule has been seen to fire', () => {
	const examples = path.join(SOURCE, 'packaging/examples');
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-prom-'));
	try {
		writeFileSync(path.join(dir, 'token'), TOKEN);
		writeFileSync(path.join(dir, 'pospin-alerts.yml'), readFileSync(path.join(examples, 'pospin-alerts.yml')));
		writeFileSync(path.join(dir, 'prometheus.yml'), readFileSync(path.join(examples, 'prometheus.yml'), 'utf8')
			.replace(/credentials_file: .*/, `credentials_file: ${dir}/token`));
		execFileSync(PROMTOOL, ['check', 'config', path.join(dir, 'prometheus.yml')], { stdio: 'pipe' });
		execFileSync(PROMTOOL, ['check', 'rules', path.join(examples, 'pospin-alerts.yml')], { stdio: 'pipe' });
		execFileSync(PROMTOOL, ['test', 'rules', path.join(SOURCE, 'tests/system/alerts.promtest.yml')], { stdio: 'pipe' });
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
	const alerts = [...readFileSync(path.join(examples, 'pospin-alerts.yml'), 'utf8').matchAll(/alert: (\w+)/g)].map(([, name]) => name);
	const fired = readFileSync(path.join(SOURCE, 'tests/system/alerts.promtest.yml'), 'utf8');
	for (const name of alerts) assert.match(fired, new RegExp(`alertname="${name}"`), `${name} has its test`);
	// A rule over a figure that does not exist would never fire.
	const sources = [...Object.values(TABLES).flat(), 'server/http/scrape.c', 'server/recorder/report.c', 'edge-agent/health/figures.c']
		.map((file) => readFileSync(path.join(SOURCE, file), 'utf8')).join('\n');
	const used = new Set([...readFileSync(path.join(examples, 'pospin-alerts.yml'), 'utf8').matchAll(/\bpospin_\w+/g)].map(([name]) => name));
	for (const name of used) {
		const base = name.replace(/_bucket$/, '');
		assert.ok(sources.includes(`"${base}"`) || /_notifications_failed_total$/.test(base), `${name} is a figure that a program tells`);
	}
});
