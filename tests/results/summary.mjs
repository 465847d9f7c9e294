// SPDX-License-Identifier: Apache-2.0
// summary.mjs -- what the runs in this folder add up to, as the table of docs/reliability.md. `node tests/results/summary.mjs --write` puts it there.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const DOCUMENT = path.join(HERE, '../../docs/reliability.md');
const FROM = '<!-- figures: written by tests/results/summary.mjs -->\n', TO = '<!-- end of figures -->';

const runs = (layer) => {
	const file = path.join(HERE, `${layer}.jsonl`);
	return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : [];
};
const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
const number = (value) => Math.round(value).toLocaleString('en');
/** What struck how often, the most frequent first. */
function byKind(list, of) {
	const total = {};
	for (const run of list) for (const [kind, n] of Object.entries(of(run))) total[kind] = (total[kind] ?? 0) + n;
	return Object.entries(total).sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([kind, n]) => `${kind} ${number(n)}`).join(', ');
}
const hours = (seconds) => `${(seconds / 3600).toFixed(1)} h`;

function simulation() {
	const all = runs('simulation'), random = all.filter(({ mode }) => mode === 'random'), whole = all.filter(({ mode }) => mode === 'exhaustive');
	/** The last whole run of each scope; one that found something closes nothing. */
	const closed = [...new Map(whole.map((run) => [run.scope ?? 'one-press', run])).values()].filter((run) => run.finding_count === 0);
	return [
		['seeds simulated', `${number(sum(random, (run) => run.runs))} in ${hours(sum(random, (run) => run.cpu_seconds ?? run.seconds))} of a processor`, '`tests/simulation/run --hours H --record`', '1,000,000 or 4 h'],
		['of them, simulated time of a post', `${(sum(random, (run) => run.post_hours) / 8766).toFixed(3)} years`, '', ''],
		['faults in them', `${number(sum(random, (run) => run.faults))}: ${byKind(random, (run) => run.by_kind)}`, '', ''],
		['histories of small scopes', `${number(sum(closed, (run) => run.runs))} (${[...new Set(closed.map(({ scope }) => scope ?? 'one-press'))].join(', ')})`, '`tests/simulation/run --exhaustive SCOPE --record`', 'closed'],
	];
}

function chaos() {
	const all = runs('chaos');
	return [['real programs under fire', `${hours(sum(all, (run) => run.seconds))}, ${number(sum(all, (run) => run.presses))} presses, ${number(sum(all, (run) => run.faults))} faults of ${new Set(all.flatMap(({ kinds }) => Object.keys(kinds))).size} kinds`,
		'`tests/system/chaos/chaos --hours H`', '2 h'],
	['of them, by kind', byKind(all, (run) => run.kinds), '', '']];
}

function cuts() {
	const images = (run, of) => run.figures[of]?.images ?? 0, all = runs('power_cuts');
	const of = (what) => number(sum(all, (run) => images(run, what)));
	return [['images that a power cut leaves', `${number(sum(all, (run) => sum(Object.keys(run.figures), (what) => images(run, what))))} (outbox ${of('outbox')}, record ${of('record')}, spool ${of('spool')})`,
		'`tests/vm/power-cuts --images 20000`', '20,000']];
}

function fuzz() {
	const all = runs('fuzz'), seconds = new Map();
	for (const run of all) seconds.set(run.target, (seconds.get(run.target) ?? 0) + run.seconds);
	return [['executions fuzzed', `${number(sum(all, (run) => run.executions))}, ${seconds.size} targets, each at least ${number(Math.min(...seconds.values()))} s`, '`./scripts/fuzz --minutes M`', '900 s each']];
}

/** The last run of all; one that was ended early went on where the one before it had been. */
function killed() {
	const run = runs('mutation').at(-1);
	if (!run) return '';
	const layers = Object.entries(run.killed);
	return `; the last run tried ${run.tried} and killed ${sum(layers, ([, n]) => n)} (${layers.map(([layer, n]) => `${layer} ${n}`).join(', ')})`;
}

export function table() {
	const mutants = readdirSync(path.join(HERE, '../mutation')).filter((name) => name.endsWith('.patch')).length;
	const rows = [...simulation(), ...chaos(), ...cuts(), ...fuzz(), ['seeded bugs', `${mutants}${killed()}`, '`./scripts/mutate`', 'at least 95 % killed']];
	return ['| what | so far | made by | aim |', '|---|---|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n') + '\n';
}
export const standing = (text) => text.slice(text.indexOf(FROM) + FROM.length, text.indexOf(TO));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	if (process.argv[2] === '--write') {
		const text = readFileSync(DOCUMENT, 'utf8');
		writeFileSync(DOCUMENT, text.slice(0, text.indexOf(FROM) + FROM.length) + table() + text.slice(text.indexOf(TO)));
	} else {
		process.stdout.write(table());
	}
}
