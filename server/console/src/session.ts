// SPDX-License-Identifier: Apache-2.0
// session.ts -- who is at this page: the first operator's link, login, logout.
import { signal } from '@preact/signals';
import { Refusal, call } from './api';
import * as state from './state';
import { storeStart, storeStop } from './store';
import type { Session } from './types';

/** Of the one-time link. Kept in memory only: it is taken out of the address at once. */
export const setupToken = signal<string | null>(null);
export const setupNeeded = signal(false);
/** The name that has just been made, for the login form. */
export const madeName = signal('');

function tokenTake(): void {
	const found = /^#setup=([^&]+)$/.exec(location.hash);
	if (!found?.[1]) return;
	setupToken.value = decodeURIComponent(found[1]);
	window.history.replaceState(null, '', location.pathname);
}

function enter(session: Session): void {
	state.session.value = session;
	state.notice.value = '';
	state.phase.value = 'in';
	void storeStart();
}

/** Decides what the page begins with; tries again while the server does not answer. */
export async function sessionStart(): Promise<void> {
	tokenTake();
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

export async function login(credentials: { name: string; password: string; tenant?: string }): Promise<void> {
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
