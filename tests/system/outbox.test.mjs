// SPDX-License-Identifier: Apache-2.0
// outbox.test.mjs -- a post whose card comes back with an older state of the outbox: no press is taken for a recorded one.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import test from 'node:test';
import { pause, until } from '../../scripts/lib/parts.mjs';
import { withStack } from './support.mjs';

const POST = 'boja-01';
const connected = (stack) =>
	until(`${POST} to be connected`, async () => (await stack.edgeStatus(POST)).server === 'connected', 20000);
const signals = async (stack, wanted) => (await stack.incidents()).filter((incident) => incident.class === wanted)
	.reduce((sum, incident) => sum + incident.signals, 0);

for (const offline of [false, true])
	test(`an old copy of the outbox: a press ${offline ? 'before' : 'after'} the server is heard becomes an incident`, () =>
		withStack({ posts: [POST], store: null }, async (stack) => {
			const data = stack.path('posts', POST, 'data');
			await connected(stack);
			await stack.edges[POST].stop();
			cpSync(data, `${data}.old`, { recursive: true });
			await stack.startEdge(POST);
			await connected(stack);
			for (let press = 1; press <= 3; press++) {
				await stack.press(POST, 'panic-crime', 100);
				await until('the press to be recorded', async () => await signals(stack, 'crime') === press);
				await pause(300);
			}
			await stack.edges[POST].stop();
			rmSync(data, { recursive: true });
			cpSync(`${data}.old`, data, { recursive: true });
			if (offline) await stack.parts.broker.stop();
			await stack.startEdge(POST);
			if (!offline) await connected(stack);
			await stack.press(POST, 'panic-fire', 100);
			await until('lamp taken', () => stack.lamp(POST, 'lamp-taken-fire'), 5000, 20);
			if (offline) await stack.startBroker();
			await until('lamp received', () => stack.lamp(POST, 'lamp-received-fire'), 20000);
			assert.equal(await signals(stack, 'fire'), 1);
			assert.equal(await signals(stack, 'crime'), 3);
		}));
