// SPDX-License-Identifier: Apache-2.0
// gather_dialogs.tsx -- the dialogs of gathering: a call to the desk, two that are one, a drill that is none, a test of a post.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { gather, modeSet, order, report } from '../gathering';
import { language, t, word } from '../i18n';
import * as state from '../state';
import { CLASSES } from '../types';
import { Buttons, Modal } from './dialogs';
import { postName } from './parts';

type Submit = JSX.TargetedSubmitEvent<HTMLFormElement>;

/** Sends once, keeps the dialog with the reason when it is refused, else closes it. */
function useSend(): { problem: string | null; busy: boolean; send: (event: Submit, go: () => Promise<string | null>) => void } {
	const [problem, problemSet] = useState<string | null>(null);
	const [busy, busySet] = useState(false);
	const send = (event: Submit, go: () => Promise<string | null>): void => {
		event.preventDefault();
		if (busy) return;
		busySet(true);
		problemSet(null);
		void go().then((reason) => {
			busySet(false);
			problemSet(reason);
			if (reason === null) state.dialog.value = null;
		});
	};
	return { problem, busy, send };
}

function newKey(): string {
	return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function Digits({ onPick, children }: { onPick: (index: number) => void; children: JSX.Element | (JSX.Element | null)[] }) {
	const onKey = (event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void => {
		const typing = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement
			|| (event.target instanceof HTMLInputElement && event.target.type !== 'radio' && event.target.type !== 'checkbox');
		if (typing || !/^[1-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
		event.preventDefault();
		onPick(Number(event.key) - 1);
	};
	return <div onKeyDown={onKey}>{children}</div>;
}

/** One of the classes, by click or by its digit. */
function ClassChoice({ kind, onPick }: { kind: string; onPick: (kind: string) => void }) {
	return (
		<Digits onPick={(i) => onPick(CLASSES[i] ?? kind)}>
			<fieldset>
				<legend>{t('report.class')}</legend>
				{CLASSES.map((name, i) => (
					<label key={name} class="choice">
						<input type="radio" name="class" value={name} required data-first={i === 0 ? true : undefined} checked={kind === name} onChange={() => onPick(name)} />
						<kbd>{i + 1}</kbd> {word('class', name)}
					</label>
				))}
			</fieldset>
		</Digits>
	);
}

export function Report() {
	const [key] = useState(newKey);
	const [kind, kindSet] = useState<string>('');
	const [place, placeSet] = useState('');
	const [values, valuesSet] = useState({ caller: '', note: '' });
	const [drill, drillSet] = useState(false);
	const { problem, busy, send } = useSend();
	const posts = [...(state.posts.value ?? [])].sort((a, b) => (a.name ?? a.id).localeCompare(b.name ?? b.id));
	// What people see is the name; the id goes to the server.
	const post = posts.find(({ id, name }) => place === id || place === `${name} (${id})`);
	const go = (): Promise<string | null> => (post
		? report({ class: kind, post: post.id, note: values.note.trim(), key, ...(values.caller.trim() ? { caller: values.caller.trim() } : {}), ...(drill ? { mark: 'drill' } : {}) })
		: Promise.resolve(t('report.no-post')));
	return (
		<Modal title={t('report.title')}>
			<form onSubmit={(event) => send(event, go)}>
				<ClassChoice kind={kind} onPick={kindSet} />
				<label>{t('report.post')}
					<input name="post" required list="report-posts" autocomplete="off" value={place} onInput={(event) => placeSet(event.currentTarget.value)} />
				</label>
				<datalist id="report-posts">{posts.map(({ id, name }) => <option key={id} value={`${name} (${id})`} />)}</datalist>
				<label>{t('report.caller')} <small>({t('form.optional')})</small>
					<input name="caller" maxLength={60} autocomplete="off" value={values.caller} onInput={(event) => valuesSet({ ...values, caller: event.currentTarget.value })} />
				</label>
				<label>{t('report.note')}
					<textarea name="note" rows={3} maxLength={1000} required value={values.note} onInput={(event) => valuesSet({ ...values, note: event.currentTarget.value })} />
				</label>
				<label class="choice"><input type="checkbox" name="drill" checked={drill} onChange={() => drillSet(!drill)} /> {t('report.drill')}</label>
				{problem && <p class="problem">{problem}</p>}
				<Buttons go={busy ? t('form.sending') : t('report.go')} />
			</form>
		</Modal>
	);
}

export function Merge({ number }: { number: string }) {
	const own = (state.open.value ?? []).find((incident) => incident.number === number);
	const suggested = new Set(own?.links.filter((link) => link.suggested).map((link) => link.number));
	const others = (state.open.value ?? [])
		.filter((incident) => incident.number !== number && incident.mark === own?.mark && (incident.class === own?.class || own?.class === 'unspecified'))
		.sort((a, b) => Number(suggested.has(b.number)) - Number(suggested.has(a.number)) || b.opened - a.opened).slice(0, 9);
	const [other, otherSet] = useState(others[0]?.number ?? '');
	const { problem, busy, send } = useSend();
	return (
		<Modal title={t('merge.title', { number })}>
			<form onSubmit={(event) => send(event, () => (other ? gather(number, 'merge', { other }) : Promise.resolve(t('merge.none'))))}>
				<Digits onPick={(i) => otherSet(others[i]?.number ?? other)}>
					<fieldset>
						<legend>{t('merge.into')}</legend>
						{others.length === 0 ? <p>{t('merge.none')}</p> : <></>}
						<>
							{others.map((incident, i) => (
								<label key={incident.number} class="choice">
									<input type="radio" name="other" value={incident.number} data-first={i === 0 ? true : undefined} checked={other === incident.number} onChange={() => otherSet(incident.number)} />
									<kbd>{i + 1}</kbd> {incident.number} {postName(incident.post)} {suggested.has(incident.number) && <b class="mark">{t('merge.suggested')}</b>}
								</label>
							))}
						</>
					</fieldset>
				</Digits>
				{problem && <p class="problem">{problem}</p>}
				<Buttons go={busy ? t('form.sending') : t('gather.merge')} />
			</form>
		</Modal>
	);
}

export function Convert({ number }: { number: string }) {
	const { problem, busy, send } = useSend();
	return (
		<Modal title={t('convert.title', { number })}>
			<form onSubmit={(event) => send(event, () => gather(number, 'convert', {}))}>
				<p>{t('convert.text')}</p>
				{problem && <p class="problem">{problem}</p>}
				<div class="buttons">
					<button type="button" onClick={() => { state.dialog.value = null; }}>{t('form.cancel')} <kbd>Esc</kbd></button>
					<button type="submit" class="primary" data-first>{busy ? t('form.sending') : t('gather.convert')} <kbd>Enter</kbd></button>
				</div>
			</form>
		</Modal>
	);
}

const TIMES = { test: ['15min', '30min', '1h', '2h', '4h', '8h'], drill: ['15min', '30min', '1h', '2h', '4h'], disabled: ['1h', '8h', '1d', '3d', '7d', '30d'] } as const;

export function ModeDialog({ post, mode }: { post: string; mode: 'test' | 'drill' | 'disabled' }) {
	const known = state.posts.value?.find(({ id }) => id === post);
	const [values, valuesSet] = useState<{ point: string; reason: string; time: string }>({ point: mode === 'disabled' ? known?.points[0]?.id ?? '' : '', reason: '', time: TIMES[mode][1] });
	const { problem, busy, send } = useSend();
	const go = (): Promise<string | null> => modeSet(post, { mode, point: values.point, reason: values.reason.trim(), for: values.time });
	return (
		<Modal title={t(`mode.title-${mode}`, { post: known?.name ?? post })}>
			<form onSubmit={(event) => send(event, go)}>
				<p>{t(`mode.text-${mode}`)}</p>
				<label>{t('mode.reason')}
					<input data-first name="reason" required maxLength={100} autocomplete="off" value={values.reason} onInput={(event) => valuesSet({ ...values, reason: event.currentTarget.value })} />
				</label>
				<label>{t('mode.point')}
					<select name="point" value={values.point} onChange={(event) => valuesSet({ ...values, point: event.currentTarget.value })}>
						{mode !== 'disabled' && <option value="">{t('mode.whole')}</option>}
						{mode !== 'drill' && known?.points.map((point) => <option key={point.id} value={point.id}>{language.value === 'id' ? point.label_id : point.label_en}</option>)}
					</select>
				</label>
				<label>{t('mode.for')}
					<select name="for" value={values.time} onChange={(event) => valuesSet({ ...values, time: event.currentTarget.value })}>
						{TIMES[mode].map((time) => <option key={time} value={time}>{word('time', time)}</option>)}
					</select>
				</label>
				{problem && <p class="problem">{problem}</p>}
				<Buttons go={busy ? t('form.sending') : t('mode.go')} />
			</form>
		</Modal>
	);
}

const SOUND_TIMES = ['10s', '30s', '60s', '180s'] as const;

export function SoundDialog({ post }: { post: string }) {
	const known = state.posts.value?.find(({ id }) => id === post);
	const [kind, kindSet] = useState<string>('');
	const [time, timeSet] = useState<string>('30s');
	const { problem, busy, send } = useSend();
	return (
		<Modal title={t('sound.title', { post: known?.name ?? post })}>
			<form onSubmit={(event) => send(event, () => order(post, 'sound', { class: kind, for: time }))}>
				<p>{t('sound.text')}</p>
				<ClassChoice kind={kind} onPick={kindSet} />
				<label>{t('mode.for')}
					<select name="for" value={time} onChange={(event) => timeSet(event.currentTarget.value)}>
						{SOUND_TIMES.map((one) => <option key={one} value={one}>{word('time', one)}</option>)}
					</select>
				</label>
				{problem && <p class="problem">{problem}</p>}
				<Buttons go={busy ? t('form.sending') : t('sound.go')} />
			</form>
		</Modal>
	);
}
