// SPDX-License-Identifier: Apache-2.0
// second_path.test.mjs -- the network gone, a press goes out by the post's modem and comes in by the server's, is recorded once, and its
// receipt comes back the same way.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { startGateway } from './relays.mjs';
import { TENANT, withStack } from './support.mjs';

const POST = 'boja-01';
const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');

/** A bus of its own with ModemManager's stand-in on it. */
class Modem {
	constructor(dir) {
		mkdirSync(dir, { recursive: true });
		this.address = `unix:path=${dir}/bus`;
		this.said = [];
	}
	async start() {
		this.bus = spawn('dbus-daemon', ['--nofork', '--nopidfile', `--address=${this.address}`, `--config-file=${SOURCE}/tests/support/bus.conf`, '--print-address=1'],
			{ stdio: ['ignore', 'pipe', 'ignore'] });
		await new Promise((resolve) => this.bus.stdout.once('data', resolve));
		this.service = spawn(path.join(BUILD, 'tests/modem-stand-in'), [this.address], { stdio: ['pipe', 'pipe', 'inherit'] });
		createInterface({ input: this.service.stdout }).on('line', (line) => this.said.push(line));
		await until('the stand-in to be there', () => this.said.includes('ready'), 20000, 20);
	}
	order(line) {
		this.service.stdin.write(`${line}\n`);
	}
	sent() {
		return this.said.filter((line) => line.startsWith('sent ')).map((line) => line.split(' ').slice(1));
	}
	stop() {
		this.service?.kill('SIGKILL');
		this.bus?.kill('SIGKILL');
	}
}

const TOKEN = 'a-token-of-thirty-two-characters-or-more';
const PHONE = '+6282111000111';
const received = async (stack) => (await stack.lamp(POST, 'lamp-received-crime'));
const alarms = async (stack) => (await stack.incidents()).filter(({ post }) => post.id === POST);
const counts = async (stack) => (await stack.api('GET', '/counts')).body;

const OWN = '+6281234500001'; // the post's number
const receive = (modem, number, ...texts) => texts.forEach((text) => modem.order(`receive ${number} ${text}`));

/** The text of a receipt, as docs/protocol.md has it. */
function receiptText(key, post, epoch, seq, incident = '') {
	const payload = JSON.stringify({ receipts: [{ epoch, seq, result: 'recorded', ...(incident ? { incident } : {}) }] });
	const signature = sign(null, Buffer.from(`pospin-v1\npospin/v1/${TENANT}/${post}/receipt\n${payload}`), key);
	const bytes = Buffer.concat([signature, Buffer.from(epoch, 'hex'), Buffer.from([seq, incident.length]), Buffer.from(incident)]);
	return `PR1${bytes.toString('base64').replaceAll('=', '')}`;
}

