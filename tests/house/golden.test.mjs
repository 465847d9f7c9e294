// SPDX-License-Identifier: Apache-2.0
// golden.test.mjs -- docs/asyncapi.json shows the golden messages that the C codec reads and writes byte for byte.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { files, read } from './tree.mjs';

const doc = JSON.parse(read('docs/asyncapi.json'));
const ajv = new Ajv({ strict: false });
const golden = files.filter((file) => /^tests\/golden\/[^/]+\.json$/.test(file) && !path.basename(file).startsWith('vectors'));

test('every golden message is an example of its channel, and every example a golden message', () => {
	const examples = Object.values(doc.components.messages).flatMap((message) => message.examples ?? [])
		.map(({ name, payload }) => [name, JSON.stringify(payload)]);
	const messages = golden.map((file) => [path.basename(file, '.json'), JSON.stringify(JSON.parse(read(file)))]);
	assert.deepEqual(examples.sort(), messages.sort());
});

test('every golden message fits the schema of its channel', () => {
	for (const [channel, message] of Object.entries(doc.components.messages))
		for (const { name, payload } of message.examples ?? []) {
			const check = ajv.compile(doc.components.schemas[channel]);
			assert.ok(check(payload), `${name}: ${ajv.errorsText(check.errors)}`);
		}
});

test('every signed channel has an example', () => {
	for (const [channel, message] of Object.entries(doc.components.messages))
		if (message['x-signature']) assert.ok(message.examples?.length, channel);
});
