// SPDX-License-Identifier: Apache-2.0
// store.ts -- keeps what the page knows equal to the server: events say that something changed, reads say what.
import { batch } from '@preact/signals';
import { Refusal, call } from './api';
import { clockSet } from './clock';
import { coalesced } from './coalesce';
import { t, word } from './i18n';
import { inertParse } from './inert';
import { kept, waits } from './order';
import * as state from './state';
import type { ServerEvent } from './sse';
import { Stopwatch, streamStart } from './stream';
import type { Book } from './calling';
import { actorParts } from './format';
import type { Health, Incident, IncidentDetail, Post, TimelineEvent } from './types';

const PAGE = 200;
const PAGES_MAX = 10;
const HISTORY_PAGE = 50;
const HEALTH_MS = 10000;
const POSTS_MS = 15000;
/** So long without a stream must be heard, not only seen. */
const LOST_MS = 20000;

let stop: (() => void) | null = null;
let lastEvent: number | null = null;
let opened = false;
const sinceLive = new Stopwatch();
const timers: ReturnType<typeof setInterval>[] = [];

const running = (): boolean => stop !== null;

interface IncidentPage {
	incidents: Incident[];
	event: number;
}

async function readAllOpen(): Promise<IncidentPage> {
	const first = await call<IncidentPage>(`/incidents?state=open&limit=${PAGE}`);
	const incidents = [...first.incidents];
	let last = first.incidents;
	for (let i = 1; last.length === PAGE && i < PAGES_MAX; i++) {
		({ incidents: last } = await call<IncidentPage>(`/incidents?state=open&limit=${PAGE}&before=${last.at(-1)?.id}`));
		incidents.push(...last);
	}
	return { incidents, event: first.event };
}

const placeText = (incident: Incident): string => [incident.post.desa, incident.post.kecamatan].filter(Boolean).join(', ');

/** Who held what nobody holds now; nobody is left of whom it is not. */
function returnedSet(before: readonly Incident[] | null, after: readonly Incident[]): void {
	const held = new Map((before ?? []).map((incident) => [incident.number, incident.acknowledged_by]));
	const next = new Map<string, string>();
	for (const { number, acknowledged_by: holder } of after) {
		const by = state.returned.value.get(number) ?? held.get(number);
		if (holder === null && by) next.set(number, by);
	}
	const fresh = [...next.keys()].find((number) => !state.returned.value.has(number));
	if (fresh) state.alert.value = t('announce.returned', { number: fresh, name: actorParts(next.get(fresh) ?? '').name });
	state.returned.value = next;
}

/** Tells screen readers what is new. */
function announceNew(before: readonly Incident[] | null, after: readonly Incident[]): void {
	const known = new Set((before ?? []).map(({ number }) => number));
	const fresh = after.filter((incident) => (incident.state === 'open' || waits(incident, state.seat.value)) && !known.has(incident.number));
	if (fresh.length === 0) return;
	state.alert.value = fresh.slice(0, 3).map((incident) => t('announce.alarm', {
		class: word('class', incident.class), post: incident.post.name ?? t('place.unknown'), place: placeText(incident),
	})).join('. ');
}

function openSet(incidents: readonly Incident[]): void {
	batch(() => {
		const before = state.rows.value.map(({ number }) => number);
		announceNew(state.open.value, incidents);
		returnedSet(state.open.value, incidents);
		state.open.value = incidents;
		state.openReadAt.value = Date.now();
		state.chosen.value = kept(before, state.rows.value.map(({ number }) => number), state.chosen.value);
		const there = new Set(incidents.map(({ number }) => number));
		// What is shown is always what is chosen, or a key would move another incident than the one on the screen.
		if (state.page.value === 'incidents' && state.shown.value !== null && !there.has(state.shown.value)) showIncident(null);
		for (const number of state.again.value) if (!there.has(number)) state.againSet(number, false);
	});
}

