// SPDX-License-Identifier: Apache-2.0
// Presses a button of a sample post while ./scripts/run is up: ./scripts/press POST POINT [MILLISECONDS]
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const [post, point, given] = process.argv.slice(2);
if (!post || !point) {
	console.error('usage: ./scripts/press POST POINT [MILLISECONDS]     e.g. ./scripts/press boja-01 panic-crime');
	process.exit(2);
}
/** Smoke counts after ten seconds of it. */
const ms = given ?? (point.startsWith('smoke') ? '11000' : '300');
const run = process.env.POSPIN_RUN ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../..', 'run');
const socket = net.connect(path.join(run, 'sock', `${post}.wires`));
socket.setTimeout(5000, () => socket.destroy(new Error('no answer in 5 s')));
socket.once('error', (error) => {
	console.error(`scripts/press: ${post} does not answer (${error.code ?? error.message}): is ./scripts/run up?`);
	process.exit(1);
});
socket.once('data', (data) => {
	process.stdout.write(data);
	process.exit(String(data).startsWith('error') ? 1 : 0);
});
socket.write(`press ${point} ${ms}\n`);
