// SPDX-License-Identifier: Apache-2.0
// actions.ts -- what an operator does to an incident. The page shows "sending"; only the server's answer changes the state.
import { Refusal, call } from './api';
import { t, word } from './i18n';
import { reasonOf } from './reasons';
import { armed, sounding, toggleSound } from './sound';
import * as state from './state';
import { refreshDetail, refreshOpen, showIncident } from './store';
import type { Answer } from './calling';
import type { Right } from './rights';
import type { Key } from './texts';
import type { Move } from './types';

interface Moved {
	number: string;
	state: string;
	rev: number;
}

/** The server's reason in the language of the page where it is a known one, else as the server said it. */
export function reasonText(detail: string): string {
	const reason = reasonOf(detail);
	return reason ? t(reason.key, reason.values) : detail;
}

/** The newest move of each incident that is not answered yet, with its words, so that a second press of it is not a second move. */
const underWay = new Map<string, { words: string; answered: Promise<unknown> }>();

/** What is done to an incident: below which path, with which words, and how the page calls it. */
export interface Deed {
	path: string;
	label: Key;
	body?: Record<string, string>;
}

/** Deeds of one incident go one after the other: a fast hand is faster than an answer, and nothing of it may be lost. */
function send(number: string, { path, body = {} }: Deed): Promise<Moved> | null {
	const words = `${path} ${JSON.stringify(body)}`;
	const before = underWay.get(number);
	if (before?.words === words) return null;
	const post = (): Promise<Moved> => call<Moved>(`/incidents/${encodeURIComponent(number)}/${path}`, { method: 'POST', body });
	const answered = before ? before.answered.then(post, post) : post();
	const mine = { words, answered };
	underWay.set(number, mine);
	const done = (): void => { if (underWay.get(number) === mine) underWay.delete(number); };
	answered.then(done, done);
	return answered;
}

/** Does it. Resolves when it has been answered and what is shown has been read anew. */
export async function perform(number: string, deed: Deed): Promise<void> {
	const answer = send(number, deed);
	if (!answer) return;
	const { label } = deed;
	const sending: state.Pending = { label, state: 'sending', detail: '' };
	state.pendingSet(number, sending);
	try {
		const moved = await answer;
		await Promise.all([refreshOpen(), state.shown.value === number ? refreshDetail() : undefined]);
		if (state.pending.value.get(number) === sending) state.pendingSet(number, null);
		state.notice.value = t('announce.state', { number, state: word('state', moved.state) });
	} catch (error) {
		const refused = error instanceof Refusal && error.status !== 0;
		const detail = error instanceof Error ? error.message : String(error);
		state.pendingSet(number, { label, state: refused ? 'refused' : 'unanswered', detail });
		state.alert.value = refused ? t('move.refused', { reason: reasonText(detail) })
			: t('move.unanswered', { move: t(label) });
		void refreshOpen();
		if (state.shown.value === number) void refreshDetail();
	}
}

export const act = (number: string, move: Move, body: Record<string, string> = {}): Promise<void> =>
	perform(number, { path: move, label: `move.${move}`, body });

/** Somebody who was called says something, or the desk for them. A refusal wants a reason. */
export function say(number: string, { id, name }: { id: number; name: string }, answer: Answer): void {
	if (answer === 'refused') state.dialog.value = { kind: 'refuse', number, call: id, name };
	else void perform(number, { path: `calls/${id}`, label: `answer.${answer}`, body: { state: answer } });
}

/** Says that a key or button is not for whoever is here. */
export function deny(): void {
	state.alert.value = state.toast.value = t('right.none');
}

/** Whether it may be; else it is said. */
export function may(right: Right): boolean {
	if (!state.may(right)) deny();
	return state.may(right);
}

/** Offers it to somebody, or accepts what was offered. */
export function handOver(number: string): void {
	const offered = state.open.value?.find((incident) => incident.number === number)?.offered_to;
	state.againSet(number, false);
	if (offered !== null && offered === state.me.value) void perform(number, { path: 'take-over', label: 'move.take-over' });
	else state.dialog.value = { kind: 'hand-over', number };
}

/** Begins a move: at once where nothing has to be said, else in its dialog. */
export function begin(number: string, move: Move): void {
	if (!may(move)) return;
	if (move === 'acknowledge' || move === 'on-scene') {
		state.againSet(number, false);
		void act(number, move);
	} else {
		state.dialog.value = { kind: move, number };
	}
}

export function openChosen(): void {
	if (state.chosen.value !== null) showIncident(state.chosen.value);
}

/** Sound on or off; an unclaimed alarm cannot be silenced, only claimed. */
export function soundPress(): void {
	if (state.seat.value === 'watch') return;
	if (armed.value && (sounding.value === 'alarm' || sounding.value === 'late')) {
		state.alert.value = state.toast.value = t(state.seat.value === 'unit' ? 'sound.answer' : 'sound.claim');
		return;
	}
	void toggleSound();
}
