// SPDX-License-Identifier: Apache-2.0
// vanish.test.mjs -- with every far receiver in a black hole, each alarm is receipted, claimed and told to the near one. No time is judged.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { madeSite } from './site.mjs';
import { vanish } from './vanish.mjs';

test('a vanished internet holds up no receipt, no claim and no other receiver', { timeout: 300000 }, async () => {
	const build = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
	await madeSite(build, vanish.posts);
	const rows = await vanish.run({ build, posts: vanish.posts, quick: true, seed: 1 }); // throws when an alarm or a claim was lost
	assert.deepEqual(Object.keys(rows).sort(), Object.keys(vanish.rows).sort());
	assert.equal(rows['vanish.missing'].ours, 0);
	for (const [name, { floor, ours }] of Object.entries(rows))
		if (name !== 'vanish.missing') assert.ok(ours > 0 && floor > 0, `${name}: ${ours} / ${floor}`);
});
