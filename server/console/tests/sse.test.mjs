// SPDX-License-Identifier: Apache-2.0
// sse.test.mjs -- an event stream however it is cut.
import assert from 'node:assert/strict';
import test from 'node:test';
import { EventParser } from '../src/sse';

const STREAM = 'retry: 2000\n\nid: 7\nevent: incident.opened\ndata: {"a":1}\n\n: beat\n\nid: 8\r\nevent: reset\r\ndata: {}\r\n\r\n';
const WANT = [{ id: '7', kind: 'incident.opened', data: '{"a":1}' }, { id: '8', kind: 'reset', data: '{}' }];

test('a stream gives the same events wherever it is cut', () => {
	for (let cut = 0; cut <= STREAM.length; cut++) {
		const parser = new EventParser();
		assert.deepEqual([...parser.feed(STREAM.slice(0, cut)), ...parser.feed(STREAM.slice(cut))], WANT, `cut at ${cut}`);
	}
	const parser = new EventParser();
	assert.deepEqual([...STREAM].flatMap((letter) => parser.feed(letter)), WANT);
});

test('heartbeats and an unfinished event give nothing', () => {
	const parser = new EventParser();
	assert.deepEqual(parser.feed(':\n\n:\n\nid: 9\ndata: x\n'), []);
	assert.deepEqual(parser.feed('\n'), [{ id: '9', kind: 'message', data: 'x' }]);
});

test('lines of data are joined, one leading space is taken away, unknown fields are ignored', () => {
	const parser = new EventParser();
	assert.deepEqual(parser.feed('data:a\ndata:  b\ncolour: red\ndata\n\n'), [{ id: null, kind: 'message', data: 'a\n b\n' }]);
});

test('an id stays for the events after it', () => {
	const parser = new EventParser();
	parser.feed('id: 3\ndata: x\n\n');
	assert.equal(parser.feed('data: y\n\n')[0].id, '3');
});
