// SPDX-License-Identifier: Apache-2.0
// doctor.test.mjs -- everything that can be provoked is provoked for real, and the doctors must name it, say what to do, and be
// done in time whatever hangs. What needs another record or another time is in tests/unit/server/ctl and .../edge-agent/health.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { until } from '../../scripts/lib/parts.mjs';
import { withStack } from './support.mjs';

/** The doctors promise ten seconds; a machine that does other things besides gets as much again. */
const PATIENCE_MS = 20000;

const run = (command, args) => new Promise((resolve) => {
	const begun = Date.now();
	execFile(command, args, { timeout: 60000, env: { ...process.env, POSPIN_ALLOW_ROOT: '1' } }, (error, stdout, stderr) =>
		resolve({ code: error ? error.code : 0, stdout, stderr, ms: Date.now() - begun }));
});

/** The findings of a doctor; find(level, id, part) must be there. */
async function examined(command, args) {
	const { code, stdout, stderr, ms } = await run(command, [...args, '--json']);
	assert.ok(stdout.startsWith('{'), `${stderr}${stdout}`);
	const { health, findings } = JSON.parse(stdout);
	assert.ok(ms < PATIENCE_MS, `it took ${ms} ms`);
	assert.equal(code, health === 'fail' ? 1 : 0);
	for (const { level, id, text, todo } of findings) assert.ok(text && (level === 'ok') === (todo === ''), `${id}: ${text} -> ${todo}`);
	const said = findings.map(({ level, id, text }) => `${level} ${id}: ${text}`).join('\n');
	return {
		health, findings, said,
		find(level, id, part) {
			assert.ok(findings.some((f) => f.level === level && f.id === id && f.text.includes(part)), `no ${level} ${id} '${part}' in:\n${said}`);
		},
		never(level) {
			assert.deepEqual(findings.filter((f) => f.level === level).map(({ id, text }) => `${id}: ${text}`), []);
		},
	};
}

