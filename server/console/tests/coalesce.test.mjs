// SPDX-License-Identifier: Apache-2.0
// coalesce.test.mjs -- reads are never two at once, and none is forgotten.
import assert from 'node:assert/strict';
import test from 'node:test';
import { coalesced } from '../src/coalesce';

/** A read that ends when it is told to. */
function manual() {
	const ends = [];
	return { ends, read: () => new Promise((resolve, reject) => ends.push({ resolve, reject })) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('wishes during a read become one more read', async () => {
	const { ends, read } = manual();
	const trigger = coalesced(read, () => true);
	const first = trigger();
	const later = [trigger(), trigger(), trigger()];
	assert.equal(ends.length, 1);
	ends[0].resolve();
	await first;
	await settle();
	assert.equal(ends.length, 2);
	ends[1].resolve();
	await Promise.all(later);
	await settle();
	assert.equal(ends.length, 2);
});

test('a read that fails is tried again before anybody is told that it is done', async () => {
	const { ends, read } = manual();
	let done = false;
	const wish = coalesced(read, () => true, 0)().then(() => { done = true; });
	ends[0].reject(new Error('away'));
	while (ends.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
	assert.equal(done, false);
	ends[1].resolve();
	await wish;
	assert.equal(done, true);
});

test('nothing is read any more when it is not wanted', async () => {
	const { ends, read } = manual();
	let wanted = true;
	const trigger = coalesced(read, () => wanted, 0);
	const wish = trigger();
	wanted = false;
	ends[0].reject(new Error('away'));
	await wish;
	await trigger();
	assert.equal(ends.length, 1);
});
