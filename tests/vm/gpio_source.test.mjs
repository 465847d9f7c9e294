// SPDX-License-Identifier: Apache-2.0
// gpio_source.test.mjs -- the unit test of the GPIO source, run where it has lines: on the guest's real kernel.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { startVm } from './vm.mjs';

const BUILD = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
const NAME = 'unit.sensors.sources.gpio';

test('the GPIO source reads edges, bounces, gaps, taken and unplugged lines of a real kernel', async (t) => {
	const vm = await startVm({ programs: { '/usr/bin/gpio_test': path.join(BUILD, 'tests', NAME) } });
	try {
		const device = (await vm.run('readlink -f /run/gpio-sim/..')).trim();
		const { status, out, err } = await vm.attempt(`POSPIN_GPIO_SIM=${device} gpio_test`, 120);
		t.diagnostic(`${out}${err}`.trim().split('\n').slice(-3).join(' '));
		assert.equal(status, 0, `${out}${err}`);
		assert.doesNotMatch(`${out}${err}`, /SKIPPED/);
	} finally {
		await vm.stop();
	}
});
