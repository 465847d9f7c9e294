// SPDX-License-Identifier: Apache-2.0
// oracle.mjs -- docs/protocol.md read a second time: what a server must make of the bytes of a message. Shares no code with the
// programs, and not JavaScript's own JSON either, which takes doubled members and loses the difference between 1 and 1.0.

const WHOLE_MAX = 2n ** 53n - 1n;
const I64_MAX = 2n ** 63n - 1n;
const DEPTH_MAX = 16;
const PAYLOAD_MAX = 8192;
const POINTS_MAX = 64;

class Bad extends Error {}
const bad = (why) => { throw new Bad(why); };

/** Values: null, true, false, {whole: bigint}, {real: number}, {text}, {list}, {members: Map}. */
class Reader {
	constructor(text) { Object.assign(this, { text, at: 0, depth: 0 }); }

	get next() { return this.text[this.at]; }
	space() { while (' \t\n\r'.includes(this.next ?? 'x')) this.at++; }
	take(char) { if (this.next !== char) bad(`no ${char} at ${this.at}`); this.at++; }

	document() {
		this.space();
		if (this.next !== '{' && this.next !== '[') bad('neither object nor list');
		const value = this.value();
		this.space();
		if (this.at !== this.text.length) bad('more than one value');
		return value;
	}

	value() {
		this.space();
		switch (this.next) {
		case '{': return this.deeper(() => this.object());
		case '[': return this.deeper(() => this.list());
		case '"': return { text: this.string() };
		default: return this.word();
		}
	}

	deeper(read) {
		if (++this.depth > DEPTH_MAX) bad('too deep');
		const value = read();
		this.depth--;
		return value;
	}

	word() {
		const word = /^(?:null|true|false|-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)(?![\w.+-])/.exec(this.text.slice(this.at));
		if (!word) bad(`no value at ${this.at}`);
		this.at += word[0].length;
		if (word[0] === 'null') return null;
		if (word[0] === 'true' || word[0] === 'false') return word[0] === 'true';
		if (word[1] || word[2]) {
			const real = Number(word[0]);
			return Number.isFinite(real) ? { real } : bad('too large');
		}
		const whole = BigInt(word[0]);
		return whole > I64_MAX || whole < -I64_MAX - 1n ? bad('too large') : { whole };
	}

	object() {
		const members = new Map();
		this.take('{');
		this.space();
		if (this.next === '}') { this.at++; return { members }; }
		for (;;) {
			this.space();
			const key = this.string();
			if (members.has(key)) bad(`${key} twice`);
			this.space();
			this.take(':');
			members.set(key, this.value());
			this.space();
			if (this.next === '}') { this.at++; return { members }; }
			this.take(',');
		}
	}

	list() {
		const list = [];
		this.take('[');
		this.space();
		if (this.next === ']') { this.at++; return { list }; }
		for (;;) {
			list.push(this.value());
			this.space();
			if (this.next === ']') { this.at++; return { list }; }
			this.take(',');
		}
	}

	string() {
		let text = '';
		this.take('"');
		for (;;) {
			const char = this.next ?? bad('a text without end');
			this.at++;
			if (char === '"') break;
			if (char < ' ') bad('a control character');
			text += char === '\\' ? this.escape() : char;
		}
		if (/\0/.test(text)) bad('NUL');
		if (!text.isWellFormed?.() && /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) bad('half a character');
		return text;
	}

	escape() {
		const char = this.next;
		this.at++;
		if (char === 'u') {
			const hex = this.text.slice(this.at, this.at + 4);
			if (!/^[0-9a-fA-F]{4}$/.test(hex)) bad('a wrong escape');
			this.at += 4;
			return String.fromCharCode(parseInt(hex, 16));
		}
		return { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[char] ?? bad('a wrong escape');
	}
}

function members(bytes) {
	if (bytes.length > PAYLOAD_MAX) bad('too long');
	let text;
	try {
		text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		bad('not UTF-8');
	}
	const value = new Reader(text).document();
	return value.members ?? bad('not an object');
}

const get = (m, key) => m.get(key) ?? null;
const whole = (m, key, min) => {
	const value = get(m, key)?.whole;
	return value !== undefined && value >= min && value <= WHOLE_MAX ? value : bad(key);
};
const epochOf = (m) => (/^[0-9a-f]{16}$/.test(get(m, 'epoch')?.text ?? '') ? get(m, 'epoch').text : bad('epoch'));
const textOrNothing = (m, key) => { if (get(m, key) !== null && get(m, key).text === undefined) bad(key); };
const isVersionOne = (m) => !m.has('v') || get(m, 'v')?.whole === 1n;

const NO_ALARMS = ['restore', 'trouble', 'trouble-restore', 'test', 'cancel'];

function signal(m) {
	const epoch = epochOf(m);
	const seq = whole(m, 'seq', 1n);
	// A real where an integer belongs is unreadable; what is no such integer otherwise counts as not told.
	for (const key of ['boot', 'mono', 'at', 'cause']) if (get(m, key)?.real !== undefined) bad(key);
	return { verdict: 'signal', triple: `${epoch}/${seq}`, alarm: !NO_ALARMS.includes(get(m, 'signal')?.text) };
}

function state(m) {
	epochOf(m);
	for (const key of ['boot', 'mono', 'n']) whole(m, key, 0n);
	const points = get(m, 'points')?.members ?? bad('points');
	if (points.size > POINTS_MAX) bad('points');
	for (const point of points.values()) {
		if (!point?.members) bad('points');
		textOrNothing(point.members, 'state');
		textOrNothing(point.members, 'detail');
	}
	textOrNothing(m, 'config');
	textOrNothing(m, 'version');
	if (get(m, 'oldest') !== null) whole(m, 'oldest', 0n);
	return { verdict: 'state' };
}

/** {verdict: 'form' | 'version' | 'signal' | 'state', triple, alarm} of an authentic message's bytes. */
export function judge(channel, bytes) {
	try {
		const m = members(bytes);
		if (!isVersionOne(m)) return { verdict: 'version' };
		return channel === 'state' ? state(m) : signal(m);
	} catch (error) {
		if (error instanceof Bad) return { verdict: 'form', why: error.message };
		throw error;
	}
}
