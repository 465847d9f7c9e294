// SPDX-License-Identifier: Apache-2.0
// gathering.ts -- what an operator does to incidents as such, and to posts that are tested: answered by the server, or it has not happened.
import { Refusal, call } from './api';
import { reasonText } from './actions';
import { t } from './i18n';
import * as state from './state';
import { pageSet, refreshDetail, refreshOpen, refreshPosts, showIncident } from './store';

interface Answer {
	number?: string;
}

/** Null when it has been done; else the reason, in words. */
async function ask(path: string, body: Record<string, string>): Promise<Answer | string> {
	try {
		const answer = await call<Answer>(path, { method: 'POST', body });
		await Promise.all([refreshOpen(), refreshPosts()]);
		return answer;
	} catch (error) {
		const refused = error instanceof Refusal && error.status !== 0;
		return refused ? t('move.refused', { reason: reasonText(error.message) }) : t('form.no-answer');
	}
}

export type Gathering = 'merge' | 'split' | 'link' | 'unlink' | 'convert';

/** Shows what is left of it. Resolves to null, or to why not. */
export async function gather(number: string, what: Gathering, body: Record<string, string>): Promise<string | null> {
	const answer = await ask(`/incidents/${encodeURIComponent(number)}/${what}`, body);
	if (typeof answer === 'string') {
		state.alert.value = answer;
		return answer;
	}
	if (answer.number && answer.number !== number) showIncident(answer.number);
	else if (state.shown.value === number) void refreshDetail();
	return null;
}

/** Writes down what somebody has told. The key makes a second try the same report. */
export async function report(body: Record<string, string>): Promise<string | null> {
	const answer = await ask('/incidents', body);
	if (typeof answer === 'string') return answer;
	if (answer.number) {
		pageSet('incidents');
		showIncident(answer.number);
	}
	return null;
}

export async function modeSet(post: string, body: Record<string, string>): Promise<string | null> {
	const answer = await ask(`/posts/${encodeURIComponent(post)}/modes`, body);
	return typeof answer === 'string' ? answer : null;
}

export async function modeEnd(post: string, mode: string, point: string): Promise<string | null> {
	const answer = await ask(`/posts/${encodeURIComponent(post)}/modes/end`, { mode, point });
	return typeof answer === 'string' ? answer : null;
}

/** A signed order to a post. What the post answers stands on the timeline. */
export async function order(post: string, what: 'sound' | 'silence', body: Record<string, string>): Promise<string | null> {
	const answer = await ask(`/posts/${encodeURIComponent(post)}/${what}`, body);
	if (typeof answer === 'string') return answer;
	state.toast.value = state.notice.value = t('sound.sent');
	return null;
}
