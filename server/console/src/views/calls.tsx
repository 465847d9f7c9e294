// SPDX-License-Identifier: Apache-2.0
// calls.tsx -- who was called for an incident: ring by ring what each says, who is next and when, and the buttons to say it for them.
import { say } from '../actions';
import { type Answer, answersTo, byNeed, nextOf, nowOf, sinceOf } from '../calling';
import { now } from '../clock';
import { actorParts } from '../format';
import { t, word } from '../i18n';
import { GATHER_KEYS } from '../keys';
import * as state from '../state';
import type { Call, IncidentDetail, LadderRing, TimelineEvent } from '../types';
import { ageText, momentText } from './parts';

/** "role:operator", "agency:damkar-weleri", "station:boja-01", or an id alone: whom a step of the ladder calls. */
export function calledText(called: string): string {
	const [, kind, name] = /^(role|station|agency|contact|roster|webhook):(.+)$/.exec(called) ?? [];
	if (kind === 'role') return t('plan.seat', { role: word('role', name ?? '') });
	if (kind === 'station') return t('plan.station', { station: name ?? '' });
	const id = name ?? called;
	return state.book.value?.agencies[id]?.name ?? id;
}

export const calleeText = (call: Call): string => (call.agency ? calledText(`agency:${call.agency}`) : call.contact);

/** Whose calls somebody may speak for: the desk for everybody, a user of an agency for his unit. */
export function speaksFor(call: Call): boolean {
	const unit = state.session.value?.unit;
	return state.may('call') && (!unit || call.agency === unit);
}

/** How long until it is due: what the server said when the detail was read, less the time since. */
function leftText(ms: number): string {
	void now.value;
	return ageText(Math.max(0, ms - (Date.now() - state.detailReadAt.value)));
}

function RingHead({ ring, rows }: { ring: LadderRing; rows: number }) {
	const called = rows === 0 && ring.state === 'running' ? nowOf(state.book.value, ring).map(calledText).join(', ') : '';
	const next = nextOf(state.book.value, ring);
	const time = ring.next_in === null ? '' : leftText(ring.next_in);
	const who = (next ?? []).map(calledText).join(', ');
	return (
		<p class="ring-head" data-ring={ring.ring}>
			<b>{word('ring', ring.ring)}</b> <small>{t('call.step', { n: ring.step })}, {word('ladder', ring.state)}{called && `: ${called}`}</small>
			{ring.next_in !== null && (
				<span class="ring-next">
					{next === null ? t('ladder.next-unknown', { time }) : next.length === 0 ? t('ladder.last', { time }) : t('ladder.next', { time, who })}
				</span>
			)}
		</p>
	);
}

export function AnswerButtons({ number, call, name }: { number: string; call: { id: number; state: string }; name: string }) {
	const sending = state.pending.value.get(number)?.state === 'sending';
	return (
		<span class="answers" role="group" aria-label={name}>
			{answersTo(call.state).map((answer: Answer, i) => (
				<button key={answer} type="button" class={i === 0 && call.state !== 'refused' ? 'primary' : ''} aria-busy={sending} data-answer={answer}
					onClick={() => say(number, { id: call.id, name }, answer)}>
					{word('answer', answer)}<span class="hidden-text">: {name}</span>
				</button>
			))}
		</span>
	);
}

/** Why a call was refused, or what to think of a yes: personal words, which stand with the event. */
const reasonOf = (call: Call, timeline: readonly TimelineEvent[]): string => {
	const said = timeline.filter(({ kind, body }) => kind === `call.${call.state}` && body.call === call.id).at(-1)?.body.reason;
	return typeof said === 'string' ? said : '';
};

function CallRow({ call, detail }: { call: Call; detail: IncidentDetail }) {
	const name = calleeText(call), reason = reasonOf(call, detail.timeline);
	const by = call.by === 'server' ? '' : actorParts(call.by).name;
	return (
		<li class={`call call-${call.state.replace(/[^a-z-]/g, '')}`} data-call={call.id} data-call-state={call.state}>
			<span class="call-who"><b>{name}</b> <span class="call-state">{word('call', call.state)}</span></span>
			<small>
				{[call.ring && t('call.step', { n: call.step }), t('call.since', { time: momentText(sinceOf(call)) }), by && t('call.by', { name: by }),
					reason && t('call.reason', { reason })].filter(Boolean).join(', ')}
			</small>
			{detail.state !== 'closed' && speaksFor(call) && <AnswerButtons number={detail.number} call={call} name={name} />}
		</li>
	);
}

export function Calls({ detail }: { detail: IncidentDetail }) {
	const rings = detail.ladder.map(({ ring }) => ring);
	const groups = [
		...detail.ladder.map((ring) => ({ ring, calls: detail.calls.filter((call) => call.ring === ring.ring) })),
		{ ring: null, calls: detail.calls.filter((call) => !rings.includes(call.ring)) },
	].filter(({ ring, calls }) => ring !== null || calls.length > 0);
	if (groups.length === 0) return null;
	return (
		<section class="calling">
			<h3>
				{t('detail.calls')}
				{state.may('call') && detail.state !== 'closed' && detail.calls.length > 0 && (
					<button type="button" onClick={() => { state.dialog.value = { kind: 'calls', number: detail.number }; }}>{t('calls.keys')} <kbd>{GATHER_KEYS.calls}</kbd></button>
				)}
			</h3>
			{groups.map(({ ring, calls }) => (
				<div key={ring?.ring ?? ''} class="ring">
					{ring ? <RingHead ring={ring} rows={calls.length} /> : <p class="ring-head"><b>{t('call.sent')}</b></p>}
					<ul>{byNeed(calls).map((call) => <CallRow key={call.id} call={call} detail={detail} />)}</ul>
				</div>
			))}
		</section>
	);
}

export function Notifications({ detail }: { detail: IncidentDetail }) {
	if (detail.notifications.length === 0) return null;
	return (
		<section>
			<h3>{t('detail.notifications')}</h3>
			<ul class="signals">
				{[...detail.notifications].reverse().map((sent) => (
					<li key={sent.id} class={sent.state === 'failed' ? 'failed' : ''} data-notification={sent.state}>
						<span class="time">{momentText(sent.changed)}</span>
						<span class="what">
							<b>{sent.contact || sent.target}</b> {word('channel', sent.channel)}: <b>{word('notification', sent.state)}</b>{' '}
							<small>
								{[word('purpose', sent.purpose), sent.contact && sent.contact !== sent.target ? sent.target : '', t('detail.attempts', { n: sent.attempts }), sent.detail]
									.filter(Boolean).join(', ')}
							</small>
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}
