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
	assert.deepEqual(GATHER_KEYS, { merge: 'g', convert: 'y', report: 'r' });
	for (const what of ['merge', 'convert']) assert.deepEqual(commandOf(press(GATHER_KEYS[what])), { kind: 'gather', what });
	assert.deepEqual(commandOf(press('r')), { kind: 'report' });
	for (const key of Object.values(GATHER_KEYS)) assert.ok(!Object.values(MOVE_KEYS).includes(key), key);
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
