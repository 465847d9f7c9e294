// SPDX-License-Identifier: Apache-2.0
// audit.tsx -- the chain of everything that was changed, and of who has looked at personal data, for auditors.
import { useEffect, useState } from 'preact/hooks';
import { reasonText } from '../actions';
import { Refusal, call } from '../api';
import { type ChainEvent, type Verdict, chainCheck } from '../chain';
import { now } from '../clock';
import { moment } from '../format';
import { inert } from '../inert';
import { language, t, word } from '../i18n';
import { zone } from '../state';

const SHOWN = 200;

interface Answer {
	events: ChainEvent[];
	head: { height: number; hash: string } | null;
}

interface Part {
	after: number;
	head: number;
	events: ChainEvent[];
	verdict: Verdict;
}

/** The events after a height; null: the newest. The one before them is read too, as what the first hangs on. */
async function partRead(after: number | null): Promise<Part> {
	let from = after;
	if (from === null) {
		const { head } = await call<Answer>('/audit?after=0', { raw: true });
		from = Math.max(0, (head?.height ?? 0) - SHOWN);
	}
	const { events, head } = await call<Answer>(`/audit?after=${Math.max(0, from - 1)}`, { raw: true });
	const until = events.filter(({ height }) => height <= (from ?? 0) + SHOWN);
	const digest = globalThis.crypto?.subtle ? (bytes: Uint8Array<ArrayBuffer>) => crypto.subtle.digest('SHA-256', bytes) : null;
	return { after: from, head: head?.height ?? 0, events: until.filter(({ height }) => height > (from ?? 0)), verdict: await chainCheck(until, digest) };
}

function VerdictLine({ verdict }: { verdict: Verdict }) {
	if (verdict.broken !== null) return <p class="problem" role="alert">{t('audit.bad', { n: verdict.broken })}</p>;
	return <p data-verdict={verdict.computed ? 'computed' : 'linked'}><b>{t(verdict.computed ? 'audit.good' : 'audit.linked', { n: verdict.count })}</b></p>;
}

export function AuditPage() {
	const [part, partSet] = useState<Part | null>(null);
	const [problem, problemSet] = useState('');
	const read = (after: number | null): void => {
		problemSet('');
		partRead(after).then(partSet, (error: unknown) =>
			problemSet(error instanceof Refusal && error.status !== 0 ? reasonText(error.message) : t('form.no-answer')));
	};
	useEffect(() => read(null), []);
	return (
		<main id="main" class="posts audit" tabIndex={-1}>
			<h1 class="title">{t('audit.title')} {part && <small>{t('audit.head', { n: part.head })}</small>}</h1>
			<p>{t('audit.text')}</p>
			{problem && <p class="problem">{problem}</p>}
			{part && <VerdictLine verdict={part.verdict} />}
			<p class="actions">
				<button type="button" onClick={() => read(null)}>{t('audit.newest')}</button>
				{part !== null && part.after > 0 && <button type="button" onClick={() => read(Math.max(0, part.after - SHOWN))}>{t('audit.older')}</button>}
			</p>
			{part?.events.length === 0 && <p class="nothing">{t('audit.none')}</p>}
			{part !== null && part.events.length > 0 && (
				<div class="chain" role="table" aria-label={t('audit.title')}>
					<div role="row" class="chain-head">
						{(['height', 'time', 'kind', 'actor', 'where', 'body'] as const).map((name) => <span key={name} role="columnheader">{t(`audit.${name}`)}</span>)}
					</div>
					{[...part.events].reverse().map((event) => (
						<div key={event.height} role="row" data-height={event.height}>
							<span role="cell">{event.height}</span>
							<span role="cell" class="time">{moment(event.at, now.peek(), zone.value, language.value)}</span>
							<span role="cell"><b>{word('event', inert(event.kind))}</b></span>
							<span role="cell">{inert(event.actor)}</span>
							<span role="cell">{inert([event.incident, event.post, event.point].filter(Boolean).join(', '))}</span>
							<span role="cell" class="chain-body"><code>{inert(event.body)}</code></span>
						</div>
					))}
				</div>
			)}
		</main>
	);
}
