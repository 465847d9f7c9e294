// SPDX-License-Identifier: Apache-2.0
// invariants.test.mjs -- docs/invariants.md says truly what guards each invariant.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ROOT, read } from './tree.mjs';

const words = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word);
const rows = [...read('docs/invariants.md').matchAll(/^\| (I\d+) [^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)]
	.map(([, id, checkers, layers, mutants]) => ({ id, checkers: words(checkers), layers: words(layers), mutants: words(mutants) }));
/** Checker to the invariants that it says it guards. */
const checkers = new Map([...read('tests/checkers/include/checkers/checkers.h').replaceAll(/\\\n\s*/g, '')
	.matchAll(/X\(\w+,\s*"([\w-]+)",\s*"((?:I\d+ ?)+)"/g)].map(([, name, ids]) => [name, ids.trim().split(' ')]));

test('every invariant of the protocol has its row, with layers and mutants', () => {
	const wanted = [...read('docs/protocol.md').matchAll(/^\| (I\d+) /gm)].map(([, id]) => id);
	assert.deepEqual(rows.map(({ id }) => id), wanted);
	assert.equal(wanted.length, 17);
	assert.deepEqual(rows.filter(({ layers, mutants }) => layers.length === 0 || mutants.length === 0).map(({ id }) => id), []);
});

test('every checker stands with each invariant that it guards, and with no other', () => {
	assert.ok(checkers.size >= 18);
	const said = rows.flatMap(({ id, checkers: names }) => names.map((name) => `${id} ${name}`)).sort();
	const true_ = [...checkers].flatMap(([name, ids]) => ids.map((id) => `${id} ${name}`)).sort();
	assert.deepEqual(said, true_);
});

test('every layer and every mutant that is named exists', () => {
	const missing = rows.flatMap(({ layers, mutants }) => [...layers, ...mutants.map((name) => `tests/mutation/${name}.patch`)])
		.filter((file) => !existsSync(path.join(ROOT, file)));
	assert.deepEqual(missing, []);
});

test('every mutant that is named says itself that it guards that invariant', () => {
	const guards = (name) => /^# guards: (.*)$/.exec(read(`tests/mutation/${name}.patch`).split('\n', 2)[1])?.[1].split(' ') ?? [];
	assert.deepEqual(rows.flatMap(({ id, mutants }) => mutants.filter((name) => !guards(name).includes(id)).map((name) => `${id} ${name}`)), []);
});
