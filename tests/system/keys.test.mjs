// SPDX-License-Identifier: Apache-2.0
// keys.test.mjs -- keys and certificates over their whole life, over the real broker: revoked, renewed, rotated, refused.
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import tls from 'node:tls';
import { until } from '../../scripts/lib/parts.mjs';
import { fillSettings } from '../../scripts/lib/stack.mjs';
import { connectAs, counts, isLetIn, postKey, publishSigned, signalBody, TENANT, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const OTHER = 'weleri-01';

/** What a command of pospinctl says; fails aloud. The address of the broker and its pid file, where it takes them. */
const site = (stack) => ['--record', stack.path('server/record.db'), '--pki', stack.path('pki'), '--tenant', TENANT];
const broker = (stack) => ['--broker', `127.0.0.1:${stack.ports.broker}`, '--broker-pid', stack.path('broker/pid')];
const ctlFails = (stack, ...args) => stack.ctl(...args).then((out) => assert.fail(`it went well: ${out}`), (error) => error.message);
const postShown = async (stack, id) => (await stack.api('GET', '/posts')).body.posts.find((post) => post.id === id);
const signals = async (stack) => (await stack.incidents()).reduce((sum, incident) => sum + incident.signals, 0);

/** Changes settings of a post that has not been started, or starts again. */
function configure(stack, post, values) {
	const path = stack.path('posts', post, 'edge.yaml');
	writeFileSync(path, fillSettings(readFileSync(path, 'utf8'), values));
}
/** Files of its own for what the post authority and the server hand out, as in the field; and a state every second. */
async function settle(stack, post) {
	const own = { ca: stack.path('posts', post, 'service-ca.crt'), server_keys: stack.path('posts', post, 'server-keys.txt') };
	await stack.edges[post].stop();
	copyFileSync(stack.path('pki/service-ca.crt'), own.ca);
	copyFileSync(stack.path('pki/server-keys.txt'), own.server_keys);
	configure(stack, post, { ...own, state_every: '1s' });
	await stack.edges[post].start();
	return own;
}

/** What is sent before the server listens again is sent again after 10 s; tests need not wait for that. */
const serverHasBroker = (stack) => until('the server to be back', async () => (await stack.api('GET', '/health')).body.broker);

/** A press at the running agent of a post that ends in the record. */
async function pressIsRecorded(stack, post, point = 'panic-crime') {
	const before = await signals(stack);
	await until(`${post} to be connected`, async () => (await stack.edgeStatus(post)).server === 'connected', 30000);
	await stack.press(post, point);
	await until(`the press of ${post} in the record`, async () => await signals(stack) > before, 30000);
}

test('a revoked post', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		await stack.edges[POST].stop();
		let stolen = await connectAs(stack, POST);
		const heard = [];
		let closed = false;
		stolen.on('message', (topic, payload) => heard.push(JSON.parse(payload))).on('close', () => { closed = true; });
		await stolen.subscribeAsync(topicOf(POST, 'receipt'), { qos: 1 });
		const connections = async () => (await stack.edgeStatus(OTHER)).counts.connections;
		await until(`${OTHER} to be connected`, async () => (await stack.edgeStatus(OTHER)).server === 'connected');
		const connectedOnce = await connections();
		const say = (seq) => publishSigned(stolen, topicOf(POST, 'signal'), JSON.stringify(signalBody({ seq })), postKey(stack, POST));
		await say(1);
		await until('the alarm before', async () => await signals(stack) === 1);

		await t.test('is not believed from the registry\'s instant on: refused, told so, counted, and shown as revoked', async () => {
			const before = (await counts(stack)).refused_revoked;
			const out = await stack.ctl('post', 'revoke', ...site(stack), '--post', POST, '--reason', 'dicuri');
			assert.match(out, /every key of kendal\/boja-01 is revoked/);
			assert.match(out, /LEFT TO DO: let the broker read revoked.pem/);
			assert.match(out, /LEFT TO DO: a session/);
			await say(2);
			await until('the refusal', () => heard.flatMap((m) => m.receipts).some((r) => r.seq === 2 && r.result === 'refused'));
			assert.equal((await counts(stack)).refused_revoked, before + 1);
			assert.equal(await signals(stack), 1);
			assert.equal(closed, false); // what the broker lets through is refused here
			const shown = await postShown(stack, POST);
			assert.deepEqual([shown.active, shown.revoked], [false, true]);
		});

		await t.test('is not called gone while the broker has not read its list', async () => {
			const error = await ctlFails(stack, 'post', 'revoke', ...site(stack), '--post', POST, '--broker', `127.0.0.1:${stack.ports.broker}`);
			assert.match(error, /the broker has not read its new list/);
			assert.equal(await isLetIn(stack, POST), true);
			await until('its first connection to have been taken over', () => closed);
			closed = false;
			stolen = await connectAs(stack, POST);
			stolen.on('close', () => { closed = true; });
		});

		await t.test('is thrown off the broker and not let in again', async () => {
			const began = Date.now();
			const out = await stack.ctl('post', 'revoke', ...site(stack), '--post', POST, ...broker(stack));
			assert.match(out, /was revoked already/);
			assert.match(out, /is thrown off the broker and not let in again/);
			assert.doesNotMatch(out, /LEFT TO DO/);
			await until('the end of its session', () => closed);
			t.diagnostic(`revoked, list read, session ended in ${Date.now() - began} ms`);
			assert.equal(await isLetIn(stack, POST), false);
			assert.equal(await isLetIn(stack, 'svc-ctl'), true);
		});

		await t.test('and the agent of another post has noticed nothing', async () => {
			assert.equal(await connections(), connectedOnce);
			await pressIsRecorded(stack, OTHER);
		});

		await t.test('may be revoked again: nothing is done twice', async () => {
			const out = await stack.ctl('post', 'revoke', ...site(stack), '--post', POST, ...broker(stack));
			assert.match(out, /was revoked already/);
		});
	});
});

