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
	[/^this is not for your role/, 'right.none'],
	[/^give your password again first/, 'people.confirm'],
	[/^your role needs a second factor/, 'reason.factor'],
	[/^the request comes from a page of another origin/, 'reason.origin'],
	[/^incident (\S+) is held by nobody/, 'reason.first'],
	[/^incident (\S+) is held by (?:\w+:)?(\S+)/, 'reason.held'],
	[/^incident (\S+) is not offered to you/, 'reason.not-offered'],
	[/^there is no such incident/, 'reason.gone'],
	[/^there is no incident (\S+)/, 'reason.gone'],
	[/^there is no user (\S+)/, 'reason.no-user'],
	[/^there is no such user/, 'reason.no-user'],
	[/^there is a user (\S+) already/, 'reason.user-there'],
	[/^there is no such post/, 'reason.no-post'],
	[/^there is no such call/, 'reason.no-call'],
	[/^it is yours already/, 'reason.yours'],
	[/^the call is accepted already/, 'reason.said'],
	[/^the call is refused already/, 'reason.said'],
	[/^the call is on its way already/, 'reason.said'],
	[/^the call is on scene already/, 'reason.said'],
	[/^the call is done already/, 'reason.said'],
	[/^the call was ended: others have it already/, 'reason.stopped'],
	[/^the call is not on scene yet/, 'reason.not-there'],
	[/^this post is not heard: it would not hear either/, 'reason.deaf'],
	[/^this post has too many orders to answer already/, 'reason.orders'],
	[/^the server is busy: try again/, 'reason.busy'],
	[/^too many event streams are open/, 'reason.busy'],
	[/^the record cannot be written/, 'reason.unwritten'],
	[/^the record cannot be read/, 'banner.record'],
	[/^(\S+) is the last administrator/, 'reason.last'],
	[/^the link is not valid/, 'reason.link'],
	[/^password or code is wrong/, 'reason.login'],
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
		if (found) return { key, values: { number: found[1] ?? '', name: found[2] ?? '', by: found[2] ? ` (${found[2]})` : '' } };
	}
	return null;
}
