// SPDX-License-Identifier: Apache-2.0
// patterns.ts -- the sounds of the page as numbers: one turn of each, to be looped. Pure.
import type { Ring } from './order';

/** One tone and the calm after it, in ms; hz 0 is calm. */
interface Tone {
	hz: number;
	ms: number;
	calm: number;
	level: number;
}

const tone = (hz: number, ms: number, calm: number, level = 0.8): Tone => ({ hz, ms, calm, level });

/** Fast and high: now. Slow and falling: late. Three short: a new signal. Two low, seldom: the page is blind. */
export const PATTERNS: Record<Ring | 'test', readonly Tone[]> = {
	alarm: [tone(880, 180, 20), tone(1175, 180, 20), tone(880, 180, 20), tone(1175, 180, 420)],
	late: [tone(659, 500, 60, 0.6), tone(440, 700, 1240, 0.6)],
	again: [tone(1319, 110, 70, 0.6), tone(1319, 110, 70, 0.6), tone(1319, 110, 2030, 0.6)],
	lost: [tone(330, 250, 150, 0.5), tone(330, 250, 7350, 0.5)],
	test: [tone(660, 150, 30, 0.5), tone(880, 250, 20, 0.5)],
};

const RAMP_MS = 8;

export const lengthMs = (name: Ring | 'test'): number => PATTERNS[name].reduce((sum, { ms, calm }) => sum + ms + calm, 0);

/** One turn of the pattern at `rate` samples a second, each between -1 and 1. */
export function render(name: Ring | 'test', rate: number): Float32Array<ArrayBuffer> {
	const samples = new Float32Array(Math.ceil((lengthMs(name) * rate) / 1000));
	let at = 0;
	for (const { hz, ms, calm, level } of PATTERNS[name]) {
		const length = Math.floor((ms * rate) / 1000);
		const ramp = (RAMP_MS * rate) / 1000;
		for (let i = 0; i < length; i++) {
			const edge = Math.min(1, i / ramp, (length - i) / ramp);
			const phase = (2 * Math.PI * hz * i) / rate;
			// A little of the third harmonic is heard better from small loudspeakers.
			samples[at + i] = level * edge * (0.78 * Math.sin(phase) + 0.22 * Math.sin(3 * phase));
		}
		at += Math.floor(((ms + calm) * rate) / 1000);
	}
	return samples;
}
