// SPDX-License-Identifier: Apache-2.0
// power_cut.test.mjs -- whatever a power cut leaves of the disk: nothing that was promised is lost, nothing is there twice.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { checkOutbox, checkRecord, checkSpool, outboxPromises } from './cut_checks.mjs';
import { examine, fastFolder, makeSite, work } from './power_cuts.mjs';

const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
const SEED = Number(process.env.POSPIN_SEED ?? 1);
const ROUNDS = { outbox: 80, record: 80, spool: 80 };
const IMAGES = { outbox: 620, record: 620, spool: 280 };

const mark = (at, text) => ({ at, words: text.split(' ') });
const row = (mono, seq, more = {}) => ({ table: 'signal', status: 0, signal: { kind: 'panic', mono, epoch: 'e1', seq }, ...more });

test('the judge of an outbox finds what is lost, doubled, invented, numbered twice or called damaged', () => {
	const marks = [mark(1, 'pressed 1'), mark(2, 'pressed 2'), mark(4, 'lit 1 e1 1'), mark(6, 'lit 2 e1 2'), mark(8, 'receipted 1')];
	const judge = (after, ...rows) => checkOutbox(outboxPromises(marks, after), rows, []).map((text) => text.split(':')[0]);
	assert.deepEqual(judge(0), []);
	assert.deepEqual(judge(4), [], 'the lamp is lit by the fifth write');
	assert.deepEqual(judge(5), ['lost']);
	assert.deepEqual(judge(7, row(1, 1), row(2, 2)), []);
	assert.deepEqual(judge(9, row(2, 2)), [], 'what has its receipt may go');
	assert.deepEqual(judge(9, row(1, 1)), ['lost']);
	assert.deepEqual(judge(9, row(2, 2), row(2, 3)), ['doubled']);
	assert.deepEqual(judge(9, row(2, 2), row(3, 3)), ['invented']);
	assert.deepEqual(judge(2, row(1, 1), row(2, 2)), ['invented'], 'nobody had pressed yet');
	assert.deepEqual(judge(9, row(2, 1)), ['a number given twice']);
	assert.deepEqual(judge(9, row(2, 2, { status: 3 })), ['lost', 'called damaged']);
	assert.deepEqual(judge(9, row(2, 2, { table: 'salvage' })), [], 'what was saved is offered too');
	assert.equal(checkOutbox(outboxPromises(marks, 9), [row(2, 2)], ['outbox.db.damaged-1']).length, 1);
});

test('the judge of a record finds lost receipts, doubles, inventions, lost moves and a broken chain', () => {
	const marks = [mark(1, 'offered p 1'), mark(3, 'receipt p 1 KDL-1'), mark(5, 'moving KDL-1'), mark(7, 'moved KDL-1 acknowledged 2')];
	const fine = { status: 0, text: 'as it was written' };
	const signal = { post: 'p', seq: 1, number: 'KDL-1' }, incident = { number: 'KDL-1', state: 'acknowledged', rev: 2 };
	const judge = (after, signals, incidents, verify = fine) => checkRecord(marks, after, { signals, incidents }, verify).map((text) => text.split(':')[0]);
	assert.deepEqual(judge(0, [], []), []);
	assert.deepEqual(judge(9, [signal], [incident]), []);
	assert.deepEqual(judge(9, [signal], [{ ...incident, state: 'closed', rev: 5 }]), [], 'further than was told');
	assert.deepEqual(judge(4, [], []), ['lost']);
	assert.deepEqual(judge(4, [signal, signal], []), ['doubled']);
	assert.deepEqual(judge(4, [{ ...signal, number: 'KDL-2' }], []), ['moved']);
	assert.deepEqual(judge(4, [signal, { ...signal, seq: 2 }], []), ['invented']);
	assert.deepEqual(judge(9, [signal], [{ ...incident, state: 'received', rev: 1 }]), ['lost']);
	assert.deepEqual(judge(9, [signal], []), ['lost']);
	assert.deepEqual(judge(9, [signal], [incident], { status: 1, text: 'IS NOT AS IT WAS WRITTEN' }), ['the chain']);
	assert.deepEqual(judge(9, [signal], [incident], { status: 0, text: 'AN OLDER COPY WAS PUT BACK' }), ['the chain']);
});

test('the judge of a spool finds lost, doubled and invented lines', () => {
	const marks = [mark(1, 'adding 3'), mark(3, 'spooled 3'), mark(5, 'written 1'), mark(7, 'adding 4')];
	const judge = (after, ...lines) => checkSpool(marks, after, lines).map((text) => text.split(':')[0]);
	assert.deepEqual(judge(0), []);
	assert.deepEqual(judge(2, 1, 2, 3), [], 'committed, and not told yet');
	assert.deepEqual(judge(4, 1, 2, 3), []);
	assert.deepEqual(judge(4, 1, 3), ['lost']);
	assert.deepEqual(judge(6, 2, 3), []);
	assert.deepEqual(judge(6, 1, 2, 3), [], 'the store had it, and is told again');
	assert.deepEqual(judge(6, 2, 2, 3), ['doubled']);
	assert.deepEqual(judge(6, 2, 3, 4), ['invented']);
});

test('every image that a power cut leaves holds what was promised before it', async (t) => {
	const dir = mkdtempSync(path.join(fastFolder(), 'pospin-cuts-'));
	try {
		const stack = await makeSite(path.join(dir, 'site'), BUILD);
		const disks = await work(stack, dir, SEED, ROUNDS);
		const { figures, findings } = await examine(stack, disks, dir, SEED, IMAGES);
		for (const [kind, f] of Object.entries(figures))
			t.diagnostic(`seed ${SEED}, ${kind}: ${f.images} images of ${f.entries} writes opened, `
				+ `${f.tails} with writes not flushed, ${f.lost} of those writes lost; ${f.promised} promises kept`);
		assert.deepEqual(findings, []);
		for (const [kind, f] of Object.entries(figures)) {
			assert.equal(f.images, IMAGES[kind]);
			assert.ok(f.promised > f.images && f.lost > f.images / 10, `${kind}: something was at stake, and something lost`);
		}
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
});
