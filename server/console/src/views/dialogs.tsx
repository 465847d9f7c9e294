// SPDX-License-Identifier: Apache-2.0
// dialogs.tsx -- the moves that need words: send a unit, close with an outcome, note. And the help.
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { act } from '../actions';
import { t, word } from '../i18n';
import { recall, remember } from '../memory';
import * as state from '../state';
import { CODES } from '../types';
import { CallsDialog, HandOver, LinkDialog, Refuse, SplitDialog } from './call_dialogs';
import { Convert, Merge, ModeDialog, Report, SoundDialog } from './gather_dialogs';
import { Help } from './help';

const UNITS_MAX = 12;
const recentUnits = (): string[] => (recall('units') ?? '').split('\n').filter(Boolean);
function unitRemember(unit: string): void {
	remember('units', [unit, ...recentUnits().filter((known) => known !== unit)].slice(0, UNITS_MAX).join('\n'));
}

const dismiss = (): void => { state.dialog.value = null; };
/** At once: the browser's own close event comes only after the next key. */
function cancel(event: Event): void {
	event.preventDefault();
	dismiss();
}

/** The browser's own modal: it holds the focus, and Escape closes it. */
export function Modal({ title, children }: { title: string; children: ComponentChildren }) {
	const ref = useRef<HTMLDialogElement>(null);
	// Before the next key press, or the first letters of a fast hand would be lost.
	useLayoutEffect(() => {
		const before = document.activeElement;
		ref.current?.showModal();
		ref.current?.querySelector<HTMLElement>('[data-first]')?.focus();
		return () => { if (before instanceof HTMLElement) before.focus(); };
	}, []);
	return (
		<dialog ref={ref} aria-labelledby="dialog-title" onCancel={cancel} onClose={dismiss}>
			<h2 id="dialog-title">{title}</h2>
			{children}
		</dialog>
	);
}

export function Buttons({ go }: { go: string }) {
	return (
		<div class="buttons">
			<button type="button" onClick={dismiss}>{t('form.cancel')} <kbd>Esc</kbd></button>
			<button type="submit" class="primary">{go}</button>
		</div>
	);
}

type Submit = JSX.TargetedSubmitEvent<HTMLFormElement>;

function Dispatch({ number }: { number: string }) {
	const [unit, unitSet] = useState('');
	const send = (event: Submit): void => {
		event.preventDefault();
		const name = unit.trim();
		if (!name) return;
		unitRemember(name);
		dismiss();
		void act(number, 'dispatch', { unit: name });
	};
	return (
		<Modal title={t('dialog.dispatch', { number })}>
			<form onSubmit={send}>
				<label>{t('dialog.unit')}
					<input data-first name="unit" value={unit} onInput={(event) => unitSet(event.currentTarget.value)} maxLength={60} required list="units" autocomplete="off" />
				</label>
				<datalist id="units">{recentUnits().map((known) => <option key={known} value={known} />)}</datalist>
				<Buttons go={word('move', 'dispatch')} />
			</form>
		</Modal>
	);
}

function Close({ number }: { number: string }) {
	const [code, codeSet] = useState('');
	const [note, noteSet] = useState('');
	const send = (event: Submit): void => {
		event.preventDefault();
		if (!code) return;
		dismiss();
		void act(number, 'close', { code, ...(note.trim() ? { note: note.trim() } : {}) });
	};
	const onKey = (event: JSX.TargetedKeyboardEvent<HTMLFormElement>): void => {
		const picked = CODES[Number(event.key) - 1];
		if (event.target instanceof HTMLTextAreaElement || !picked || event.ctrlKey || event.altKey || event.metaKey) return;
		event.preventDefault();
		codeSet(picked);
		event.currentTarget.querySelector<HTMLElement>(`input[value="${picked}"]`)?.focus();
	};
	return (
		<Modal title={t('dialog.close', { number })}>
			<form onSubmit={send} onKeyDown={onKey}>
				<fieldset>
					<legend>{t('dialog.code')}</legend>
					{CODES.map((value, i) => (
						<label key={value} class="choice">
							<input type="radio" name="code" value={value} required data-first={i === 0 ? true : undefined}
								checked={code === value} onChange={() => codeSet(value)} />
							<kbd>{i + 1}</kbd> {t(`code.${value}`)}
						</label>
					))}
				</fieldset>
				<label>{t('dialog.close-note')} <small>({t('form.optional')})</small>
					<textarea name="note" rows={2} maxLength={1000} value={note} onInput={(event) => noteSet(event.currentTarget.value)} />
				</label>
				<Buttons go={word('move', 'close')} />
			</form>
		</Modal>
	);
}

function Note({ number }: { number: string }) {
	const [text, textSet] = useState('');
	const send = (event: Submit): void => {
		event.preventDefault();
		if (!text.trim()) return;
		dismiss();
		void act(number, 'note', { text: text.trim() });
	};
	// A note is one thought: Enter sends it, Shift+Enter makes a new line.
	const onKey = (event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
		if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		event.currentTarget.form?.requestSubmit();
	};
	return (
		<Modal title={t('dialog.note', { number })}>
			<form onSubmit={send}>
				<label>{t('dialog.text')}
					<textarea data-first name="text" rows={3} maxLength={1000} required value={text} onKeyDown={onKey} onInput={(event) => textSet(event.currentTarget.value)} />
				</label>
				<Buttons go={word('move', 'note')} />
			</form>
		</Modal>
	);
}

export function Dialogs() {
	const dialog = state.dialog.value;
	if (!dialog) return null;
	switch (dialog.kind) {
	case 'dispatch': return <Dispatch key={dialog.number} number={dialog.number} />;
	case 'close': return <Close key={dialog.number} number={dialog.number} />;
	case 'note': return <Note key={dialog.number} number={dialog.number} />;
	case 'merge': return <Merge key={dialog.number} number={dialog.number} />;
	case 'convert': return <Convert key={dialog.number} number={dialog.number} />;
	case 'link': return <LinkDialog key={dialog.number} number={dialog.number} />;
	case 'split': return <SplitDialog key={dialog.number} number={dialog.number} />;
	case 'calls': return <CallsDialog key={dialog.number} number={dialog.number} />;
	case 'hand-over': return <HandOver key={dialog.number} number={dialog.number} />;
	case 'refuse': return <Refuse key={dialog.call} number={dialog.number} call={dialog.call} name={dialog.name} />;
	case 'sound': return <SoundDialog key={dialog.post} post={dialog.post} />;
	case 'report': return <Report />;
	case 'mode': return <ModeDialog key={`${dialog.post} ${dialog.mode}`} post={dialog.post} mode={dialog.mode} />;
	case 'help': return <Modal title={t('help.title')}><Help /></Modal>;
	}
}