test('a post with a new certificate and a new key', async (t) => {
	await withStack({ posts: [POST], store: null }, async (stack) => {
		const edge = stack.edges[POST];
		const file = (name) => stack.path('posts', POST, name);
		const pid = () => stack.parts.broker.pid;
		/** What carries a new certificate to the post: request there, signed here. */
		const renew = async (key) => {
			await stack.ctl('post', 'request', '--tenant', TENANT, '--post', POST, '--key', file(key), '--out', file('renew.csr'));
			await stack.ctl('post', 'renew', ...site(stack), '--post', POST, '--request', file('renew.csr'), '--out', file('renew.crt'));
		};
		await settle(stack, POST);
		const unreceipted = async () => (await stack.edgeStatus(POST)).outbox.unreceipted;
		const reload = () => process.kill(edge.pid, 'SIGHUP');
		const serialOf = (path) => new X509Certificate(readFileSync(path)).serialNumber;
		await pressIsRecorded(stack, POST);

		await t.test('takes a new certificate for its key on SIGHUP: the same process, and the old one may be revoked', async () => {
			const before = edge.pid;
			copyFileSync(file('post.crt'), file('before.crt'));
			await renew('post.key');
			assert.notEqual(serialOf(file('renew.crt')), serialOf(file('before.crt')));
			renameSync(file('renew.crt'), file('post.crt'));
			const connections = (await stack.edgeStatus(POST)).counts.connections;
			reload();
			await until('a new connection', async () => (await stack.edgeStatus(POST)).counts.connections === connections + 1);
			await pressIsRecorded(stack, POST);
			assert.equal(edge.pid, before);
		});

		await t.test('does not take a certificate of another key, or of another post', async () => {
			copyFileSync(file('post.crt'), file('good.crt'));
			for (const [wrong, why] of [[stack.path('pki/svc-ctl.crt'), 'of another key'], [stack.path('pki/svc-ctl.key'), 'cannot be read']]) {
				copyFileSync(wrong, file('post.crt'));
				reload();
				await until(`the complaint: ${why}`, () => edge.logEnd().includes(why));
			}
			copyFileSync(file('good.crt'), file('post.crt'));
			await pressIsRecorded(stack, POST, 'panic-silent');
		});

		await t.test('takes a new key while it is away with unsent signals: what the old key has signed is recorded, and what the new one signs', async () => {
			await stack.parts.broker.stop();
			const before = await signals(stack);
			await stack.press(POST, 'panic-fire');
			await until('an unsent alarm of the old key', async () => await unreceipted() >= 1);
			await renew('new.key');
			renameSync(file('new.key'), file('post.key'));
			renameSync(file('renew.crt'), file('post.crt'));
			reload();
			await until('the new key', () => /identity.reload.*key=new/.test(readFileSync(edge.log, 'utf8')));
			await stack.press(POST, 'panic-medical');
			await until('an unsent alarm of the new key', async () => await unreceipted() >= 2);
			await edge.stop('SIGKILL'); // and what lies on its disk is not taken for damaged
			await stack.startBroker();
			await serverHasBroker(stack);
			await edge.start();
			await until('both alarms in the record', async () => await signals(stack) >= before + 2, 30000);
			await until('everything receipted', async () => await unreceipted() === 0, 30000);
			const troubles = (await stack.api('GET', '/troubles')).body.troubles.filter(({ post }) => post === POST);
			assert.deepEqual(troubles.filter(({ kind }) => /damaged/.test(kind)), []);
		});

		await t.test('and is not believed under the old key once that is revoked, but under the new', async () => {
			const old = new X509Certificate(readFileSync(file('good.crt'))).publicKey.export({ format: 'jwk' }).x;
			const key = Buffer.from(old, 'base64url').toString('base64');
			const out = await stack.ctl('post', 'revoke', ...site(stack), '--post', POST, '--key', key, ...broker(stack));
			assert.match(out, /the key of kendal\/boja-01 is revoked/);
			await pressIsRecorded(stack, POST, 'panic-crime');
			assert.ok(pid());
			const shown = await postShown(stack, POST);
			assert.deepEqual([shown.active, shown.revoked], [true, false]);
		});
	});
});

