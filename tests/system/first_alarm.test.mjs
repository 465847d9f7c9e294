// SPDX-License-Identifier: Apache-2.0
// first_alarm.test.mjs -- one alarm from the wire to a closed incident and into each time-series store.
import assert from 'node:assert/strict';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { workOneAlarm } from '../../scripts/lib/one-alarm.mjs';
import { connectAs, topicOf, withStack } from './support.mjs';

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

test('a state waits 10 s at most for a server that is away, a signal for ever', () =>
	withStack({ posts: ['boja-01'], store: null }, async (stack) => {
		await until('the post to be connected', async () => (await stack.edgeStatus('boja-01')).server === 'connected', 20000);
		await stack.parts.server.stop(); // from here on this test is the broker's svc-server
		const client = await connectAs(stack, 'svc-server', { clean: true });
		const waits = { state: [], signal: [] };
		client.on('message', (topic, _, { properties }) => waits[topic.split('/').at(-1)].push(properties.messageExpiryInterval));
		await client.subscribeAsync(Object.keys(waits).map((channel) => topicOf('boja-01', channel)), { qos: 1 });
		await stack.press('boja-01', 'panic-crime', 200);
		await until('both', () => waits.state.length && waits.signal.length, 30000);
		client.end(true);
		assert.ok(waits.state.every((seconds) => seconds > 0 && seconds <= 10), waits.state.join());
		assert.ok(waits.signal.every((seconds) => seconds === undefined), waits.signal.join());
	}));
