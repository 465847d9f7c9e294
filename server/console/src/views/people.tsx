// SPDX-License-Identifier: Apache-2.0
// people.tsx -- one's own account (invitation, second factor, password), and the page of users for administrators.
import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { reasonText } from '../actions';
import { Refusal, call } from '../api';
import { t } from '../i18n';
import { invitationTake, sessionAgain } from '../session';
import * as state from '../state';
import { LanguageSwitch } from './header';

type Submit = JSX.TargetedSubmitEvent<HTMLFormElement>;
const field = (event: Submit, name: string): string => String(new FormData(event.currentTarget).get(name) ?? '').trim();

export const ROLES = ['administrator', 'supervisor', 'operator', 'engineer', 'agency', 'auditor'] as const;

interface User {
	name: string;
	display: string;
	roles: string;
	kecamatan: string;
	unit: string;
	active: boolean;
	invited: boolean;
	factor: boolean;
}

/** What is on its way, why it was refused, and what waits for the password to be given again. */
export function useWork() {
	const [problem, problemSet] = useState('');
	const [waiting, waitingSet] = useState<(() => Promise<void>) | null>(null);
	const work = (what: () => Promise<void>): void => {
		problemSet('');
		what().then(() => waitingSet(null)).catch((error: unknown) => {
			if (!(error instanceof Refusal)) throw error;
			if (error.status === 403 && error.message.startsWith('give your password again')) waitingSet(() => what);
			else problemSet(error.status === 0 ? t('form.no-answer') : reasonText(error.message));
		});
	};
	return { problem, waiting, work };
}

export function Confirm({ waiting, work }: { waiting: () => Promise<void>; work(what: () => Promise<void>): void }) {
	const submit = (event: Submit): void => {
		event.preventDefault();
		const body = { password: String(new FormData(event.currentTarget).get('password') ?? ''), code: field(event, 'code') };
		work(async () => {
			await call('/session/confirm', { method: 'POST', body });
			await waiting();
		});
	};
	return (
		<form class="confirm" onSubmit={submit}>
			<p class="hint">{t('people.confirm')}</p>
			<label>{t('login.password')}<input name="password" type="password" required maxLength={256} autocomplete="current-password" autofocus /></label>
			<label>{t('login.code')}<input name="code" maxLength={40} autocomplete="one-time-code" /></label>
			<button type="submit" class="primary">{t('people.go-on')}</button>
		</form>
	);
}

function Alone({ title, children }: { title: string; children: ComponentChildren }) {
	return (
		<main class="alone">
			<div class="alone-head"><strong>PosPin</strong><LanguageSwitch /></div>
			<h1>{title}</h1>
			{children}
		</main>
	);
}

/** Whoever has come by a one-time link sets the password. */
export function Invitation() {
	const { problem, work } = useWork();
	const [differ, differSet] = useState(false);
	const submit = (event: Submit): void => {
		event.preventDefault();
		const form = new FormData(event.currentTarget), password = String(form.get('password') ?? '');
		differSet(password !== form.get('again'));
		if (password === form.get('again')) work(() => invitationTake(password));
	};
	return (
		<Alone title={t('people.invitation')}>
			<p>{t('people.invitation-why')}</p>
			<form onSubmit={submit}>
				<label>{t('login.password')} <small>({t('setup.password-help')})</small>
					<input name="password" type="password" required minLength={10} maxLength={256} autocomplete="new-password" autofocus />
				</label>
				<label>{t('setup.again')}<input name="again" type="password" required maxLength={256} autocomplete="new-password" /></label>
				{(problem || differ) && <p class="problem" role="alert">{differ ? t('setup.differ') : problem}</p>}
				<button type="submit" class="primary wide">{t('people.set-password')}</button>
			</form>
		</Alone>
	);
}

