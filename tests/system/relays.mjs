// SPDX-License-Identifier: Apache-2.0
// relays.mjs -- where messages end in tests: Debian's aiosmtpd over TLS, and an SMS gateway of ours.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';
import { freePorts, until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';

/** A certificate of localhost that is its own authority. */
export function certificateIn(dir) {
	mkdirSync(dir, { recursive: true });
	const [crt, key] = [path.join(dir, 'smtp.crt'), path.join(dir, 'smtp.key')];
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', crt,
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '10'], { stdio: 'ignore' });
	return { crt, key };
}

export async function startRelay({ crt, key }, manner) {
	const [port] = await freePorts(1);
	const child = spawn('/usr/bin/python3', [path.join(SOURCE, 'tests/support/smtp_sink.py'), crt, key, manner, 'pospin', 'rahasia', String(port)],
		{ stdio: ['pipe', 'pipe', 'ignore'] });
	const letters = [];
	let ready = false;
	readline.createInterface({ input: child.stdout }).on('line', (line) => {
		const value = JSON.parse(line);
		if (value.ready) ready = true;
		else letters.push(value);
	});
	await until('the relay', () => ready, 20000);
	return { port, letters, end: () => child.stdin.end() };
}

/** A gateway that says 200 whatever it does, as some do. */
export async function startGateway() {
	const heard = [];
	const server = http.createServer((request, answer) => {
		let body = '';
		request.setEncoding('utf8').on('data', (data) => { body += data; }).on('end', () => {
			const form = new URLSearchParams(body);
			heard.push({ headers: request.headers, to: form.get('to'), text: form.get('text') });
			const good = form.get('to') !== '+628999999999';
			answer.writeHead(200).end(JSON.stringify(good ? { status: 0, id: `m-${heard.length}` } : { status: 3, error: 'no credit' }));
		});
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { heard, port: server.address().port, end: () => { server.closeAllConnections(); server.close(); } };
}

export const headersOf = (letter) => Object.fromEntries(letter.split('\r\n\r\n', 1)[0].split(/\r\n(?! )/).map((line) => line.split(/: (.*)/s, 2)));
export const bodyOf = (letter) => Buffer.from(letter.slice(letter.indexOf('\r\n\r\n') + 4), 'base64').toString('utf8');
