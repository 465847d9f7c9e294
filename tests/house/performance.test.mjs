// SPDX-License-Identifier: Apache-2.0
// performance.test.mjs -- the README's headline figures are those of docs/performance.md.
import assert from 'node:assert/strict';
import test from 'node:test';
import { between } from '../bench/tables.mjs';
import { read } from './tree.mjs';

const cells = (file) => {
	const text = read(file), [from, to] = between(text);
	return text.slice(from, to).split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| figure') && !line.startsWith('| |'))
		.map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
};

test('the three figures of the README stand in docs/performance.md, alike', () => {
	const full = cells('docs/performance.md').map(([text, , ours, ratio, , goal]) => [text, ours, ratio, goal].join(' | '));
	const three = cells('README.md').map((row) => row.join(' | '));
	assert.equal(three.length, 3);
	for (const row of three) assert.ok(full.includes(row), row);
});

test('docs/performance.md says with which command and on what machine it was measured', () => {
	const text = read('docs/performance.md');
	assert.match(text, /\.\/scripts\/bench/);
	assert.match(text.slice(...between(text)), /\d+ processors .*Linux .*passes or more; commit [0-9a-f]+/);
});
