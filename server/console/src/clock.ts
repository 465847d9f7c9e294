// SPDX-License-Identifier: Apache-2.0
// clock.ts -- the server's time, so that ages are right on a computer whose own clock is wrong.
import { signal } from '@preact/signals';

let offsetMs = 0;

export const serverNow = (): number => Date.now() + offsetMs;

/** The server's time now; changes once a second, and everything that shows an age follows it. */
export const now = signal(serverNow());

/** A time told by the server, and when (Date.now) it was asked and answered. The middle of the way is taken. */
export function clockSet(server: number, asked: number, answered: number): void {
	const offset = server - (asked + answered) / 2;
	// Small differences are the way's own; following them would make ages jump.
	if (Math.abs(offset - offsetMs) > 500) offsetMs = offset;
	now.value = serverNow();
}

setInterval(() => { now.value = serverNow(); }, 1000);
