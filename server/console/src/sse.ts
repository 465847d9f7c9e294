// SPDX-License-Identifier: Apache-2.0
// sse.ts -- reads text/event-stream piece by piece. Pure.

export interface ServerEvent {
	id: string | null;
	kind: string;
	data: string;
}

/** Feed it what arrives, however it is cut; it returns the events that are complete. Comments give nothing. */
export class EventParser {
	private rest = '';
	private id: string | null = null;
	private kind = '';
	private data: string[] = [];

	feed(text: string): ServerEvent[] {
		const events: ServerEvent[] = [];
		// A lone CR at the end may be half of a CR LF.
		const all = this.rest + text;
		const usable = all.endsWith('\r') ? all.length - 1 : all.length;
		const lines = all.slice(0, usable).split(/\r\n|\n|\r/);
		this.rest = (lines.pop() ?? '') + all.slice(usable);
		for (const line of lines) {
			if (line !== '') this.field(line);
			else this.finish(events);
		}
		return events;
	}

	private finish(events: ServerEvent[]): void {
		if (this.data.length > 0) events.push({ id: this.id, kind: this.kind || 'message', data: this.data.join('\n') });
		this.kind = '';
		this.data = [];
	}

	private field(line: string): void {
		const colon = line.indexOf(':');
		if (colon === 0) return;
		const name = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
		if (name === 'data') this.data.push(value);
		else if (name === 'event') this.kind = value;
		else if (name === 'id' && !value.includes('\0')) this.id = value;
	}
}
