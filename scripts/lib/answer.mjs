// SPDX-License-Identifier: Apache-2.0
// Answers a call while ./scripts/run is up, as the SMS gateway does: ./scripts/answer VERB CODE, the code being of the call's message.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FROM = '+620000000999'; // proves nothing; it is not the number that was called, so five wrong codes of an hour are enough

/** What the server says to it. */
export async function answerCall(url, token, ...words) {
	const answer = await fetch(`${url}/api/v1/sms/inbound`, {
		method: 'POST', signal: AbortSignal.timeout(10000),
		headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ from: FROM, text: words.join(' ') }),
	});
	const { detail = '' } = await answer.json().catch(() => ({}));
	return { status: answer.status, detail };
}

async function main(words) {
	if (words.length < 2) {
		console.error(`usage: ./scripts/answer VERB CODE     e.g. ./scripts/answer YA 1234567
  YA (YES), TOLAK (NO), JALAN (GO), TIBA (ARRIVED), SELESAI (DONE); the code stands in the message, and in the terminal of ./scripts/run`);
		return 2;
	}
	const run = process.env.POSPIN_RUN ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../..', 'run');
	let demo;
	try {
		demo = JSON.parse(readFileSync(path.join(run, 'demo.json'), 'utf8'));
		const { status, detail } = await answerCall(demo.url, readFileSync(path.join(run, 'sinks/token'), 'utf8').trim(), ...words);
		console.log(status === 200 ? 'tercatat / recorded' : `ditolak / refused (${status}): ${detail}`);
		return status === 200 ? 0 : 1;
	} catch (error) {
		console.error(`scripts/answer: ${error.cause?.code ?? error.code ?? error.message}: is ./scripts/run up?`);
		return 1;
	}
}
if (import.meta.url === pathToFileURL(process.argv[1]).href) process.exit(await main(process.argv.slice(2)));
