// SPDX-License-Identifier: Apache-2.0
// hostile_broker.test.mjs -- a broker with the right keys that says what no broker may say: posts, server and recorder neither end nor
// grow nor believe, and with an honest broker back the alarms that waited are recorded.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import test from 'node:test';
import tls from 'node:tls';
import { pause, until } from '../../scripts/lib/parts.mjs';
import {
	Packets, PACKETS, claiming, connack, packet, properties, puback, publish, publishId, suback, subscribe, subscription, text, u16, userProperty, varint,
} from './raw.mjs';
import { TENANT, topicOf, withStack } from './support.mjs';

const POSTS = ['boja-01', 'weleri-01', 'sukorejo-01'];
const AFTER_MS = 100; // that a client gets to choke on an attack
const MIB = 2 ** 20;
const GROWTH = { bytes: 48 * MIB, descriptors: 8 };

const many = (count, one) => Buffer.concat(Array.from({ length: count }, (_, i) => one(i)));
const topic = (who) => (who.startsWith('svc-') ? topicOf(POSTS[0], 'state') : topicOf(who.split('/')[1], 'receipt'));

/** In place of a CONNACK. */
const AT_CONNECT = {
	'a connection that is closed at once': (socket) => socket.destroy(),
	'a CONNACK of 256 MiB that never comes': () => claiming('connack', 0, Buffer.from([0xff, 0xff, 0xff, 0x7f]), [0, 0]),
	'a CONNACK whose length has five bytes': () => claiming('connack', 0, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]), [0, 0, 0]),
	'a CONNACK with an unknown property': () => connack({ props: properties([0x7f, 1, 2, 3]) }),
	'a CONNACK whose properties are longer than it': () => packet('connack', 0, [0, 0], varint(200), [0x21, 0, 1]),
	'a CONNACK of two bytes': () => packet('connack', 0, [0, 0]),
	'a CONNACK of nothing': () => packet('connack', 0),
	'a CONNACK with an unknown reason': () => connack({ code: 0x42 }),
	'a session that nobody asked for': () => connack({ session: 1 }),
	'a CONNACK that gives another name': () => connack({ props: properties([0x12], text('svc-server')) }),
	'a CONNACK with a receive maximum of 0': () => connack({ props: properties([0x21], u16(0)) }),
	'a CONNACK with a text that ends in the middle': () => connack({ props: properties([0x1f], u16(500), [65, 65]) }),
	'five thousand CONNACKs': () => many(5000, () => connack()),
	'a PUBLISH before the CONNACK': (socket, who) => Buffer.concat([publish(topic(who), 'early', { qos: 1, id: 9 }), connack()]),
	'a SUBACK in place of the CONNACK': () => suback(1, [0]),
};
/** In place of a SUBACK. */
const AT_SUBSCRIBE = {
	'a SUBACK without codes': (id) => suback(id, []),
	'a SUBACK of one byte': () => packet('suback', 0, [0]),
	'a SUBACK with a hundred codes': (id) => suback(id, Buffer.alloc(100, 1)),
	'a SUBACK for another packet': (id) => suback(id ^ 0x5555, [1, 1, 1, 1]),
	'a SUBACK for packet 0': () => suback(0, [1]),
	'a SUBACK that refuses all': (id, topics) => suback(id, Buffer.alloc(topics, 0x87)),
	'a SUBACK with an unknown property': (id, topics) => suback(id, Buffer.alloc(topics, 1), properties([0x7e, 1])),
	'a SUBACK twice': (id, topics) => Buffer.concat([suback(id, Buffer.alloc(topics, 1)), suback(id, Buffer.alloc(topics, 1))]),
};
/** To a client that is connected and subscribed. */
const WHEN_UP = {
	'a PUBLISH without topic': () => publish('', 'x'),
	'a PUBLISH by topic alias 65535, which stands for nothing': () => publish('', 'x', { props: properties([0x23], u16(65535)) }),
	'a PUBLISH that sets topic alias 65535': (who) => publish(topic(who), 'x', { props: properties([0x23], u16(65535)) }),
	'a PUBLISH by topic alias 0': (who) => publish(topic(who), 'x', { props: properties([0x23], u16(0)) }),
	'a PUBLISH of QoS 1 with packet id 0': (who) => publish(topic(who), 'x', { qos: 1, id: 0 }),
	'a PUBLISH of QoS 3': (who) => publish(topic(who), 'x', { qos: 3 }),
	'a PUBLISH of QoS 2, whose PUBREL never comes': (who) => publish(topic(who), 'x', { qos: 2, id: 77 }),
	'a PUBLISH whose topic is longer than it': () => packet('publish', 0, u16(5000), [65, 66, 67]),
	'a PUBLISH whose properties are longer than it': (who) => packet('publish', 0, text(topic(who)), varint(100000), [0x26]),
	'a PUBLISH with half a user property': (who) => publish(topic(who), 'x', { props: properties([0x26], text('sig'), u16(400), [65]) }),
	'a PUBLISH with an unknown property': (who) => publish(topic(who), 'x', { props: properties([0x55, 1, 2, 3, 4]) }),
	'a PUBLISH with a property twice': (who) => publish(topic(who), 'x', { props: properties([0x02, 0, 0, 0, 1], [0x02, 0, 0, 0, 2]) }),
	'a PUBLISH with two thousand user properties': (who) => publish(topic(who), 'x', { qos: 1, id: 4, props: properties(many(2000, () => userProperty('sig', 'AAAA'))) }),
	'a PUBLISH with wildcards': () => publish(`pospin/v1/${TENANT}/+/#`, 'x'),
	'a PUBLISH whose topic holds NUL and broken UTF-8': () => packet('publish', 0, u16(6), [0x61, 0, 0xff, 0xfe, 0xc0, 0x80], [0], Buffer.from('x')),
	'a PUBLISH of 4 MiB': (who) => publish(topic(who), Buffer.alloc(4 * MIB, 0x7b), { qos: 1, id: 5 }),
	'a PUBLISH of 256 MiB of which only three bytes come': (who) => claiming('publish', 0, Buffer.from([0xff, 0xff, 0xff, 0x7f]), text(topic(who)), [0, 1, 2]),
	'half a PUBLISH and silence': (who) => publish(topic(who), Buffer.alloc(900, 65), { qos: 1, id: 6 }).subarray(0, 400),
	'a PUBLISH of nothing': () => packet('publish', 2),
	'ten thousand unsigned messages': (who) => many(10000, (i) => publish(topic(who), `{"receipts":[${i}]}`)),
	'ten thousand unsigned messages of QoS 1 under one packet id': (who) => many(10000, () => publish(topic(who), '{}', { qos: 1, id: 3 })),
	'a PUBACK for packet 0': () => puback(0),
	'PUBACKs for what was never sent': () => many(3000, (i) => puback(i + 1)),
	'a PUBACK with an unknown property': () => packet('puback', 0, u16(1), [0], properties([0x66, 0])),
	'a PUBACK of one byte': () => packet('puback', 0, [1]),
	'PUBREC, PUBREL and PUBCOMP for nothing': () => Buffer.concat([packet('pubrec', 0, u16(7)), packet('pubrel', 2, u16(8)), packet('pubcomp', 0, u16(9))]),
	'an UNSUBACK for nothing': () => packet('unsuback', 0, u16(3), properties(), [0]),
	'ten thousand PINGRESPs': () => many(10000, () => packet('pingresp', 0)),
	'a PINGRESP with a body': () => packet('pingresp', 0, Buffer.alloc(300)),
	'a CONNECT, SUBSCRIBE and PINGREQ from the broker': () => Buffer.concat([subscribe(1, ['#']), packet('pingreq', 0)]),
	'a packet of type 0': () => packet(0, 0, [1, 2, 3]),
	'an AUTH': () => packet('auth', 0, [0x18], properties([0x15], text('GSSAPI'))),
	'a DISCONNECT with a reason of 60 kB': () => packet('disconnect', 0, [0x8b], properties([0x1f], text('x'.repeat(60000)))),
	'a DISCONNECT to another server': () => packet('disconnect', 0, [0x9d], properties([0x1c], text('127.0.0.1:1'))),
	'a DISCONNECT with half a property': () => packet('disconnect', 0, [0x8b], varint(9), [0x1f, 0]),
	'a second CONNACK': () => connack({ session: 1, code: 0x88 }),
	'bytes of no packet': () => Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 73 + 11) & 255)),
};
/** In an order in which two failed connects do not follow each other: clients wait longer after each. */
const LISTS = [[WHEN_UP, 'up'], [AT_SUBSCRIBE, 'subscribe'], [AT_CONNECT, 'connect']].map(([table, when]) =>
	Object.entries(table).map(([name, make], i, all) => ({ name, make, when, at: (i + 0.5) / all.length })));
