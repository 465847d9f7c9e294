// SPDX-License-Identifier: Apache-2.0
// sound.ts -- makes the page heard. `armed` says whether it really can be: browsers are silent before a gesture.
import { effect, signal } from '@preact/signals';
import { recall, remember } from './memory';
import type { Ring } from './order';
import { lengthMs, render } from './patterns';

/** The browser plays what we give it. */
export const armed = signal(false);
/** What this page loops now. */
export const sounding = signal<Ring | null>(null);
export const soundError = signal<string | null>(null);

let context: AudioContext | null = null;
let source: AudioBufferSourceNode | null = null;

function followContext(): void {
	armed.value = context !== null && context.state === 'running';
}

/** Must be called from a gesture. */
export async function arm(): Promise<void> {
	try {
		if (!context) {
			context = new AudioContext();
			context.onstatechange = followContext;
		}
		await context.resume();
		soundError.value = null;
		remember('sound', 'on');
	} catch (error) {
		soundError.value = String(error instanceof Error ? error.message : error);
	}
	followContext();
}

export async function disarm(): Promise<void> {
	remember('sound', 'off');
	await context?.suspend();
	followContext();
}

export const toggleSound = (): Promise<void> => (armed.value ? disarm() : arm());

function start(name: Ring | 'test', loop: boolean): AudioBufferSourceNode | null {
	if (!context) return null;
	const samples = render(name, context.sampleRate);
	const buffer = context.createBuffer(1, samples.length, context.sampleRate);
	buffer.copyToChannel(samples, 0);
	const node = context.createBufferSource();
	node.buffer = buffer;
	// The browser loops by itself, also in a window in the background whose timers are slowed down.
	node.loop = loop;
	node.connect(context.destination);
	node.start();
	return node;
}

function stop(): void {
	source?.stop();
	source?.disconnect();
	source = null;
}

/** Plays the test tone once; does not touch what rings. */
export async function testTone(): Promise<number> {
	await arm();
	return start('test', false) ? lengthMs('test') : 0;
}

/** Keeps the sound equal to what `wanted` says for as long as the page lives. */
export function soundFollow(wanted: () => Ring | null): void {
	effect(() => {
		const next = armed.value ? wanted() : null;
		if (next === sounding.peek() && (next === null || source !== null)) return;
		stop();
		if (next) source = start(next, true);
		sounding.value = next;
	});
}

/** Who has had sound on keeps it over a reload: the first gesture turns it on again. */
export function armOnFirstGesture(): void {
	// Not on pointerdown: the banner would go, and the press would land on what comes up in its place.
	const once = (): void => {
		removeEventListener('click', once, true);
		removeEventListener('keydown', once, true);
		if (recall('sound') === 'on') void arm();
	};
	addEventListener('click', once, true);
	addEventListener('keydown', once, true);
}
