// SPDX-License-Identifier: Apache-2.0
// keys.test.mjs -- keys mean what the help says, and browser shortcuts stay the browser's.
import assert from 'node:assert/strict';
import test from 'node:test';
import { GATHER_KEYS, MOVE_KEYS, commandOf } from '../src/keys';

const press = (key, values = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, repeat: false, ...values });

test('every move has a key of its own', () => {
	assert.deepEqual(MOVE_KEYS, { acknowledge: 'a', dispatch: 'd', 'on-scene': 'o', close: 'c', note: 'n' });
	for (const [move, key] of Object.entries(MOVE_KEYS)) assert.deepEqual(commandOf(press(key)), { kind: 'move', move });
});

test('merging, converting and a new report have keys that no move has', () => {
	const { report, ...others } = GATHER_KEYS;
	assert.deepEqual(GATHER_KEYS, { merge: 'g', convert: 'y', report: 'r', link: 'b', split: 'p', calls: 'w', 'hand-over': 'h' });
	assert.equal(report, 'r');
	for (const what of Object.keys(others)) assert.deepEqual(commandOf(press(GATHER_KEYS[what])), { kind: 'gather', what });
	assert.deepEqual(commandOf(press('r')), { kind: 'report' });
	const all = [...Object.values(GATHER_KEYS), ...Object.values(MOVE_KEYS)];
	assert.equal(new Set(all).size, all.length);
});

test('capitals mean the same; other keys mean nothing', () => {
	assert.deepEqual(commandOf(press('A')), { kind: 'move', move: 'acknowledge' });
	for (const key of ['x', 'F5', 'Tab', ' ', 'toString', '__proto__', 'constructor']) assert.equal(commandOf(press(key)), null, key);
});

test('with Ctrl, Alt or Meta a key is the browser\'s', () => {
	for (const held of ['ctrlKey', 'altKey', 'metaKey']) assert.equal(commandOf(press('c', { [held]: true })), null);
});

test('a key that is held repeats steps, never moves', () => {
	assert.deepEqual(commandOf(press('j', { repeat: true })), { kind: 'step', by: 1 });
	assert.equal(commandOf(press('a', { repeat: true })), null);
});
