// SPDX-License-Identifier: Apache-2.0
// plan.mjs -- which faults, where, when and how hard: all of it follows from the seed, and nothing else. Pure.

/** A small repeatable generator: () => [0, 1). (mulberry32) */
export function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
export const pick = (next, list) => list[Math.floor(next() * list.length)];
export const between = (next, low, high) => Math.round(low + next() * (high - low));
export function shuffled(next, list) {
	const all = [...list];
	for (let i = all.length - 1; i > 0; i--) {
		const j = Math.floor(next() * (i + 1));
		[all[i], all[j]] = [all[j], all[i]];
	}
	return all;
}

const TRIES = 60;
const overlap = (a, b) => a.atMs < b.atMs + b.forMs && b.atMs < a.atMs + a.forMs;

/** The rounds of a session: [[{kind, where, atMs, forMs, with}]], each in order of atMs. kinds: the table of kinds.mjs; two faults of one
 *  resource never overlap, any others may. Kinds are dealt in shuffled order, so that a session has all before it has one twice. */
export function makePlan({ seed, rounds, perRound, fireMs, kinds }) {
	const next = random(seed);
	let deck = [];
	const deal = (mayUse) => {
		if (!deck.some(mayUse)) deck.push(...shuffled(next, Object.keys(kinds)));
		return deck.splice(deck.findIndex(mayUse), 1)[0];
	};
	return Array.from({ length: rounds }, (_, round) => {
		const faults = [], left = [];
		while (faults.length < perRound) {
			const isLast = round === rounds - 1;
			const kind = deal((name) => !kinds[name].lastRound || (isLast && !faults.some((fault) => fault.kind === name)));
			const fault = place(next, kind, kinds[kind], faults, fireMs);
			if (fault) faults.push(fault);
			else left.push(kind);
			if (left.length > TRIES) throw new Error(`no room for ${perRound} faults in a round of ${fireMs} ms`);
		}
		deck.unshift(...left);
		return faults.sort((a, b) => a.atMs - b.atMs);
	});
}

function place(next, kind, { places, uses, forMs = [1000, 5000], draw = () => ({}) }, taken, fireMs) {
	for (let i = 0; i < TRIES; i++) {
		const where = pick(next, places);
		const length = Math.min(between(next, ...forMs), fireMs);
		const fault = { kind, where, atMs: between(next, 0, fireMs - length), forMs: length, with: draw(next, where) };
		const clash = taken.some((other) => overlap(fault, other) && other.uses.some((resource) => uses(where).includes(resource)));
		if (!clash) return { ...fault, uses: uses(where) };
	}
	return null;
}

/** A fault in one line of words. */
export const inWords = ({ kind, where, atMs, forMs, with: values }) =>
	`${(atMs / 1000).toFixed(1).padStart(5)} s  ${kind.padEnd(16)} ${where.padEnd(13)} for ${(forMs / 1000).toFixed(1)} s`
	+ Object.entries(values).map(([name, value]) => `  ${name} ${value}`).join('');
