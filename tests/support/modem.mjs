// SPDX-License-Identifier: Apache-2.0
// modem.mjs -- a D-Bus of a test's own with ModemManager's stand-in on it.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../../scripts/lib/parts.mjs';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { BUILD } from '../system/support.mjs';

export class Modem {
	/** dir: made; the bus's socket lies in it. said: what the stand-in has said, line by line. */
	constructor(dir) {
		mkdirSync(dir, { recursive: true });
		this.address = `unix:path=${dir}/bus`;
		this.said = [];
	}
	async start() {
		this.bus = spawn('dbus-daemon', ['--nofork', '--nopidfile', `--address=${this.address}`, `--config-file=${SOURCE}/tests/support/bus.conf`, '--print-address=1'],
			{ stdio: ['ignore', 'pipe', 'ignore'] });
		await new Promise((resolve) => { this.bus.stdout.once('data', resolve); });
		this.service = spawn(path.join(BUILD, 'tests/modem-stand-in'), [this.address], { stdio: ['pipe', 'pipe', 'inherit'] });
		createInterface({ input: this.service.stdout }).on('line', (line) => this.said.push(line));
		await until('the stand-in to be there', () => this.said.includes('ready'), 10000, 20);
	}
	order(line) { this.service.stdin.write(`${line}\n`); }
	/** [[number, text]] of what was sent. */
	sent() {
		return this.said.filter((line) => line.startsWith('sent ')).map((line) => /^sent (\S+) (.*)$/.exec(line).slice(1));
	}
	stop() {
		this.service?.kill('SIGKILL');
		this.bus?.kill('SIGKILL');
	}
}
