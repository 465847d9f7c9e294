// SPDX-License-Identifier: Apache-2.0
// levels.test.mjs -- analogue sensors end to end, on a COPIED SYSFS TREE: the files of /sys/bus/iio/devices in a temporary
// folder, written by this test. No kernel driver stands behind them: no Debian kernel has a software IIO device.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { until } from '../../scripts/lib/parts.mjs';
import { connectAs, topicOf, withStack } from './support.mjs';

const POST = 'boja-01';
const LEVELS = `
  - id: haze
    kind: smoke
    verify: 2s
    level: { device: smoke-adc, channel: voltage0, clean: 0.4, alarm: 0.6, hysteresis: 0.1, hold: 300ms, drift: 0.3, min: 0.05, max: 3.2 }
  - id: water
    kind: flood
    level: { device: smoke-adc, channel: voltage1, clean: 0.2, alarm: 0.8, hold: 300ms, min: 0.05, max: 3.2 }
  - id: accu
    kind: battery
    level: { device: smoke-adc, channel: voltage2, clean: 3.15, alarm: -0.35, hysteresis: 0.15, hold: 300ms, min: 1, max: 3.9 }
`;
const SITE_POINTS = `
          - { id: haze, kind: smoke, class: fire, label: { id: Asap analog, en: Smoke level } }
          - { id: water, kind: flood, class: disaster, label: { id: Banjir, en: Flood } }
          - { id: accu, kind: battery, label: { id: Aki, en: Battery } }
`;

/** A site file whose posts have the analogue points too. */
function siteWithLevels(dir) {
	const text = readFileSync(path.join(SOURCE, 'packaging/examples/site-kendal.yaml'), 'utf8');
	const file = path.join(dir, 'site.yaml');
	writeFileSync(file, text.replaceAll(/(\n {8}points:)\n/g, `$1${SITE_POINTS}`));
	return file;
}

/** Starts the post anew with analogue points and these settings. */
async function restartWith(stack, settings) {
	const file = stack.path('posts', POST, 'edge.yaml');
	await stack.edges[POST].stop();
	const text = readFileSync(file, 'utf8').replace('\n# One ladder', `${LEVELS}\n# One ladder`);
	writeFileSync(file, `${text}\nlevel_every: 100ms\n${settings}\n`);
	await stack.startEdge(POST);
	await until('the post to be connected', async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
}

const troubles = async (stack) => (await stack.api('GET', '/troubles')).body.troubles.filter(({ post }) => post === POST);
const trouble = async (stack, point) => (await troubles(stack)).filter((row) => row.point === point).map(({ kind }) => kind).sort().join();
const edge = (stack) => stack.edgeStatus(POST);
const point = async (stack, id) => (await edge(stack)).points[id];

async function withLevels(run) {
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-levels-'));
	try {
		await withStack({ posts: [POST], store: null, site: siteWithLevels(dir), sampleEvery: '1s' }, run);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

test('an analogue sensor is read from sysfs, alarms once, and each of its troubles heals by itself', () => withLevels(async (stack) => {
	const folder = stack.path('iio');
	let device = path.join(folder, 'iio:device1');
	const put = (file, text) => writeFileSync(path.join(device, file), `${text}\n`);
	const volts = (channel, value) => put(`in_voltage${channel}_raw`, Math.round(value * 1000 / 3));
	mkdirSync(path.join(folder, 'iio:device0'), { recursive: true });
	mkdirSync(device);
	writeFileSync(path.join(folder, 'iio:device0/name'), 'bme280\n');
	put('name', 'ads1015');
	put('label', 'smoke-adc');
	put('in_voltage_scale', '3.000000000');
	volts(0, 0.42);
	volts(1, 0.21);
	volts(2, 3.15);
	await restartWith(stack, `iio:\n  folder: ${folder}`);

	// At rest: read, followed by the baseline, sampled for the recorder.
	assert.deepEqual([(await point(stack, 'haze')).state, (await point(stack, 'haze')).level], ['normal', 0.42]);
	const recorder = await connectAs(stack, 'svc-recorder');
	const readings = [];
	recorder.on('message', (topic, payload) => readings.push(...JSON.parse(payload).readings));
	await recorder.subscribeAsync(topicOf(POST, 'sample'));
	const sampled = await until('a sample of the level', () => readings.find((r) => r.point === 'haze' && r.name === 'level'), 10000);
	assert.deepEqual([sampled.value, sampled.unit], [0.42, 'V']);
	const { baseline } = await point(stack, 'haze');
	assert.ok(baseline >= 0.4 && baseline < 0.401, `baseline ${baseline}`);
	await recorder.endAsync();

	// A puff that is gone before it is verified is nothing; smoke that stays is one incident, verified, and is restored.
	volts(0, 1.4);
	await until('the pre-alarm lamp', async () => (await edge(stack)).shows['lamp-pre-alarm'] !== 'off', 20000, 20);
	volts(0, 0.42);
	await until('the pre-alarm to end', async () => (await edge(stack)).shows['lamp-pre-alarm'] === 'off', 20000, 20);
	assert.deepEqual(await stack.incidents(), []);
	volts(0, 1.4);
	const [fire] = await until('the incident', async () => { const all = await stack.incidents(); return all.length && all; });
	assert.equal(fire.class, 'fire');
	await until('the lamp', () => stack.lamp(POST, 'lamp-received-fire'));
	assert.equal((await point(stack, 'haze')).state, 'alarm');
	volts(0, 0.42);
	volts(1, 1.3);
	const all = await until('the flood', async () => { const list = await stack.incidents(); return list.length === 2 && list; });
	assert.deepEqual(all.map((incident) => incident.class).sort(), ['disaster', 'fire']);
	assert.deepEqual(all.map((incident) => incident.signals).sort(), [1, 1]);
	volts(1, 0.21);
	await until('both points to be normal', async () =>
		[await point(stack, 'haze'), await point(stack, 'water')].every(({ state }) => state === 'normal'), 20000);

	// Troubles: each named, each gone with its cause, none an incident.
	volts(2, 2.7);
	await until('the battery to be low', async () => (await trouble(stack, 'accu')) === 'low');
	volts(2, 3.15);
	await until('the battery to be good', async () => (await trouble(stack, 'accu')) === '');
	put('in_voltage0_raw', 'nan');
	await until('the unreadable file', async () => (await trouble(stack, 'haze')) === 'unreadable');
	const [row] = (await troubles(stack)).filter(({ kind }) => kind === 'unreadable');
	assert.match(row.detail, /in_voltage0_raw/);
	assert.match((await point(stack, 'haze')).detail, /in_voltage0_raw: not a number/);
	volts(0, 0.42);
	await until('the level to be read again', async () => (await trouble(stack, 'haze')) === '');
	renameSync(device, path.join(stack.dir, 'unplugged'));
	await until('the lost device', async () => (await Promise.all(['haze', 'water', 'accu'].map((id) => trouble(stack, id)))).join() === 'lost,lost,lost');
	device = path.join(folder, 'iio:device7');
	renameSync(path.join(stack.dir, 'unplugged'), device);
	await until('no trouble', async () => (await troubles(stack)).length === 0);
	assert.equal((await stack.incidents()).length, 2);
}));

test('a script plays levels too', () => withLevels(async (stack) => {
	await restartWith(stack, 'levels: script');
	assert.equal(await stack.wire(POST, 'get haze'), 'haze 0.4');
	assert.equal(await stack.wire(POST, 'water 1.5'), 'ok');
	const [flood] = await until('the incident', async () => { const all = await stack.incidents(); return all.length && all; });
	assert.equal(flood.class, 'disaster');
}));
