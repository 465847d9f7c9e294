// SPDX-License-Identifier: Apache-2.0
// call_dialogs.tsx -- dialogs of one key: what somebody who was called says, whom to hand over to, what to link, which post to split off.
import { useEffect, useRef, useState } from 'preact/hooks';
import { perform, reasonText, say } from '../actions';
import { Refusal, call as ask } from '../api';
import { answersTo, byNeed, choiceKey } from '../calling';
import { gather } from '../gathering';
import { t, word } from '../i18n';
import * as state from '../state';
import type { JSX } from 'preact';
import { showIncident } from '../store';
import { calleeText, speaksFor } from './calls';
import { Buttons, Modal } from './dialogs';
import { ageText, placeText, postName } from './parts';
import { now } from '../clock';

export interface Choice {
	key: string;
	text: string;
	more: string;
	pick: () => void;
}

const dismiss = (): void => { state.dialog.value = null; };

/** Choices, each with its key: the press is the deed, and closes the dialog. */
function Pick({ title, none, choices }: { title: string; none: string; choices: readonly Choice[] | null }) {
	const take = (choice: Choice): void => {
		dismiss();
		choice.pick();
	};
	const onKey = (event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void => {
		if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
		const at = [...(choices ?? [])].findIndex((_, i) => choiceKey(i) === event.key.toLowerCase());
		const choice = choices?.[at];
		if (!choice) return;
		event.preventDefault();
		event.stopPropagation(); // the dialog is gone then, and the page has digits of its own
		take(choice);
	};
	return (
		<Modal title={title}>
			<div onKeyDown={onKey} class="pick" tabIndex={-1} data-first>
				{choices === null && <p>{t('detail.loading')}</p>}
				{choices?.length === 0 && <p>{none}</p>}
				<ul>
					{choices?.map((choice, i) => (
						<li key={choice.key}>
							<button type="button" onClick={() => take(choice)}><kbd>{choiceKey(i)}</kbd> <span>{choice.text} <small>{choice.more}</small></span></button>
						</li>
					))}
				</ul>
			</div>
			<div class="buttons"><button type="button" onClick={dismiss}>{t('form.cancel')} <kbd>Esc</kbd></button></div>
		</Modal>
	);
}

/** What was there first stays: the key of a choice must not come to mean another while a hand is on its way. */
function useFrozen<T>(value: T | null): T | null {
	const first = useRef<T | null>(null);
	first.current ??= value;
	return first.current;
}

/** The detail, which a key pressed in the list has not read yet. */
function useDetail(number: string) {
	useEffect(() => showIncident(number), [number]);
	return useFrozen(state.detail.value?.number === number ? state.detail.value : null);
}

export function CallsDialog({ number }: { number: string }) {
	const detail = useDetail(number);
	const choices = detail && byNeed(detail.calls.filter(speaksFor)).flatMap((one) => answersTo(one.state).map((answer): Choice => ({
		key: `${one.id} ${answer}`, text: t('answer.said', { name: calleeText(one), answer: word('answer', answer) }), more: word('call', one.state),
		pick: () => say(number, { id: one.id, name: calleeText(one) }, answer),
	}))).slice(0, 35);
	return <Pick title={t('calls.title', { number })} none={t('calls.none')} choices={choices} />;
}

export function Refuse({ number, call, name }: { number: string; call: number; name: string }) {
	const [reason, reasonSet] = useState('');
	const send = (event: Event): void => {
		event.preventDefault();
		dismiss();
		const said = reason.trim();
		void perform(number, { path: `calls/${call}`, label: 'answer.refused', body: { state: 'refused', ...(said ? { reason: said } : {}) } });
	};
	return (
		<Modal title={t('refuse.title', { name })}>
			<form onSubmit={send}>
				<label>{t('refuse.reason')} <small>({t('form.optional')})</small>
					<input data-first name="reason" maxLength={100} autocomplete="off" value={reason} onInput={(event) => reasonSet(event.currentTarget.value)} />
				</label>
				<Buttons go={t('refuse.go')} />
			</form>
		</Modal>
	);
}

interface Desk {
	people: { name: string; display: string; roles: string }[];
	here: string[];
}

export function HandOver({ number }: { number: string }) {
	const [desk, deskSet] = useState<Desk | null>(null);
	const [problem, problemSet] = useState('');
	useEffect(() => {
		ask<Desk>('/desk').then(deskSet, (error: unknown) =>
			problemSet(error instanceof Refusal && error.status !== 0 ? reasonText(error.message) : t('form.no-answer')));
	}, []);
	const here = new Set(desk?.here);
	const choices = desk && desk.people.filter(({ name }) => name !== state.session.value?.name)
		.sort((a, b) => Number(here.has(b.name)) - Number(here.has(a.name))).slice(0, 35).map(({ name, display }): Choice => ({
			key: name, text: display, more: `${name}, ${t(here.has(name) ? 'hand.here' : 'hand.away')}`,
			pick: () => void perform(number, { path: 'hand-over', label: 'move.hand-over', body: { to: name } }),
		}));
	return <Pick title={t('hand.title', { number })} none={t('hand.nobody')} choices={problem ? [] : choices} />;
}

/** What becomes of a gathering is told beside the incident, as of every other move. */
function gatherTold(number: string, what: 'link' | 'split', body: Record<string, string>): void {
	state.pendingSet(number, { label: what === 'link' ? 'gather.link' : 'gather.split', state: 'sending', detail: '' });
	void gather(number, what, body).then((problem) => {
		if (problem !== null) state.toast.value = problem;
		state.pendingSet(number, null);
	});
}

export function LinkDialog({ number }: { number: string }) {
	const open = useFrozen(state.open.value) ?? [];
	const linked = new Set(open.find((incident) => incident.number === number)?.links.map((link) => link.number));
	const choices = open.filter((incident) => incident.number !== number && !linked.has(incident.number))
		.sort((a, b) => b.opened - a.opened).slice(0, 35).map((other): Choice => ({
			key: other.number, text: `${other.number} ${word('class', other.class)}, ${postName(other.post)}`,
			more: `${placeText(other.post)}, ${ageText(now.value - other.occurred)}`, pick: () => gatherTold(number, 'link', { other: other.number }),
		}));
	return <Pick title={t('link.title', { number })} none={t('link.none')} choices={choices} />;
}

export function SplitDialog({ number }: { number: string }) {
	const own = useFrozen((state.open.value ?? []).find((incident) => incident.number === number) ?? null);
	const posts = (own?.posts ?? []).filter((post) => post.signals > 0);
	const choices = own && (posts.length > 1 || own.reported) ? posts.map((post): Choice => ({
		key: post.id, text: post.name ?? post.id, more: t('mark.signals', { n: post.signals }), pick: () => gatherTold(number, 'split', { post: post.id }),
	})) : [];
	return <Pick title={t('split.title', { number })} none={t('split.none')} choices={choices} />;
}
