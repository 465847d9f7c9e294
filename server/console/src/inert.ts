// SPDX-License-Identifier: Apache-2.0
// inert.ts -- takes from every text that comes in what would turn, hide, stack or break the writing around it. Pure.

/** Controls but tab and line feed; marks of writing direction, separators, invisible ones; what stands for no character.
 *  (Joiners stay: letters of several scripts and signs of several people need them.) */
// eslint-disable-next-line no-control-regex
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** No script needs more marks on one letter; a hundred of them cover the lines above. */
const STACK = /(\p{M}{3})\p{M}+/gu;

export const inert = (text: string): string => text.replace(ODD, '\ufffd').replace(STACK, '$1');

/** JSON whose every text and every name is inert. Throws as JSON.parse does. */
export function inertParse(text: string): unknown {
	return JSON.parse(text, (_, value: unknown) => {
		if (typeof value === 'string') return inert(value);
		if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
		return Object.fromEntries(Object.entries(value).map(([name, one]) => [inert(name), one]));
	});
}
