// SPDX-License-Identifier: Apache-2.0
// calling.test.mjs -- what is offered as an answer is one that the server takes; who is next is read from the plan.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { ANSWERS, CALL_STATES, answersTo, byNeed, choiceKey, nextOf, sinceOf } from '../src/calling';

const NAMES = { accepted: 'ACCEPT', refused: 'REFUSE', 'en-route': 'LEAVE', 'on-scene': 'ARRIVE', done: 'FINISH' };

/** The server's own table: whether a state takes an answer. */
function takes(state, answer) {
	const text = readFileSync('../dispatch/callout.c', 'utf8');
	const block = text.split(`[PP_CALLOUT_IS_${state.toUpperCase().replace('-', '_')}] = {`)[1].split('\n\t},')[0];
	return new RegExp(`\\[PP_CALLOUT_${NAMES[answer]}\\] = TO\\(`).test(block);
}

test('no answer is offered that the server refuses, and each state but the last has one', () => {
	for (const state of CALL_STATES) {
		for (const answer of answersTo(state)) assert.ok(takes(state, answer), `${state}: ${answer}`);
		assert.equal(answersTo(state).length === 0, state === 'done', state);
	}
	assert.deepEqual(answersTo('whatever comes'), []);
	for (const answer of ANSWERS) assert.ok(CALL_STATES.some((state) => answersTo(state).includes(answer)), `${answer} can be said somewhere`);
});

const call = (values) => ({ id: 1, ring: 'agencies', step: 1, agency: 'a', contact: '', state: 'notified', by: '', notified: 10, accepted: null, en_route: null, on_scene: null, ended: null, ...values });

test('who still has to answer comes first, who is done comes last', () => {
	const calls = [call({ id: 1, state: 'done' }), call({ id: 2, state: 'notified' }), call({ id: 3, state: 'odd' }), call({ id: 4, state: 'en-route' }), call({ id: 5 })];
	assert.deepEqual(byNeed(calls).map(({ id }) => id), [5, 2, 4, 1, 3]);
});

test('since when it is what it is', () => {
	const cases = [[{}, 10], [{ state: 'accepted', accepted: 20 }, 20], [{ state: 'en-route', accepted: 20, en_route: 30 }, 30], [{ state: 'on-scene', on_scene: 40 }, 40],
		[{ state: 'refused', accepted: 20, ended: 50 }, 50], [{ state: 'odd', en_route: 30 }, 30]];
	for (const [values, want] of cases) assert.equal(sinceOf(call(values)), want);
});

test('the next is the step after the one that was fired; after the last one nobody is', () => {
	const plan = { classes: ['all'], area: ['all'], rings: { desk: { until: 'taken', steps: [{ call: ['role:operator'] }, { call: ['a', 'b'] }] } }, fallback: { call: ['c'] } };
	const book = { sample: false, contacts: {}, agencies: {}, plans: { umum: plan } };
	const ring = (values) => ({ ring: 'desk', plan: 'umum', state: 'running', step: 1, next_in: 5, ...values });
	assert.deepEqual(nextOf(book, ring({})), ['a', 'b']);
	assert.deepEqual(nextOf(book, ring({ step: 2 })), []);
	assert.deepEqual(nextOf(book, ring({ state: 'ended' })), []);
	assert.deepEqual(nextOf(book, ring({ ring: 'fallback', step: 7 })), ['c']);
	assert.equal(nextOf(book, ring({ plan: 'gone' })), null);
	assert.equal(nextOf(null, ring({})), null);
});

test('each of 35 choices has a key of its own', () => {
	const keys = Array.from({ length: 35 }, (_, i) => choiceKey(i));
	assert.equal(new Set(keys).size, 35);
	assert.equal(choiceKey(35), '');
});
