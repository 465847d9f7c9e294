// SPDX-License-Identifier: Apache-2.0
// header.tsx -- pages, connection, sound, language, who is logged in.
import { soundPress } from '../actions';
import { now } from '../clock';
import { zoneName } from '../format';
import { language, languageSet, t } from '../i18n';
import { logout } from '../session';
import { armed, sounding, testTone } from '../sound';
import * as state from '../state';
import { pageSet } from '../store';
import { Icon } from './icons';
import { ageText, clockText } from './parts';

/** Heartbeats come every 15 s; a little later than that the page doubts. */
export const DOUBT_MS = 20000;

function NavLink({ page, number, count }: { page: state.Page; number: number; count: number }) {
	const here = state.page.value === page;
	return (
		<button type="button" class="nav" aria-current={here ? 'page' : undefined} onClick={() => pageSet(page)}>
			<kbd>{number}</kbd> {t(`nav.${page}`)}
			{count > 0 && <span class={`count count-${page}`}>{count}</span>}
		</button>
	);
}

export function LinkState() {
	void now.value;
	const heard = state.heardAt.value;
	const age = heard === null ? null : Date.now() - heard;
	const doubtful = state.link.value === 'live' && age !== null && age > DOUBT_MS;
	const shown = doubtful ? 'doubtful' : state.link.value;
	return (
		<span class={`pill link-${shown}`} data-link={shown}>
			<span class="dot" aria-hidden="true" />
			{t(`link.${shown}`)}
			{age !== null && shown !== 'live' && <small> {t('link.heard', { age: ageText(age) })}</small>}
		</span>
	);
}

function Sound() {
	const ringing = sounding.value;
	return (
		<span class="sound" data-armed={armed.value} data-ringing={ringing ?? ''}>
			<button type="button" class={`pill ${armed.value ? 'sound-on' : 'sound-off'}`} aria-pressed={armed.value} title={ringing ? t('sound.claim') : undefined} onClick={soundPress}>
				<Icon name={armed.value ? 'sound' : 'mute'} />
				{ringing ? t('sound.ringing') : t(armed.value ? 'sound.armed' : 'sound.arm')} <kbd>s</kbd>
			</button>
			<button type="button" class="pill tone" title={t('sound.test')} onClick={() => void testTone()}><span aria-hidden="true">♪</span><span class="hidden-text">{t('sound.test')}</span> <kbd>t</kbd></button>
		</span>
	);
}

export function LanguageSwitch() {
	return (
		<span class="languages" role="group" aria-label={t('head.language')}>
			{(['id', 'en'] as const).map((code) => (
				<button key={code} type="button" class="pill" lang={code} aria-pressed={language.value === code} onClick={() => languageSet(code)}>
					{code.toUpperCase()}<span class="hidden-text"> {code === 'id' ? 'Bahasa Indonesia' : 'English'}</span>
				</button>
			))}
		</span>
	);
}

export function Header() {
	const session = state.session.value;
	const tenant = session?.tenant;
	return (
		<header class="head">
			<div class="brand">
				<strong title={tenant?.name}>PosPin</strong> <span>{tenant?.name}</span>
				{tenant?.sample && <b class="mark mark-sample">{t('head.sample')}</b>}
			</div>
			<nav aria-label={t('nav.label')}>
				{state.PAGES.map((page, i) => state.pages.value.includes(page)
					&& <NavLink key={page} page={page} number={i + 1} count={page === 'incidents' ? state.unclaimed.value : page === 'posts' ? state.postsInNeed.value : 0} />)}
			</nav>
			<div class="tools">
				{state.may('incidents') && <LinkState />}
				{state.seat.value !== 'watch' && <Sound />}
				<span class="clock">{clockText(now.value)} {zoneName(state.zone.value)}</span>
				<LanguageSwitch />
				<button type="button" class="pill help-open" title={t('head.help')} onClick={() => { state.dialog.value = { kind: 'help' }; }}><kbd>?</kbd><span class="hidden-text"> {t('head.help')}</span></button>
				<span class="user">{session?.display}</span>
				<button type="button" class="pill" onClick={() => void logout()}>{t('head.logout')}</button>
			</div>
		</header>
	);
}
