// SPDX-License-Identifier: Apache-2.0
// gathered.tsx -- what an incident consists of: how far it is confirmed and why, its posts, what stands beside it.
import { useState } from 'preact/hooks';
import { gather } from '../gathering';
import { language, t, word } from '../i18n';
import { GATHER_KEYS } from '../keys';
import * as state from '../state';
import { showIncident } from '../store';
import type { Incident, IncidentLink, Trust } from '../types';
import { ClassBadge, StateBadge, momentText } from './parts';

function TrustLine({ trust }: { trust: Trust }) {
	return (
		<>
			<dt>{t('trust.title')}</dt>
			<dd>
				<b class={`trust trust-${trust.level}`} data-trust={trust.level}>{t('trust.level', { n: trust.level })} {t(`trust.${trust.level as 0 | 1 | 2 | 3 | 4}`)}</b>
				{trust.reasons.length > 0 && <small>{trust.reasons.map((reason) => (language.value === 'id' ? reason.id : reason.en)).join(', ')}</small>}
			</dd>
		</>
	);
}

function Posts({ incident, act }: { incident: Incident; act: (what: 'split', body: Record<string, string>) => void }) {
	const may = state.may('split') && incident.state !== 'closed' && (incident.posts.length > 1 || incident.reported);
	if (incident.posts.length < 2 && !incident.reported) return null;
	return (
		<>
			<dt>{t('gather.posts')}</dt>
			<dd>
				<ul class="gathered">
					{incident.posts.map((post) => (
						<li key={post.id}>
							<b>{post.name ?? post.id}</b>{' '}
							<small>{post.signals > 0 ? `${t('mark.signals', { n: post.signals })}, ${momentText(post.newest)}` : t('gather.told')}</small>
							{may && post.signals > 0 && <button type="button" onClick={() => act('split', { post: post.id })}>{t('gather.split')}</button>}
						</li>
					))}
				</ul>
			</dd>
		</>
	);
}

function Links({ incident, act }: { incident: Incident; act: (what: 'merge' | 'unlink', body: Record<string, string>) => void }) {
	const may = (link: IncidentLink): boolean => state.may('merge') && incident.state !== 'closed' && link.state !== 'closed';
	// Whoever is called for one is not shown the others.
	if (incident.links.length === 0 || state.seat.value === 'unit') return null;
	return (
		<>
			<dt>{t('gather.links')}</dt>
			<dd>
				<ul class="gathered">
					{incident.links.map((link) => (
						<li key={link.number} class={link.suggested ? 'suggested' : ''}>
							<button type="button" onClick={() => showIncident(link.number)}>{link.number}</button>
							<ClassBadge name={link.class} /><StateBadge state={link.state} /><small>{word('link-why', link.why)}</small>
							{may(link) && (link.suggested || link.class === incident.class) && (
								<button type="button" class={link.suggested ? 'primary' : ''} onClick={() => act('merge', { other: link.number })}>{t('gather.merge')}</button>
							)}
							{state.may('unlink') && <button type="button" onClick={() => act('unlink', { other: link.number })}>{t('gather.unlink')}</button>}
						</li>
					))}
				</ul>
			</dd>
		</>
	);
}

export function Gathered({ incident }: { incident: Incident }) {
	const [problem, problemSet] = useState<string | null>(null);
	const act = (what: 'merge' | 'split' | 'unlink', body: Record<string, string>): void => {
		problemSet(null);
		void gather(incident.number, what, body).then(problemSet);
	};
	return (
		<>
			<dl class="facts">
				<TrustLine trust={incident.trust} />
				<Posts incident={incident} act={act} />
				<Links incident={incident} act={act} />
			</dl>
			{incident.merged_into !== null && (
				<p>{t('gather.merged-into')} <button type="button" onClick={() => showIncident(incident.merged_into)}>{incident.merged_into}</button></p>
			)}
			{problem && <p class="problem">{problem}</p>}
			{incident.state !== 'closed' && state.may('merge') && (
				<div class="actions" role="group" aria-label={t('gather.title')}>
					<button type="button" onClick={() => { state.dialog.value = { kind: 'merge', number: incident.number }; }}>{t('gather.merge')} … <kbd>{GATHER_KEYS.merge}</kbd></button>
					<button type="button" onClick={() => { state.dialog.value = { kind: 'link', number: incident.number }; }}>{t('gather.link')} … <kbd>{GATHER_KEYS.link}</kbd></button>
					{incident.posts.length > 1 && (
						<button type="button" onClick={() => { state.dialog.value = { kind: 'split', number: incident.number }; }}>{t('gather.split')} … <kbd>{GATHER_KEYS.split}</kbd></button>
					)}
					{incident.mark !== '' && (
						<button type="button" onClick={() => { state.dialog.value = { kind: 'convert', number: incident.number }; }}>{t('gather.convert')} <kbd>{GATHER_KEYS.convert}</kbd></button>
					)}
				</div>
			)}
		</>
	);
}
