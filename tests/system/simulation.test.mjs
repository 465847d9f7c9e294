// SPDX-License-Identifier: Apache-2.0
// simulation.test.mjs -- the production object files in simulated time: seeds, a small scope closed, and every history judged.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { BUILD } from './support.mjs';

const LONG = process.env.POSPIN_LONG === '1';
/** Always the same seeds; in the long run others besides, which the commit chooses: the hunt goes on there. */
const FIXED = Number(process.env.POSPIN_SIMULATION_SEEDS ?? 140);
const SECONDS = 600;
const SCOPES = LONG ? ['one-press', 'two-presses', 'one-press-hurt-twice'] : ['one-press'];

function simulate(...args) {
	const out = mkdtempSync(path.join(os.tmpdir(), 'pospin-simulation-'));
	const { status, stdout, stderr } = spawnSync(path.join(SOURCE, 'tests/simulation/run'), args,
		{ encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, POSPIN_BUILD: BUILD, POSPIN_SIMULATION_OUT: out } });
	if (status === 0) rmSync(out, { recursive: true, force: true });
	return { status, stdout, stderr, last: stdout.trim().split('\n').at(-1) ?? '' };
}

/** The run must have found nothing, and must have done something. */
function clean(t, run) {
	t.diagnostic(run.last);
	assert.equal(run.status, 0, `${run.stdout}${run.stderr}`.slice(-4000));
	assert.match(run.last, /: [1-9]\d* (runs|histories)/);
}

test('the same seed makes the same history, however often and in whatever company it runs', () => {
	const hash = (seed) => /hash ([0-9a-f]{16})/.exec(simulate('--replay', `${seed}`).stdout)?.[1];
	for (const seed of [3, 8, 20]) {
		const first = hash(seed);
		assert.match(first ?? '', /^[0-9a-f]{16}$/);
		assert.equal(hash(seed), first, `seed ${seed}`);
	}
});

test(`the seeds 1 to ${FIXED} break no promise`, (t) => clean(t, simulate('--seeds', `1..${FIXED}`, '--first')));

test('other seeds, chosen by the commit, break no promise', { skip: !LONG && 'with --long' }, (t) => {
	const git = existsSync(path.join(SOURCE, '.git')) ? execFileSync('git', ['-C', SOURCE, 'rev-parse', 'HEAD'], { encoding: 'utf8' }) : '0';
	const from = 1000000 + parseInt(git.slice(0, 7), 16);
	clean(t, simulate('--seeds', `${from}..`, '--seconds', `${SECONDS}`));
});

for (const scope of SCOPES)
	test(`every crash, loss and repetition at every point of "${scope}" keeps every promise`, (t) =>
		clean(t, simulate('--exhaustive', scope)));