test('new signing keys of the server', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		const pki = (name) => stack.path('pki', name);
		const kept = (post) => stack.path('posts', post, 'data/server-keys');
		const keysOf = (path) => { try { return readFileSync(path, 'utf8').split('\n').filter((line) => line && !line.startsWith('#')); } catch { return []; } };
		const restart = async () => { await stack.parts.server.stop(); await stack.startServer(); };
		const receipted = (post) => until(`${post} to believe the receipts`, async () => {
			const status = await stack.edgeStatus(post);
			return status.server === 'connected' && status.outbox.unreceipted === 0;
		}, 30000);
		const first = readFileSync(pki('server-signing.key'), 'utf8');
		for (const post of [POST, OTHER]) await settle(stack, post);
		await pressIsRecorded(stack, OTHER);
		await receipted(OTHER);
		await stack.edges[OTHER].stop(); // away during two rotations

		await t.test('reach a post in beats, which writes them again when its disk did not take them', async () => {
			mkdirSync(kept(POST)); // a folder where the file shall be: it cannot be written
			await stack.ctl('pki', 'rotate-signing', '--dir', pki(''));
			await restart();
			await until('the refused write', () => /file.write.*server-keys/.test(readFileSync(stack.edges[POST].log, 'utf8')), 30000);
			rmdirSync(kept(POST));
			await pressIsRecorded(stack, POST);
			await receipted(POST);
			await until('the list on its disk', () => keysOf(kept(POST)).length === 2, 30000);
			assert.deepEqual(keysOf(kept(POST)), keysOf(pki('server-keys.txt')));
		});

		await t.test('reach a post that was away during two rotations, and its receipts are believed', async () => {
			await stack.ctl('pki', 'rotate-signing', '--dir', pki(''));
			await restart();
			await stack.edges[OTHER].start();
			await until('the list on its disk', () => keysOf(kept(OTHER)).length === 3, 30000);
			assert.deepEqual(keysOf(kept(OTHER)), keysOf(pki('server-keys.txt')));
			await pressIsRecorded(stack, OTHER, 'panic-fire');
			await receipted(OTHER);
		});

		await t.test('hold across a restart of the post', async () => {
			await stack.edges[OTHER].stop('SIGKILL');
			await stack.edges[OTHER].start();
			await receipted(OTHER);
			assert.match(readFileSync(stack.edges[OTHER].log, 'utf8'), /keys.rotated.*keys=3/);
		});

		await t.test('leave when they are retired: what the oldest signs is believed no longer', async () => {
			await stack.ctl('pki', 'retire-signing', '--dir', pki(''));
			await restart();
			for (const post of [POST, OTHER]) await until(`${post} to trust two`, () => keysOf(kept(post)).length === 2, 30000);
			await receipted(OTHER);
		});

		await t.test('are not taken from a forged beat, a replayed one, or one of a retired key; and are from the same beat signed and timely', async () => {
			writeFileSync(stack.path('retired.key'), first);
			await stack.parts.server.stop();
			const server = await connectAs(stack, 'svc-server'); // as somebody who owns the broker could
			const states = [];
			server.on('message', (topic, payload) => states.push(JSON.parse(payload)));
			await server.subscribeAsync(topicOf(POST, 'state'), { qos: 1 });
			const nextState = async () => { const n = states.length; await until('a state', () => states.length > n, 30000); return states.at(-1); };
			const old = await nextState();
			const attacker = generateKeyPairSync('ed25519');
			writeFileSync(stack.path('attacker.key'), attacker.privateKey.export({ type: 'pkcs8', format: 'pem' }));
			const evil = Buffer.from(attacker.publicKey.export({ format: 'jwk' }).x, 'base64url').toString('base64');
			const beat = ({ epoch, boot, mono, n }, keys) => JSON.stringify({ epoch, boot, mono, n, high: 0, open: [], keys });
			const say = (body, key) => publishSigned(server, topicOf(POST, 'beat'), body, key);
			const inbox = async () => (await stack.edgeStatus(POST)).counts;
			const trusted = keysOf(kept(POST));
			const newest = await nextState();
			const before = await inbox();
			await say(beat(newest, [evil]), stack.path('attacker.key'));
			await say(beat(newest, [evil]), stack.path('retired.key'));
			await until('both to be counted', async () => (await inbox()).ignored_forged === before.ignored_forged + 2);
			await say(beat(old, [evil]), pki('server-signing.key')); // the server's own bytes of a minute ago
			await until('the replay to be counted', async () => (await inbox()).beats_stale === before.beats_stale + 1);
			assert.deepEqual(keysOf(kept(POST)), trusted);
			const fresh = await nextState();
			await say(beat(fresh, trusted.slice(0, 1)), pki('server-signing.key'));
			await until('the right one', () => keysOf(kept(POST)).length === 1);
			server.end(true);
			await stack.startServer();
			await until('the whole list again', () => keysOf(kept(POST)).length === 2, 30000);
		});
	});
});

