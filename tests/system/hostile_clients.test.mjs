// SPDX-License-Identifier: Apache-2.0
// hostile_clients.test.mjs -- what a client with a valid post's certificate, or with none, can do to the broker and the server: alarms of
// others go through meanwhile, nobody ends, nobody grows.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import test, { after, before, describe } from 'node:test';
import tls from 'node:tls';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { Stack } from '../../scripts/lib/stack.mjs';
import { Faults } from '../support/faults.mjs';
import { claiming, connect, packet, Packets, PACKETS, properties, puback, publish, subscribe, text, u16, userProperty, varint } from './raw.mjs';
import { BUILD, CONSOLE, TENANT, counts, postKey, seal, signalBody, topicOf } from './support.mjs';

const LONG = process.env.POSPIN_LONG === '1';
const HONEST = 'boja-01', HOSTILE = 'weleri-01', OTHER = 'sukorejo-01';
const NAME = `${TENANT}/${HOSTILE}`;
const HALF_OPEN = 10000;
const MIB = 2 ** 20;
const GROWTH = { bytes: 32 * MIB, descriptors: 16 };
/** What the broker's memory may hold on to after as many connections as it takes: 5,000, of which each has begun TLS. */
const CROWD_BYTES = 320 * MIB;
const BUTTONS = ['panic-crime', 'panic-fire', 'panic-medical'];
const topic = topicOf(HOSTILE, 'signal');
const many = (count, one) => Buffer.concat(Array.from({ length: count }, (_, i) => one(i)));
const hello = connect(NAME);
const willed = (name, payload, flags = 0x06) => connect(NAME, { flags, payload: [properties(), text(name), payload] });

