// SPDX-License-Identifier: Apache-2.0
// incidents.tsx -- the list that an operator works from, and the detail beside it.
import { begin, handOver, reasonText } from '../actions';
import { actorParts } from '../format';
import { t, word } from '../i18n';
import { GATHER_KEYS, MOVE_KEYS } from '../keys';
import { nextMove, waits } from '../order';
import * as state from '../state';
import { againSet, pendingSet } from '../state';
import { historyOlder, showIncident } from '../store';
import type { Incident } from '../types';
import { AnswerButtons } from './calls';
import { Detail } from './detail';
import { Age, ClassBadge, Countdown, Marks, StateBadge, momentText, placeText, postName } from './parts';

export function PendingNote({ number }: { number: string }) {
	const pending = state.pending.value.get(number);
	if (!pending) return null;
	const move = t(pending.label);
	if (pending.state === 'sending') return <p class="pending">{t('move.sending', { move })}</p>;
	return (
		<p class="problem">
			{pending.state === 'refused' ? t('move.refused', { reason: reasonText(pending.detail) }) : t('move.unanswered', { move })}
			<button type="button" onClick={() => pendingSet(number, null)}>{t('move.dismiss')}</button>
		</p>
	);
}

function NextButton({ incident, chosen }: { incident: Incident; chosen: boolean }) {
	const move = nextMove(incident);
	if (incident.own_call && incident.state !== 'closed' && state.session.value?.unit) return <AnswerButtons number={incident.number} call={incident.own_call} name={incident.number} />;
	if (!move || !state.may(move)) return null;
	const sending = state.pending.value.get(incident.number)?.state === 'sending';
	return (
		<button type="button" class={`next ${waits(incident, state.seat.value) ? 'primary' : ''}`} aria-busy={sending}
			onClick={() => begin(incident.number, move)}>
			{word('move', move)}<span class="hidden-text"> {incident.number}</span> {chosen && <kbd>{MOVE_KEYS[move]}</kbd>}
		</button>
	);
}

/** Who has it, which units go, whether the sensor is calm again; in the history, when it was and how it ended. */
function factsOf(incident: Incident): string[] {
	const by = incident.acknowledged_by === null ? '' : actorParts(incident.acknowledged_by).name;
	return [
		state.page.value === 'history' ? momentText(incident.occurred) : '',
		by && t('mark.by', { name: by }),
		incident.offered_to === null ? '' : t('mark.offered', { name: actorParts(incident.offered_to).name }),
		incident.own_call === null ? '' : word('call', incident.own_call.state),
		incident.units.join(', '),
		incident.restored ? t('mark.restored') : '',
		incident.closing_code === null ? '' : word('code', incident.closing_code),
	].filter(Boolean);
}

function Row({ incident }: { incident: Incident }) {
	const { number } = incident;
	const fresh = state.again.value.has(number);
	const chosen = state.chosen.value === number;
	const offered = incident.offered_to !== null && incident.offered_to === state.me.value && incident.state !== 'closed';
	return (
		<li class={`row in-${incident.state} ${waits(incident, state.seat.value) ? 'in-wait' : ''} ${chosen ? 'row-chosen' : ''}`} data-number={number}>
			<button type="button" class="row-open" aria-current={chosen ? 'true' : undefined} onClick={() => showIncident(number)}>
				<span class="badges"><ClassBadge name={incident.class} /><StateBadge state={incident.state} /></span>
				<span class="where">
					<b title={postName(incident.post)}>{postName(incident.post)}</b>
					<span>{placeText(incident.post)}</span>
					<small>{[number, ...factsOf(incident)].join(' · ')}</small>
					<Marks incident={incident} fresh={fresh} />
				</span>
			</button>
			<div class="row-side">
				<Age incident={incident} />
				{state.page.value === 'incidents' && <Countdown incident={incident} />}
				{offered ? <button type="button" class="next primary" onClick={() => handOver(number)}>{t('move.take-over')} {chosen && <kbd>{GATHER_KEYS['hand-over']}</kbd>}</button>
					: fresh ? <button type="button" class="next primary" onClick={() => againSet(number, false)}>{t('move.seen')}</button>
						: <NextButton incident={incident} chosen={chosen} />}
			</div>
			{state.shown.value !== number && <PendingNote number={number} />}
		</li>
	);
}

function Nothing() {
	if (state.page.value === 'history') return <p class="nothing">{state.history.value === null ? t('detail.loading') : t('history.none')}</p>;
	const live = state.link.value === 'live';
	if (state.open.value === null) return <p class="nothing">{t('incidents.unknown')}</p>;
	return (
		<p class="nothing">
			<b>{t(live ? 'incidents.none' : 'incidents.none-stale')}</b>
			{live && <small>{t('incidents.none-live')}</small>}
		</p>
	);
}

export function Incidents() {
	const rows = state.rows.value;
	const old = state.page.value === 'history';
	const shown = state.shown.value !== null;
	return (
		<main id="main" class={`split ${shown ? 'split-shown' : ''}`} tabIndex={-1}>
			<h1 class="hidden-text">{t(old ? 'nav.history' : 'nav.incidents')}</h1>
			<section class="list" aria-labelledby="list-title">
				<h2 id="list-title" class="title">
					{t(old ? 'history.title' : 'incidents.open')}
					{!old && state.unclaimed.value > 0 && <small class="unclaimed">{t('incidents.unclaimed', { n: state.unclaimed.value })}</small>}
					{state.link.value !== 'live' && state.openReadAt.value !== null && <small>{t('incidents.stale')}</small>}
				</h2>
				{!old && state.may('report') && <button type="button" class="report-open" onClick={() => { state.dialog.value = { kind: 'report' }; }}>{t('report.title')} <kbd>{GATHER_KEYS.report}</kbd></button>}
				{rows.length === 0 ? <Nothing /> : <ul class="rows">{rows.map((incident) => <Row key={incident.number} incident={incident} />)}</ul>}
				{old && rows.length > 0 && !state.historyEnds.value && (
					<button type="button" class="older" onClick={() => void historyOlder().catch(() => undefined)}>{t('history.older')}</button>
				)}
			</section>
			{shown ? <Detail /> : <aside class="detail detail-empty"><p>{t('incidents.choose')}</p></aside>}
		</main>
	);
}
