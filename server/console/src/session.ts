// SPDX-License-Identifier: Apache-2.0
// session.ts -- who is at this page: the first operator's link, login, logout.
import { signal } from '@preact/signals';
import { Refusal, call } from './api';
import { t } from './i18n';
import * as state from './state';
import { storeStart, storeStop } from './store';
import type { Session } from './types';

/** Of the one-time link. Kept in memory only: it is taken out of the address at once. */
export const setupToken = signal<string | null>(null);
/** Of an invitation, the same way. */
const invitationToken = signal<string | null>(null);
export const setupNeeded = signal(false);
/** The name that has just been made, for the login form. */
export const madeName = signal('');

function tokenTake(): void {
	const found = /^#(setup|invitation)=([^&]+)$/.exec(location.hash);
	if (!found?.[2]) return;
	(found[1] === 'setup' ? setupToken : invitationToken).value = decodeURIComponent(found[2]);
	window.history.replaceState(null, '', location.pathname);
}

function enter(session: Session): void {
	state.session.value = session;
	state.notice.value = '';
	if (session.factor_required) {
		state.phase.value = 'factor';
		return;
	}
	if (!state.pages.value.includes(state.page.value)) state.page.value = state.pages.value.find((name) => name !== 'people') ?? 'people';
	state.phase.value = 'in';
	void storeStart();
}

/** Decides what the page begins with; tries again while the server does not answer. */
export async function sessionStart(): Promise<void> {
	tokenTake();
	if (invitationToken.value !== null) {
		state.phase.value = 'invitation';
		return;
	}
	for (;;) {
		try {
			const { needed } = await call<{ needed: boolean }>('/setup');
			setupNeeded.value = needed;
			if (needed && setupToken.value !== null) {
				state.phase.value = 'setup';
				return;
			}
			enter(await call<Session>('/session'));
			return;
		} catch (error) {
			if (error instanceof Refusal && error.status === 401) {
				state.phase.value = 'login';
				return;
			}
			state.link.value = 'broken';
			await new Promise((resolve) => setTimeout(resolve, 1500));
		}
	}
}

export interface NewOperator {
	name: string;
	display: string;
	password: string;
	tenant?: string;
}

export async function operatorMake(operator: NewOperator): Promise<void> {
	await call('/setup', { method: 'POST', body: { token: setupToken.value ?? '', ...operator } });
	setupToken.value = null;
	setupNeeded.value = false;
	madeName.value = operator.name;
	state.phase.value = 'login';
}

/** Sets the password of whoever the link is for. */
export async function invitationTake(password: string): Promise<void> {
	await call('/invitation', { method: 'POST', body: { token: invitationToken.value ?? '', password } });
	invitationToken.value = null;
	state.notice.value = t('people.password-set');
	state.phase.value = 'login';
}

/** Looks again at who is logged in: rights or the second factor have changed. */
export async function sessionAgain(): Promise<void> {
	const session = await call<Session>('/session');
	if (state.phase.value === 'factor' || session.factor_required) enter(session);
	else state.session.value = session;
}

export async function login(credentials: { name: string; password: string; tenant?: string; code?: string }): Promise<void> {
	enter(await call<Session>('/session', { method: 'POST', body: credentials }));
}

export async function logout(): Promise<void> {
	try {
		await call('/session', { method: 'DELETE' });
	} catch (error) {
		// Unanswered: the cookie may still be good, so the page must not look logged out.
		if (!(error instanceof Refusal) || error.status !== 401) {
			state.alert.value = error instanceof Error ? error.message : String(error);
			return;
		}
	}
	storeStop();
	state.session.value = null;
	state.phase.value = 'login';
}
