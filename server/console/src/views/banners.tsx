// SPDX-License-Identifier: Apache-2.0
// banners.tsx -- what an operator must know before believing this screen.
import { now } from '../clock';
import { t } from '../i18n';
import { arm, armed, soundError } from '../sound';
import * as state from '../state';
import { pageSet } from '../store';
import { Icon } from './icons';
import { ageText, momentText } from './parts';

function LinkBanner() {
	void now.value;
	if (state.link.value === 'live') return null;
	const heard = state.heardAt.value;
	if (heard === null && state.link.value === 'connecting') return null;
	return (
		<p class="banner banner-bad" data-banner="link">
			{heard === null ? t('banner.never') : t('banner.broken', { age: ageText(Date.now() - heard), time: momentText(now.value - (Date.now() - heard)) })}
		</p>
	);
}

function SoundBanner() {
	if (armed.value || state.seat.value === 'watch') return null;
	return (
		<p class={`banner ${state.ring.value ? 'banner-bad' : 'banner-warn'}`} data-banner="sound">
			<Icon name="mute" /> {t('sound.off')}
			{soundError.value !== null && <> {t('sound.failed', { reason: soundError.value })}</>}
			<button type="button" class="primary" onClick={() => void arm()}>{t('sound.arm')} <kbd>s</kbd></button>
		</p>
	);
}

/** An alarm rings while another page is shown. */
function AlarmBanner() {
	if (state.page.value === 'incidents' || state.unclaimed.value === 0) return null;
	return (
		<p class="banner banner-bad" data-banner="alarm">
			{t('banner.alarm', { n: state.unclaimed.value })}
			<button type="button" class="primary" onClick={() => pageSet('incidents')}>{t('banner.show')} <kbd>1</kbd></button>
		</p>
	);
}

export function Banners() {
	const health = state.health.value;
	const live = state.link.value === 'live';
	if (!state.may('incidents')) return null;
	return (
		<section class="banners" aria-label={t('banner.label')}>
			<LinkBanner />
			{live && health && !health.broker && <p class="banner banner-bad" data-banner="broker">{t('banner.broker')}</p>}
			{live && health && !health.record && <p class="banner banner-bad" data-banner="record">{t('banner.record')}</p>}
			<AlarmBanner />
			<SoundBanner />
		</section>
	);
}
