// SPDX-License-Identifier: Apache-2.0
// What must be in a file after a power cut, judged by the marks that were written before it. Pure: marks and rows in, findings
// out, an empty list where all is well.

const RANKS = ['received', 'acknowledged', 'dispatched', 'on-scene', 'closed'];
const before = (marks, after) => marks.filter(({ at }) => at < after).map(({ words }) => words);
const of = (words, name) => words.filter(([first]) => first === name);

/** What the marks promise of an outbox: signals with a lit lamp and without a receipt, by ticket. */
export function outboxPromises(marks, after) {
	const words = before(marks, after);
	const lit = new Map();
	for (const [name, ticket, epoch, seq] of words) {
		if (name === 'lit' || (name === 'again' && lit.has(ticket))) lit.set(ticket, { epoch, seq: Number(seq) });
		if (name === 'receipted') lit.delete(ticket);
	}
	return { lit, pressed: new Set(of(words, 'pressed').map(([, ticket]) => ticket)), numbers: numbersOf(words) };
}

/** Which ticket has which number, as far as that has been said. */
function numbersOf(words) {
	const numbers = new Map();
	for (const [name, ticket, epoch, seq] of words)
		if (name === 'lit' || name === 'again') numbers.set(`${epoch} ${seq}`, ticket);
	return numbers;
}

/** rows: { table, status, signal } of the file after the agent has opened it, signal being the signed JSON. */
export function checkOutbox(promises, rows, setAside) {
	const found = [];
	const presses = rows.filter(({ signal }) => signal.kind === 'panic');
	const tickets = presses.map(({ signal }) => `${signal.mono}`);
	const whole = new Set(presses.filter(({ table, status }) => table === 'salvage' || status === 0 || status === 2).map(({ signal }) => `${signal.mono}`));
	for (const [ticket, { epoch, seq }] of promises.lit)
		if (!whole.has(ticket)) found.push(`lost: ticket ${ticket}, taken as ${epoch} ${seq}`);
	const seen = new Set();
	for (const ticket of tickets) {
		if (seen.has(ticket)) found.push(`doubled: ticket ${ticket}`);
		seen.add(ticket);
		if (!promises.pressed.has(ticket)) found.push(`invented: ticket ${ticket}`);
	}
	for (const { signal } of presses) {
		const ticket = promises.numbers.get(`${signal.epoch} ${signal.seq}`);
		if (ticket !== undefined && ticket !== `${signal.mono}`) found.push(`a number given twice: ${signal.epoch} ${signal.seq} to ${ticket} and ${signal.mono}`);
	}
	for (const { table, status, signal } of rows)
		if (table === 'signal' && status === 3) found.push(`called damaged: ${signal.epoch} ${signal.seq}`);
	if (setAside.length) found.push(`set aside, although nothing but the power has failed: ${setAside}`);
	return found;
}

/** record: { signals: [{ post, seq, number }], incidents: [{ number, state, rev }] }; verify: { status, text } of pospinctl. */
export function checkRecord(marks, after, record, verify) {
	const words = before(marks, after);
	const found = [];
	const signals = new Map();
	for (const { post, seq, number } of record.signals) {
		if (signals.has(`${post} ${seq}`)) found.push(`doubled: ${post} ${seq}`);
		signals.set(`${post} ${seq}`, number ?? '-');
	}
	for (const [, post, seq, number] of of(words, 'receipt')) {
		const got = signals.get(`${post} ${seq}`);
		if (got === undefined) found.push(`lost: ${post} ${seq}, whose receipt was out`);
		else if (got !== number) found.push(`moved: ${post} ${seq} belongs to ${got}, its receipt said ${number}`);
	}
	const offered = new Set(of(words, 'offered').map(([, post, seq]) => `${post} ${seq}`));
	for (const key of signals.keys()) if (!offered.has(key)) found.push(`invented: ${key}`);
	const incidents = new Map(record.incidents.map((one) => [one.number, one]));
	for (const [, number, state, rev] of of(words, 'moved')) {
		const got = incidents.get(number);
		if (!got || got.rev < Number(rev) || RANKS.indexOf(got.state) < RANKS.indexOf(state))
			found.push(`lost: ${number} was ${state} at ${rev}, is ${got ? `${got.state} at ${got.rev}` : 'not there'}`);
	}
	if (verify.status !== 0 || /OLDER COPY|go further/.test(verify.text)) found.push(`the chain: ${verify.text.trim()}`);
	return found;
}

/** lines: numbers of the lines that came out of the spool, in their order. */
export function checkSpool(marks, after, lines) {
	const words = before(marks, after);
	const last = (name) => Math.max(0, ...of(words, name).map(([, number]) => Number(number)));
	const found = [];
	const seen = new Set();
	for (const line of lines) {
		if (seen.has(line)) found.push(`doubled: line ${line}`);
		seen.add(line);
		if (line > last('adding')) found.push(`invented: line ${line}`);
	}
	for (let line = last('written') + 1; line <= last('spooled'); line++) if (!seen.has(line)) found.push(`lost: line ${line}`);
	return found;
}
