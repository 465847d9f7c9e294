// SPDX-License-Identifier: Apache-2.0
// rights.test.mjs -- what the page offers a role is what the server's own table lets it ask, cell by cell.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { RIGHTS, allows } from '../src/rights';

const ROLES = ['administrator', 'supervisor', 'operator', 'engineer', 'agency', 'auditor'];

/** { 'GET /incidents': ['operator', ...] } of server/roles/roles.h. */
function table() {
	const text = readFileSync('../roles/include/roles/roles.h', 'utf8').replace(/\\\n/g, ' ');
	const paths = Object.fromEntries([...text.matchAll(/#define (PP_\w+_PATH) "([^"]+)"/g)].map(([, name, value]) => [name, value]));
	const sets = { PP_AS_DESK: ['operator', 'supervisor'] };
	sets.PP_AS_STAFF = [...sets.PP_AS_DESK, 'engineer', 'administrator'];
	sets.PP_AS_EVERYBODY = [...sets.PP_AS_STAFF, 'agency', 'auditor'];
	return Object.fromEntries([...text.matchAll(/X\((\w+),\s*"(\w+)",\s*((?:PP_\w+_PATH\s*)?(?:"[^"]*")?),\s*([^,]+),\s*([^)]+)\)/g)].map(([, , method, where, roles]) => [
		`${method} ${where.replace(/PP_\w+_PATH/, (word) => paths[word]).replace(/[" ]/g, '').replace('/api/v1', '')}`,
		roles.split('|').flatMap((word) => sets[word.trim()] ?? [word.trim().replace('PP_AS_', '').toLowerCase()]),
	]));
}

test('the page offers each role what the server lets it ask, and nothing else', () => {
	const rows = table();
	assert.ok(Object.keys(rows).length > 40);
	for (const [right, [method, path]] of Object.entries(RIGHTS)) {
		const told = rows[`${method} ${path}`];
		assert.ok(told, `${right}: the server has no ${method} ${path}`);
		for (const role of ROLES) assert.equal(allows([role], right), told.includes(role), `${role}: ${right}`);
	}
});

test('several roles may what each of them may, and none may nothing', () => {
	assert.ok(allows(['operator', 'administrator'], 'users') && allows(['operator', 'administrator'], 'close'));
	assert.ok(!allows([], 'incidents'));
});