/** Reads, and ends the session on this page where the server says that it is over. */
async function guarded<T>(read: () => Promise<T>): Promise<T> {
	try {
		return await read();
	} catch (error) {
		if (error instanceof Refusal && error.status === 401) sessionOver();
		throw error;
	}
}

export const refreshOpen = coalesced(() => guarded(async () => {
	const { incidents, event } = await readAllOpen();
	if (!running()) return;
	lastEvent ??= event;
	openSet(incidents);
}), running);

/** The plan, as far as it is shown: names, who comes next. */
export const refreshBook = coalesced(() => guarded(async () => {
	if (!state.may('plan')) return;
	const { plan } = await call<{ plan: Book | null }>('/plan');
	if (running()) state.book.value = plan;
}), running);

export const refreshPosts = coalesced(() => guarded(async () => {
	if (!state.may('posts')) return;
	const { posts } = await call<{ posts: Post[] }>('/posts');
	if (!running()) return;
	state.posts.value = posts;
	state.postsReadAt.value = Date.now();
}), running);

export const refreshDetail = coalesced(() => guarded(async () => {
	const number = state.shown.value;
	if (number === null) return;
	try {
		const detail = await call<IncidentDetail>(`/incidents/${encodeURIComponent(number)}`);
		if (state.shown.value !== number) return;
		state.detail.value = detail;
		state.detailReadAt.value = Date.now();
		state.detailError.value = null;
	} catch (error) {
		if (state.shown.value === number && error instanceof Refusal) state.detailError.value = error.message;
		if (!(error instanceof Refusal) || error.status === 0 || error.status >= 500) throw error;
	}
}), () => running() && state.shown.value !== null);

export const refreshHistory = coalesced(() => guarded(async () => {
	// As many as are shown already, so that "older" ones do not vanish.
	const limit = Math.min(PAGE, Math.max(HISTORY_PAGE, state.history.value?.length ?? 0));
	const { incidents } = await call<IncidentPage>(`/incidents?state=all&limit=${limit}`);
	const older = (state.history.value ?? []).filter(({ id }) => incidents.length === limit && id < (incidents.at(-1)?.id ?? 0));
	state.history.value = [...incidents, ...older];
	state.historyEnds.value = incidents.length < limit;
}), () => running() && state.page.value === 'history');

export async function historyOlder(): Promise<void> {
	const last = state.history.value?.at(-1);
	if (!last) return;
	const { incidents } = await guarded(() => call<IncidentPage>(`/incidents?state=all&limit=${HISTORY_PAGE}&before=${last.id}`));
	state.history.value = [...(state.history.value ?? []), ...incidents.filter(({ id }) => id < last.id)];
	state.historyEnds.value = incidents.length < HISTORY_PAGE;
}

async function refreshHealth(): Promise<void> {
	const asked = Date.now();
	try {
		const answer = await call<Health>('/health');
		state.health.value = answer;
		clockSet(answer.time, asked, Date.now());
	} catch {
		// The stream says that the server is away; a failing record is told by the refused reads.
	}
}

function onIncident(event: TimelineEvent): void {
	void refreshOpen();
	if (state.page.value === 'history') void refreshHistory();
	if (event.incident !== null && event.incident === state.shown.value) void refreshDetail();
	const known = state.open.value?.find(({ number }) => number === event.incident);
	if (event.kind === 'incident.offered' && known && event.body.user === state.me.value) {
		state.againSet(known.number, true);
		state.alert.value = t('announce.offered', { number: known.number, name: actorParts(event.actor).name });
	}
	// Of a storm the server says when it rings again: by the minute, not by the signal.
	const rings = event.kind === 'incident.signal' || (event.kind === 'incident.storm' && event.body.alert === true);
	if (!rings || !known || known.state === 'open' || state.seat.value === 'watch') return;
	state.againSet(known.number, true);
	state.alert.value = t('announce.again', { number: known.number });
}

