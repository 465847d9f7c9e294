// SPDX-License-Identifier: Apache-2.0
// first_alarm.test.mjs -- one alarm from the wire to a closed incident and into each time-series store.
import assert from 'node:assert/strict';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { workOneAlarm } from '../../scripts/lib/one-alarm.mjs';
import { withStack } from './support.mjs';

for (const store of ['influxdb', 'victoria-metrics'])
	test(`a press and smoke are worked to closed, and ${store} holds every step`, () =>
		withStack({ store }, (stack) => workOneAlarm(stack, () => {})));

test('a silent button lights no lamp and sounds nothing, but opens its incident', () =>
	withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
		await stack.press('boja-01', 'panic-silent', 200);
		const [incident] = await until('the incident', async () => {
			const open = await stack.incidents('open');
			return open.length && open;
		});
		assert.equal(incident.silent, true);
		await pause(500);
		for (const lamp of ['lamp-taken-crime', 'lamp-received-crime', 'siren'])
			assert.equal(await stack.lamp('boja-01', lamp), false, lamp);
	}));

test('what is not an alarm opens no incident: tamper and mains are troubles that end', () =>
	withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
		const troubles = async () => (await stack.api('GET', '/troubles')).body.troubles.map(({ point }) => point).sort();
		await stack.wire('boja-01', 'tamper on');
		await stack.wire('boja-01', 'mains on');
		await until('two troubles', async () => (await troubles()).join() === 'mains,tamper');
		await stack.wire('boja-01', 'tamper off');
		await stack.wire('boja-01', 'mains off');
		await until('no trouble', async () => (await troubles()).length === 0);
		assert.deepEqual(await stack.incidents(), []);
	}));

test('a silent post is shown unsupervised, never as an incident, and recovers', () =>
	withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		const state = async () => (await stack.api('GET', '/posts')).body.posts.find(({ id }) => id === 'boja-01').state;
		await until('the post to be normal', async () => (await state()) === 'normal', 20000);
		await stack.edges['boja-01'].stop('SIGKILL');
		await until('the post to be unsupervised', async () => (await state()) === 'unsupervised', 60000, 250);
		assert.deepEqual(await stack.incidents(), []);
		await stack.startEdge('boja-01');
		await until('the post to be normal again', async () => (await state()) === 'normal', 20000);
	}));