/** Setting the second factor: the key, the first code, the recovery codes, which are shown this once. */
function FactorSteps({ done }: { done(): void }) {
	const { problem, waiting, work } = useWork();
	const [begun, begunSet] = useState<{ secret: string; uri: string } | null>(null);
	const [codes, codesSet] = useState<string[]>([]);
	const begin = (): void => work(async () => begunSet(await call('/session/factor', { method: 'POST', body: {} })));
	const submit = (event: Submit): void => {
		event.preventDefault();
		const code = field(event, 'code');
		work(async () => codesSet((await call<{ codes: string[] }>('/session/factor/confirm', { method: 'POST', body: { code } })).codes));
	};
	return (
		<>
			{waiting && <Confirm waiting={waiting} work={work} />}
			{problem && <p class="problem" role="alert">{problem}</p>}
			{codes.length > 0
				? (
					<>
						<p class="hint">{t('people.codes')}</p>
						<ul class="codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
						<button type="button" class="primary" onClick={done}>{t('people.codes-kept')}</button>
					</>
				)
				: begun
					? (
						<form onSubmit={submit}>
							<p>{t('people.factor-key')}</p>
							<p><code class="secret">{(begun.secret.match(/.{1,4}/g) ?? []).join(' ')}</code> <a href={begun.uri}>{t('people.factor-link')}</a></p>
							<label>{t('people.factor-code')}<input name="code" required inputMode="numeric" maxLength={6} autocomplete="one-time-code" autofocus /></label>
							<button type="submit" class="primary">{t('people.factor-on')}</button>
						</form>
					)
					: <button type="button" class="primary" onClick={begin}>{t('people.factor-begin')}</button>}
		</>
	);
}

/** Before anything else, for whoever must have one. */
export function FactorFirst() {
	return (
		<Alone title={t('people.factor')}>
			<p>{t('people.factor-why')}</p>
			<FactorSteps done={() => void sessionAgain()} />
		</Alone>
	);
}

function PasswordForm() {
	const { problem, work } = useWork();
	const [done, doneSet] = useState(false);
	const submit = (event: Submit): void => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const body = { old: String(form.get('old') ?? ''), new: String(form.get('new') ?? '') };
		work(async () => {
			await call('/session/password', { method: 'POST', body });
			doneSet(true);
		});
	};
	return (
		<form onSubmit={submit}>
			<h2>{t('people.password')}</h2>
			<label>{t('people.old')}<input name="old" type="password" required maxLength={256} autocomplete="current-password" /></label>
			<label>{t('people.new')} <small>({t('setup.password-help')})</small><input name="new" type="password" required minLength={10} maxLength={256} autocomplete="new-password" /></label>
			{problem && <p class="problem" role="alert">{problem}</p>}
			{done && <p class="hint" role="status">{t('people.password-done')}</p>}
			<button type="submit">{t('people.set-password')}</button>
		</form>
	);
}

const users = signal<User[] | null>(null);
const usersRead = async (): Promise<void> => { users.value = (await call<{ users: User[] }>('/users')).users; };

function UserForm({ work, linkSet }: { work(what: () => Promise<void>): void; linkSet(link: string): void }) {
	const submit = (event: Submit): void => {
		event.preventDefault();
		const element = event.currentTarget, form = new FormData(element), unit = field(event, 'unit'), kecamatan = field(event, 'kecamatan');
		const body = {
			name: field(event, 'name'), display: field(event, 'display'), roles: form.getAll('role').join(','),
			...(unit ? { unit } : {}), ...(kecamatan ? { kecamatan: kecamatan.replace(/\s/g, '') } : {}),
		};
		work(async () => {
			linkSet((await call<{ link: string }>('/users', { method: 'POST', body })).link);
			element.reset();
			await usersRead();
		});
	};
	return (
		<form class="user-add" onSubmit={submit}>
			<h2>{t('people.add')}</h2>
			<label>{t('login.name')} <small>({t('setup.name-help')})</small><input name="name" required maxLength={32} pattern="[a-z0-9][a-z0-9\-]*" autocapitalize="none" /></label>
			<label>{t('setup.display')}<input name="display" required maxLength={80} /></label>
			<fieldset>
				<legend>{t('people.roles')}</legend>
				{ROLES.map((role) => <label key={role} class="check"><input type="checkbox" name="role" value={role} /> {t(`role.${role}`)}</label>)}
			</fieldset>
			<label>{t('people.kecamatan')}<input name="kecamatan" maxLength={390} placeholder="33.24.07,33.24.08" /></label>
			<label>{t('people.unit')}<input name="unit" maxLength={64} /></label>
			<button type="submit" class="primary">{t('people.add')}</button>
		</form>
	);
}

const kecamatanText = (text: string): string => text.replace(/^,|,$/g, '').replace(/,/g, ', ');

