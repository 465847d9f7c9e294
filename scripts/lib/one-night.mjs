// SPDX-License-Identifier: Apache-2.0
// one-night.mjs -- an alarm with nobody at the desk, as packaging/examples/plans-demo.yaml has it: the next desk step fires by
// itself, one agency refuses, the next is called by itself, accepts and comes. Throws where the record lacks a step.
import { until } from './parts.mjs';
import { answerCall } from './answer.mjs';

const FIRST = 'polsek-boja', SECOND = 'satpolpp', CHIEF = 'kepala-piket';
const BY_SERVER = 'server';
const step = (ring, number) => ({ kind: 'ladder.step', actor: BY_SERVER, ring, step: number });
const call = (what, agency, actor) => ({ kind: `call.${what}`, agency, actor });

/** What must be on the timeline, each after the one before; what is asked for stands in the event or its body. */
const DESK = [{ kind: 'incident.opened' }, step('desk', 1), step('desk', 2), { kind: 'call.notified', contact: CHIEF, actor: BY_SERVER }];
const AGENCIES = [
	{ kind: 'incident.opened' }, step('agencies', 1), call('notified', FIRST, BY_SERVER), call('refused', FIRST, `agency:${FIRST}`),
	step('agencies', 2), call('notified', SECOND, BY_SERVER), call('accepted', SECOND, `agency:${SECOND}`),
	{ kind: 'incident.dispatched', actor: `agency:${SECOND}` }, call('on-scene', SECOND, `agency:${SECOND}`),
	{ kind: 'incident.on-scene', actor: `agency:${SECOND}` }, { kind: 'incident.closed' },
];

const isLike = (event, wanted) => Object.entries(wanted).every(([key, value]) => (event[key] ?? event.body?.[key]) === value);

function chain(timeline, wanted) {
	let from = 0;
	return wanted.map((one) => {
		const at = timeline.findIndex((event, i) => i >= from && isLike(event, one));
		if (at < 0) throw new Error(`the record has no ${Object.values(one).join(' ')} in its place`);
		from = at + 1;
		return timeline[at];
	});
}

/** Throws unless the record has the whole night, the refusal itself called the next agency (both are one transaction), and the desk's
 *  second step came by its deadline. */
export function checkNight(timeline) {
	const [, , , refused, next] = chain(timeline, AGENCIES);
	if (next.at !== refused.at) throw new Error(`the next agency was called ${next.at - refused.at} ms after the refusal, not by it`);
	const [, first, second] = chain(timeline, DESK);
	const waited = second.at - first.at, wait = first.body.wait;
	if (waited < wait - 1000) throw new Error(`the desk's second step came after ${waited} ms, not after ${wait}`);
	if (timeline.some(({ kind, at }) => kind === 'incident.acknowledged' && at <= second.at)) throw new Error('somebody was at the desk');
}

/** Works an open incident of that plan to closed. lamps(id): waits for a lamp of the post. */
export async function workNight(stack, sinks, incident, { act, lamp, told }) {
	const { number } = incident;
	const mailTo = (who) => sinks.hears(`a mail to ${who}`, ({ channel, to, text, code }) =>
		channel === 'mail' && to.startsWith(`${who}@`) && text.includes(number) && code);
	const answer = async (verb, code) => {
		told(`     ${verb} ${code}`);
		const { status, detail } = await answerCall(stack.url, sinks.token, verb, code);
		if (status !== 200) throw new Error(`${verb} ${code} was answered ${status}: ${detail}`);
	};
	told('tidak ada orang di meja / nobody is at the desk');
	await answer('TOLAK', (await mailTo('polsek.boja')).code);
	const { code } = await mailTo('satpolpp');
	await mailTo('kepala.piket');
	for (const language of [/^KEJAHATAN .*Balas: YA/, /^CRIME .*Reply: YES/])
		await sinks.hears(`an SMS like ${language}`, ({ channel, text }) => channel === 'SMS' && text.includes(number) && language.test(text));
	await sinks.hears('the webhook', ({ channel, text }) => channel === 'webhook' && text.includes(number));
	await answer('YA', code);
	await lamp('lamp-dispatched-crime');
	await answer('TIBA', code);
	await until(`${number} to be on scene`, async () => (await stack.api('GET', `/incidents/${number}`)).body.state === 'on-scene');
	await act('acknowledge');
	await act('close', { code: 'test', note: 'scripts/run --once' });
	const { body } = await stack.api('GET', `/incidents/${number}`);
	checkNight(body.timeline);
	if (sinks.refused) throw new Error(`${sinks.refused} webhooks had no good signature`);
	return body;
}
