// SPDX-License-Identifier: Apache-2.0
// one-alarm.mjs -- one panic button and one smoke detector, from the wire to closed and into the time-series store.
// Throws where a step is missing; the system tests run the same.
import { until } from './parts.mjs';
import { workNight } from './one-night.mjs';

const POST = 'boja-01';
const clock = (ms) => new Date(ms).toISOString().slice(11, 23);

async function lampLights(stack, lamp, limitMs = 10000) {
	await until(`lamp ${lamp} of ${POST}`, () => stack.lamp(POST, lamp), limitMs, 10);
}

async function act(stack, number, action, body) {
	const { status, body: answer } = await stack.act(number, action, body);
	if (status !== 200) throw new Error(`${number}: ${action} was answered ${status}: ${JSON.stringify(answer)}`);
}

async function openIncident(stack, kind) {
	return until(`an open incident of class ${kind}`, async () =>
		(await stack.incidents('open')).find((incident) => incident.class === kind && incident.post.id === POST), 15000, 20);
}

function showTimeline(incident, told) {
	told(`${incident.number}  ${incident.class}  ${incident.post.name}`);
	for (const event of incident.timeline.filter(({ kind }) => !kind.startsWith('notification.'))) {
		const after = String(event.at - incident.occurred).padStart(6);
		told(`    ${clock(event.at)}  +${after} ms  ${event.kind.padEnd(22)} ${event.actor} ${detailOf(event)}`.trimEnd());
	}
}
/** Which step of the plan, or whom. */
const detailOf = ({ body: { ring, step, agency, contact }, kind }) => (kind === 'ladder.step' ? `${ring} ${step}` : agency ?? contact ?? '');

async function work(stack, incident, lampClass) {
	await act(stack, incident.number, 'acknowledge');
	await lampLights(stack, `lamp-acknowledged-${lampClass}`);
	await act(stack, incident.number, 'dispatch', { unit: 'Regu Satpol PP Boja' });
	await lampLights(stack, `lamp-dispatched-${lampClass}`);
	await act(stack, incident.number, 'on-scene');
	await act(stack, incident.number, 'close', { code: 'test', note: 'scripts/run --once' });
	const { body } = await stack.api('GET', `/incidents/${incident.number}`);
	const steps = body.timeline.map((event) => event.kind);
	for (const step of ['opened', 'acknowledged', 'dispatched', 'on-scene', 'closed'])
		if (!steps.includes(`incident.${step}`)) throw new Error(`${incident.number}: no ${step} on its timeline: ${steps}`);
	return body;
}

/** Waits until the store holds every step of the incidents and a reading of the post. */
async function checkStore(stack, incidents, told) {
	if (stack.store === 'victoria-metrics') return checkVictoria(stack, incidents, told);
	for (const { number } of incidents)
		for (const step of ['opened', 'acknowledged', 'dispatched', 'on-scene', 'closed'])
			await until(`point incident.${step} of ${number} in ${stack.store}`, async () =>
				(await stack.influx(`SELECT * FROM "event" WHERE "kind"='incident.${step}' AND "incident"='${number}'`)).length === 1, 20000, 250);
	const rows = await until(`readings of ${POST} in ${stack.store}`, async () => {
		const found = await stack.influx(`SELECT count("value") FROM "sample" WHERE "post"='${POST}'`);
		return found.length && found;
	}, 30000, 250);
	told(`${stack.store} holds each step of ${incidents.length} incidents, and ${rows[0].count} readings of ${POST}`);
}

async function checkVictoria(stack, incidents, told) {
	const series = async (match) => {
		const answer = await fetch(`${stack.storeUrl}/api/v1/export?match[]=${encodeURIComponent(match)}`);
		return (await answer.text()).split('\n').filter(Boolean);
	};
	for (const { number } of incidents)
		for (const step of ['opened', 'acknowledged', 'dispatched', 'on-scene', 'closed'])
			await until(`point incident.${step} of ${number} in ${stack.store}`, async () =>
				(await series(`{__name__=~"event_.*",kind="incident.${step}",incident="${number}"}`)).length > 0, 30000, 500);
	const readings = await until(`readings of ${POST}`, async () => {
		const found = await series(`{__name__=~"sample_.*",post="${POST}"}`);
		return found.length && found;
	}, 60000, 500);
	told(`${stack.store} holds each step of ${incidents.length} incidents, and ${readings.length} series of ${POST}`);
}

/** The button's incident is worked by the desk, or, with sinks, by the plan of a night without one; the detector's by the desk. */
export async function workOneAlarm(stack, told, sinks = null) {
	await until(`${POST} to be supervised`, async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
	told(`pressing panic-crime at ${POST}`);
	await stack.press(POST, 'panic-crime', 300);
	await lampLights(stack, 'lamp-taken-crime', 5000);
	await lampLights(stack, 'lamp-received-crime', 5000);
	told('lamps: taken, received');
	told(`smoke at ${POST}, which its detector believes after 10 s`);
	await stack.wire(POST, 'smoke on');
	const opened = await openIncident(stack, 'crime'), { number } = opened;
	const crime = sinks ? await workNight(stack, sinks, opened, {
		act: (action, body) => act(stack, number, action, body), lamp: (id) => lampLights(stack, id), told,
	}) : await work(stack, opened, 'crime');
	showTimeline(crime, told);
	const smoke = await openIncident(stack, 'fire');
	await stack.wire(POST, 'smoke off');
	const fire = await work(stack, smoke, 'fire');
	showTimeline(fire, told);
	const open = await stack.incidents('open');
	if (open.length) throw new Error(`still open: ${open.map((incident) => incident.number)}`);
	await checkStore(stack, [crime, fire], told);
}
