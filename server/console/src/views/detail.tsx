// SPDX-License-Identifier: Apache-2.0
// detail.tsx -- one incident: what, where, whom to call, which step when, and everything that happened.
import { begin, handOver, reasonText } from '../actions';
import { language, t, word } from '../i18n';
import { GATHER_KEYS, MOVE_KEYS } from '../keys';
import { actorParts, dialable } from '../format';
import { nextMove } from '../order';
import * as state from '../state';
import { showIncident } from '../store';
import { type Incident, type IncidentDetail, MOVES } from '../types';
import { AnswerButtons, Calls, Notifications } from './calls';
import { Gathered } from './gathered';
import { Icon } from './icons';
import { PendingNote } from './incidents';
import { Age, ClassBadge, StateBadge, ageText, clockText, momentText, placeText, postName } from './parts';
import { Timeline } from './timeline';

function Steps({ incident }: { incident: Incident }) {
	const steps = [
		['step.occurred', incident.occurred], ['step.opened', incident.opened], ['step.acknowledged', incident.acknowledged],
		['step.dispatched', incident.dispatched], ['step.on-scene', incident.on_scene], ['step.closed', incident.closed],
	] as const;
	return (
		<ol class="steps" aria-label={t('detail.steps')}>
			{steps.map(([key, at]) => (
				<li key={key} class={at === null ? '' : 'done'}>
					<span>{t(key)}</span>
					<b>{at === null ? t('step.none') : clockText(at)}</b>
					<small>{at !== null && key !== 'step.occurred' ? `+${ageText(at - incident.occurred)}` : ''}</small>
				</li>
			))}
		</ol>
	);
}

function Actions({ incident }: { incident: Incident }) {
	const next = nextMove(incident);
	const sending = state.pending.value.get(incident.number)?.state === 'sending';
	const moves = MOVES.filter((move) => state.may(move));
	const holds = incident.acknowledged_by === state.me.value && incident.state !== 'closed';
	if (moves.length === 0) return <p><small>{t('right.watch')}</small></p>;
	return (
		<div class="actions" role="group" aria-label={t('detail.actions')}>
			{moves.map((move) => (
				<button key={move} type="button" class={move === next ? 'primary' : ''} aria-busy={sending} onClick={() => begin(incident.number, move)}>
					{word('move', move)} <kbd>{MOVE_KEYS[move]}</kbd>
				</button>
			))}
			{holds && state.may('hand-over') && <button type="button" onClick={() => handOver(incident.number)}>{t('move.hand-over')} … <kbd>{GATHER_KEYS['hand-over']}</kbd></button>}
		</div>
	);
}

/** It is offered to somebody: both see it. */
function Offer({ incident }: { incident: Incident }) {
	if (incident.offered_to === null) return null;
	const holder = actorParts(incident.acknowledged_by ?? '').name;
	if (incident.offered_to !== state.me.value)
		return <p class="warning mark-offered">{t('hand.offered', { name: actorParts(incident.offered_to).name, holder })}</p>;
	return (
		<p class="warning mark-offered" data-offer="you">
			{t('hand.yours', { name: holder })}{' '}
			<button type="button" class="primary" onClick={() => handOver(incident.number)}>{t('move.take-over')} <kbd>{GATHER_KEYS['hand-over']}</kbd></button>
		</p>
	);
}

/** What the unit of whoever is here was called for, and its answers: all that a post of the fire brigade needs. */
function OwnCall({ incident }: { incident: Incident }) {
	const unit = state.session.value?.unit;
	if (!unit || !incident.own_call || incident.state === 'closed') return null;
	return (
		<section class="own-call" aria-label={t('call.own', { unit })}>
			<p>{t('call.own', { unit })}: <b>{word('call', incident.own_call.state)}</b></p>
			<AnswerButtons number={incident.number} call={incident.own_call} name={unit} />
		</section>
	);
}

