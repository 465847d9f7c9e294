// SPDX-License-Identifier: Apache-2.0
// texts.test.mjs -- no text lacks a language, and every word of the API that has to be shown has one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { MOVE_KEYS } from '../src/keys';
import { fill, texts } from '../src/texts';
import { ANSWERS, CALL_STATES } from '../src/calling';
import { CLASSES, CODES, LINKS, MARKS, MOVES, NOTIFICATION_STATES, POINT_STATES, POST_STATES, RINGS, STATES } from '../src/types';

const names = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test('every text is there in both languages', () => {
	for (const [key, pair] of Object.entries(texts)) {
		assert.equal(pair.length, 2, key);
		for (const text of pair) assert.ok(text.trim().length > 0, key);
	}
});

test('both languages fill in the same names', () => {
	for (const [key, [id, en]] of Object.entries(texts)) assert.deepEqual(names(id), names(en), key);
});

test('every word of the API has a text', () => {
	const groups = { answer: ANSWERS, call: CALL_STATES, notification: NOTIFICATION_STATES, ring: RINGS, mark: MARKS, 'link-why': LINKS, class: CLASSES, state: STATES, code: CODES, move: MOVES, 'post-state': [...POST_STATES, ...POINT_STATES] };
	for (const [group, words] of Object.entries(groups))
		for (const word of words) assert.ok(`${group}.${word}` in texts, `${group}.${word}`);
	for (const move of Object.keys(MOVE_KEYS)) assert.ok(`move.${move}` in texts, move);
});

test('names are filled in, and a name without a value stays visible', () => {
	assert.equal(fill('id', 'place.desa', { name: 'Boja' }), 'Desa Boja');
	assert.equal(fill('en', 'mark.signals', { n: 3 }), '3 signals');
	assert.equal(fill('en', 'mark.signals'), '{n} signals');
});

test('what is filled in is not filled in again', () => {
	assert.equal(fill('en', 'announce.alarm', { class: '{post}', post: '$&', place: '{class}' }), 'New alarm: {post}, $&, {class}');
});