/** What is said in place of a CONNECT, or after one. */
const WORDS = {
	'nothing at all': [],
	'a CONNECT of another protocol': [connect(NAME, { protocol: 'MQIsdp' })],
	'a CONNECT of version 3, 4, 6 and 255': [3, 4, 6, 255].map((level) => connect(NAME, { level })),
	'a CONNECT with the reserved flag': [connect(NAME, { flags: 3 })],
	'a CONNECT without name': [connect('')],
	'a CONNECT with a name of 60 kB': [connect('x'.repeat(60000))],
	'a CONNECT with NUL in its name': [connect('kendal\0/weleri-01')],
	'a CONNECT that says it is 256 MiB long': [claiming('connect', 0, Buffer.from([0xff, 0xff, 0xff, 0x7f]), text('MQTT'))],
	'a CONNECT whose length has five bytes': [claiming('connect', 0, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]), text('MQTT'))],
	'a CONNECT with an unknown property': [connect(NAME, { props: properties([0x7f, 0]) })],
	'a CONNECT whose properties are longer than it': [packet('connect', 0, text('MQTT'), [5, 2], u16(30), varint(4000), [0x11])],
	'a CONNECT with a receive maximum of 0': [connect(NAME, { props: properties([0x21], u16(0)) })],
	'a CONNECT for an exchange of proofs': [connect(NAME, { props: properties([0x15], text('SCRAM'), [0x16], text('x'.repeat(3000))) })],
	'a CONNECT of endless keepalive': [connect(NAME, { keepalive: 0 })],
	'a CONNECT with half a will': [connect(NAME, { flags: 6, payload: [properties()] })],
	'a will for another post': [willed(topicOf(HONEST, 'will'), text('gone'))],
	'a will on the server\'s own topic': [willed(topicOf(HONEST, 'receipt'), text('{}'))],
	'a retained will of 12 kB': [willed(topicOf(HOSTILE, 'will'), text('x'.repeat(12000)), 0x26)],
	'a PUBLISH before any CONNECT': [publish(topic, 'x', { qos: 1 })],
	'a CONNECT twice': [hello, hello],
	'a CONNACK, SUBACK and PINGRESP to the broker': [hello, packet('connack', 0, [0, 0, 0]), packet('suback', 0, [0, 1, 0, 0]), packet('pingresp', 0)],
	'a PUBLISH without topic': [hello, publish('', 'x', { qos: 1 })],
	'a PUBLISH by topic alias 65535': [hello, publish('', 'x', { qos: 1, props: properties([0x23], u16(65535)) })],
	'a PUBLISH by topic alias 0': [hello, publish(topic, 'x', { qos: 1, props: properties([0x23], u16(0)) })],
	'a PUBLISH with packet id 0': [hello, publish(topic, 'x', { qos: 1, id: 0 })],
	'a PUBLISH of QoS 2 and of QoS 3': [hello, publish(topic, 'x', { qos: 2 }), publish(topic, 'x', { qos: 3 })],
	'a PUBLISH to wildcards': [hello, publish('pospin/v1/+/+/signal', 'x', { qos: 1 })],
	'a PUBLISH to $SYS and below $share': [hello, publish('$SYS/broker/uptime', 'x', { qos: 1 }), publish('$share/a/b', 'x', { qos: 1 })],
	'a PUBLISH whose topic is broken UTF-8': [hello, packet('publish', 0, u16(4), [0xff, 0xfe, 0, 0x80], [0], Buffer.from('x'))],
	'a PUBLISH whose topic has a thousand levels': [hello, publish(`${topic}${'/a'.repeat(1000)}`, 'x', { qos: 1 })],
	'a PUBLISH of the largest packet that is let through': [hello, publish(topic, Buffer.alloc(16384 - topic.length - 60, 0x7b), { qos: 1 })],
	'a PUBLISH of 200 kB': [hello, publish(topic, Buffer.alloc(200000, 0x7b), { qos: 1 })],
	'a PUBLISH of 256 MiB of which only three bytes come': [hello, claiming('publish', 2, Buffer.from([0xff, 0xff, 0xff, 0x7f]), [1, 2, 3])],
	'half a PUBLISH and silence': [hello, publish(topic, Buffer.alloc(800, 65), { qos: 1 }).subarray(0, 300)],
	'a PUBLISH with an unknown property': [hello, publish(topic, 'x', { qos: 1, props: properties([0x55, 0]) })],
	'a PUBLISH with three hundred signatures': [hello, publish(topic, '{}', { qos: 1, props: properties(many(300, (i) => userProperty('sig', `${i}`.padEnd(30, 'A')))) })],
	'a message that expires at once, with a format, an answer topic and proof': [hello, publish(topic, '{}', {
		qos: 1, props: properties([0x02, 0, 0, 0, 0], [0x01, 1], [0x08], text(topicOf(HONEST, 'receipt')), [0x09], text('proof'), [0x03], text('a'.repeat(200))),
	})],
	'a PUBACK, PUBREC, PUBREL and PUBCOMP for nothing': [hello, puback(0), puback(9), packet('pubrec', 0, u16(1)), packet('pubrel', 2, u16(2)), packet('pubcomp', 0, u16(3))],
	'a SUBSCRIBE to nothing': [hello, packet('subscribe', 2, u16(1), properties())],
	'a SUBSCRIBE to everything': [hello, subscribe(1, ['#', '+/+/+/+/+', '$SYS/#', '$share/svc/pospin/v1/+/+/signal'])],
	'a SUBSCRIBE to two thousand topics': [hello, subscribe(1, Array.from({ length: 800 }, (_, i) => `a/${i}`))],
	'a SUBSCRIBE with wrong flags and packet id 0': [hello, packet('subscribe', 0, u16(0), properties(), text('a'), [1])],
	'an UNSUBSCRIBE of broken form': [hello, packet('unsubscribe', 2, u16(1), [0], u16(900), [65])],
	'an AUTH': [hello, packet('auth', 0, [0x18], properties([0x15], text('x')))],
	'a packet of type 0': [hello, packet(0, 0, [1])],
	'five thousand PINGREQs': [hello, many(5000, () => packet('pingreq', 0))],
	'five thousand messages for others': [hello, many(5000, (i) => publish(topicOf(HONEST, 'signal'), 'x', { qos: 1, id: i + 1 }))],
	'a DISCONNECT with a session for ever': [hello, packet('disconnect', 0, [4], properties([0x11, 0xff, 0xff, 0xff, 0xff]))],
	'bytes of no packet': [hello, Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * 91 + 5) & 255))],
};

let stack, dir, faults, sizes;

