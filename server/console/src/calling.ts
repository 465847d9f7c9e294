// SPDX-License-Identifier: Apache-2.0
// calling.ts -- what those who were called may say next, and who comes after them. Pure. Only the server decides what is allowed.
import type { Call, LadderRing } from './types';

export const ANSWERS = ['accepted', 'refused', 'en-route', 'on-scene', 'done'] as const;
export type Answer = (typeof ANSWERS)[number];
export const CALL_STATES = ['notified', ...ANSWERS, 'expired', 'stopped'] as const;

/** What is usually said in a state; the first is the likeliest. */
const NEXT: Record<string, readonly Answer[]> = {
	notified: ['accepted', 'refused', 'en-route'],
	expired: ['accepted', 'refused', 'en-route'],
	accepted: ['en-route', 'on-scene', 'refused'],
	'en-route': ['on-scene', 'refused'],
	'on-scene': ['done'],
	refused: ['accepted'],
	stopped: ['on-scene'],
	done: [],
};
export const answersTo = (state: string): readonly Answer[] => NEXT[state] ?? [];

/** Who still waits for an answer or is on the way comes first, of these the newest. */
const WEIGHT: readonly string[] = ['notified', 'accepted', 'en-route', 'on-scene', 'expired', 'refused', 'stopped', 'done'];
const weight = (state: string): number => (WEIGHT.includes(state) ? WEIGHT.indexOf(state) : WEIGHT.length);
export const byNeed = (calls: readonly Call[]): Call[] => [...calls].sort((a, b) => weight(a.state) - weight(b.state) || b.id - a.id);

/** When it became what it is. */
export const sinceOf = (call: Call): number => ({
	notified: call.notified, accepted: call.accepted, 'en-route': call.en_route, 'on-scene': call.on_scene,
} as Record<string, number | null>)[call.state] ?? call.ended ?? call.on_scene ?? call.en_route ?? call.accepted ?? call.notified;

export interface PlanStep { call: string[]; wait?: string; every?: string }
export interface Plan {
	classes: string[];
	area: string[];
	hours?: { days: string[]; from: string; to: string };
	rings: Record<string, { until: string; steps: PlanStep[] }>;
	fallback: PlanStep;
}
export interface PlanContact { name: string; role: string; verified?: string; ways: Record<string, string>[] }
export interface Book {
	sample: boolean;
	contacts: Record<string, PlanContact>;
	agencies: Record<string, { name: string }>;
	plans: Record<string, Plan>;
}

/** Whom a ring calls when its time is over; null: that is not known here. [] : nobody, the ring is over then. */
export function nextOf(book: Book | null, ring: LadderRing): string[] | null {
	if (ring.state !== 'running') return [];
	const plan = book?.plans[ring.plan];
	if (!plan) return null;
	if (ring.ring === 'fallback') return plan.fallback.call;
	return plan.rings[ring.ring]?.steps[ring.step]?.call ?? [];
}

/** Whom the step that was fired last calls; what is no person of the plan has no row of its own. */
export function nowOf(book: Book | null, ring: LadderRing): string[] {
	const plan = book?.plans[ring.plan];
	return (ring.ring === 'fallback' ? plan?.fallback : plan?.rings[ring.ring]?.steps[ring.step - 1])?.call ?? [];
}

/** 1 to 9, then letters: one key for each of up to 35 choices. */
export const choiceKey = (index: number): string => '123456789abcdefghijklmnopqrstuvwxyz'[index] ?? '';
