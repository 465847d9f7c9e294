// SPDX-License-Identifier: Apache-2.0
// units.test.mjs -- the systemd units, read by systemd's own parser, and what must never get into them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { files, read } from './tree.mjs';

const units = files.filter((file) => /^packaging\/systemd\/.*\.service$/.test(file));
const settings = (file) => read(file).split('\n').filter((line) => !line.startsWith('#'));

test('systemd understands every line of every unit', () => {
	assert.ok(units.length >= 3);
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-units-'));
	try {
		// The programs are not installed here, and their absence is not what is looked for.
		const copies = units.map((file) => path.join(dir, path.basename(file)));
		units.forEach((file, i) => writeFileSync(copies[i], read(file).replace(/^(Exec\w+)=\S+/gm, '$1=/bin/true')));
		const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...copies], { encoding: 'utf8' });
		const about = (stderr ?? '').split('\n').filter((line) => line.includes('pospin'));
		assert.deepEqual({ status, about }, { status: 0, about: [] });
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
});

test('every unit goes on trying, is watched, and may ask whether the clock is synchronised', () => {
	for (const unit of units) {
		const lines = settings(unit);
		for (const line of ['StartLimitIntervalSec=0', 'Restart=always', 'Type=notify', 'NoNewPrivileges=yes'])
			assert.ok(lines.includes(line), `${unit}: ${line}`);
		assert.ok(lines.indexOf('StartLimitIntervalSec=0') < lines.indexOf('[Service]'), `${unit}: it belongs in [Unit]`);
		assert.ok(lines.some((line) => /^WatchdogSec=\d+$/.test(line)), `${unit}: WatchdogSec`);
		assert.ok(lines.some((line) => /^SystemCallFilter=.*\bclock_adjtime\b/.test(line)), `${unit}: adjtimex`);
		assert.ok(!lines.some((line) => line.startsWith('ProtectClock=')), `${unit}: ProtectClock= hides the clock's state`);
	}
});

test('the post agent sees its lines and waits for nothing', () => {
	const lines = settings('packaging/systemd/pospin-edge.service');
	assert.ok(lines.includes('DeviceAllow=char-gpiochip rw'));
	assert.ok(!lines.some((line) => /^(PrivateDevices|After|Wants|Requires|BindsTo)=/.test(line)));
});
