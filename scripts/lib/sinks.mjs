// SPDX-License-Identifier: Apache-2.0
// sinks.mjs -- where the demo's messages end: a mail relay, a receiver of webhooks and an SMS gateway, all on loopback. Each is as
// strict as a real one: letters only over TLS, webhooks only with our signature, and what is answered "taken" is in a file.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { until } from './parts.mjs';
import { openRelay } from './smtp.mjs';

const BODY_MAX = 65536, FRESH_MS = 300000;
export const GROUP = 'grup-warga'; // the webhook: a chat group of residents, told of every incident

/** Whether the body is from the server that has the secret, and from now: docs/dispatch.md, "webhook". */
export function isOurs(headers, body, secret, now = Date.now()) {
	const stamp = headers['x-pospin-timestamp'] ?? '', given = Buffer.from(headers['x-pospin-signature'] ?? '');
	const want = Buffer.from(`sha256=${createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex')}`);
	return /^\d{1,16}$/.test(stamp) && Math.abs(now - Number(stamp)) < FRESH_MS && given.length === want.length && timingSafeEqual(given, want);
}

/** Control characters are for no terminal and no file. */
export const clean = (text) => String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
/** The one-time code of a call, where the text has one. */
export const codeIn = (text) => /(?:Balas: YA|Reply: YES) (\d{7})/.exec(text)?.[1];

/** Kept from run to run: a secret of webhooks, a token of the gateway, the relay's certificate. */
function made(file, make) {
	if (!existsSync(file)) make(file);
	return readFileSync(file, 'utf8').trim();
}
const secretIn = (file) => made(file, () => writeFileSync(file, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 }));
function certificateIn(dir) {
	const [certificate, key] = ['relay.crt', 'relay.key'].map((name) => path.join(dir, name));
	made(certificate, () => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
		'-keyout', key, '-out', certificate, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '3650'],
	{ stdio: 'ignore' }));
	return { file: certificate, certificate: readFileSync(certificate), key: readFileSync(key) };
}

export class Sinks {
	/** dir: made; what was kept is used again. ports: { mail, sinks }. on(message) hears each message that was taken. */
	static async open({ dir, ports, on = () => {} }) {
		const sinks = new this();
		for (const folder of ['', 'mail']) mkdirSync(path.join(dir, folder), { recursive: true, mode: 0o700 });
		Object.assign(sinks, { dir, ports, on, messages: [], refused: 0, keys: new Set() });
		Object.assign(sinks, { secret: secretIn(`${dir}/secret`), token: secretIn(`${dir}/token`), tls: certificateIn(dir) });
		sinks.letters = readdirSync(sinks.mailDir).length;
		sinks.relay = await openRelay({ port: ports.mail, ...sinks.tls, take: (letter) => sinks.#letter(letter) });
		sinks.server = http.createServer((request, response) => sinks.#request(request, response));
		await new Promise((resolve, reject) => {
			sinks.server.once('error', reject).listen(ports.sinks, '127.0.0.1', resolve);
		});
		return sinks;
	}
	get mailDir() { return path.join(this.dir, 'mail'); }
	get logFile() { return path.join(this.dir, 'sms-webhook.log'); }

	/** Lines of server.yaml. */
	settings() {
		const { dir, ports, tls } = this;
		return ['mail:', `  server: "smtp://localhost:${ports.mail}"`, '  from: pospin@kendal.example', `  ca: ${tls.file}`,
			'sms:', `  url: http://127.0.0.1:${ports.sinks}/sms`, '  type: form', '  template: "to={{address}}&text={{text}}"',
			'  success: "status=0"', '  reference: id', `  inbound: ${dir}/token`];
	}
	/** The site file with the webhook in it; its template is that of a chat service. */
	site(text) {
		return text.replace(/^ {4}posts:$/m, ['    webhooks:', `      - name: ${GROUP}`, `        url: http://127.0.0.1:${this.ports.sinks}/${GROUP}`,
			`        secret: ${this.secret}`, `        template: '{"chat": "${GROUP}", "text": "{{text}}"}'`, '    posts:'].join('\n'));
	}

	#heard(message) {
		const heard = { at: Date.now(), ...message, to: clean(message.to), text: clean(message.text), code: codeIn(message.text) };
		this.messages.push(heard);
		this.on(heard);
	}
	#letter({ to, headers, text }) {
		const file = path.join(this.mailDir, `${String(++this.letters).padStart(3, '0')}-${to[0].replace(/[^A-Za-z0-9@.+-]/g, '_').slice(0, 100)}.txt`);
		writeFileSync(file, clean(`To: ${to.join(', ')}\nSubject: ${headers.subject ?? ''}\nDate: ${headers.date ?? ''}\n\n${text}\n`));
		this.#heard({ channel: 'mail', to: to[0], text, file });
	}

	#request(request, response) {
		let body = '';
		request.setEncoding('utf8').on('data', (data) => {
			body += data;
			if (body.length > BODY_MAX) request.destroy();
		}).on('end', () => {
			const name = request.url.slice(1);
			if (request.method !== 'POST') response.writeHead(405).end();
			else if (name === 'sms') this.#sms(request, body, response);
			else if (name === GROUP) this.#group(request, body, response);
			else response.writeHead(404).end();
		}).on('error', () => {});
	}
	/** A repeated try has the key of the one before: taken once. */
	#once(request, message) {
		const key = request.headers['idempotency-key'];
		if (key && this.keys.has(key)) return;
		if (key) this.keys.add(key);
		appendFileSync(this.logFile, `${new Date().toISOString()} ${message.channel} ${clean(`${message.to}: ${message.text}`)}\n`);
		this.#heard(message);
	}
	#sms(request, body, response) {
		const form = new URLSearchParams(body);
		this.#once(request, { channel: 'SMS', to: form.get('to') ?? '', text: form.get('text') ?? '' });
		response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status: 0, id: `sms-${this.messages.length}` }));
	}
	#group(request, body, response) {
		if (!isOurs(request.headers, body, this.secret)) {
			this.refused++;
			response.writeHead(401).end();
			return;
		}
		this.#once(request, { channel: 'webhook', to: GROUP, text: JSON.parse(body).text });
		response.writeHead(204).end();
	}

	/** The first message that is like this; waits for it. */
	hears(what, isIt, limitMs = 30000) { return until(what, () => this.messages.find(isIt), limitMs, 20); }

	async close() {
		this.server.closeAllConnections();
		await Promise.all([this.relay.close(), new Promise((resolve) => { this.server.close(resolve); })]);
	}
}
