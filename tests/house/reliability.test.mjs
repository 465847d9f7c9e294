// SPDX-License-Identifier: Apache-2.0
// reliability.test.mjs -- docs/reliability.md quotes what the result files add up to, and every regression test that it names is there.
import assert from 'node:assert/strict';
import test from 'node:test';
import { standing, table } from '../results/summary.mjs';
import { read, withEnding } from './tree.mjs';

const text = read('docs/reliability.md');

test('its figures are the sums of tests/results', () => {
	assert.equal(standing(text), table(), 'node tests/results/summary.mjs --write');
});

test('every test that it names is in the tree', () => {
	const names = [...text.slice(text.indexOf('## Found')).matchAll(/`([a-z0-9_]{12,})`/g)].map(([, name]) => name);
	assert.ok(names.length > 10, String(names.length));
	const sources = withEnding('_test.c', '.test.mjs').map(read).join('\n');
	for (const name of names) assert.ok(sources.includes(name), name);
});
