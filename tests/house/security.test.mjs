// SPDX-License-Identifier: Apache-2.0
// security.test.mjs -- docs/security.md names tests that exist, and the tree holds no key.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { files, read, ROOT } from './tree.mjs';

/** Where a test of the document lies: a whole path as it stands, a word in tests/system. */
const places = (word) => (word.startsWith('tests/') ? [word, `${word}.test.mjs`] : [`tests/system/${word}.test.mjs`]);

const threats = read('docs/security.md').split('\n').filter((line) => /^\| T\d+ /.test(line));

test('every threat has an answer and is tried by tests that exist', () => {
	assert.ok(threats.length >= 15);
	for (const line of threats) {
		const [, number, , answer, tried] = line.split('|').map((cell) => cell.trim());
		assert.ok(answer.length > 10, `${number}: an answer`);
		const words = [...tried.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
		assert.ok(words.length, `${number}: a test`);
		for (const word of words)
			assert.ok(places(word).some((place) => existsSync(path.join(ROOT, place))), `${number}: ${word} does not exist`);
	}
});

test('no file but the published test vector holds a private key', () => {
	const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}/;
	const holders = files.filter((file) => !/\.(png|ico|woff2)$/.test(file) && key.test(read(file)));
	assert.deepEqual(holders, ['tests/golden/test-key.pem']);
});