const sizeOf = (part) => ({
	bytes: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${part.pid}/status`, 'utf8'))[1]) * 1024, descriptors: readdirSync(`/proc/${part.pid}/fd`).length,
});
const watched = () => ({ broker: stack.parts.broker, server: stack.parts.server, honest: stack.edges[HONEST] });
/** The same processes as before, hardly larger. */
async function nobodyHasEndedOrGrown(t, brokerBytes = GROWTH.bytes) {
	for (const [name, part] of Object.entries(watched())) {
		assert.equal(part.pid, sizes[name].pid, `${name} has ended`);
		const now = await until(`${name} to let its descriptors go`, () => {
			const size = sizeOf(part);
			return size.descriptors - sizes[name].descriptors <= GROWTH.descriptors && size;
		}, 15000, 200);
		t.diagnostic(`${name}: ${((now.bytes - sizes[name].bytes) / MIB).toFixed(1)} MiB, ${now.descriptors - sizes[name].descriptors} descriptors more`);
		assert.ok(now.bytes - sizes[name].bytes < (name === 'broker' ? brokerBytes : GROWTH.bytes), `${name}: ${sizes[name].bytes} to ${now.bytes} bytes`);
	}
}

let presses = 0;
const recorded = async (post = HONEST) => (await stack.incidents()).filter((one) => one.post.id === post).reduce((sum, { signals }) => sum + signals, 0);
/** A press at the honest post, until it is in the record: ms. */
async function honestPress() {
	const began = performance.now();
	await stack.press(HONEST, BUTTONS[presses++ % BUTTONS.length], 60);
	await until(`press ${presses} in the record`, async () => await recorded() >= presses, 20000, 20);
	return performance.now() - began;
}
/** Presses while something goes on: the slowest. */
async function honestWhile(what) {
	let over = false, slowest = 0;
	const done = what().finally(() => { over = true; });
	while (!over) {
		slowest = Math.max(slowest, await honestPress());
		await pause(400);
	}
	await done;
	return slowest;
}
const connections = async (post) => (await stack.edgeStatus(post)).counts.connections;

/** TLS as the hostile post, or whoever is named; heard collects what comes. Mosquitto ends a new connection now and then with one that has just
 *  gone: then once more. */
async function speak(who = HOSTILE) {
	for (let i = 0; i < 4; i++) {
		const one = await dial(who).catch(() => null);
		if (one) return one;
	}
	return dial(who);
}
function dial(who) {
	return new Promise((resolve, reject) => {
		const file = (name) => readFileSync(stack.path('posts', who, name));
		const socket = tls.connect({ host: '127.0.0.1', port: stack.ports.broker, ca: readFileSync(stack.path('pki/service-ca.crt')), cert: file('post.crt'), key: file('post.key') });
		const heard = [];
		const packets = new Packets((one) => heard.push(one));
		socket.on('data', (data) => packets.feed(data)).once('error', reject).on('close', () => { socket.isOver = true; });
		socket.once('secureConnect', () => resolve({ socket, heard, say: (bytes) => new Promise((sent) => { socket.isOver ? sent() : socket.write(bytes, () => sent()); }) }));
	});
}
const publishes = (one) => one.heard.filter(({ type }) => type === PACKETS.publish);

before(async () => {
	dir = mkdtempSync(`${os.tmpdir()}/pospin-system-`);
	stack = await Stack.create({ build: BUILD, console: CONSOLE, dir, posts: [HONEST, HOSTILE, OTHER], store: null });
	await stack.start();
	faults = new Faults(stack.path('clock'));
	await stack.parts.server.stop();
	Object.assign(stack.parts.server.env, faults.env);
	await stack.startServer();
	await stack.edges[HOSTILE].stop();
	await until(`${HONEST} to be connected`, async () => (await stack.edgeStatus(HONEST)).server === 'connected', 30000);
	await honestPress();
	sizes = Object.fromEntries(Object.entries(watched()).map(([name, part]) => [name, { pid: part.pid, ...sizeOf(part) }]));
});
after(async () => {
	await stack.stop();
	faults.close();
	rmSync(dir, { recursive: true, force: true });
});

describe('hostile clients', { concurrency: 1 }, () => {
	test(`${Object.keys(WORDS).length} wrong things said with a valid certificate: an honest alarm goes through beside each, and no session but its own ends`, async (t) => {
		const had = [await connections(HONEST), await connections(OTHER)];
		const slowest = await honestWhile(async () => {
			for (const words of Object.values(WORDS)) {
				const one = await speak();
				one.socket.on('error', () => {});
				for (const bytes of words) await one.say(bytes);
				await pause(60);
				assert.deepEqual(publishes(one), [], 'it heard what is not its own');
				one.socket.destroy();
			}
		});
		t.diagnostic(`slowest alarm ${slowest.toFixed(0)} ms`);
		assert.deepEqual([await connections(HONEST), await connections(OTHER)], had);
		await nobodyHasEndedOrGrown(t);
	});

	test('a client that calls itself everybody else throws nobody off and hears nothing of theirs', async (t) => {
		const had = [await connections(HONEST), await connections(OTHER)];
		const serverHad = (await counts(stack)).broker_connections;
		const names = [HONEST, OTHER].map((post) => `${TENANT}/${post}`).concat('svc-server', 'svc-recorder', 'svc-ctl', `${NAME}/../boja-01`, '+', '#', `${NAME}\u0000`);
		await honestWhile(async () => {
			for (const name of names) {
				const one = await speak();
				one.socket.on('error', () => {});
				await one.say(connect(name, { flags: 0xc2, payload: [text(name), text('secret')] }));
				await one.say(subscribe(2, [topicOf(HONEST, 'receipt'), topicOf(HONEST, 'beat'), 'pospin/v1/+/+/signal']));
				await one.say(publish(topicOf(HONEST, 'will'), '', { qos: 1, id: 3 }));
				await pause(250);
				assert.deepEqual(publishes(one).map(({ body }) => body.toString()), [], name);
				const answer = one.heard.find(({ type }) => type === PACKETS.puback);
				if (answer) assert.equal(answer.body[2], 0x87, `${name} may speak for ${HONEST}`);
				one.socket.destroy();
			}
		});
		assert.deepEqual([await connections(HONEST), await connections(OTHER)], had);
		assert.equal((await counts(stack)).broker_connections, serverHad);
		await nobodyHasEndedOrGrown(t);
	});

	test('genuine bytes said again, at once, after a minute and after years: nothing opens, nothing rings, the same receipt comes', async (t) => {
		const body = JSON.stringify(signalBody({ seq: 1 }));
		const signed = (channel, payload) => publish(topicOf(HOSTILE, channel), payload, {
			qos: 1, id: 5, props: properties(userProperty('sig', seal(postKey(stack, HOSTILE), topicOf(HOSTILE, channel), payload))),
		});
		const state = JSON.stringify({ epoch: '00112233445566ff', boot: 1, mono: 5000, n: 1, points: {}, config: '', version: 'x', oldest: null });
		const one = await speak();
		one.socket.on('error', () => {});
		await one.say(hello);
		await one.say(subscribe(1, [topicOf(HOSTILE, 'receipt'), topicOf(HOSTILE, 'beat')]));
		const answers = (channel) => publishes(one).map((each) => each.body.toString()).filter((words) => words.includes(`${HOSTILE}/${channel}`));
		await one.say(signed('signal', body));
		await one.say(signed('state', state));
		await until('receipt and beat', () => answers('receipt').length === 1 && answers('beat').length === 1);
		/** All of them, without the countdown to the next call, which goes on by itself. */
		const standing = async () => JSON.stringify((await stack.incidents()).filter((each) => each.post.id === HOSTILE)
			.map((each) => ({ ...each, escalates_in: null })));
		const was = await standing();
		let heard = 1;
		const again = async (when) => {
			await one.say(signed('signal', body));
			await one.say(signed('state', state));
			heard++;
			await until(`the receipt ${when}`, () => answers('receipt').length === heard);
			assert.equal(await standing(), was, when);
			assert.equal(answers('beat').length, 1, `a state of the past is answered ${when}`);
		};
		await again('at once');
		for (const [when, ms] of [['after a minute', 61000], ['after two years', 2 * 365 * 86400000]]) {
			faults.set({ wall_ms: ms });
			await pause(LONG ? 61000 : 1200); // the server looks at its clock once a second
			await again(when);
		}
		await stack.parts.server.stop();
		await stack.startServer();
		sizes.server.pid = stack.parts.server.pid;
		await until('the server to listen again', async () => (await stack.api('GET', '/health')).body.broker);
		await again('after a restart of the server');
		faults.set({ wall_ms: 0 });
		t.diagnostic(`${heard} times the same bytes`);
		one.socket.destroy();
	});

	test(`${HALF_OPEN} connections that say nothing: alarms go through, and a post comes back`, async (t) => {
		let sockets = [];
		const open = (port, count) => Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
			const socket = net.connect(port, '127.0.0.1');
			sockets.push(socket);
			socket.once('connect', resolve).on('error', resolve);
		})));
		const slowest = await honestWhile(async () => {
			// As many at once as the broker's queue of new connections holds.
			for (let i = 0; i < HALF_OPEN; i += 50) await open(stack.ports.broker, 50);
			for (let i = 0; i < 1500; i += 50) await open(stack.ports.http, 50);
			await pause(1500);
		});
		t.diagnostic(`slowest alarm ${slowest.toFixed(0)} ms; ${sockets.filter((socket) => !socket.destroyed).length} connections stood`);
		const goAway = () => { for (const socket of sockets) socket.destroy(); sockets = []; };
		// The broker is full: it lets in whoever comes when it has thrown off those that say nothing, 90 s after they came.
		if (!LONG) goAway();
		const back = performance.now();
		await stack.startEdge(HOSTILE);
		await until(`${HOSTILE} to be connected`, async () => (await stack.edgeStatus(HOSTILE)).server === 'connected', 200000, 100);
		t.diagnostic(`a post came back after ${((performance.now() - back) / 1000).toFixed(1)} s`);
		goAway();
		assert.equal((await fetch(`${stack.url}/api/v1/health`)).status, 200);
		await nobodyHasEndedOrGrown(t, CROWD_BYTES);
	});
});
