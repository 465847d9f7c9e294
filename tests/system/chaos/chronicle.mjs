// SPDX-License-Identifier: Apache-2.0
// chronicle.mjs -- the history of a session, as tests/checkers/README.md has it: lines in order of true time.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** CLOCK_MONOTONIC in ms, which is what a post's own rows are dated by. */
export const monoNow = () => Number(process.hrtime.bigint() / 1000000n);
const LAG_EVERY_MS = 20;

export class Chronicle {
	constructor(seed) {
		Object.assign(this, { seed, lines: [], lag: 0, zero: monoNow(), faults: 0 });
		let last = performance.now();
		this.timer = setInterval(() => {
			const now = performance.now();
			this.lag = Math.max(this.lag, now - last - LAG_EVERY_MS);
			last = now;
		}, LAG_EVERY_MS);
	}

	now() { return monoNow() - this.zero; }
	/** A moment of CLOCK_MONOTONIC as one of the history. */
	at(mono) { return mono - this.zero; }

	/** What happened now, or at t. */
	say(event, members = {}, t = this.now()) {
		const line = { t: Math.max(0, Math.round(t)), event, ...members };
		this.lines.push(line);
		return line;
	}
	/** How far apart two observations may be in the wrong order: the harness' own delays, and how rarely it looks. */
	get blur() { return Math.ceil(300 + 2 * this.lag); }

	/** Writes what is known so far, and that all is healed since healedAt (null: it is not). Of what came after `before` lines, when the record was
	 *  looked at for the last time, nothing that it may not have shown yet. */
	write(file, healedAt, sees, before = this.lines.length) {
		const begin = { t: 0, event: 'begin', format: 1, by: 'chaos', seed: this.seed, blur: this.blur, sees };
		const known = this.lines.filter(({ event }, i) => i < before || (event !== 'told' && event !== 'light'));
		const body = [...known, ...(healedAt === null ? [] : [{ t: Math.round(healedAt), event: 'healed' }])]
			.map((line, i) => [line, i]).sort(([a, i], [b, j]) => a.t - b.t || i - j).map(([line]) => line);
		body.push({ t: Math.max(this.now(), body.at(-1)?.t ?? 0), event: 'end' });
		writeFileSync(file, [begin, ...body].map((line) => `${JSON.stringify(line)}\n`).join(''));
	}
	close() { clearInterval(this.timer); }
}
