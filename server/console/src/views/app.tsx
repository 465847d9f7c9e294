// SPDX-License-Identifier: Apache-2.0
// app.tsx -- which page is shown, and the keys that work on all of them.
import { useEffect } from 'preact/hooks';
import { begin, deny, handOver, may, openChosen, soundPress } from '../actions';
import { language, languageSet, t } from '../i18n';
import { type Command, commandOf } from '../keys';
import { stepped } from '../order';
import { testTone } from '../sound';
import * as state from '../state';
import { pageSet, showIncident } from '../store';
import { AuditPage } from './audit';
import { Banners } from './banners';
import { Dialogs } from './dialogs';
import { Header } from './header';
import { Incidents } from './incidents';
import { Login, Setup } from './login';
import { FactorFirst, Invitation, PeoplePage } from './people';
import { PlanPage } from './plan';
import { Posts } from './posts';

/** Moves the focus with the choice, so that screen readers and Enter follow it; so does an open detail. */
function step(by: 1 | -1): void {
	state.chosen.value = stepped(state.rows.value.map(({ number }) => number), state.chosen.value, by);
	if (state.shown.value !== null) openChosen();
	const row = document.querySelector<HTMLElement>(`[data-number="${CSS.escape(state.chosen.value ?? '')}"] .row-open`);
	row?.focus();
	row?.scrollIntoView({ block: 'nearest' });
}

function gatherBegin(what: Extract<Command, { kind: 'gather' }>['what'], number: string): void {
	if (!may(what === 'calls' ? 'call' : what)) return;
	if (what === 'hand-over') handOver(number);
	else state.dialog.value = { kind: what, number };
}

function run(command: Command): void {
	const listed = state.page.value === 'incidents' || state.page.value === 'history';
	const target = state.chosen.value;
	switch (command.kind) {
	case 'step': if (listed) step(command.by); break;
	case 'open': if (listed) openChosen(); break;
	case 'back': showIncident(null); break;
	case 'move': if (listed && target !== null) begin(target, command.move); break;
	case 'page': if (state.pages.value.includes(command.page)) pageSet(command.page); else deny(); break;
	case 'sound': soundPress(); break;
	case 'tone': void testTone(); break;
	case 'language': languageSet(language.value === 'id' ? 'en' : 'id'); break;
	case 'report': if (may('report')) state.dialog.value = { kind: 'report' }; break;
	case 'gather': if (listed && target !== null) gatherBegin(command.what, target); break;
	case 'help': state.dialog.value = { kind: 'help' }; break;
	}
}

function onKey(event: KeyboardEvent): void {
	if (state.phase.value !== 'in' || state.dialog.value !== null) return;
	const target = event.target instanceof Element ? event.target : null;
	if (target?.closest('input, textarea, select')) return;
	const command = commandOf(event);
	if (!command) return;
	// Enter on a button or link is the browser's own press.
	if (command.kind === 'open' && target?.closest('button, a')) return;
	event.preventDefault();
	run(command);
}

function Page() {
	if (state.page.value === 'plan') return <PlanPage />;
	if (state.page.value === 'people') return <PeoplePage />;
	if (state.page.value === 'audit') return <AuditPage />;
	return state.page.value === 'posts' ? <Posts /> : <Incidents />;
}

function titleText(): string {
	const open = state.unclaimed.value;
	if (state.phase.value !== 'in') return 'PosPin';
	if (state.may('incidents') && state.link.value === 'broken') return `⚠ ${t('link.broken')} - PosPin`;
	return open > 0 ? `(${open}) ALARM - PosPin` : 'PosPin';
}

export function App() {
	useEffect(() => {
		addEventListener('keydown', onKey);
		return () => removeEventListener('keydown', onKey);
	}, []);
	const said = state.toast.value;
	useEffect(() => {
		if (!said) return undefined;
		const timer = setTimeout(() => { state.toast.value = ''; }, 6000);
		return () => clearTimeout(timer);
	}, [said]);
	const title = titleText();
	useEffect(() => { document.title = title; }, [title]);
	const phase = state.phase.value;
	return (
		<>
			<div class="hidden-text" role="alert">{state.alert.value}</div>
			<div class="hidden-text" role="status">{state.notice.value}</div>
			{phase === 'loading' && <main class="alone"><p>{t('link.connecting')}</p>{state.link.value === 'broken' && <p class="problem">{t('banner.never')}</p>}</main>}
			{phase === 'setup' && <Setup />}
			{phase === 'login' && <Login />}
			{phase === 'invitation' && <Invitation />}
			{phase === 'factor' && <FactorFirst />}
			{phase === 'in' && (
				<div class="frame">
					<a class="skip" href="#main">{t('nav.skip')}</a>
					<Header />
					<Banners />
					<Page />
					<Dialogs />
					{state.toast.value && <p class="toast" aria-hidden="true">{state.toast.value}</p>}
				</div>
			)}
		</>
	);
}
