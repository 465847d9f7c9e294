// SPDX-License-Identifier: Apache-2.0
// sinks.mjs -- where messages end in a test: Debian's aiosmtpd over TLS, and HTTP servers that keep what they are sent.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';
import { freePorts, until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';

/** A certificate of localhost that is its own authority. */
function certificateIn(dir) {
	mkdirSync(dir, { recursive: true });
	const [crt, key] = [path.join(dir, 'smtp.crt'), path.join(dir, 'smtp.key')];
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', crt,
		'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '10'], { stdio: 'ignore' });
	return { crt, key };
}

/** A relay that wants TLS and a login: { port, ca, letters: [{ from, to, letter }], end() }. */
export async function startRelay(dir, { user, password }) {
	const { crt, key } = certificateIn(dir);
	const [port] = await freePorts(1);
	const child = spawn('/usr/bin/python3', [path.join(SOURCE, 'tests/support/smtp_sink.py'), crt, key, 'starttls', user, password, String(port)],
		{ stdio: ['pipe', 'pipe', 'ignore'] });
	const letters = [];
	let ready = false;
	readline.createInterface({ input: child.stdout }).on('line', (line) => {
		const value = JSON.parse(line);
		if (value.ready) ready = true;
		else letters.push(value);
	});
	await until('the relay', () => ready, 20000);
	return { port, ca: crt, letters, end: () => child.stdin.end() };
}

/** An HTTP sink: { port, heard: [{ url, headers, body }], end() }. reply(request) says what it answers. */
export async function startSink(reply = () => '{}') {
	const heard = [];
	const server = http.createServer((request, answer) => {
		let body = '';
		request.setEncoding('utf8').on('data', (data) => { body += data; }).on('end', () => {
			const told = { url: request.url, headers: request.headers, body };
			heard.push(told);
			answer.writeHead(200, { 'content-type': 'application/json' }).end(reply(told));
		});
	});
	await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
	return { port: server.address().port, heard, end: () => { server.closeAllConnections(); server.close(); } };
}

/** { headers: { name in lower case: value }, text } of a letter with one part, decoded. */
export function letterRead(letter) {
	const end = letter.indexOf('\r\n\r\n');
	const headers = Object.fromEntries(letter.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n')
		.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
	const body = letter.slice(end + 4);
	const text = headers['content-transfer-encoding'] === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : body;
	const words = (value) => value.replace(/\?=\s+=\?/g, '?==?').replace(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, word) => Buffer.from(word, 'base64').toString('utf8'));
	return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, words(value)])), text };
}