/** A stack whose server has a modem, and whose post has another. `more`: further lines of the server's `sms`. */
async function withModems(run, more = () => '') {
	await withStack({ posts: [POST], store: null }, async (stack) => {
		const modems = { post: new Modem(stack.path('modem-post')), server: new Modem(stack.path('modem-server')) };
		try {
			await Promise.all([modems.post.start(), modems.server.start()]);
			appendFileSync(stack.path('server.yaml'), `sms:\n  modem: true\n  bus: ${modems.server.address}\n${more(stack)}`);
			appendFileSync(stack.path('posts', POST, 'edge.yaml'), `second_path:\n  number: "${PHONE}"\n  after: 10s\n  bus: ${modems.post.address}\n`);
			for (const part of [stack.parts.server, stack.edges[POST]]) {
				await part.stop();
				await part.start();
			}
			await until('the post\'s modem to be found', async () => (await stack.edgeStatus(POST)).second_path === 'ready', 20000);
			await until('the post to be heard', async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
			await run(stack, modems);
		} finally {
			Object.values(modems).forEach((modem) => modem.stop());
		}
	});
}

test('a press that no network carries comes in by text message, once, and is receipted when the network is back', async (t) => {
	await withModems(async (stack, { post, server }) => {
		await stack.parts.broker.stop();
		await stack.press(POST, 'panic-crime');
		await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-crime'), 15000, 20);
		await until('the text message', () => post.sent().length > 0, 60000);
		const [[number, text]] = post.sent();

		await t.test('it goes to the server\'s number, in one message, and lights no lamp', async () => {
			assert.equal(number, PHONE);
			assert.match(text, /^PP1[A-Za-z0-9+/]{100,157}$/);
			assert.equal(await received(stack), false);
			assert.equal((await stack.edgeStatus(POST)).counts.texts_sent, 1);
		});
		await t.test('a letter changed, and words of anybody, open nothing', async () => {
			server.order(`receive ${PHONE} ${text.slice(0, 40)}${text[40] === 'A' ? 'B' : 'A'}${text.slice(41)}`);
			server.order('receive +628999 Tolong! Ada maling.');
			await until('both to be dealt with', () => server.said.filter((line) => line.startsWith('deleted ')).length >= 2, 30000);
			assert.deepEqual(await alarms(stack), []);
			assert.equal((await counts(stack)).texts_refused, 1);
		});
		await t.test('it becomes an incident, whoever\'s number it comes from, and says how it came', async () => {
			server.order(`receive +628999 ${text}`);
			await until('the incident', async () => (await alarms(stack)).length === 1, 20000);
			const { body } = await stack.api('GET', `/incidents/${(await alarms(stack))[0].number}`);
			assert.equal(body.timeline.find(({ kind }) => kind === 'incident.opened').body.path, 'sms');
		});
		await t.test('the same again changes nothing', async () => {
			server.order(`receive +628999 ${text.slice(0, 80)} ${text.slice(80)}`); // as a gateway may break it
			await until('it to be taken', async () => (await counts(stack)).texts >= 2, 20000);
			assert.equal((await alarms(stack)).length, 1);
			assert.equal((await alarms(stack))[0].signals, 1);
		});
		await t.test('the network back, the same press is receipted and nothing doubled', async () => {
			await stack.parts.broker.start();
			await until('lamp received', () => received(stack), 30000, 50);
			assert.equal((await alarms(stack)).length, 1);
			assert.equal((await alarms(stack))[0].signals, 1);
			assert.equal((await counts(stack)).conflicts, 0);
		});
		await t.test('a press that is receipted over the network costs no message', async () => {
			const before = post.sent().length;
			await stack.press(POST, 'panic-fire');
			await until('lamp received', () => stack.lamp(POST, 'lamp-received-fire'), 20000, 50);
			await pause(12000);
			assert.equal(post.sent().length, before);
		});
	});
});

test('without any network the receipt comes back by text message and the lamp lights, by nothing else', async (t) => {
	const gateway = await startGateway();
	t.after(() => gateway.end());
	await withModems(async (stack, { post, server }) => {
		const status = async () => stack.edgeStatus(POST);
		const taken = async () => (await status()).counts.texts_receipts;
		let text, receipt, epoch;

		await stack.parts.broker.stop();
		await stack.press(POST, 'panic-crime');
		await until('the text message', () => post.sent().length > 0, 60000);
		[[, text]] = post.sent();
		epoch = Buffer.from(text.slice(3), 'base64').subarray(68, 76).toString('hex');

		await t.test('what the server has not said lights nothing: forged, of another post, malformed, anybody\'s words, many of them', async () => {
			const foreign = generateKeyPairSync('ed25519').privateKey, own = createPrivateKey(readFileSync(stack.path('posts', POST, 'post.key')));
			const keys = createPrivateKey(readFileSync(stack.path('pki/server-signing.key')));
			receive(post, PHONE,
				receiptText(foreign, POST, epoch, 1, 'KDL-26-000001'), receiptText(own, POST, epoch, 1), // another key
				receiptText(keys, 'boja-02', epoch, 1), // ours, for another post
				receiptText(keys, POST, 'ffffffffffffffff', 1), receiptText(keys, POST, epoch, 99), // what this post has not said
				text, 'PR1', `PR1${'A'.repeat(300)}`, // its own alarm; no receipt; too long
				...Array.from({ length: 60 }, (_, i) => `Selamat! Anda menang undian nomor ${i}`));
			const judged = ({ counts: c }) => [c.texts_ignored, c.receipts_unknown, c.ignored_forged];
			await until('all of them to be judged', async () => `${judged(await status())}` === '63,2,3', 60000);
			await until('all of them to be deleted', () => post.said.filter((line) => line.startsWith('deleted ')).length === 69, 30000); // and the one sent
			assert.equal(await received(stack), false);
			assert.deepEqual([await taken(), (await status()).counts.receipts], [0, 0]);
		});
		await t.test('the server answers to the number that the alarm came from, in one message, once', async () => {
			receive(server, OWN, text, text);
			await until('the receipt', () => server.sent().length > 0, 30000);
			const [[number, words]] = server.sent();
			receipt = words;
			assert.equal(number, OWN);
			assert.match(receipt, /^PR1[A-Za-z0-9+/]{90,157}$/);
			assert.equal((await alarms(stack)).length, 1);
			const { body } = await stack.api('GET', `/incidents/${(await alarms(stack))[0].number}`);
			assert.equal(body.timeline.filter(({ kind }) => kind === 'receipt.texted').length, 1);
			await until('both to be dealt with', async () => (await counts(stack)).texts === 2, 30000);
			const c = await counts(stack);
			assert.deepEqual([c.texts_answered, c.texts_unanswered], [1, 1]);
			assert.equal(server.sent().length, 1);
		});
		await t.test('the agent starts again, takes the receipt, and the lamp lights; there is nothing left to send', async () => {
			await stack.edges[POST].stop();
			await stack.edges[POST].start();
			await until('the modem to be found again', async () => (await status()).second_path === 'ready', 20000);
			await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-crime'), 10000);
			assert.equal(await received(stack), false);
			receive(post, PHONE, `${receipt.slice(0, 50)} ${receipt.slice(50)}`);
			await until('lamp received', () => received(stack), 20000, 20);
			assert.equal(await taken(), 1);
			assert.equal((await status()).outbox.unreceipted_alarms, 0);
		});
		await t.test('the same receipt again, and for another press, does nothing', async () => {
			await stack.press(POST, 'panic-fire');
			await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-fire'), 10000);
			receive(post, PHONE, receipt, receipt);
			await until('both to be judged', async () => (await status()).counts.receipts_unknown === 2, 30000);
			assert.equal(await stack.lamp(POST, 'lamp-received-fire'), false);
			assert.equal(await taken(), 1);
		});
		await t.test('what a gateway brings is answered by the gateway', async () => {
			const words = await until('the text of the other press', () => post.sent()[1], 60000);
			const brings = (body) => fetch(`${stack.url}/api/v1/sms/inbound`, { method: 'POST', body: JSON.stringify(body),
				headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` } });
			assert.equal((await brings({ from: OWN.slice(1), text: words[1] })).status, 200);
			const answer = await until('the receipt', () => gateway.heard[0], 30000);
			assert.deepEqual([answer.to, gateway.heard.length, server.sent().length], [OWN, 1, 1]);
			receive(post, PHONE, answer.text);
			await until('lamp received', () => stack.lamp(POST, 'lamp-received-fire'), 20000, 20);
			assert.equal(await taken(), 2);
		});
		await t.test('the network back, neither press is sent a second time, and both lamps stay', async () => {
			await stack.parts.broker.start();
			await until('the post to be heard', async () => (await status()).server === 'connected', 30000);
			assert.deepEqual([await received(stack), await stack.lamp(POST, 'lamp-received-fire')], [true, true]);
			const c = await counts(stack);
			assert.deepEqual([c.duplicates, c.conflicts], [1, 0]); // (that one was the text itself, twice)
			assert.deepEqual((await alarms(stack)).map(({ signals }) => signals), [1, 1]);
			assert.deepEqual([gateway.heard.length, server.sent().length], [1, 1]);
		});
	}, (stack) => {
		writeFileSync(stack.path('sms-token'), `${TOKEN}\n`);
		return [`  url: http://127.0.0.1:${gateway.port}/send`, '  template: "to={{address}}&text={{text}}"', '  type: form',
			`  inbound: ${stack.path('sms-token')}`, ''].join('\n');
	});
});
