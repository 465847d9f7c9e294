// SPDX-License-Identifier: Apache-2.0
// state.ts -- what the page knows. Written by store.ts, session.ts and actions.ts; shown by the views.
import { computed, signal } from '@preact/signals';
import { type Seat, ordered, ringOf, waits } from './order';
import type { Book } from './calling';
import { type Right, allows } from './rights';
import type { Key } from './texts';
import type { Health, Incident, IncidentDetail, Post, Session } from './types';

export type Phase = 'loading' | 'setup' | 'invitation' | 'login' | 'factor' | 'in';
export type Page = 'incidents' | 'history' | 'posts' | 'plan' | 'people' | 'audit';
export type Link = 'connecting' | 'live' | 'broken';

/** What was sent and is not answered, or what became of it. */
export interface Pending {
	/** What was done, in the words of texts.ts. */
	label: Key;
	state: 'sending' | 'refused' | 'unanswered';
	detail: string;
}

export type Dialog = { kind: 'dispatch' | 'close' | 'note'; number: string }
	| { kind: 'merge' | 'convert' | 'link' | 'split' | 'calls' | 'hand-over'; number: string }
	| { kind: 'refuse'; number: string; call: number; name: string }
	| { kind: 'report' } | { kind: 'mode'; post: string; mode: 'test' | 'drill' | 'disabled' } | { kind: 'sound'; post: string }
	| { kind: 'help' } | null;

export const phase = signal<Phase>('loading');
export const session = signal<Session | null>(null);
export const zone = computed(() => session.value?.tenant?.timezone);
/** Whoever is at the page, as the record names him. */
export const me = computed(() => (session.value ? `user:${session.value.name}` : null));
export const may = (right: Right): boolean => allows(session.value?.roles ?? [], right);

export const page = signal<Page>('incidents');
/** What there is for whoever is here; each has its own digit. */
export const PAGES: readonly Page[] = ['incidents', 'history', 'posts', 'plan', 'people', 'audit'];
const NEEDS: Record<Page, Right | null> = { incidents: 'incidents', history: 'incidents', posts: 'posts', plan: 'plan', people: null, audit: 'audit' };
export const pages = computed(() => PAGES.filter((name) => {
	const right = NEEDS[name];
	return right === null || may(right);
}));
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
/** The tenant's plan, for names and for who comes next; null: none, or it has not been read. */
export const book = signal<Book | null>(null);
/** When the detail was read, by this computer's clock: its countdowns begin there. */
export const detailReadAt = signal(0);
/** Incidents that were claimed and are open again, with the one who has lost them. */
export const returned = signal<ReadonlyMap<string, string>>(new Map());

/** Claimed incidents with a signal that nobody has looked at yet, and such as were offered to whoever is here. */
export const again = signal<ReadonlySet<string>>(new Set());

export const link = signal<Link>('connecting');
/** When the last byte came, by this computer's clock; null: never. */
export const heardAt = signal<number | null>(null);
/** The stream has been broken for so long that a person must hear it. */
export const lost = signal(false);

/** Words for screen readers: said at once, said when there is time. */
export const alert = signal('');
export const notice = signal('');
/** What a key could not do, shown for a moment. */
export const toast = signal('');

export const rows = computed<readonly Incident[]>(() =>
	page.value === 'history' ? history.value ?? [] : ordered(open.value ?? []));
export const seat = computed<Seat>(() => (may('acknowledge') ? 'desk' : may('call') ? 'unit' : 'watch'));
export const unclaimed = computed(() => (open.value ?? []).filter((incident) => waits(incident, seat.value)).length);
export const ring = computed(() => (phase.value === 'in' ? ringOf(open.value ?? [], again.value, lost.value, seat.value) : null));
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
