// SPDX-License-Identifier: Apache-2.0
// plan.tsx -- the response plan, and who would be called now. Asking calls nobody.
import { useEffect, useState } from 'preact/hooks';
import { reasonText } from '../actions';
import { Refusal, call } from '../api';
import type { Book, Plan, PlanStep } from '../calling';
import { t, word } from '../i18n';
import * as state from '../state';
import { Contacts, PutPlan, RingTest } from './plan_tools';

const CLASSES = ['crime', 'fire', 'medical', 'disaster', 'unspecified'] as const;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

interface PlanAnswer { rev: number; built_in: boolean; plan: Book | null }
interface Callee {
	agency_name?: string; contact?: string; contact_role?: string; roster?: string; role?: string; webhook?: string; station?: string;
	ways?: Record<string, string>[]; stale?: boolean;
}
interface Fired { ring: string; step: number; after: number; wait?: number; every?: number; callees: Callee[] }
interface WhoAnswer { plan: string; built_in: boolean; minute: string; calls: Fired[] }

const reason = (error: unknown): string => (error instanceof Refusal && error.status !== 0 ? reasonText(error.message) : t('form.no-answer'));
const dayText = (day: string): string => word('day', day);
/** "sat 22:30" of the server. */
const minuteText = (minute: string): string => `${dayText(minute.slice(0, 3))} ${minute.slice(4)}`;

function calleeText({ agency_name: agency, contact, contact_role: role, roster, role: seat, webhook, station, ways }: Callee): string {
	const who = seat ? t('plan.seat', { role: word('role', seat) }) : webhook ? `webhook ${webhook}` : station ? t('plan.station', { station })
		: `${contact ?? ''} (${role ?? ''})`;
	const how = (ways ?? []).map((way) => Object.keys(way)[0]).join(', ');
	return [who, agency && agency, roster && t('plan.on-duty', { roster }), how].filter(Boolean).join(' · ');
}

function FiredStep({ fired }: { fired: Fired }) {
	const when = fired.every === undefined ? t('plan.after', { s: fired.after }) : t('plan.again', { s: fired.after, every: fired.every });
	return (
		<li class="plan-step" data-ring={fired.ring}>
			<h3>{word('ring', fired.ring)}{fired.every === undefined && ` ${fired.step}`} <small>{when}</small></h3>
			{fired.callees.length === 0 && <small>{t('plan.nobody')}</small>}
			<ul>
				{fired.callees.map((callee, index) => (
					<li key={index}>{calleeText(callee)}{callee.stale && <b class="mark mark-stale">{t('plan.stale')}</b>}</li>
				))}
			</ul>
		</li>
	);
}

