// SPDX-License-Identifier: Apache-2.0
// format.test.mjs -- ages, times and names.
import assert from 'node:assert/strict';
import test from 'node:test';
import { actorParts, ageParts, clockTime, dialable, moment, zoneName } from '../src/format';
import { reasonOf } from '../src/reasons';

test('ages count in minutes, hours and days', () => {
	for (const [ms, days, rest] of [
		[-5, 0, '0:00'], [999, 0, '0:00'], [59999, 0, '0:59'], [60000, 0, '1:00'], [3599000, 0, '59:59'], [3600000, 0, '1:00:00'],
		[86399000, 0, '23:59:59'], [86400000, 1, '0:00:00'], [90061000, 1, '1:01:01'],
	]) assert.deepEqual(ageParts(ms), { days, rest }, `${ms}`);
});

test('times are of the tenant\'s zone, with the day where it is another one', () => {
	const at = Date.UTC(2026, 10, 21, 18, 2, 3);
	assert.equal(clockTime(at, 'Asia/Jakarta'), '01:02:03');
	assert.equal(moment(at, at + 1000, 'Asia/Jakarta', 'id'), '01:02:03');
	assert.match(moment(at, at + 86400000, 'Asia/Jakarta', 'en'), /^22 Nov 2026 01:02:03$/);
	assert.equal(clockTime(at, 'No/Such_Zone'), '18:02:03');
	assert.deepEqual(['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura', 'Europe/Rome', undefined].map(zoneName),
		['WIB', 'WITA', 'WIT', 'Europe/Rome', '']);
});

test('actors are told apart', () => {
	for (const [actor, kind, name] of [
		['user:budi', 'user', 'budi'], ['post:kendal/boja-01', 'post', 'boja-01'], ['ctl:root', 'ctl', 'root'], ['server', 'server', ''],
	]) assert.deepEqual(actorParts(actor), { kind, name });
});

test('only digits and one leading plus are dialled', () => {
	for (const [phone, want] of [['+62 812-3456', '+628123456'], ['(0294) 1+2', '029412'], ['javascript:alert(1)', '1'], ['tidak ada', '']])
		assert.equal(dialable(phone), want);
});

test('known reasons of the server are told in the page\'s language, others stay as they are', () => {
	for (const [detail, key, values] of [
		['incident K-1 is not acknowledged yet: acknowledge it first', 'reason.first', { number: 'K-1', name: '', by: '' }],
		['incident K-1 is acknowledged already, by user:budi', 'reason.taken', { number: 'K-1', name: 'budi', by: ' (budi)' }],
		['incident K-1 has no unit under way: dispatch one first', 'reason.no-unit', { number: 'K-1', name: '', by: '' }],
		['incident K-1 is closed already', 'reason.closed', { number: 'K-1', name: '', by: '' }],
	]) assert.deepEqual(reasonOf(detail), { key, values }, detail);
	assert.equal(reasonOf('the code does not fit'), null);
});