test('a new service authority while a post is away', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		const pki = (name) => stack.path('pki', name);
		const ca = (post) => stack.path('posts', post, 'service-ca.crt');
		const reload = (post) => process.kill(stack.edges[post].pid, 'SIGHUP');
		for (const post of [POST, OTHER]) {
			await settle(stack, post);
			await pressIsRecorded(stack, post);
		}
		const before = stack.path('ca-of-before.crt');
		copyFileSync(pki('service-ca.crt'), before);
		const brokerRestart = async () => { await stack.parts.broker.stop(); await stack.startBroker(); await serverHasBroker(stack); };

		await t.test('is trusted beside the old one, and nobody is locked out', async () => {
			await stack.ctl('pki', 'rotate-services', '--dir', pki(''));
			await brokerRestart();
			for (const post of [POST, OTHER]) await pressIsRecorded(stack, post, 'panic-fire');
			copyFileSync(pki('service-ca.crt'), ca(POST));
			copyFileSync(pki('service-ca.crt'), ca(OTHER));
			reload(POST);
			await stack.edges[OTHER].stop(); // it has the list, and is away from now on
		});

		await t.test('signs broker and services; a post comes back that was away meanwhile', async () => {
			await stack.ctl('pki', 'issue', '--dir', pki(''), '--name', 'broker', '--broker-name', 'localhost', '--broker-name', '127.0.0.1');
			await stack.ctl('pki', 'issue', '--dir', pki(''), '--name', 'svc-server');
			process.kill(stack.parts.broker.pid, 'SIGHUP');
			await stack.parts.server.stop();
			await stack.startServer();
			await stack.ctl('pki', 'retire-services', '--dir', pki(''));
			await brokerRestart();
			await stack.edges[OTHER].start();
			await pressIsRecorded(stack, OTHER, 'panic-medical');
			await pressIsRecorded(stack, POST, 'panic-medical');
		});

		await t.test('does not let in what the old one has signed', async () => {
			assert.equal(await isLetIn(stack, 'svc-ctl'), false);
			await stack.ctl('pki', 'issue', '--dir', pki(''), '--name', 'svc-ctl');
			assert.equal(await isLetIn(stack, 'svc-ctl'), true);
		});

		await t.test('is not reached by a post that has not got it, which loses nothing and is there when it has', async () => {
			copyFileSync(before, ca(POST));
			reload(POST);
			await until('it to be away', async () => !(await stack.edgeStatus(POST)).broker);
			const count = await signals(stack);
			await stack.press(POST, 'panic-crime');
			await until('its alarm to wait', async () => (await stack.edgeStatus(POST)).outbox.unreceipted >= 1);
			copyFileSync(pki('service-ca.crt'), ca(POST));
			await until('the alarm', async () => await signals(stack) > count, 30000);
		});
	});
});

