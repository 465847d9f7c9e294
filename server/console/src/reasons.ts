// SPDX-License-Identifier: Apache-2.0
// reasons.ts -- the server's reasons, which are English, in the words of texts.ts. One that is not known stays as it is.
import type { Key } from './texts';

export const REASONS: readonly [RegExp, Key][] = [
	[/^incident (\S+) is not acknowledged yet/, 'reason.first'],
	[/^incident (\S+) is acknowledged already(?:, by (?:\w+:)?(\S+))?/, 'reason.taken'],
	[/^incident (\S+) has no unit under way/, 'reason.no-unit'],
	[/^incident (\S+) has a unit on scene already/, 'reason.there'],
	[/^incident (\S+) has had a new alarm a moment ago/, 'reason.joined'],
	[/^incident (\S+) is closed already/, 'reason.closed'],
	[/^(\S+) and \S+ are not both real ones/, 'reason.marks'],
	[/^(\S+) is of class \S+ and \S+ of class/, 'reason.classes'],
	[/^incident (\S+) is a real one already/, 'reason.real'],
	[/^incident (\S+) is of that post only/, 'reason.one-post'],
	[/^name, password or code is wrong/, 'reason.login'],
	[/^too many tries: wait (\S+) s/, 'reason.tries'],
];

export interface Reason {
	key: Key;
	values: Record<string, string>;
}

export function reasonOf(detail: string): Reason | null {
	for (const [pattern, key] of REASONS) {
		const found = pattern.exec(detail);
		if (found) return { key, values: { number: found[1] ?? '', by: found[2] ? ` (${found[2]})` : '' } };
	}
	return null;
}