/** Another name, other roles, another region: a change of rights ends the user's sessions. */
function UserEdit({ user, work, done }: { user: User; work(what: () => Promise<void>): void; done(): void }) {
	const has = user.roles.split(',');
	const submit = (event: Submit): void => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const said = { display: field(event, 'display'), roles: form.getAll('role').join(','), kecamatan: field(event, 'kecamatan').replace(/\s/g, ''), unit: field(event, 'unit') };
		const was: typeof said = { display: user.display, roles: user.roles, kecamatan: kecamatanText(user.kecamatan).replace(/\s/g, ''), unit: user.unit };
		const body = Object.fromEntries(Object.entries(said).filter(([name, value]) => value !== was[name as keyof typeof was]));
		work(async () => {
			if (Object.keys(body).length > 0) await call(`/users/${user.name}/set`, { method: 'POST', body });
			await usersRead();
			done();
		});
	};
	return (
		<form class="user-edit" onSubmit={submit}>
			<label>{t('setup.display')}<input name="display" required maxLength={80} defaultValue={user.display} /></label>
			<fieldset>
				<legend>{t('people.roles')}</legend>
				{ROLES.map((role) => <label key={role} class="check"><input type="checkbox" name="role" value={role} defaultChecked={has.includes(role)} /> {t(`role.${role}`)}</label>)}
			</fieldset>
			<label>{t('people.kecamatan')}<input name="kecamatan" maxLength={390} defaultValue={kecamatanText(user.kecamatan)} /></label>
			<label>{t('people.unit')}<input name="unit" maxLength={64} defaultValue={user.unit} /></label>
			<button type="submit" class="primary">{t('people.save')}</button>
		</form>
	);
}

function UserRow({ user, work, linkSet }: { user: User; work(what: () => Promise<void>): void; linkSet(link: string): void }) {
	const ask = (word: string): void => work(async () => {
		const { link } = await call<{ link?: string }>(`/users/${user.name}/${word}`, { method: 'POST', body: {} });
		if (link) linkSet(link);
		await usersRead();
	});
	const [editing, editingSet] = useState(false);
	const words = user.roles.split(',').map((role) => ROLES.find((known) => known === role)).map((role) => role ? t(`role.${role}`) : '?');
	return (
		<li class="user-row" data-user={user.name}>
			<b>{user.display}</b> <small>{user.name}</small> {words.join(', ')}
			{user.unit && <small> {user.unit}</small>}
			{user.kecamatan && <small> {kecamatanText(user.kecamatan)}</small>}
			{user.factor && <span class="mark">{t('people.has-factor')}</span>}
			{user.invited && <span class="mark">{t('people.invited')}</span>}
			{!user.active && <b class="mark">{t('people.disabled')}</b>}
			<span class="buttons">
				<button type="button" aria-expanded={editing} onClick={() => editingSet(!editing)}>{t('people.change')}<span class="hidden-text"> {user.name}</span></button>
				<button type="button" onClick={() => ask(user.active ? 'disable' : 'enable')}>{t(user.active ? 'people.disable' : 'people.enable')}</button>
				<button type="button" onClick={() => ask('reset')}>{t('people.reset')}</button>
				{user.factor && <button type="button" onClick={() => ask('factor-off')}>{t('people.factor-off')}</button>}
			</span>
			{editing && <UserEdit user={user} work={work} done={() => editingSet(false)} />}
		</li>
	);
}

function Users() {
	const { problem, waiting, work } = useWork();
	const [link, linkSet] = useState('');
	useEffect(() => { work(usersRead); }, []);
	return (
		<section>
			<h2>{t('people.users')}</h2>
			{waiting && <Confirm waiting={waiting} work={work} />}
			{problem && <p class="problem" role="alert">{problem}</p>}
			{link && <p class="hint" role="status">{t('people.link')} <code>{link}</code></p>}
			<ul class="users">{(users.value ?? []).map((user) => <UserRow key={user.name} user={user} work={work} linkSet={linkSet} />)}</ul>
			<UserForm work={work} linkSet={linkSet} />
		</section>
	);
}

/** One's own second factor can be taken off again; where the role needs one, the next thing is to set it anew. */
function FactorEnd() {
	const { problem, waiting, work } = useWork();
	const end = (): void => work(async () => {
		await call('/session/factor', { method: 'DELETE' });
		await sessionAgain();
	});
	return (
		<>
			<p>{t('people.factor-is-on')}</p>
			{waiting && <Confirm waiting={waiting} work={work} />}
			{problem && <p class="problem" role="alert">{problem}</p>}
			<button type="button" onClick={end}>{t('people.factor-end')}</button>
		</>
	);
}

export function PeoplePage() {
	const session = state.session.value;
	return (
		<main id="main" class="people" tabIndex={-1}>
			<h1 class="title">{t('nav.people')}</h1>
			{session?.roles.includes('administrator') && <Users />}
			<section>
				<h2>{t('people.factor')}</h2>
				{session?.factor ? <FactorEnd /> : <FactorSteps done={() => void sessionAgain()} />}
			</section>
			<PasswordForm />
		</main>
	);
}
