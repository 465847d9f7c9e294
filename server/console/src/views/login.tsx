// SPDX-License-Identifier: Apache-2.0
// login.tsx -- the first operator's form, and the login form.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { reasonText } from '../actions';
import { Refusal } from '../api';
import { t } from '../i18n';
import { recall, remember } from '../memory';
import { login, madeName, operatorMake, setupNeeded, setupToken } from '../session';
import { arm } from '../sound';
import * as state from '../state';
import { LanguageSwitch } from './header';

type Submit = JSX.TargetedSubmitEvent<HTMLFormElement>;

/** A form that says when it is on its way, and shows the server's reason when it is refused. */
function useSending(): { busy: boolean; problem: string | null; tenantAsked: boolean; send(work: () => Promise<void>): void; fail(text: string): void } {
	const [busy, busySet] = useState(false);
	const [problem, problemSet] = useState<string | null>(null);
	const [tenantAsked, tenantAskedSet] = useState(false);
	const send = (work: () => Promise<void>): void => {
		if (busy) return;
		busySet(true);
		problemSet(null);
		work().catch((error: unknown) => {
			if (!(error instanceof Refusal)) throw error;
			// A server of several regencies asks which one.
			if (error.status === 422 && error.message.includes('tenant')) tenantAskedSet(true);
			problemSet(error.status === 0 ? t('form.no-answer') : reasonText(error.message));
		}).finally(() => busySet(false));
	};
	return { busy, problem, tenantAsked, send, fail: problemSet };
}

const field = (event: Submit, name: string): string => String(new FormData(event.currentTarget).get(name) ?? '');

function Alone({ title, children }: { title: string; children: ComponentChildren }) {
	return (
		<main class="alone">
			<div class="alone-head"><strong>PosPin</strong><LanguageSwitch /></div>
			<h1>{title}</h1>
			{children}
		</main>
	);
}

function Go({ busy, problem, text }: { busy: boolean; problem: string | null; text: string }) {
	return (
		<>
			{problem !== null && <p class="problem" role="alert">{problem}</p>}
			<button type="submit" class="primary wide" aria-disabled={busy}>{busy ? t('form.sending') : text}</button>
		</>
	);
}

const TenantField = () => <label>{t('login.tenant')}<input name="tenant" required autocapitalize="none" /></label>;

export function Setup() {
	const { busy, problem, tenantAsked, send, fail } = useSending();
	const submit = (event: Submit): void => {
		event.preventDefault();
		const password = field(event, 'password');
		if (password !== field(event, 'again')) {
			fail(t('setup.differ'));
			return;
		}
		const tenant = field(event, 'tenant').trim();
		const operator = { name: field(event, 'name').trim(), display: field(event, 'display').trim(), password, ...(tenant ? { tenant } : {}) };
		send(() => operatorMake(operator));
	};
	return (
		<Alone title={t('setup.title')}>
			<p>{t('setup.why')}</p>
			<form onSubmit={submit}>
				<label>{t('setup.display')}<input name="display" required maxLength={80} autocomplete="name" autofocus /></label>
				<label>{t('login.name')} <small>({t('setup.name-help')})</small>
					<input name="name" required maxLength={32} pattern="[a-z0-9][a-z0-9\-]*" autocomplete="username" autocapitalize="none" spellcheck={false} />
				</label>
				<label>{t('login.password')} <small>({t('setup.password-help')})</small>
					<input name="password" type="password" required minLength={10} maxLength={256} autocomplete="new-password" />
				</label>
				<label>{t('setup.again')}<input name="again" type="password" required maxLength={256} autocomplete="new-password" /></label>
				{tenantAsked && <TenantField />}
				<Go busy={busy} problem={problem} text={t('setup.go')} />
			</form>
		</Alone>
	);
}

function hint(): string | null {
	if (madeName.value) return t('login.made');
	if (setupNeeded.value) return t('login.no-setup');
	if (setupToken.value !== null) return t('setup.done');
	return state.notice.value || null;
}

export function Login() {
	const { busy, problem, tenantAsked, send } = useSending();
	const submit = (event: Submit): void => {
		event.preventDefault();
		const tenant = field(event, 'tenant').trim();
		const name = field(event, 'name').trim();
		const code = field(event, 'code').trim();
		const credentials = { name, password: field(event, 'password'), ...(tenant ? { tenant } : {}), ...(code ? { code } : {}) };
		// The press on this button is the gesture that browsers want before they make a sound.
		if (recall('sound') !== 'off') void arm();
		send(async () => {
			await login(credentials);
			remember('name', name);
		});
	};
	const name = madeName.value || (recall('name') ?? '');
	const text = hint();
	return (
		<Alone title={t('login.title')}>
			{text !== null && <p class="hint">{text}</p>}
			<form onSubmit={submit}>
				<label>{t('login.name')}
					<input name="name" required maxLength={32} defaultValue={name} autocomplete="username" autocapitalize="none" spellcheck={false} autofocus={!name} />
				</label>
				<label>{t('login.password')}<input name="password" type="password" required maxLength={256} autocomplete="current-password" autofocus={!!name} /></label>
				<label>{t('login.code')}<input name="code" maxLength={40} autocomplete="one-time-code" /></label>
				{tenantAsked && <TenantField />}
				<Go busy={busy} problem={problem} text={t('login.go')} />
			</form>
		</Alone>
	);
}
