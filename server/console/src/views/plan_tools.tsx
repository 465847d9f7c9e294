// SPDX-License-Identifier: Apache-2.0
// plan_tools.tsx -- whether the ways to people are right, a test message, and a new plan.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { reasonText } from '../actions';
import { Refusal, call } from '../api';
import type { PlanContact } from '../calling';
import { now } from '../clock';
import { t, word } from '../i18n';
import * as state from '../state';
import { Confirm, useWork } from './people';

const STALE_MS = 90 * 86400000;
const CHANNELS = ['webhook', 'mail', 'sms', 'siren'] as const;

function ContactRow({ id, contact }: { id: string; contact: PlanContact }) {
	const [told, toldSet] = useState('');
	const stale = contact.verified === undefined || now.value - Date.parse(contact.verified) > STALE_MS;
	const test = (): void => {
		call<{ way: string }>(`/plan/contacts/${encodeURIComponent(id)}/test`, { method: 'POST', body: {} })
			.then(({ way }) => toldSet(t('plan.tested', { way: word('channel', way) })),
				(error: unknown) => toldSet(error instanceof Refusal && error.status !== 0 ? t('move.refused', { reason: reasonText(error.message) }) : t('form.no-answer')));
	};
	return (
		<li class="user-row" data-contact={id}>
			<b>{id}</b> <small>{contact.role}, {contact.ways.map((way) => word('channel', Object.keys(way)[0] ?? '')).join(', ')}</small>
			<span class={stale ? 'mark mark-stale' : 'mark'}>{contact.verified === undefined ? t('plan.unverified') : t('plan.verified', { day: contact.verified })}{stale && contact.verified !== undefined && `: ${t('plan.stale')}`}</span>
			<span class="buttons">
				{told && <small role="status">{told}</small>}
				{state.may('contact-test') && <button type="button" onClick={test}>{t('plan.test')}<span class="hidden-text"> {id}</span></button>}
			</span>
		</li>
	);
}

export function Contacts({ contacts }: { contacts: Record<string, PlanContact> }) {
	return (
		<section class="plan-part" aria-labelledby="plan-contacts">
			<h2 id="plan-contacts">{t('plan.contacts')}</h2>
			<ul class="users">{Object.entries(contacts).map(([id, contact]) => <ContactRow key={id} id={id} contact={contact} />)}</ul>
		</section>
	);
}

type Submit = JSX.TargetedSubmitEvent<HTMLFormElement>;

/** A message that says that it is a test, to any address. */
export function RingTest() {
	const { problem, waiting, work } = useWork();
	const [sent, sentSet] = useState(false);
	const submit = (event: Submit): void => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const body = Object.fromEntries(['channel', 'contact', 'address'].map((name) => [name, String(form.get(name) ?? '').trim()]));
		sentSet(false);
		work(async () => {
			await call('/notifications/test', { method: 'POST', body });
			sentSet(true);
		});
	};
	return (
		<section class="plan-part" aria-labelledby="plan-ring">
			<h2 id="plan-ring">{t('plan.ring')}</h2>
			<p>{t('plan.ring-text')}</p>
			{waiting && <Confirm waiting={waiting} work={work} />}
			<form class="plan-form" onSubmit={submit}>
				<label>{t('plan.channel')}<select name="channel">{CHANNELS.map((name) => <option key={name} value={name}>{word('channel', name)}</option>)}</select></label>
				<label>{t('plan.contact')}<input name="contact" required maxLength={40} pattern="[a-z0-9][a-z0-9\-]*" autocapitalize="none" /></label>
				<label>{t('plan.address')}<input name="address" required maxLength={254} autocapitalize="none" /></label>
				<button type="submit">{t('plan.ring-go')}</button>
			</form>
			{problem && <p class="problem" role="alert">{problem}</p>}
			{sent && <p class="hint" role="status">{t('plan.ring-sent')}</p>}
		</section>
	);
}

/** Replaces the whole plan by a file, if the server finds nothing wrong with it. */
export function PutPlan({ done }: { done(): void }) {
	const { problem, waiting, work } = useWork();
	const [told, toldSet] = useState('');
	const submit = (event: Submit): void => {
		event.preventDefault();
		const file = new FormData(event.currentTarget).get('file');
		toldSet('');
		if (!(file instanceof File)) return;
		void file.text().then((text) => {
			let body: unknown;
			try {
				body = JSON.parse(text);
			} catch {
				toldSet(t('plan.not-json'));
				return;
			}
			work(async () => {
				await call('/plan', { method: 'PUT', body });
				toldSet(t('plan.put-done'));
				done();
			});
		});
	};
	return (
		<section class="plan-part" aria-labelledby="plan-put">
			<h2 id="plan-put">{t('plan.put')}</h2>
			<p>{t('plan.put-text')}</p>
			{waiting && <Confirm waiting={waiting} work={work} />}
			<form class="plan-form" onSubmit={submit}>
				<label>{t('plan.file')}<input name="file" type="file" required accept="application/json,.json" /></label>
				<button type="submit">{t('plan.put-go')}</button>
			</form>
			{problem && <p class="problem" role="alert">{problem}</p>}
			{told && <p class="hint" role="status">{told}</p>}
		</section>
	);
}
