// SPDX-License-Identifier: Apache-2.0
// validity.ts -- the browser's complaints about a field in the language of the page: left alone it speaks its own.
import { t } from './i18n';

type Field = HTMLInputElement | HTMLTextAreaElement;
const isField = (node: EventTarget | null): node is Field => node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement;

function complain(event: Event): void {
	const field = event.target;
	if (!isField(field)) return;
	if (field.validity.valueMissing) field.setCustomValidity(t(field.type === 'radio' ? 'form.choose' : 'form.missing'));
	else if (field.validity.tooShort) field.setCustomValidity(t('form.short', { count: field.minLength }));
	else if (field.validity.patternMismatch) field.setCustomValidity(t('form.pattern'));
}

/** Whatever comes next is judged anew: a complaint that stays would itself make the field wrong. */
function forget(event: Event): void {
	const form = event.target instanceof Element ? event.target.closest('form') : null;
	for (const field of form?.elements ?? []) if (isField(field)) field.setCustomValidity('');
}

export function validityFollow(): void {
	document.addEventListener('invalid', complain, true);
	for (const type of ['keydown', 'pointerdown', 'click', 'input']) document.addEventListener(type, forget, true);
}
