// SPDX-License-Identifier: Apache-2.0
// order.test.mjs -- the order of the list, the choice in it, and what rings.
import assert from 'node:assert/strict';
import test from 'node:test';
import { kept, nextMove, ordered, ringOf, stepped } from '../src/order';
import { STATES } from '../src/types';

const incident = (id, state = 'open', values = {}) => ({ id, number: `K-${id}`, state, opened: id * 1000, late: false, mark: '', acknowledged_by: state === 'open' ? null : 'user:budi', escalates_in: null, trust: { level: 1, reasons: [] }, ...values });
const none = new Set();

test('unclaimed incidents come first, then the newest', () => {
	const list = [incident(1), incident(2, 'on-scene'), incident(3), incident(4, 'acknowledged')];
	assert.deepEqual(ordered(list).map(({ id }) => id), [3, 1, 4, 2]);
	assert.deepEqual(list.map(({ id }) => id), [1, 2, 3, 4], 'what is given stays as it is');
});

test('of unclaimed ones the most trusted comes first, and what rings nobody last', () => {
	const trusted = (id, level, values) => incident(id, 'open', { trust: { level, reasons: [] }, ...values });
	const list = [trusted(1, 1), trusted(2, 4), trusted(3, 0), trusted(4, 3, { mark: 'disabled' }), trusted(5, 0, { mark: 'drill' })];
	assert.deepEqual(ordered(list).map(({ id }) => id), [2, 1, 5, 3, 4]);
});

test('what comes from a disabled point, or a post under test, rings nobody; a drill rings', () => {
	assert.equal(ringOf([incident(1, 'open', { mark: 'disabled' }), incident(2, 'open', { mark: 'test' })], none, false), null);
	assert.equal(ringOf([incident(1, 'open', { mark: 'drill' })], none, false), 'alarm');
});

test('j and k step and stay at the ends', () => {
	const list = ['a', 'b', 'c'];
	for (const [from, by, want] of [[null, 1, 'a'], [null, -1, 'c'], ['a', 1, 'b'], ['c', 1, 'c'], ['a', -1, 'a'], ['gone', 1, 'a']])
		assert.equal(stepped(list, from, by), want, `${from} ${by}`);
	assert.equal(stepped([], null, 1), null);
});

test('the choice stays with its incident; where that is gone, with its place', () => {
	for (const [before, after, chosen, want] of [
		[['a', 'b'], ['x', 'a', 'b'], 'b', 'b'], [['a', 'b', 'c'], ['a', 'c'], 'b', 'c'], [['a', 'b'], ['a'], 'b', 'a'],
		[[], ['x', 'y'], null, 'x'], [['a'], [], 'a', null],
	]) assert.equal(kept(before, after, chosen), want, `${before} -> ${after}, ${chosen}`);
});

test('what rings is the worst of what is unclaimed', () => {
	const late = incident(1, 'open', { late: true });
	for (const [incidents, again, lost, want] of [
		[[], none, false, null],
		[[incident(1)], none, false, 'alarm'],
		[[late], none, false, 'late'],
		[[late, incident(2)], none, true, 'alarm'],
		[[late, incident(2, 'acknowledged')], none, false, 'late'],
		[[incident(2, 'acknowledged')], none, false, null],
		[[incident(2, 'dispatched')], new Set(['K-2']), true, 'again'],
		[[incident(2, 'dispatched')], none, true, 'lost'],
	]) assert.equal(ringOf(incidents, again, lost), want, JSON.stringify([incidents, [...again], lost]));
});

test('an incident rings until it is claimed, and not afterwards', () => {
	for (const state of STATES) assert.equal(ringOf([incident(1, state)], none, false), state === 'open' ? 'alarm' : null, state);
});

test('what has come back to nobody rings while people are called for it, though help is on its way', () => {
	const back = (values) => incident(1, 'dispatched', { acknowledged_by: null, escalates_in: 5000, ...values });
	assert.equal(ringOf([back()], none, false), 'alarm');
	assert.equal(ringOf([back({ acknowledged_by: 'user:siti' })], none, false), null);
	assert.equal(ringOf([back({ escalates_in: null })], none, false), null, 'all have been called');
	assert.equal(ringOf([back({ state: 'closed' })], none, false), null);
	assert.deepEqual(ordered([incident(2, 'acknowledged'), back()]).map(({ id }) => id), [1, 2]);
});

test('a unit is rung until it has answered, and when its time is over until somebody has it', () => {
	const called = (state, own) => [incident(1, state, { own_call: own && { id: 7, state: own } })];
	for (const [state, own, want] of [
		['open', 'notified', 'alarm'], ['open', 'expired', 'alarm'], ['acknowledged', 'expired', null], ['dispatched', 'expired', null],
		['dispatched', 'notified', 'alarm'], ['open', 'refused', null], ['open', 'accepted', null], ['open', null, null], ['closed', 'notified', null],
	]) assert.equal(ringOf(called(state, own), none, false, 'unit'), want, `${state} ${own}`);
});

test('every state but closed has a usual next move', () => {
	const moves = (holder) => STATES.map((state) => nextMove({ state, acknowledged_by: holder }));
	assert.deepEqual(moves('user:budi'), ['acknowledge', 'dispatch', 'on-scene', 'close', null]);
	assert.deepEqual(moves(null), ['acknowledge', 'acknowledge', 'acknowledge', 'acknowledge', null], 'nobody has it');
});