function Who() {
	const posts = (state.posts.value ?? []).filter(({ active }) => active);
	const [post, postSet] = useState('');
	const [kind, kindSet] = useState<string>('fire');
	const [day, daySet] = useState('');
	const [clock, clockSet] = useState('22:00');
	const [answer, answerSet] = useState<WhoAnswer | null>(null);
	const [problem, problemSet] = useState('');
	const chosen = post || posts[0]?.id || '';
	const at = day === '' ? '' : `&at=${day}-${clock}`;
	useEffect(() => {
		let over = false;
		if (chosen === '') return undefined;
		call<WhoAnswer>(`/plan/who?post=${encodeURIComponent(chosen)}&class=${kind}${at}`).then(
			(told) => { if (!over) { answerSet(told); problemSet(''); } },
			(error: unknown) => { if (!over) { answerSet(null); problemSet(reason(error)); } });
		return () => { over = true; };
	}, [chosen, kind, at]);
	return (
		<section class="plan-who" aria-labelledby="plan-who">
			<h2 id="plan-who">{t('plan.who')}</h2>
			<p>{t('plan.nobody-called')}</p>
			<form class="plan-form" onSubmit={(event) => event.preventDefault()}>
				<label>{t('plan.post')}
					<select name="post" value={chosen} onChange={(event) => postSet(event.currentTarget.value)}>
						{posts.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
					</select>
				</label>
				<label>{t('plan.class')}
					<select name="class" value={kind} onChange={(event) => kindSet(event.currentTarget.value)}>
						{CLASSES.map((name) => <option key={name} value={name}>{word('class', name)}</option>)}
					</select>
				</label>
				<label>{t('plan.day')}
					<select name="day" value={day} onChange={(event) => daySet(event.currentTarget.value)}>
						<option value="">{t('plan.now')}</option>
						{DAYS.map((name) => <option key={name} value={name}>{dayText(name)}</option>)}
					</select>
				</label>
				{day !== '' && <label>{t('plan.time')}<input name="time" type="time" required value={clock} onInput={(event) => clockSet(event.currentTarget.value || '00:00')} /></label>}
			</form>
			{problem && <p class="problem">{problem}</p>}
			{answer && (
				<div class="plan-answer" data-plan={answer.plan}>
					<p><b>{answer.built_in ? t('plan.built-in') : answer.plan}</b>, {minuteText(answer.minute)}</p>
					<ol>{answer.calls.map((fired) => <FiredStep key={`${fired.ring} ${fired.step}`} fired={fired} />)}</ol>
				</div>
			)}
		</section>
	);
}

const stepText = ({ call: targets, wait, every }: PlanStep): string => `${targets.join(', ')} (${every === undefined ? wait ?? '' : t('plan.every', { every })})`;
function hoursText(plan: Plan): string {
	if (!plan.hours) return t('plan.always');
	const days = plan.hours.days.length === 7 ? '' : `${plan.hours.days.map(dayText).join(', ')} `;
	return `${days}${plan.hours.from}–${plan.hours.to}`;
}

function PlanCard({ id, plan }: { id: string; plan: Plan }) {
	const classes = plan.classes.map((name) => (name === 'all' ? t('plan.all-classes') : word('class', name))).join(', ');
	const areas = plan.area.map((name) => (name === 'all' ? t('plan.everywhere') : name)).join(', ');
	return (
		<li class="post" data-plan-card={id}>
			<h2>{id}</h2>
			<p>{classes} · {areas} · {hoursText(plan)}</p>
			{Object.entries(plan.rings).map(([ring, { steps, until }]) => (
				<div key={ring}>
					<b>{word('ring', ring)}</b> <small>{word('until', until)}</small>
					<ol class="plan-steps">{steps.map((step, index) => <li key={index}>{stepText(step)}</li>)}</ol>
				</div>
			))}
			<p><b>{word('ring', 'fallback')}</b>: {stepText(plan.fallback)}</p>
		</li>
	);
}

export function PlanPage() {
	const [answer, answerSet] = useState<PlanAnswer | null>(null);
	const [problem, problemSet] = useState('');
	const read = (): void => {
		call<PlanAnswer>('/plan').then(answerSet, (error: unknown) => problemSet(reason(error)));
	};
	// As often as the book changes under this page.
	const { book } = state;
	useEffect(read, [book.value]);
	return (
		<main id="main" class="posts plans" tabIndex={-1}>
			<h1 class="title">
				{t('plan.title')}
				{answer && <small>{answer.built_in ? t('plan.built-in') : t('plan.rev', { n: answer.rev })}</small>}
				{answer?.plan?.sample && <b class="mark mark-sample">{t('head.sample')}</b>}
			</h1>
			{problem && <p class="problem">{problem}</p>}
			<Who />
			{answer?.built_in && <p>{t('plan.built-in-text')}</p>}
			<ul class="post-list">
				{Object.entries(answer?.plan?.plans ?? {}).map(([id, plan]) => <PlanCard key={id} id={id} plan={plan} />)}
			</ul>
			{answer?.plan && Object.keys(answer.plan.contacts).length > 0 && <Contacts contacts={answer.plan.contacts} />}
			{state.may('ring') && <RingTest />}
			{state.may('plan-put') && <PutPlan done={read} />}
		</main>
	);
}
