// SPDX-License-Identifier: Apache-2.0
// smtp.mjs -- a mail relay on loopback that delivers nowhere: it takes letters over STARTTLS as a real one does (RFC 5321, 3207),
// and hands each to its owner before it says that it has it.
import net from 'node:net';
import tls from 'node:tls';

const LINE_MAX = 2048, LETTER_MAX = 1 << 20, RECIPIENTS_MAX = 100, IDLE_MS = 60000;
const mailbox = (text) => /^(?:FROM|TO):\s*<([^<>\s]{1,254})>/i.exec(text)?.[1];

class Session {
	constructor(socket, options) {
		Object.assign(this, { options, encrypted: false, text: '', data: null });
		this.#listen(socket);
		this.say('220 localhost ESMTP PosPin demo: delivers nowhere');
	}
	#listen(socket) {
		this.socket = socket;
		this.text = '';
		socket.setEncoding('latin1').on('data', (text) => this.#feed(text)).on('error', () => socket.destroy());
		socket.setTimeout(IDLE_MS, () => socket.destroy());
		this.#reset();
	}
	#reset() { Object.assign(this, { from: null, to: [] }); }
	say(...lines) { this.socket.write(`${lines.join('\r\n')}\r\n`); }

	#feed(text) {
		this.text += text;
		for (let end; (end = this.text.indexOf('\r\n')) >= 0;) {
			const line = this.text.slice(0, end);
			this.text = this.text.slice(end + 2);
			if (this.data) this.#letter(line);
			else this.#command(line);
			if (this.socket.destroyed) return;
		}
		if (this.text.length > LINE_MAX) this.socket.destroy();
	}

	#command(line) {
		const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
		const name = verb.toUpperCase();
		const commands = {
			EHLO: () => { this.#reset(); this.say('250-localhost', ...(this.encrypted ? [] : ['250-STARTTLS']), `250 SIZE ${LETTER_MAX}`); },
			HELO: () => { this.#reset(); this.say('250 localhost'); },
			STARTTLS: () => this.#encrypt(),
			MAIL: () => this.#sender(rest),
			RCPT: () => this.#recipient(rest),
			DATA: () => this.#begin(),
			RSET: () => { this.#reset(); this.say('250 2.0.0 forgotten'); },
			NOOP: () => this.say('250 2.0.0 nothing done'),
			QUIT: () => { this.say('221 2.0.0 bye'); this.socket.end(); },
		};
		if (Object.hasOwn(commands, name)) commands[name]();
		else this.say('500 5.5.2 not understood');
	}

	/** What was sent behind STARTTLS in the clear is somebody else's. */
	#encrypt() {
		if (this.encrypted || this.text) { this.socket.destroy(); return; }
		this.say('220 2.0.0 go on');
		this.socket.removeAllListeners('data').removeAllListeners('timeout');
		this.encrypted = true;
		this.#listen(new tls.TLSSocket(this.socket, { isServer: true, secureContext: this.options.context }));
	}
	#sender(rest) {
		if (!this.encrypted) return this.say('530 5.7.0 STARTTLS first');
		if (!mailbox(rest)) return this.say('501 5.5.4 from whom?');
		this.#reset();
		this.from = mailbox(rest);
		return this.say('250 2.1.0 good');
	}
	#recipient(rest) {
		if (!this.from) return this.say('503 5.5.1 MAIL first');
		if (!mailbox(rest)) return this.say('501 5.5.4 to whom?');
		if (this.to.length === RECIPIENTS_MAX) return this.say('452 4.5.3 too many');
		this.to.push(mailbox(rest));
		return this.say('250 2.1.5 good');
	}
	#begin() {
		if (!this.to.length) return this.say('503 5.5.1 RCPT first');
		this.data = { lines: [], size: 0 };
		return this.say('354 end with a dot');
	}

	#letter(line) {
		const { data } = this;
		if (line !== '.') {
			data.size += line.length + 2;
			if (data.size <= LETTER_MAX) data.lines.push(line.startsWith('.') ? line.slice(1) : line);
			return;
		}
		const letter = { from: this.from, to: this.to, ...letterOf(data.lines) };
		this.data = null;
		this.#reset();
		if (data.size > LETTER_MAX) return void this.say('552 5.3.4 too large');
		try {
			this.options.take(letter);
			this.say('250 2.0.0 taken');
		} catch (error) {
			this.say(`451 4.3.0 ${error.code ?? 'not now'}`);
		}
	}
}

const words = (text) => text.replace(/=\?UTF-8\?B\?([A-Za-z0-9+/=]*)\?=(?:\s+(?==\?))?/gi, (_, coded) => Buffer.from(coded, 'base64').toString('utf8'));

/** Headers by name, decoded, and the text of a letter of one part. */
export function letterOf(lines) {
	const gap = lines.indexOf('') < 0 ? lines.length : lines.indexOf('');
	const headers = Object.fromEntries(lines.slice(0, gap).join('\r\n').split(/\r\n(?![ \t])/)
		.map((line) => /^([^:\s]+):\s*([\s\S]*)$/.exec(line) ?? []).filter(([all]) => all)
		.map(([, name, value]) => [name.toLowerCase(), words(value.replace(/\r\n[ \t]/g, ' '))]));
	const body = lines.slice(gap + 1).join('\r\n');
	const base64 = /^base64$/i.test(headers['content-transfer-encoding'] ?? '');
	return { headers, text: Buffer.from(body, base64 ? 'base64' : 'latin1').toString('utf8').replace(/\r\n/g, '\n') };
}

/** take(letter) is called for each letter; when it throws, the letter has not been taken. key, certificate: PEM. */
export async function openRelay({ host = '127.0.0.1', port, key, certificate, take }) {
	const sockets = new Set();
	const options = { context: tls.createSecureContext({ key, cert: certificate }), take };
	const server = net.createServer((socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
		return new Session(socket, options);
	});
	await new Promise((resolve, reject) => {
		server.once('error', reject).listen(port, host, resolve);
	});
	return {
		port: server.address().port,
		close: () => new Promise((resolve) => {
			server.close(resolve);
			for (const socket of sockets) socket.destroy();
		}),
	};
}