test('pospinctl doctor names what is wrong', async (t) => {
	await withStack({ posts: ['boja-01'] }, async (stack) => {
		const ctl = stack.program('pospinctl');
		const args = (config = 'server.yaml', recorder = 'recorder.yaml') =>
			['doctor', '--config', stack.path(config), '--recorder', stack.path(recorder), '--pki', stack.path('pki')];
		const doctor = (...which) => examined(ctl, args(...which));
		const changed = (name, from, to, base = 'server.yaml') => {
			const before = readFileSync(stack.path(base), 'utf8');
			assert.ok(before.includes(from), from);
			writeFileSync(stack.path(name), before.replace(from, to));
			return name;
		};
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
		await until('the recorder to be connected', () => readFileSync(stack.path('log/recorder.log'), 'utf8').includes('broker.connected'), 20000);

		await t.test('a system that works has nothing to mend', async () => {
			const d = await doctor();
			d.never('fail');
			for (const [id, part] of [['settings', 'can be read'], ['identity.pair', 'belong together'], ['broker', 'accepts the server'],
				['broker.mqtt', 'lets the tools in'], ['server.broker', 'is connected'], ['record.journal', 'wal'], ['heads', 'in step'],
				['record.integrity', 'sound'], ['crl', 'holds'], ['store', 'answers'], ['recorder.spool', 'wait for the store']]) d.find('ok', id, part);
			d.find('warn', 'files.authority', 'service-ca.key');
			d.find('warn', 'posts.never-heard', 'kendal/');
			d.find('warn', 'points.never-tested', 'kendal/');
		});
		await t.test('it throws nobody off the broker, and the record is as it was', async () => {
			const before = (await stack.edgeStatus('boja-01')).counts.connections;
			const log = () => (readFileSync(stack.path('log/server.log'), 'utf8').match(/broker\.away|broker\.connected/g) ?? []).length;
			const lines = await until('the server to have told of the broker', log);
			await doctor();
			assert.equal((await stack.edgeStatus('boja-01')).counts.connections, before);
			assert.equal(log(), lines);
		});
		await t.test('for people it says the same in words', async () => {
			const { stdout, code } = await run(ctl, args());
			assert.equal(code, 0);
			assert.match(stdout, /^OK {4}broker .*accepts the server's certificate/m);
			assert.match(stdout, /^WARN {2}files\.authority .*\n +-> keep it on a disk/m);
			assert.match(stdout, /^\d+ fine, \d+ to look at, 0 to mend$/m);
		});
		await t.test('a key that others may read', async () => {
			chmodSync(stack.path('pki/svc-server.key'), 0o644);
			(await doctor()).find('fail', 'files.key-mode', 'svc-server.key has mode 0644');
			chmodSync(stack.path('pki/svc-server.key'), 0o600);
		});
		await t.test('settings with a mistake, with line and column', async () => {
			(await doctor(changed('bad.yaml', 'data:', 'daat:'))).find('fail', 'settings', 'bad.yaml:1:1');
		});
		await t.test('a foreign key, a foreign certificate, a foreign authority', async () => {
			const pair = await doctor(changed('pair.yaml', 'svc-server.key', 'svc-ctl.key'));
			pair.find('fail', 'identity.pair', 'is not the key of');
			pair.find('fail', 'broker.files', 'not the certificate');
			const authority = await doctor(changed('authority.yaml', 'service-ca.crt', 'post-ca.crt'));
			authority.find('fail', 'broker.tls', 'does not come from our authority');
			authority.find('fail', 'identity.certificate', 'does not come from');
			const post = changed('post.yaml', 'pki/svc-server.crt', 'posts/boja-01/post.crt');
			(await doctor(changed(post, 'pki/svc-server.key', 'posts/boja-01/post.key', post))).find('fail', 'identity.certificate', 'kendal/boja-01');
		});
		await t.test('a port where nobody listens, a name that the certificate lacks', async () => {
			const port = changed('port.yaml', `port: ${stack.ports.broker}`, 'port: 1');
			const d = await doctor(changed(port, 'host: 127.0.0.1', 'host: 127.0.0.2', port));
			d.find('fail', 'broker.connection', 'refused');
			d.find('fail', 'broker.name', "does not name '127.0.0.2'");
		});
		await t.test('everything hangs at once: broker, server, a store that takes connections and never answers, a disk', async () => {
			const sockets = [];
			const mute = net.createServer((socket) => sockets.push(socket));
			await new Promise((resolve) => { mute.listen(0, '127.0.0.1', resolve); });
			const recorder = changed('mute.yaml', stack.storeUrl, `http://127.0.0.1:${mute.address().port}`, 'recorder.yaml');
			// A named pipe that nobody writes: opening it waits for ever, as a disk that hangs does.
			await stack.call('mkfifo', [stack.path('pipe')]);
			const config = changed('pipe.yaml', `crl: ${stack.path('pki/revoked.pem')}`, `crl: ${stack.path('pipe')}`);
			const parts = [stack.parts.broker, stack.parts.server];
			parts.forEach((part) => process.kill(part.pid, 'SIGSTOP'));
			const d = await doctor(config, recorder).finally(() => parts.forEach((part) => process.kill(part.pid, 'SIGCONT')));
			d.find('fail', 'store', 'does not answer within');
			d.find('fail', 'pki', `no answer within 7 s: reading ${stack.path('pipe')}`);
			d.find('fail', 'broker.tls', 'no answer');
			d.find('fail', 'server', 'Connection timed out');
			d.find('ok', 'record.integrity', 'sound');
			d.find('ok', 'identity.pair', 'belong together');
			sockets.forEach((socket) => socket.destroy());
			mute.close();
		});
		await t.test('a full disk', async () => {
			mkdirSync(stack.path('small'));
			const config = changed('full.yaml', `data: ${stack.path('server')}`, `data: ${stack.path('small')}`);
			const script = `mount -t tmpfs -o size=4m none '${stack.path('small')}' && cp '${stack.path('server/record.db')}' '${stack.path('small')}'; `
				+ `dd if=/dev/zero of='${stack.path('small/fill')}' bs=64k 2>/dev/null; exec "$0" "$@"`;
			(await examined('unshare', ['-rm', 'sh', '-c', script, ctl, ...args(config)])).find('fail', 'disk', 'has 0 of 4 MiB left');
		});
		await t.test('a broker that is gone', async () => {
			await stack.parts.broker.stop();
			await until('the server to notice', async () => !(await stack.api('GET', '/health')).body.broker, 20000);
			const gone = await doctor();
			gone.find('fail', 'broker.connection', 'Connection refused');
			gone.find('fail', 'server.broker', 'no alarm reaches it');
			gone.find('fail', 'recorder.broker', 'not connected');
		});
		await t.test('a server and a recorder that do not run', async () => {
			await stack.parts.server.stop();
			await stack.parts.recorder.stop();
			const gone = await doctor();
			gone.find('fail', 'server', 'it does not run');
			gone.find('fail', 'recorder', 'it does not run');
			gone.find('ok', 'record', 'opens');
		});
	});
});

test('pospin-edge status and doctor name what is wrong at the post', async (t) => {
	await withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		const edge = stack.program('pospin-edge'), home = stack.path('posts/boja-01');
		const config = (name = 'edge.yaml') => ['--config', path.join(home, name)];
		const doctor = (name) => examined(edge, [...config(name), 'doctor']);
		const status = () => run(edge, [...config(), 'status']);
		const changed = (name, from, to) => {
			const before = readFileSync(path.join(home, 'edge.yaml'), 'utf8');
			assert.ok(before.includes(from), from);
			writeFileSync(path.join(home, name), before.replaceAll(from, to));
			return name;
		};
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);

		await t.test('a healthy post says so first, in both languages', async () => {
			const { code, stdout } = await status();
			assert.equal(code, 0, stdout);
			assert.match(stdout.split('\n')[0], /^Pos ini (sehat|bekerja)[^/]* \/ This post (is healthy|works)/);
			assert.match(stdout, /^OK {4}server +Server menjawab/m);
			assert.match(stdout, /^Lamps and sirens:/m);
			const before = (await stack.edgeStatus('boja-01')).counts.connections;
			const d = await doctor();
			d.never('fail');
			d.find('ok', 'broker.way', 'accepts this post');
			d.find('ok', 'agent.process', 'An agent works');
			assert.equal((await stack.edgeStatus('boja-01')).counts.connections, before, 'the agent was not thrown off');
		});
		await t.test('the identity of another post', async () => {
			const other = await stack.certify('kendal', 'weleri-01');
			const d = await doctor(changed('other.yaml', `${home}/post.crt`, `${other}/post.crt`));
			d.find('fail', 'identity.name', "the certificate of 'kendal/weleri-01'");
			d.find('fail', 'identity.pair', 'do not belong');
			d.find('fail', 'broker.files', 'not the certificate');
		});
		await t.test('a certificate that has ended', async () => {
			const ca = stack.path('ca');
			mkdirSync(ca);
			writeFileSync(path.join(ca, 'index.txt'), '');
			writeFileSync(path.join(ca, 'ca.cnf'), ['[ca]', 'default_ca = d', '[d]', `database = ${ca}/index.txt`, `new_certs_dir = ${ca}`, 'rand_serial = yes',
				'default_md = default', 'policy = p', 'x509_extensions = e', '[p]', 'commonName = supplied', '[e]', 'extendedKeyUsage = clientAuth', ''].join('\n'));
			await stack.call('openssl', ['ca', '-batch', '-notext', '-config', `${ca}/ca.cnf`, '-startdate', '20200101000000Z', '-enddate', '20210101000000Z',
				'-cert', stack.path('pki/post-ca.crt'), '-keyfile', stack.path('pki/post-ca.key'), '-in', `${home}/post.csr`, '-out', `${home}/old.crt`]);
			(await doctor(changed('old.yaml', `${home}/post.crt`, `${home}/old.crt`))).find('fail', 'broker.tls', 'our certificate has ended');
		});
		await t.test('a key that others may read; no list of the server\'s keys', async () => {
			copyFileSync(`${home}/post.key`, `${home}/open.key`);
			chmodSync(`${home}/open.key`, 0o644);
			(await doctor(changed('open.yaml', `${home}/post.key`, `${home}/open.key`))).find('warn', 'identity.key-mode', 'mode 0644');
			(await doctor(changed('keys.yaml', 'server-keys.txt', 'no-such-keys.txt'))).find('fail', 'identity.server-keys', 'No such file');
		});
		await t.test('a broker that is gone: status tells it from what the agent knows', async () => {
			await stack.parts.broker.stop();
			const { code, stdout } = await until('the agent to know why', async () => {
				const answer = await status();
				return /FAIL {2}broker .*: .+/.test(answer.stdout) && answer;
			}, 20000);
			assert.equal(code, 1);
			assert.match(stdout.split('\n')[0], /^POS INI BERMASALAH \/ THIS POST IS IN TROUBLE$/);
			assert.match(stdout, /^ +-> Periksa kabel, .* \/ Check cable/m);
			(await doctor()).find('fail', 'broker.connection', 'Connection refused');
			await stack.press('boja-01', 'panic-crime', 100);
			await until('the alarm that waits to be told', async () => /\d+ signals \(1 alarms\)/.test((await status()).stdout));
			await stack.startBroker();
			await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
			await until('nothing to be left', async () => /Everything is in the server's record/.test((await status()).stdout), 20000);
		});
		await t.test('an agent that hangs, and one that does not run', async () => {
			process.kill(stack.edges['boja-01'].pid, 'SIGSTOP');
			const hung = await doctor();
			process.kill(stack.edges['boja-01'].pid, 'SIGCONT');
			hung.find('fail', 'agent', 'Connection timed out');
			hung.find('ok', 'agent.process', 'An agent works');
			await stack.edges['boja-01'].stop();
			const { code, stderr } = await status();
			assert.equal(code, 1);
			assert.match(stderr, /agen tidak berjalan \/ the agent does not run[^]*pospin-edge doctor/);
			const gone = await doctor();
			gone.find('fail', 'agent', 'it does not run');
			gone.find('fail', 'agent.process', 'No agent runs');
			gone.find('ok', 'broker.way', 'accepts this post');
		});
	});
});
