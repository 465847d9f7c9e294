// SPDX-License-Identifier: Apache-2.0
// sound.test.mjs -- the sounds are audible, clean and unlike each other.
import assert from 'node:assert/strict';
import test from 'node:test';
import { PATTERNS, lengthMs, render } from '../src/patterns';

const RATE = 8000;
const loudness = (samples) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

test('every pattern is heard and never clips', () => {
	for (const name of Object.keys(PATTERNS)) {
		const samples = render(name, RATE);
		assert.equal(samples.length, Math.ceil((lengthMs(name) * RATE) / 1000));
		assert.ok(loudness(samples) > 0.03, name);
		assert.ok(samples.every((x) => Math.abs(x) <= 1), name);
	}
});

test('every pattern begins and ends in calm, so that looping makes no click', () => {
	for (const name of Object.keys(PATTERNS)) {
		const samples = render(name, RATE);
		assert.ok(Math.abs(samples[0]) < 0.01 && Math.abs(samples.at(-1)) < 0.05, name);
	}
});

test('an alarm never pauses for half a second, and a late one sounds unlike it', () => {
	assert.ok(PATTERNS.alarm.every(({ calm }) => calm < 500));
	const tones = (name) => new Set(PATTERNS[name].map(({ hz }) => hz));
	assert.ok([...tones('late')].every((hz) => !tones('alarm').has(hz)));
	assert.ok(lengthMs('late') > 2 * lengthMs('alarm'));
});
