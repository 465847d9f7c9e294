// SPDX-License-Identifier: Apache-2.0
// reports.test.mjs -- what ThreadSanitizer said of the daemons while the system tests before this one drove them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';

const { POSPIN_BUILD, POSPIN_TSAN_LOGS } = process.env;

for (const program of ['pospin-edge', 'pospin-server', 'pospin-recorder'])
	test(`${program} was built to notice races`, () => {
		assert.match(execFileSync('nm', [path.join(POSPIN_BUILD, 'bin', program)], { encoding: 'utf8', maxBuffer: 1e8 }), /__tsan_read8/);
	});

test('no daemon had a race', () => {
	const reports = readdirSync(POSPIN_TSAN_LOGS).map((name) => readFileSync(path.join(POSPIN_TSAN_LOGS, name), 'utf8'));
	assert.equal(reports.join('\n'), '');
});
