// SPDX-License-Identifier: Apache-2.0
// chain.test.mjs -- an auditor is told where the chain breaks.
import assert from 'node:assert/strict';
import { createHash, webcrypto } from 'node:crypto';
import test from 'node:test';
import { chainCheck } from '../src/chain';

const digest = (bytes) => webcrypto.subtle.digest('SHA-256', bytes);

function chain(count) {
	let previous = '00'.repeat(32);
	return Array.from({ length: count }, (_, i) => {
		const event = { height: i + 1, at: 1000 + i, kind: 'incident.note', actor: 'user:budi', incident: 'KDL-26-000001', post: null, point: null, body: `{"text":"é ${i}"}`, previous };
		const words = [event.height, event.at, event.kind, event.actor, event.incident, '', '', event.body].join('\n');
		previous = createHash('sha256').update(Buffer.from(event.previous, 'hex')).update(words).digest('hex');
		return { ...event, hash: previous };
	});
}

test('a whole chain is good, from its beginning and from its middle', async () => {
	for (const events of [[], chain(5), chain(5).slice(2)]) assert.deepEqual(await chainCheck(events, digest), { count: events.length, broken: null, computed: true });
});

test('a change of one word is found where it is', async () => {
	for (const [name, value] of [['body', '{}'], ['actor', 'user:siti'], ['at', 1], ['incident', null], ['kind', 'x'], ['hash', 'ff'.repeat(32)]]) {
		const events = chain(5);
		events[2] = { ...events[2], [name]: value };
		assert.equal((await chainCheck(events, digest)).broken, 3, name);
	}
});

test('without a digest a gap is still seen', async () => {
	const events = chain(5);
	assert.deepEqual(await chainCheck(events, null), { count: 5, broken: null, computed: false });
	assert.equal((await chainCheck([...events.slice(0, 2), ...events.slice(3)], null)).broken, 4);
});
