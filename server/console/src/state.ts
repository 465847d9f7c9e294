// SPDX-License-Identifier: Apache-2.0
// state.ts -- what the page knows. Written by store.ts, session.ts and actions.ts; shown by the views.
import { computed, signal } from '@preact/signals';
import { ordered, ringOf, rings } from './order';
import type { Health, Incident, IncidentDetail, Move, Post, Session } from './types';

export type Phase = 'loading' | 'setup' | 'invitation' | 'login' | 'factor' | 'in';
export type Page = 'incidents' | 'history' | 'posts' | 'plan' | 'people';
export type Link = 'connecting' | 'live' | 'broken';

/** What was sent and is not answered, or what became of it. */
export interface Pending {
	move: Move;
	state: 'sending' | 'refused' | 'unanswered';
	detail: string;
}

export type Dialog = { kind: 'dispatch' | 'close' | 'note'; number: string }
	| { kind: 'merge' | 'convert'; number: string } | { kind: 'report' } | { kind: 'mode'; post: string; mode: 'test' | 'disabled' }
	| { kind: 'help' } | null;

export const phase = signal<Phase>('loading');
export const session = signal<Session | null>(null);
export const zone = computed(() => session.value?.tenant?.timezone);

export const page = signal<Page>('incidents');
export const dialog = signal<Dialog>(null);

/** Open incidents; null until they have been read once. */
export const open = signal<readonly Incident[] | null>(null);
export const openReadAt = signal<number | null>(null);
export const history = signal<readonly Incident[] | null>(null);
export const historyEnds = signal(false);
export const posts = signal<readonly Post[] | null>(null);
export const postsReadAt = signal<number | null>(null);
export const health = signal<Health | null>(null);

export const chosen = signal<string | null>(null);
/** Number of the incident whose detail is shown. */
export const shown = signal<string | null>(null);
export const detail = signal<IncidentDetail | null>(null);
export const detailError = signal<string | null>(null);

export const pending = signal<ReadonlyMap<string, Pending>>(new Map());
/** Claimed incidents with a signal that nobody has looked at yet. */
export const again = signal<ReadonlySet<string>>(new Set());

export const link = signal<Link>('connecting');
/** When the last byte came, by this computer's clock; null: never. */
export const heardAt = signal<number | null>(null);
/** The stream has been broken for so long that a person must hear it. */
export const lost = signal(false);

/** Words for screen readers: said at once, said when there is time. */
export const alert = signal('');
export const notice = signal('');

export const rows = computed<readonly Incident[]>(() =>
	page.value === 'history' ? history.value ?? [] : ordered(open.value ?? []));
export const unclaimed = computed(() => (open.value ?? []).filter((incident) => incident.state === 'open' && rings(incident)).length);
export const ring = computed(() => (phase.value === 'in' ? ringOf(open.value ?? [], again.value, lost.value) : null));
export const postsInNeed = computed(() =>
	(posts.value ?? []).filter((post) => post.active && !['normal', 'alarm'].includes(post.state)).length);

export function pendingSet(number: string, value: Pending | null): void {
	const next = new Map(pending.value);
	if (value) next.set(number, value);
	else next.delete(number);
	pending.value = next;
}

export function againSet(number: string, value: boolean): void {
	if (again.value.has(number) === value) return;
	const next = new Set(again.value);
	if (value) next.add(number);
	else next.delete(number);
	again.value = next;
}