function Warnings({ incident }: { incident: Incident }) {
	return (
		<>
			{incident.silent && <p class="warning mark-silent">{t('detail.silent')}</p>}
			{incident.late && <p class="warning mark-late">{t('detail.late', { age: ageText(incident.opened - incident.occurred) })}</p>}
			{incident.mark === 'drill' && <p class="warning mark-drill">{t('detail.drill')}</p>}
			{incident.mark === 'test' && <p class="warning mark-drill">{t('detail.test')}</p>}
			{incident.mark === 'disabled' && <p class="warning mark-late">{t('detail.disabled')}</p>}
			{incident.storm !== null && (
				<p class="warning mark-storm">{t(incident.storm === 'on' ? 'detail.storm' : 'detail.storm-over', { n: incident.signals })}</p>
			)}
		</>
	);
}

function Facts({ incident }: { incident: Incident }) {
	// Rows are masked: names and numbers come with the detail, for whoever has the incident.
	const detail = state.detail.value;
	const post = detail?.number === incident.number ? detail.post : incident.post;
	const number = dialable(post.contact_phone ?? '');
	return (
		<dl class="facts">
			<dt>{t('detail.place')}</dt>
			<dd>
				{placeText(post)}
				{post.latitude !== null && post.longitude !== null && <small>{post.latitude.toFixed(5)}, {post.longitude.toFixed(5)}</small>}
			</dd>
			<dt>{t('detail.contact')}</dt>
			<dd>
				{post.contact_name ?? t(post.contact_masked ? 'detail.contact-masked' : 'detail.no-contact')}
				{post.contact_phone !== null && (number
					? <a href={`tel:${number}`}><Icon name="phone" />{post.contact_phone}</a>
					: <span>{post.contact_phone}</span>)}
			</dd>
			{incident.units.length > 0 && <><dt>{t('detail.units')}</dt><dd>{incident.units.join(', ')}</dd></>}
		</dl>
	);
}

function Signals({ detail }: { detail: IncidentDetail }) {
	return (
		<section>
			<h3>{t('detail.signals')}</h3>
			<ul class="signals">
				{detail.points.map((point, i) => (
					<li key={i}>
						<span class="time">{momentText(point.occurred)}</span>
						<span>
							<b>{(language.value === 'id' ? point.label_id : point.label_en) ?? point.point}</b> ({word('kind', point.kind)}): {word('signal', point.signal)}
							{point.flags.map((flag) => <small key={flag}>, {word('flag', flag)}</small>)}
							{point.occurred_by === 'arrival' && <small>, {t('detail.unknown-clock')}</small>}
						</span>
					</li>
				))}
			</ul>
		</section>
	);
}

export function Detail() {
	const number = state.shown.value ?? '';
	const detail = state.detail.value;
	// The row is newer than the detail while that is being read.
	const row = state.rows.value.find((one) => one.number === number);
	const incident = row && (!detail || row.rev >= detail.rev) ? row : detail;
	return (
		<section class="detail" aria-labelledby="detail-title">
			<div class="detail-head">
				<h2 id="detail-title">{incident ? postName(incident.post) : number}</h2>
				{incident && <Age incident={incident} />}
				<button type="button" class="back" onClick={() => showIncident(null)}>{t('detail.back')} <kbd>Esc</kbd></button>
				{incident && <p class="about"><ClassBadge name={incident.class} /><StateBadge state={incident.state} /><small>{number}</small></p>}
			</div>
			{state.detailError.value !== null && <p class="problem">{t('detail.failed', { reason: reasonText(state.detailError.value) })}</p>}
			{incident && (
				<>
					<Warnings incident={incident} />
					<Offer incident={incident} />
					<Steps incident={incident} />
					<OwnCall incident={incident} />
					<Actions incident={incident} />
					<PendingNote number={number} />
					{incident.closing_code !== null && <p><b>{t('detail.closed-as', { code: word('code', incident.closing_code) })}</b></p>}
					<Facts incident={incident} />
					{detail && <Calls detail={detail} />}
					<Gathered key={number} incident={incident} />
				</>
			)}
			{detail ? <><Signals detail={detail} /><Timeline detail={detail} /><Notifications detail={detail} /></> : <p>{t('detail.loading')}</p>}
		</section>
	);
}
