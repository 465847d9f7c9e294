// SPDX-License-Identifier: Apache-2.0
// chain.ts -- whether the events that an auditor is shown hang together, as server/ledger/chain.h hashes them. Pure.

export interface ChainEvent {
	height: number;
	at: number;
	kind: string;
	actor: string;
	incident: string | null;
	post: string | null;
	point: string | null;
	body: string;
	previous: string;
	hash: string;
}

export interface Verdict {
	/** Of how many events it was found out. */
	count: number;
	/** Height of the first that does not fit; null: all do. */
	broken: number | null;
	/** Hashes were computed, not only compared: browsers do that on https pages and on this machine only. */
	computed: boolean;
}

type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;

const unhex = (text: string): number[] => (text.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
const hex = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

async function hashOf(event: ChainEvent, digest: Digest): Promise<string> {
	const words = [event.height, event.at, event.kind, event.actor, event.incident ?? '', event.post ?? '', event.point ?? '', event.body].join('\n');
	return hex(await digest(new Uint8Array([...unhex(event.previous), ...new TextEncoder().encode(words)])));
}

/** Events of consecutive heights, oldest first. digest null: only that each names the hash of the one before. */
export async function chainCheck(events: readonly ChainEvent[], digest: Digest | null): Promise<Verdict> {
	let before: ChainEvent | null = null;
	for (const event of events) {
		const linked = before === null || (event.previous === before.hash && event.height === before.height + 1);
		if (!linked || (digest !== null && await hashOf(event, digest) !== event.hash)) return { count: events.length, broken: event.height, computed: digest !== null };
		before = event;
	}
	return { count: events.length, broken: null, computed: digest !== null };
}
