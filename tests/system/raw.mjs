// SPDX-License-Identifier: Apache-2.0
// raw.mjs -- MQTT 5 packets as bytes, right and wrong ones. Shares nothing with a library, because a library refuses to write them.

export const PACKETS = { connect: 1, connack: 2, publish: 3, puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7, subscribe: 8, suback: 9, unsubscribe: 10, unsuback: 11, pingreq: 12, pingresp: 13, disconnect: 14, auth: 15 };
const bytes = (...parts) => Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from([].concat(part)))));
export const u16 = (n) => [n >> 8 & 255, n & 255];
export function varint(n) {
	const out = [];
	do {
		out.push((n & 127) | (n > 127 ? 128 : 0));
		n >>>= 7;
	} while (n > 0);
	return Buffer.from(out);
}
export const text = (value) => { const body = Buffer.from(value); return bytes(u16(body.length), body); };
/** Properties with their length before them. */
export const properties = (...parts) => { const body = bytes(...parts); return bytes(varint(body.length), body); };
/** type: a word of PACKETS or a number; flags: the lower four bits; the remaining length is what it is unless `claims` says another. */
export function packet(type, flags, ...parts) {
	const body = bytes(...parts);
	return bytes([(PACKETS[type] ?? type) << 4 | flags], varint(body.length), body);
}
/** A packet that says it is so long, and of which only these parts come. */
export const claiming = (type, flags, length, ...parts) => bytes([(PACKETS[type] ?? type) << 4 | flags], Buffer.isBuffer(length) ? length : varint(length), ...parts);

export const connect = (clientId, { keepalive = 30, flags = 2, protocol = 'MQTT', level = 5, props = properties(), payload = [] } = {}) =>
	packet('connect', 0, text(protocol), [level, flags], u16(keepalive), props, text(clientId), ...payload);
export const connack = ({ session = 0, code = 0, props = properties() } = {}) => packet('connack', 0, [session, code], props);
export const suback = (id, codes, props = properties()) => packet('suback', 0, u16(id), props, codes);
export const puback = (id) => packet('puback', 0, u16(id));
export const subscribe = (id, topics) => packet('subscribe', 2, u16(id), properties(), ...topics.map((topic) => bytes(text(topic), [1])));
export function publish(topic, payload, { qos = 0, id = 1, retain = 0, dup = 0, props = properties() } = {}) {
	return packet('publish', dup << 3 | qos << 1 | retain, text(topic), ...(qos ? [u16(id)] : []), props, Buffer.from(payload));
}
export const userProperty = (name, value) => bytes([0x26], text(name), text(value));

/** Calls heard({type, flags, body}) for each whole packet of a stream. */
export class Packets {
	constructor(heard) { Object.assign(this, { heard, waiting: Buffer.alloc(0) }); }

	feed(data) {
		this.waiting = Buffer.concat([this.waiting, data]);
		for (;;) {
			const head = lengthOf(this.waiting);
			if (!head || this.waiting.length < head.at + head.length) return;
			const [first] = this.waiting;
			const body = this.waiting.subarray(head.at, head.at + head.length);
			this.waiting = this.waiting.subarray(head.at + head.length);
			this.heard({ type: first >> 4, flags: first & 15, body });
		}
	}
}
function lengthOf(data) {
	let length = 0;
	for (let at = 1; at < 5; at++) {
		if (at >= data.length) return null;
		length += (data[at] & 127) << 7 * (at - 1);
		if (!(data[at] & 128)) return { at: at + 1, length };
	}
	throw new Error('a length of more than four bytes');
}

/** What a SUBSCRIBE asks for, and a PUBLISH of QoS 1 says: enough to answer them. */
export function subscription(body) {
	let at = 2;
	const skip = body[at]; // properties of fewer than 128 bytes
	at += 1 + skip;
	let topics = 0;
	while (at + 2 < body.length) {
		at += 2 + body.readUInt16BE(at) + 1;
		topics++;
	}
	return { id: body.readUInt16BE(0), topics };
}
export const publishId = ({ flags, body }) => (flags & 6 ? body.readUInt16BE(2 + body.readUInt16BE(0)) : 0);