function onEvent(event: ServerEvent): void {
	if (event.id !== null && /^\d+$/.test(event.id)) lastEvent = Number(event.id);
	if (event.kind === 'reset') {
		void refreshAll();
		return;
	}
	let data: TimelineEvent;
	try {
		data = inertParse(event.data) as TimelineEvent;
	} catch {
		void refreshAll();
		return;
	}
	if (/^(incident|notification|ladder|call)\./.test(event.kind)) onIncident(data);
	if (/^(plan|contact)\./.test(event.kind)) void refreshBook();
	if (/^(incident|trouble|post|registry|mode)\.|^security$/.test(event.kind)) void refreshPosts();
}

async function refreshAll(): Promise<void> {
	void refreshPosts();
	void refreshBook();
	void refreshHealth();
	if (state.shown.value !== null) void refreshDetail();
	if (state.page.value === 'history') void refreshHistory();
	await refreshOpen();
}

function onOpened(): void {
	// "Live" is said only when what is shown has been read after the stream was there.
	void refreshAll().then(() => {
		if (!running() || !opened) return;
		state.link.value = 'live';
	});
}

function sessionOver(): void {
	storeStop();
	state.session.value = null;
	state.phase.value = 'login';
	state.notice.value = t('login.ended');
}

function watchLoss(): void {
	if (state.link.value === 'live') sinceLive.reset();
	state.lost.value = sinceLive.ms > LOST_MS;
}

/** Begins to follow the server. Needs a session. */
export async function storeStart(): Promise<void> {
	storeStop();
	if (!state.may('incidents')) return;
	sinceLive.reset();
	state.link.value = 'connecting';
	stop = () => {};
	const mine = stop;
	timers.push(setInterval(watchLoss, 1000), setInterval(() => void refreshHealth(), HEALTH_MS),
		setInterval(() => void refreshPosts(), POSTS_MS));
	void refreshHealth();
	// The first list says after which event the stream has to begin, so that nothing falls between the two.
	await refreshOpen();
	if (stop !== mine) return;
	stop = streamStart({
		after: () => lastEvent,
		opened: () => { opened = true; onOpened(); },
		heard: () => { state.heardAt.value = Date.now(); },
		event: onEvent,
		pulse: () => { void call('/session').catch(() => undefined); },
		broken: () => { opened = false; state.link.value = 'broken'; },
		unauthorized: sessionOver,
	});
}

export function storeStop(): void {
	stop?.();
	stop = null;
	opened = false;
	lastEvent = null;
	for (const timer of timers.splice(0)) clearInterval(timer);
	batch(() => {
		state.link.value = 'connecting';
		state.heardAt.value = null;
		state.lost.value = false;
		state.open.value = null;
		state.openReadAt.value = null;
		state.history.value = null;
		state.posts.value = null;
		state.book.value = null;
		state.returned.value = new Map();
		state.shown.value = null;
		state.detail.value = null;
		state.chosen.value = null;
		state.dialog.value = null;
		state.pending.value = new Map();
		state.again.value = new Set();
	});
}

/** Opens the detail of an incident, or none. Having looked at it ends the sound of a new signal. */
export function showIncident(number: string | null): void {
	batch(() => {
		if (state.shown.value !== number) state.detail.value = null;
		state.shown.value = number;
		state.detailError.value = null;
		if (number !== null) {
			state.chosen.value = number;
			state.againSet(number, false);
		}
	});
	if (number !== null) void refreshDetail();
}

export function pageSet(to: state.Page): void {
	batch(() => {
		state.page.value = to;
		state.shown.value = null;
		state.detail.value = null;
		state.chosen.value = kept([], state.rows.value.map(({ number }) => number), state.chosen.value);
	});
	if (to === 'history') void refreshHistory();
	if (to === 'posts' || to === 'plan') void refreshPosts();
	if (to === 'plan') void refreshBook();
}
