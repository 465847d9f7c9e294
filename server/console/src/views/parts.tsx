// SPDX-License-Identifier: Apache-2.0
// parts.tsx -- the small pieces that several pages show: ages, badges, marks.
import { now } from '../clock';
import { actorParts, ageParts, clockTime, moment } from '../format';
import { language, t, word } from '../i18n';
import { me, openReadAt, returned, zone } from '../state';
import type { Incident, Place } from '../types';
import { Icon } from './icons';

export function ageText(ms: number): string {
	const { days, rest } = ageParts(ms);
	return days > 0 ? t('age.days', { n: days, rest }) : rest;
}

export const clockText = (at: number): string => clockTime(at, zone.value);
export const momentText = (at: number): string => moment(at, now.value, zone.value, language.value);

export function placeText(post: Place): string {
	return [
		post.rw ? `RW ${post.rw}` : null,
		post.desa ? t('place.desa', { name: post.desa }) : null,
		post.kecamatan ? t('place.kecamatan', { name: post.kecamatan }) : null,
	].filter(Boolean).join(', ');
}

export const postName = (post: Place): string => post.name ?? post.id ?? t('place.unknown');

/** A name from a fixed set of the style sheet, whatever the server says. */
const slug = (text: string): string => text.replace(/[^a-z-]/g, '');

export function ClassBadge({ name }: { name: string }) {
	return <span class={`class-badge class-${slug(name)}`}><Icon name={name} />{word('class', name)}</span>;
}

export function StateBadge({ state }: { state: string }) {
	return <span class={`state-badge state-${slug(state)}`}>{word('state', state)}</span>;
}

export function PostBadge({ state }: { state: string }) {
	return <span class={`post-badge post-${slug(state)}`}><Icon name={state} />{word('post-state', state)}</span>;
}

/** Counts while it is open; stands still once it is closed. */
export function Age({ incident }: { incident: Incident }) {
	return <span class="age">{ageText((incident.closed ?? now.value) - incident.occurred)}</span>;
}

/** How long until the next is called; what the server said when the list was read, less the time since. */
export function Countdown({ incident }: { incident: Incident }) {
	const readAt = openReadAt.value;
	if (incident.escalates_in === null || readAt === null || now.value === 0) return null;
	return <small class="countdown" title={t('mark.next-call-title')}>{t('mark.next-call', { time: ageText(Math.max(0, incident.escalates_in - (Date.now() - readAt))) })}</small>;
}

export function Marks({ incident, fresh }: { incident: Incident; fresh: boolean }) {
	const lostBy = returned.value.get(incident.number);
	const offered = incident.offered_to !== null && incident.offered_to === me.value;
	return (
		<span class="marks">
			{offered ? <b class="mark mark-again">{t('mark.offered-you')}</b> : fresh && <b class="mark mark-again">{t('mark.again')}</b>}
			{lostBy !== undefined && <b class="mark mark-returned">{t('mark.returned', { name: actorParts(lostBy).name })}</b>}
			{incident.silent && <b class="mark mark-silent">{t('mark.silent')}</b>}
			{incident.late && <b class="mark mark-late">{t('mark.late')} {ageText(incident.opened - incident.occurred)}</b>}
			{incident.mark !== '' && <b class="mark mark-drill">{word('mark', incident.mark)}</b>}
			{incident.reported && <b class="mark">{t('mark.reported')}</b>}
			<span class={`mark trust-${incident.trust.level}`} title={t('trust.title')}>{t('mark.trust', { n: incident.trust.level })}</span>
			{incident.posts.length > 1 && <b class="mark mark-posts">{t('mark.posts', { n: incident.posts.length })}</b>}
			{incident.storm === 'on' && <b class="mark mark-storm">{t('mark.storm')}</b>}
			{incident.signals > 1 && <span class="mark">{t('mark.signals', { n: incident.signals })}</span>}
		</span>
	);
}
