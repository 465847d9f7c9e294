// SPDX-License-Identifier: Apache-2.0
// mutation.test.mjs -- every mutant still applies to the code that it breaks, and names the test that must notice.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { files, read, ROOT } from './tree.mjs';

const patches = files.filter((file) => /^tests\/mutation\/.*\.patch$/.test(file));

test('every mutant says what it breaks, and who must notice', () => {
	const bad = patches.filter((file) => {
		const killer = /^# .+? *\| *killed by: *(\S+)/.exec(read(file).split('\n', 1)[0])?.[1];
		return !killer || (!killer.startsWith('unit.') && !existsSync(path.join(ROOT, killer)));
	});
	assert.deepEqual(bad, []);
	assert.ok(patches.length >= 60);
});

test('every invariant is broken by mutants of its own', () => {
	const guards = patches.map((file) => /^# guards: (.*)$/.exec(read(file).split('\n', 2)[1])?.[1].split(' ') ?? []);
	const bad = Array.from({ length: 17 }, (_, i) => `I${i + 1}`).filter((id) => guards.filter((list) => list.includes(id)).length < 2);
	assert.deepEqual(bad, []);
	assert.ok(guards.flat().every((id) => /^I([1-9]|1[0-7])$/.test(id)));
});

test('every mutant applies to the code as it is', () => {
	assert.deepEqual(patches.filter((file) => spawnSync('git', ['apply', '--check', file], { cwd: ROOT }).status !== 0), []);
});