const ATTACKS = LISTS.flat().sort((a, b) => a.at - b.at);
/** Posts are of one program, server and recorder have one MQTT room: they share the list among them, but for the long run. */
const SHARES = { [`${TENANT}/${POSTS[0]}`]: [3, 0], [`${TENANT}/${POSTS[1]}`]: [3, 1], [`${TENANT}/${POSTS[2]}`]: [3, 2], 'svc-server': [2, 0], 'svc-recorder': [2, 1] };
const listOf = (who) => ATTACKS.filter((_, i) => process.env.POSPIN_LONG === '1' || i % SHARES[who][0] === SHARES[who][1]);
/** What comes after these on a connection would be taken for their rest. */
const UNFINISHED = /^half|only three bytes come|half a property$/;

/** Speaks TLS with the broker's own key; each connection of a client meets its next attack. `met` says who has met what. */
class HostileBroker {
	static async open(stack, port) {
		const broker = new HostileBroker();
		const read = (name) => readFileSync(stack.path('pki', name));
		Object.assign(broker, { met: {}, now: {}, sockets: new Set() });
		broker.server = tls.createServer({ cert: read('broker.crt'), key: read('broker.key'), ca: read('clients-ca.pem'), requestCert: true, minVersion: 'TLSv1.3' },
			(socket) => broker.serve(socket));
		await new Promise((resolve) => broker.server.listen(port, '127.0.0.1', resolve));
		return broker;
	}

