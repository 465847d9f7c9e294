// SPDX-License-Identifier: Apache-2.0
// inert.test.mjs -- what comes in from outside cannot turn, hide or break the writing around it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { PAYLOADS } from '../../../tests/support/injection.mjs';
import { inert, inertParse } from '../src/inert';

// eslint-disable-next-line no-control-regex
const ODD = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u061c\ufeff]/;

test('no payload keeps a control character, a mark of direction or an invisible one', () => {
	for (const { text, mark } of PAYLOADS) {
		assert.doesNotMatch(inert(text), ODD, JSON.stringify(text).slice(0, 60));
		assert.ok(inert(text).includes(mark), 'and is still to be recognised');
	}
});

test('what people write stays as it is', () => {
	for (const text of ['Jl. Pemuda No. 5 <RT 03>', 'api besar!\n\tdua orang', 'حسن', 'é e\u0301', '👩‍🚒', 'नमस्ते', '']) assert.equal(inert(text), text);
});

test('a letter under a hundred accents keeps three', () => {
	assert.equal(inert(`a${'\u0301'.repeat(100)}b`), `a${'\u0301'.repeat(3)}b`);
});

test('half a character is none', () => {
	assert.equal(inert('a\ud83db\udea8'), 'a\ufffdb\ufffd');
	assert.equal(inert('\u{1f6a8}'), '\u{1f6a8}');
});

test('in JSON names and values are inert, and numbers, lists and null stay', () => {
	assert.deepEqual(inertParse('{"a\\u202e":["\\u202eb",1,null,true,{"c":"\\u0000"}]}'), { 'a\ufffd': ['\ufffdb', 1, null, true, { c: '\ufffd' }] });
	assert.throws(() => inertParse('{'));
	assert.equal(Object.getPrototypeOf(inertParse('{"__proto__":{"x":1}}')), Object.prototype);
});
