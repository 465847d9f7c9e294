// SPDX-License-Identifier: Apache-2.0
// timeline.tsx -- every event of an incident with its time, its distance from the alarm, and who did it.
import { actorParts } from '../format';
import { language, t, word } from '../i18n';
import type { IncidentDetail, TimelineEvent } from '../types';
import { calledText } from './calls';
import { ageText, momentText } from './parts';

function actorText(actor: string): string {
	const { kind, name } = actorParts(actor);
	if (kind === 'post') return t('actor.post', { name });
	if (kind === 'ctl') return t('actor.ctl', { name });
	if (kind === 'server') return t('actor.server');
	return name || actor;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The words of people and services that belong to an event. */
function bodyText({ kind, body, point: id, post }: TimelineEvent, detail: IncidentDetail): string {
	const known = detail.points.find(({ point }) => point === id);
	const point = (language.value === 'id' ? known?.label_id : known?.label_en) ?? id;
	if (kind.startsWith('call.')) return [text(body.agency) ? calledText(`agency:${text(body.agency)}`) : text(body.contact), text(body.reason)].filter(Boolean).join(': ');
	switch (kind) {
	case 'incident.opened':
	case 'incident.signal':
		if (body.reported === true) return [t('mark.reported'), text(body.caller)].filter(Boolean).join(', ');
		if (body.split_from) return text(body.split_from);
		return [body.joined === true ? post ?? '' : '', point, word('kind', text(body.kind))].filter(Boolean).join(', ');
	case 'incident.dispatched': return text(body.unit);
	case 'incident.closed': return [word('code', text(body.code)), text(body.note)].filter(Boolean).join(': ');
	case 'incident.note': return text(body.text);
	case 'incident.linked':
	case 'incident.unlinked': return [text(body.other), body.why ? word('link-why', text(body.why)) : ''].filter(Boolean).join(', ');
	case 'incident.merged': return text(body.into);
	case 'incident.gathered': return text(body.from);
	case 'incident.split': return [text(body.post), text(body.into)].filter(Boolean).join(', ');
	case 'incident.converted': return word('mark', text(body.was));
	case 'incident.restore':
	case 'incident.cancel': return point ?? '';
	case 'incident.storm':
	case 'incident.calm': return t('mark.signals', { n: `+${Number(body.count)}` });
	case 'ladder.step':
		return [`${word('ring', text(body.ring))} ${Number(body.step)}`, Array.isArray(body.call) ? body.call.map((called) => calledText(text(called))).join(', ') : '']
			.filter(Boolean).join(': ');
	case 'ladder.ended': return word('ring', text(body.ring));
	case 'incident.offered':
	case 'incident.handed-over':
	case 'incident.returned': return actorParts(text(body.user)).name;
	default: return [text(body.target), text(body.detail)].filter(Boolean).join(': ');
	}
}

export function Timeline({ detail }: { detail: IncidentDetail }) {
	return (
		<section>
			<h3>{t('detail.timeline')}</h3>
			<ol class="timeline">
				{detail.timeline.map((event) => (
					<li key={event.id} class={event.kind === 'notification.failed' ? 'failed' : ''}>
						<span class="time">{momentText(event.at)}</span>
						<span class="delta">+{ageText(event.at - detail.occurred)}</span>
						<span class="what"><b>{word('event', event.kind)}</b> <q>{bodyText(event, detail)}</q> <small>{actorText(event.actor)}</small></span>
					</li>
				))}
			</ol>
		</section>
	);
}