	serve(socket) {
		const who = socket.getPeerCertificate().subject.CN;
		const met = (this.met[who] ??= []);
		const attack = listOf(who)[met.length];
		this.sockets.add(socket);
		socket.on('error', () => {}).once('close', () => this.sockets.delete(socket));
		this.meet(who, attack);
		const packets = new Packets((one) => this.answer(socket, who, attack, one));
		socket.on('data', (data) => packets.feed(data));
	}

	meet(who, attack) {
		this.now[who] = attack?.name ?? 'silence';
		if (attack) this.met[who].push(attack.name);
	}

	answer(socket, who, attack, { type, flags, body }) {
		if (!attack) return;
		if (type === PACKETS.connect) {
			if (attack.when === 'connect') this.strike(socket, attack.make(socket, who));
			else socket.write(connack());
		} else if (type === PACKETS.subscribe) {
			const { id, topics } = subscription(body);
			if (attack.when === 'subscribe') this.strike(socket, attack.make(id, topics));
			else socket.write(suback(id, Buffer.alloc(topics, 1)));
			if (attack.when === 'up') this.strikeOn(socket, who, attack);
		} else if (type === PACKETS.publish && flags & 2) {
			socket.write(puback(publishId({ flags, body })));
		}
	}

	/** A client that has not ended the connection meets the next attack on the same one. */
	strikeOn(socket, who, attack) {
		socket.write(attack.make(who));
		setTimeout(() => {
			const next = listOf(who)[this.met[who].length];
			if (socket.destroyed || socket.readableEnded || next?.when !== 'up' || UNFINISHED.test(attack.name)) { socket.destroy(); return; }
			this.meet(who, next);
			this.strikeOn(socket, who, next);
		}, AFTER_MS);
	}
	strike(socket, data) {
		if (Buffer.isBuffer(data)) socket.write(data);
		setTimeout(() => socket.destroy(), AFTER_MS);
	}
	close() {
		for (const socket of this.sockets) socket.destroy();
		return new Promise((resolve) => this.server.close(resolve));
	}
}

