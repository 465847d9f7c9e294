// SPDX-License-Identifier: Apache-2.0
// incidents.tsx -- the list that an operator works from, and the detail beside it.
import { begin, reasonText } from '../actions';
import { t, word } from '../i18n';
import { MOVE_KEYS } from '../keys';
import { nextMove } from '../order';
import * as state from '../state';
import { againSet, pendingSet } from '../state';
import { historyOlder, showIncident } from '../store';
import type { Incident } from '../types';
import { Detail } from './detail';
import { Age, ClassBadge, Marks, StateBadge, momentText, placeText, postName } from './parts';

export function PendingNote({ number }: { number: string }) {
	const pending = state.pending.value.get(number);
	if (!pending) return null;
	const move = word('move', pending.move);
	if (pending.state === 'sending') return <p class="pending">{t('move.sending', { move })}</p>;
	return (
		<p class="problem">
			{pending.state === 'refused' ? t('move.refused', { reason: reasonText(pending.detail) }) : t('move.unanswered', { move })}
			<button type="button" onClick={() => pendingSet(number, null)}>{t('move.dismiss')}</button>
		</p>
	);
}

function NextButton({ incident }: { incident: Incident }) {
	const move = nextMove(incident.state);
	if (!move) return null;
	const sending = state.pending.value.get(incident.number)?.state === 'sending';
	return (
		<button type="button" class={`next ${incident.state === 'open' ? 'primary' : ''}`} aria-disabled={sending}
			aria-label={`${word('move', move)}: ${incident.number}`} onClick={() => begin(incident.number, move)}>
			{word('move', move)} <kbd>{MOVE_KEYS[move]}</kbd>
		</button>
	);
}

function Row({ incident }: { incident: Incident }) {
	const { number } = incident;
	const fresh = state.again.value.has(number);
	const chosen = state.chosen.value === number;
	return (
		<li class={`row in-${incident.state} ${chosen ? 'row-chosen' : ''}`} data-number={number}>
			<button type="button" class="row-open" aria-current={chosen ? 'true' : undefined} onClick={() => showIncident(number)}>
				<ClassBadge name={incident.class} />
				<span class="where"><b>{postName(incident.post)}</b><small>{placeText(incident.post)}</small></span>
				<Age incident={incident} />
				<span class="row-state">
					<StateBadge state={incident.state} />
					{incident.units.length > 0 && incident.state !== 'closed' && <small>{incident.units.join(', ')}</small>}
					{incident.state === 'closed' && <small>{word('code', incident.closing_code ?? '')}</small>}
				</span>
				<Marks incident={incident} fresh={fresh} />
				<small class="row-number">{number}{state.page.value === 'history' && <>, {momentText(incident.occurred)}</>}</small>
			</button>
			{fresh ? <button type="button" class="next primary" onClick={() => againSet(number, false)}>{t('move.seen')}</button>
				: <NextButton incident={incident} />}
			<PendingNote number={number} />
		</li>
	);
}

function Nothing() {
	if (state.page.value === 'history') return <p class="nothing">{state.history.value === null ? t('detail.loading') : t('history.none')}</p>;
	if (state.open.value === null) return <p class="nothing">{t('incidents.unknown')}</p>;
	return (
		<p class="nothing">
			<b>{t('incidents.none')}</b>
			{state.link.value === 'live' && <small>{t('incidents.none-live')}</small>}
		</p>
	);
}

export function Incidents() {
	const rows = state.rows.value;
	const old = state.page.value === 'history';
	const shown = state.shown.value !== null;
	return (
		<main id="main" class={`split ${shown ? 'split-shown' : ''}`} tabIndex={-1}>
			<section class="list" aria-labelledby="list-title">
				<h1 id="list-title">
					{t(old ? 'history.title' : 'incidents.open')}
					{!old && state.unclaimed.value > 0 && <small class="unclaimed">{t('incidents.unclaimed', { n: state.unclaimed.value })}</small>}
				</h1>
				{rows.length === 0 ? <Nothing /> : <ul class="rows">{rows.map((incident) => <Row key={incident.number} incident={incident} />)}</ul>}
				{old && rows.length > 0 && !state.historyEnds.value && (
					<button type="button" class="older" onClick={() => void historyOlder().catch(() => undefined)}>{t('history.older')}</button>
				)}
			</section>
			{shown ? <Detail /> : <aside class="detail detail-empty"><p>{t('incidents.choose')}</p></aside>}
		</main>
	);
}