test('certificates that the broker, or a post, must not take', async (t) => {
	await withStack({ posts: [POST, OTHER], store: null }, async (stack) => {
		const dir = stack.path('made');
		mkdirSync(dir);
		const openssl = (...args) => stack.call('openssl', args);
		const identity = (crt, key) => ({ cert: readFileSync(crt), key: readFileSync(key) });
		const refused = async (who, extra) => assert.equal(await isLetIn(stack, who, extra), false);
		/** A certificate for the name, signed by the given authority, from - to days from now, with the openssl program. */
		const forge = async (name, cn, { ca = 'post-ca', from = '20200101000000Z', to = '20350101000000Z' } = {}) => {
			const base = `${dir}/${name}`;
			await openssl('genpkey', '-algorithm', 'ed25519', '-out', `${base}.key`);
			await openssl('req', '-new', '-key', `${base}.key`, '-subj', `/CN=${cn.replaceAll('/', '\\/')}`, '-out', `${base}.csr`);
			writeFileSync(`${base}.cnf`, `[ca]\ndefault_ca=d\n[d]\ndatabase=${base}.db\nserial=${base}.srl\nnew_certs_dir=${dir}\ndefault_md=default\npolicy=p\n[p]\ncommonName=supplied\n[x]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n`);
			writeFileSync(`${base}.db`, '');
			writeFileSync(`${base}.srl`, '0A\n');
			await openssl('ca', '-batch', '-config', `${base}.cnf`, '-extensions', 'x', '-in', `${base}.csr`, '-cert', stack.path('pki', `${ca}.crt`),
				'-keyfile', stack.path('pki', `${ca}.key`), '-startdate', from, '-enddate', to, '-out', `${base}.crt`, '-notext');
			return identity(`${base}.crt`, `${base}.key`);
		};
		await stack.edges[OTHER].stop();

		await t.test('any, when the list of revoked ones has ended; and they are let in again with a fresh list', async () => {
			const [service, post] = await Promise.all(['service-ca', 'post-ca'].map(async (ca) => {
				const base = `${dir}/${ca}`;
				writeFileSync(`${base}.cnf`, `[ca]\ndefault_ca=d\n[d]\ndatabase=${base}.db\ncrlnumber=${base}.number\ndefault_md=default\ncrl_extensions=x\n[x]\nauthorityKeyIdentifier=keyid:always\n`);
				writeFileSync(`${base}.db`, '');
				writeFileSync(`${base}.number`, '0A\n');
				await openssl('ca', '-gencrl', '-config', `${base}.cnf`, '-cert', stack.path(`pki/${ca}.crt`), '-keyfile', stack.path(`pki/${ca}.key`),
					'-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20210101000000Z', '-out', `${base}.crl`);
				return readFileSync(`${base}.crl`, 'utf8');
			}));
			writeFileSync(stack.path('pki/revoked.pem'), service + post);
			process.kill(stack.parts.broker.pid, 'SIGHUP');
			await until('everybody to be locked out', async () => !await isLetIn(stack, OTHER));
			assert.match(await stack.ctl('pki', 'refresh-crl', '--dir', stack.path('pki'), '--broker-pid', stack.path('broker/pid')), /365\d days left/);
			await until('everybody to be let in', async () => await isLetIn(stack, OTHER));
		});
		await t.test('one that has not ended is let in: the control', async () => {
			assert.equal(await isLetIn(stack, OTHER, await forge('good', `${TENANT}/${OTHER}`)), true);
		});
		await t.test('a post\'s that has ended', async () => {
			await refused(OTHER, await forge('ended', `${TENANT}/${OTHER}`, { to: '20210101000000Z' }));
		});
		await t.test('one of an authority that nobody here knows', async () => {
			await stack.ctl('pki', 'init', '--dir', `${dir}/foreign`, '--broker-name', 'localhost');
			await refused('svc-ctl', identity(`${dir}/foreign/svc-ctl.crt`, `${dir}/foreign/svc-ctl.key`));
		});
		await t.test('none at all', async () => {
			await refused(OTHER, { cert: undefined, key: undefined });
		});
		await t.test('the broker\'s own, used by a client', async () => {
			await refused('svc-ctl', identity(stack.path('pki/broker.crt'), stack.path('pki/broker.key')));
		});
		await t.test('a post\'s, used as the broker\'s: no post connects to it, or says anything to it', async () => {
			await stack.parts.broker.stop();
			const heard = [];
			const fake = tls.createServer({ ...identity(stack.path('posts', OTHER, 'post.crt'), stack.path('posts', OTHER, 'post.key')), ca: readFileSync(stack.path('pki/clients-ca.pem')) },
				(socket) => socket.on('data', (data) => heard.push(data)).on('error', () => {}));
			fake.on('tlsClientError', () => {});
			await new Promise((resolve) => fake.listen(stack.ports.broker, '127.0.0.1', resolve));
			const tries = [];
			fake.on('connection', (socket) => tries.push(socket));
			await stack.press(POST, 'panic-crime');
			await until('the post to have tried', () => tries.length >= 2, 30000);
			assert.equal((await stack.edgeStatus(POST)).broker, false);
			assert.deepEqual(heard, []);
			await stack.edges[POST].stop();
			await new Promise((resolve) => { fake.close(resolve); for (const socket of tries) socket.destroy(); });
			await stack.startBroker();
			await serverHasBroker(stack);
			await stack.edges[POST].start();
			await until('the alarm, at the real broker', async () => await signals(stack) === 1, 30000);
		});
	});
});

