// SPDX-License-Identifier: Apache-2.0
// detail.tsx -- one incident: what, where, whom to call, which step when, and everything that happened.
import { begin } from '../actions';
import { language, t, word } from '../i18n';
import { MOVE_KEYS } from '../keys';
import { dialable } from '../format';
import { nextMove } from '../order';
import * as state from '../state';
import { showIncident } from '../store';
import { type Incident, type IncidentDetail, MOVES } from '../types';
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
	const next = nextMove(incident.state);
	const sending = state.pending.value.get(incident.number)?.state === 'sending';
	return (
		<div class="actions" role="group" aria-label={t('detail.actions')}>
			{MOVES.map((move) => (
				<button key={move} type="button" class={move === next ? 'primary' : ''} aria-busy={sending} onClick={() => begin(incident.number, move)}>
					{word('move', move)} <kbd>{MOVE_KEYS[move]}</kbd>
				</button>
			))}
		</div>
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

function Calls({ detail }: { detail: IncidentDetail }) {
	if (detail.calls.length === 0) return null;
	return (
		<section>
			<h3>{t('detail.calls')}</h3>
			<ul class="signals">
				{detail.calls.map((one) => (
					<li key={one.id} class={one.state === 'refused' ? 'failed' : ''}>
						<span class="time">{momentText(one.ended ?? one.on_scene ?? one.en_route ?? one.accepted ?? one.notified)}</span>
						<span><b>{one.agency || one.contact}</b>: {word('call', one.state)}</span>
					</li>
				))}
			</ul>
		</section>
	);
}

function Notifications({ detail }: { detail: IncidentDetail }) {
	if (detail.notifications.length === 0) return null;
	return (
		<section>
			<h3>{t('detail.notifications')}</h3>
			<ul class="signals">
				{detail.notifications.map((sent) => (
					<li key={sent.id} class={sent.state === 'failed' ? 'failed' : ''}>
						<span class="time">{momentText(sent.changed)}</span>
						<span>
							<b>{sent.channel} {sent.target}</b>: {word('notification', sent.state)}, <small>{t('detail.attempts', { n: sent.attempts })}
								{sent.detail && `, ${sent.detail}`}</small>
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
	const row = state.rows.value.find((incident) => incident.number === number);
	const incident = row && (!detail || row.rev >= detail.rev) ? row : detail;
	return (
		<section class="detail" aria-labelledby="detail-title">
			<div class="detail-head">
				<h2 id="detail-title">{incident ? postName(incident.post) : number}</h2>
				{incident && <Age incident={incident} />}
				<button type="button" class="back" onClick={() => showIncident(null)}>{t('detail.back')} <kbd>Esc</kbd></button>
				{incident && <p class="about"><ClassBadge name={incident.class} /><StateBadge state={incident.state} /><small>{number}</small></p>}
			</div>
			{state.detailError.value !== null && <p class="problem">{t('detail.failed', { reason: state.detailError.value })}</p>}
			{incident && (
				<>
					<Warnings incident={incident} />
					<Steps incident={incident} />
					<Actions incident={incident} />
					<PendingNote number={number} />
					{incident.closing_code !== null && <p><b>{t('detail.closed-as', { code: word('code', incident.closing_code) })}</b></p>}
					<Gathered key={number} incident={incident} />
					<Facts incident={incident} />
				</>
			)}
			{detail ? <><Calls detail={detail} /><Signals detail={detail} /><Timeline detail={detail} /><Notifications detail={detail} /></> : <p>{t('detail.loading')}</p>}
		</section>
	);
}