const sizeOf = (pid) => ({
	bytes: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length,
});

test(`a broker that says ${ATTACKS.length} things that no broker may say`, async (t) => {
	await withStack({ posts: POSTS, store: 'victoria-metrics' }, async (stack) => {
		const parts = { ...stack.edges, server: stack.parts.server, recorder: stack.parts.recorder };
		const names = Object.keys(SHARES);
		for (const post of POSTS) await until(`${post} to be connected`, async () => (await stack.edgeStatus(post)).server === 'connected', 30000);
		const before = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, { pid: part.pid, ...sizeOf(part.pid) }]));
		await stack.parts.broker.stop();
		const broker = await HostileBroker.open(stack, stack.ports.broker);
		for (const post of POSTS) await stack.press(post, 'panic-fire');
		const ended = () => Object.entries(parts).filter(([, part]) => !part.running).map(([name]) => `${name} ended, ${JSON.stringify(broker.now)}`);
		const lit = async () => (await Promise.all(POSTS.map((post) => stack.lamp(post, 'lamp-received-fire')))).includes(true);
		let lie = false;

		await t.test('every client meets its share and runs on', async () => {
			await until('everybody to have met everything', async () => {
				if (ended().length) throw Object.assign(new Error(ended().join('; ')), { fatal: true });
				lie ||= await lit();
				return names.every((name) => broker.met[name]?.length === listOf(name).length);
			}, 180000, 100).catch((error) => assert.fail(`${error.message}; met ${names.map((name) => `${name} ${broker.met[name]?.length}`).join(', ')}`));
			await pause(AFTER_MS);
			assert.deepEqual(ended(), []);
		});
		await t.test('no lamp was lit by it, and no incident made', async () => {
			assert.equal(lie || await lit(), false);
			assert.deepEqual(await stack.incidents(), []);
		});
		await t.test('nobody has grown', () => {
			for (const [name, part] of Object.entries(parts)) {
				const after = sizeOf(part.pid);
				t.diagnostic(`${name}: ${((after.bytes - before[name].bytes) / MIB).toFixed(1)} MiB and ${after.descriptors - before[name].descriptors} descriptors more`);
				assert.ok(after.bytes - before[name].bytes < GROWTH.bytes, `${name}: ${before[name].bytes} to ${after.bytes} bytes`);
				assert.ok(after.descriptors - before[name].descriptors <= GROWTH.descriptors, `${name}: ${before[name].descriptors} to ${after.descriptors} descriptors`);
			}
			for (const log of readdirSync(stack.path('log'))) assert.ok(statSync(stack.path('log', log)).size < 4 * MIB, `${log} is too long`);
		});
		await t.test('with an honest broker back the alarms that waited are recorded, once each', async () => {
			await broker.close();
			await stack.startBroker();
			for (const post of POSTS) await until(`${post}: lamp received`, () => stack.lamp(post, 'lamp-received-fire'), 40000);
			assert.deepEqual((await stack.incidents()).map(({ post, signals }) => [post.id, signals]).sort(), POSTS.map((post) => [post, 1]).sort());
			for (const [name, part] of Object.entries(parts)) assert.equal(part.pid, before[name].pid, `${name} was started again`);
		});
	});
});