test('the server\'s identity at the broker', async (t) => {
	await withStack({ posts: [POST], store: null }, async (stack) => {
		await t.test('is not had by a post that calls itself svc-server: the certificate names it', async () => {
			await stack.edges[POST].stop();
			const client = await connectAs(stack, POST, { clientId: 'svc-server' });
			await assert.rejects(publishSigned(client, topicOf(POST, 'receipt'), '{}', postKey(stack, POST)), (error) => error.code === 0x87);
			const heard = [];
			client.on('message', (topic) => heard.push(topic));
			await client.subscribeAsync('pospin/v1/+/+/state', { qos: 1 });
			await client.subscribeAsync('$SYS/#', { qos: 1 }).catch(() => {});
			assert.equal((await stack.api('GET', '/health')).body.broker, true); // nobody has thrown the server off
			await publishSigned(client, topicOf(POST, 'signal'), JSON.stringify(signalBody()), postKey(stack, POST));
			await until('its own alarm', async () => await signals(stack) === 1);
			assert.deepEqual(heard, []);
			client.end(true);
		});

		await t.test('another program with the recorder\'s certificate neither says nor hears what the server does', async () => {
			const recorder = await connectAs(stack, 'svc-recorder');
			const heard = [];
			recorder.on('message', (topic) => heard.push(topic));
			for (const filter of ['pospin/v1/+/+/signal', 'pospin/v1/+/+/state', 'pospin/v1/#', `pospin/v1/${TENANT}/${POST}/receipt`])
				await recorder.subscribeAsync(filter, { qos: 1 }).catch(() => {});
			for (const channel of ['receipt', 'beat', 'progress', 'command', 'signal', 'state'])
				await assert.rejects(recorder.publishAsync(topicOf(POST, channel), '{}', { qos: 1 }), (error) => error.code === 0x87, channel);
			await stack.edges[POST].start();
			const before = await signals(stack);
			await stack.press(POST, 'panic-fire');
			await until('the alarm', async () => await signals(stack) > before);
			assert.deepEqual(heard.filter((topic) => !topic.endsWith('/sample')), []);
			recorder.end(true);
		});

		await t.test('and the tools\' certificate says nothing at all', async () => {
			const tool = await connectAs(stack, 'svc-ctl');
			for (const channel of ['receipt', 'beat', 'command', 'signal'])
				await assert.rejects(tool.publishAsync(topicOf(POST, channel), '{}', { qos: 1 }), (error) => error.code === 0x87, channel);
			tool.end(true);
		});
	});
});
