// SPDX-License-Identifier: Apache-2.0
// reasons.test.mjs -- what is translated is what the server says, word for word.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { REASONS, reasonOf } from '../src/reasons';
import { fill } from '../src/texts';

// test.mjs starts the tests in the console's folder.
const said = ['http', 'incidents', 'ledger', 'dispatch'].flatMap((room) => readdirSync(`../${room}`).filter((file) => file.endsWith('.c'))
	.map((file) => readFileSync(`../${room}/${file}`, 'utf8'))).join('\n');

test('every reason that has a translation is one that the server gives', () => {
	for (const [{ source }] of REASONS) {
		const parts = source.replace(/^\^(the call )?/, '').split(/\(\\S\+\)|\\S\+|\(\?:/).map((part) => part.trim());
		const longest = parts.sort((a, b) => b.length - a.length)[0];
		assert.ok(longest.length >= 8 && said.includes(longest), source);
	}
});

test('a reason is told with its number and its name', () => {
	const told = (detail) => {
		const reason = reasonOf(detail);
		return reason && fill('id', reason.key, reason.values);
	};
	assert.equal(told('name, password or code is wrong'), 'nama, kata sandi, atau kode salah');
	assert.equal(told('too many tries: wait 4 s'), 'terlalu banyak percobaan: tunggu 4 detik');
	assert.equal(told('incident KDL-26-000001 is acknowledged already, by user:siti'), 'KDL-26-000001 sudah ditangani (siti)');
	assert.equal(told('this is not for your role'), 'Ini bukan untuk peran Anda.');
	assert.equal(told('incident KDL-26-000001 is held by user:siti'), 'KDL-26-000001 sedang ditangani siti');
	assert.equal(told('the call is on its way already'), 'panggilan itu sudah dijawab begitu');
	assert.equal(told('what nobody has translated'), null);
});
