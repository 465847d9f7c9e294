// SPDX-License-Identifier: Apache-2.0
// order.ts -- which incident stands where, which one is chosen, and what rings. Pure.
import type { Incident, Move, State } from './types';

/** What comes from a post under test or a disabled point is shown, and rings nobody. */
export const rings = ({ mark }: Incident): boolean => mark !== 'test' && mark !== 'disabled';

/** Who is at the page: the desk, a unit that is called, or somebody who only looks on and is not to be rung. */
export type Seat = 'desk' | 'unit' | 'watch';

/** For the desk: until somebody has it; also while help is on its way, as long as the server calls people because nobody has. */
const waitsForDesk = ({ state, acknowledged_by: holder, escalates_in: next }: Incident): boolean =>
	state === 'open' || (state !== 'closed' && holder === null && next !== null);

/** For a unit: until that has answered; its time may be over, but while nobody has it a late yes is a yes. */
const waitsForUnit = ({ state, own_call: own }: Incident): boolean =>
	state !== 'closed' && (own?.state === 'notified' || (own?.state === 'expired' && state === 'open'));

/** Whether it waits for that seat. */
export const waits = (incident: Incident, seat: Seat): boolean => seat !== 'watch' && rings(incident)
	&& (seat === 'desk' ? waitsForDesk(incident) : waitsForUnit(incident));

/** Unclaimed ones first, of these the most trusted; then by time of opening, newest first. */
export function ordered(incidents: readonly Incident[]): Incident[] {
	const rank = (incident: Incident): number => (waits(incident, 'desk') ? 2 + incident.trust.level : incident.state === 'open' ? 1 : 0);
	return [...incidents].sort((a, b) => rank(b) - rank(a) || b.opened - a.opened || b.id - a.id);
}

/** The number that j or k leads to; it stays at the ends. */
export function stepped(numbers: readonly string[], from: string | null, by: 1 | -1): string | null {
	if (numbers.length === 0) return null;
	const at = from === null ? -1 : numbers.indexOf(from);
	if (at < 0) return numbers[by > 0 ? 0 : numbers.length - 1] ?? null;
	return numbers[Math.min(numbers.length - 1, Math.max(0, at + by))] ?? null;
}

/** The choice after the list has changed: the same one, else the one that has taken its place. */
export function kept(before: readonly string[], after: readonly string[], chosen: string | null): string | null {
	if (chosen !== null && after.includes(chosen)) return chosen;
	const at = chosen === null ? 0 : Math.max(0, before.indexOf(chosen));
	return after[Math.min(at, after.length - 1)] ?? null;
}

const NEXT: Record<State, Move | null> = {
	open: 'acknowledge', acknowledged: 'dispatch', dispatched: 'on-scene', 'on-scene': 'close', closed: null,
};
/** What is usually done next: what nobody has is taken. Only the server knows what is allowed. */
export const nextMove = ({ state, acknowledged_by: holder }: Pick<Incident, 'state' | 'acknowledged_by'>): Move | null =>
	(holder === null && state !== 'closed' ? 'acknowledge' : NEXT[state]);

export type Ring = 'alarm' | 'late' | 'again' | 'lost';

/** What must be heard now. An unclaimed alarm outranks a late one, that a new signal, that a lost connection. */
export function ringOf(incidents: readonly Incident[], again: ReadonlySet<string>, lost: boolean, seat: Seat = 'desk'): Ring | null {
	if (seat === 'watch') return null;
	const unclaimed = incidents.filter((incident) => waits(incident, seat));
	if (unclaimed.some(({ late }) => !late)) return 'alarm';
	if (unclaimed.length > 0) return 'late';
	if (again.size > 0) return 'again';
	return lost ? 'lost' : null;
}
