// SPDX-License-Identifier: Apache-2.0
// help.tsx -- which key does what.
import { t, word } from '../i18n';
import { GATHER_KEYS, MOVE_KEYS } from '../keys';
import * as state from '../state';
import { MOVES } from '../types';

export function Help() {
	const keys: [string[], string][] = [
		[['j', 'k'], t('help.next')],
		[['Enter'], t('help.open')],
		[['Esc'], t('help.back')],
		...MOVES.map((move): [string[], string] => [[MOVE_KEYS[move]], word('move', move)]),
		[[GATHER_KEYS.report], t('help.report')],
		[[GATHER_KEYS.merge], t('help.merge')],
		[[GATHER_KEYS.convert], t('help.convert')],
		[[GATHER_KEYS.link], t('help.link')],
		[[GATHER_KEYS.split], t('help.split')],
		[[GATHER_KEYS.calls], t('help.calls')],
		[[GATHER_KEYS['hand-over']], t('help.hand-over')],
		[['1', '…'], t('help.choice')],
		[state.PAGES.flatMap((page, i) => (state.pages.value.includes(page) ? [String(i + 1)] : [])), t('help.pages')],
		[['s'], t('help.sound')],
		[['t'], t('help.tone')],
		[['l'], t('help.language')],
		[['?'], t('help.this')],
	];
	return (
		<>
			<dl class="help">
				{keys.map(([names, what]) => (
					<div key={what}><dt>{names.map((name) => <kbd key={name}>{name}</kbd>)}</dt><dd>{what}</dd></div>
				))}
			</dl>
			<div class="buttons"><button data-first type="button" onClick={() => { state.dialog.value = null; }}>{t('detail.back')} <kbd>Esc</kbd></button></div>
		</>
	);
}
