// SPDX-License-Identifier: Apache-2.0
// i18n.ts -- the language of this browser, and texts in it.
import { effect, signal } from '@preact/signals';
import { recall, remember } from './memory';
import { type Key, type Language, fill, texts } from './texts';

export const language = signal<Language>(recall('language') === 'en' ? 'en' : 'id');

effect(() => {
	document.documentElement.lang = language.value;
});

export function languageSet(to: Language): void {
	language.value = to;
	remember('language', to);
}

/** A text in the language of the page. */
export function t(key: Key, values?: Record<string, string | number>): string {
	return fill(language.value, key, values);
}

/** The text for a word of the API; a word that this page does not know is shown as it is. */
export function word(group: string, name: string): string {
	const key = `${group}.${name}`;
	return key in texts ? t(key as Key) : name;
}
