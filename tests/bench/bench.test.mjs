// SPDX-License-Identifier: Apache-2.0
// bench.test.mjs -- every figure can be measured, nothing is lost on the way, and the judgement is right. Times are not judged here.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { bench, isMet, results, summarise } from './bench.mjs';
import { FIGURES } from './figures.mjs';
import { median } from './measure.mjs';

test('every figure is measured at a tenth of its size, with nothing lost or doubled', { timeout: 600000 }, async () => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'pospin-bench-test-'));
	try {
		const build = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
		const figures = FIGURES.filter(({ apart }) => !apart); // that one has a test of its own
		assert.equal(await bench(build, { quick: true, runs: 1, only: figures.map(({ name }) => name) }, folder), 0);
		const rows = results(folder).flatMap((result) => result.rows);
		assert.deepEqual(rows.map(({ name }) => name).sort(), figures.flatMap((figure) => Object.keys(figure.rows)).sort());
		for (const row of rows) assert.ok(Number.isFinite(row.ours), row.name);
		assert.equal(rows.find(({ name }) => name === 'recorder.missing').ours, 0);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

test('the median of the passes counts, and a goal is a bound on the ratio or on the value', () => {
	assert.equal(median([3, 1, 2]), 2);
	assert.equal(median([4, 1, 2, 3]), 2.5);
	const passes = [{ floor: 2, ours: 2 }, { floor: 4, ours: 6 }, { floor: 3, ours: 3 }];
	const row = summarise({ name: 'x', goal: { most: 1.3 } }, passes);
	assert.deepEqual([row.floor, row.ours, row.ratio, row.spread, row.met], [3, 3, 1, [1, 1.5], true]);
	for (const [goal, of, met] of [
		[{ most: 1.3 }, { ratio: 1.31 }, false], [{ least: 0.75 }, { ratio: 0.74 }, false], [{ least: 0.75 }, { ratio: 0.75 }, true],
		[{ at_most: 16 }, { ours: 16.1 }, false], [{ exactly: 0 }, { ours: 1 }, false], [{ exactly: 0 }, { ours: 0 }, true]])
		assert.equal(isMet(goal, of), met, JSON.stringify([goal, of]));
});
