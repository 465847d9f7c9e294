// SPDX-License-Identifier: Apache-2.0
// stream.ts -- the server's events as they happen. Read with fetch and not with EventSource, because that hides the
// heartbeats: a cable that is pulled would look like a quiet night.
import { EventParser, type ServerEvent } from './sse';

/** The server sends something every 15 s; this long without is a broken stream. */
const SILENCE_MS = 32000;
const CONNECT_MS = 8000;
/** At most so often the server is told that we are there. Not by a timer: those sleep in a page that nobody looks at. */
const PULSE_MS = 5000;
const BACKOFF_MS = [300, 1000, 2000, 3000, 5000];

export interface StreamHandlers {
	/** Where to go on from; null: from now. */
	after(): number | null;
	/** The server has answered; events follow. */
	opened(): void;
	/** A byte has come: the connection lives. */
	heard(): void;
	event(event: ServerEvent): void;
	/** The server is to hear that we are there. */
	pulse(): void;
	/** It is over; a new try follows by itself. */
	broken(reason: string): void;
	/** The session is over; no new try follows. */
	unauthorized(): void;
}

/** Both clocks, because one stands still while a machine sleeps and the other may be set. */
export class Stopwatch {
	private wall = Date.now();
	private steady = performance.now();
	reset(): void {
		this.wall = Date.now();
		this.steady = performance.now();
	}
	get ms(): number {
		return Math.max(Date.now() - this.wall, performance.now() - this.steady, 0);
	}
}

export function streamStart(handlers: StreamHandlers): () => void {
	let stopped = false;
	let tries = 0;
	let abort = new AbortController();
	let retry: ReturnType<typeof setTimeout> | undefined;
	const silence = new Stopwatch();
	const pulsed = new Stopwatch();
	let limit = CONNECT_MS;

	const watchdog = setInterval(() => {
		if (retry === undefined && silence.ms > limit) abort.abort(new Error(`nothing heard for ${Math.round(limit / 1000)} s`));
	}, 1000);

	async function read(body: ReadableStream<Uint8Array>): Promise<void> {
		const reader = body.getReader();
		const decoder = new TextDecoder();
		const parser = new EventParser();
		for (;;) {
			const { done, value } = await reader.read();
			if (done) throw new Error('the server ended the stream');
			if (stopped) return;
			silence.reset();
			handlers.heard();
			if (pulsed.ms >= PULSE_MS) {
				pulsed.reset();
				handlers.pulse();
			}
			for (const event of parser.feed(decoder.decode(value, { stream: true }))) handlers.event(event);
		}
	}

	async function connect(): Promise<void> {
		abort = new AbortController();
		silence.reset();
		limit = CONNECT_MS;
		const after = handlers.after();
		const response = await fetch('/api/v1/events?pulse=1', {
			signal: abort.signal,
			cache: 'no-store',
			headers: { Accept: 'text/event-stream', ...(after === null ? {} : { 'Last-Event-ID': String(after) }) },
		});
		if (response.status === 401) {
			stop();
			handlers.unauthorized();
			return;
		}
		if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
		limit = SILENCE_MS;
		silence.reset();
		tries = 0;
		handlers.opened();
		await read(response.body);
	}

	function run(): void {
		retry = undefined;
		connect().catch((error: unknown) => {
			if (stopped) return;
			handlers.broken(error instanceof Error ? error.message : String(error));
			const wait = BACKOFF_MS[Math.min(tries++, BACKOFF_MS.length - 1)] ?? 5000;
			retry = setTimeout(run, wait * (0.8 + Math.random() * 0.4));
		});
	}

	function hurry(): void {
		if (retry === undefined || stopped) return;
		clearTimeout(retry);
		run();
	}

	function stop(): void {
		stopped = true;
		clearInterval(watchdog);
		clearTimeout(retry);
		removeEventListener('online', hurry);
		abort.abort();
	}

	addEventListener('online', hurry);
	run();
	return stop;
}
