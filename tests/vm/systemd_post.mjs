// SPDX-License-Identifier: Apache-2.0
// A post in the machine that boots systemd: sample settings, keys and units where an administrator puts them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SOURCE, fillSettings } from '../../scripts/lib/stack.mjs';
import { HOST_ADDRESS } from './guest_files.mjs';

const SAMPLE = readFileSync(path.join(SOURCE, 'packaging/examples/edge.yaml'), 'utf8');

/** The number of GPIO line of a point or output in the sample settings. */
export function lineOf(id) {
	const found = SAMPLE.match(new RegExp(`- id: ${id}\\n(?:    .*\\n)*?    line: GPIO(\\d+)`));
	if (!found) throw new Error(`${id} has no line in the sample`);
	return Number(found[1]);
}
export const lamp = (step, of) => lineOf(`lamp-${step}-${of}`);

/** Wires whose resistors pull them up; a press pulls them down. gpio-sim takes a bias for the wire's own level, so the
 *  resistors stand outside, and what is held while no program holds the line stays held. */
const RESTING = ['panic-crime', 'panic-fire', 'panic-medical', 'panic-silent', 'smoke', 'mains'];
export const RESTING_WIRES = `pospin.high=${RESTING.map(lineOf).join(',')}`;
export const press = (vm, id, ms = 100) => vm.press(lineOf(id), ms, 'pull-down');

export function edgeSettings(stack, post) {
	return fillSettings(SAMPLE, { host: HOST_ADDRESS, port: stack.ports.broker, post }).replaceAll('bias: pull-up', 'bias: none');
}

/** What lies in /etc/pospin of an enrolled post. */
export function postFiles(stack, post) {
	const at = stack.path('posts', post);
	const own = (from, mode = 0o644) => ({ from, mode, owner: 'pospin' });
	return {
		'/etc/pospin/edge.yaml': { data: edgeSettings(stack, post) },
		'/etc/pospin/kentongan.yaml': { from: path.join(SOURCE, 'packaging/examples/kentongan.yaml') },
		'/etc/pospin/service-ca.crt': own(stack.path('pki/service-ca.crt')),
		'/etc/pospin/server-keys.txt': own(stack.path('pki/server-keys.txt')),
		'/etc/pospin/post.crt': own(`${at}/post.crt`),
		'/etc/pospin/post.key': own(`${at}/post.key`, 0o600),
	};
}

/** The agent's own word, as JSON. */
export const statusOf = async (vm) => JSON.parse(await vm.run('pospin-edge status --json --socket /run/pospin-edge/control'));
