// SPDX-License-Identifier: Apache-2.0
// tables.mjs -- the tables of docs/performance.md and README.md, written between their marks from the kept figures.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const MARKS = ['<!-- figures: written by scripts/bench --write -->', '<!-- end of figures -->'];

export function between(text) {
	const from = text.indexOf(MARKS[0]), to = text.indexOf(MARKS[1]);
	if (from < 0 || to < from) throw new Error('the marks of the table are missing');
	return [from + MARKS[0].length, to];
}

const number = (value, unit) => {
	if (value === undefined) return '';
	const digits = Math.abs(value) >= 100 || (Number.isInteger(value) && unit === 'B') || unit === '' ? 0 : Math.abs(value) >= 10 ? 1 : 2;
	return `${value.toFixed(digits)}${unit ? ` ${unit}` : ''}`;
};
const goalText = (goal, unit) => ('most' in goal ? `ratio at most ${goal.most}` : 'least' in goal ? `ratio at least ${goal.least}`
	: 'exactly' in goal ? `${goal.exactly}` : `at most ${goal.at_most} ${unit}`);

/** One row of docs/performance.md. */
const line = (row) => `| ${row.text} | ${number(row.floor, row.unit)} | ${number(row.ours, row.unit)} | ${row.ratio === undefined ? '' : row.ratio.toFixed(2)} | ${row.spread.map((value) => value.toFixed(2)).join(' to ')} | ${goalText(row.goal, row.unit)} | ${row.met ? 'yes' : '**no**'} |`;

/** The same of README.md, which has the three that matter most. */
export const headline = (row) => `| ${row.text} | ${number(row.ours, row.unit)} | ${row.ratio.toFixed(2)} | ${goalText(row.goal, row.unit)} |`;

function replace(file, make) {
	const text = readFileSync(file, 'utf8');
	const [from, to] = between(text);
	writeFileSync(file, `${text.slice(0, from)}\n${make(text.slice(from, to).trim().split('\n')).join('\n')}\n${text.slice(to)}`);
}

/** Where it was measured. What was measured apart from the others is named behind what stood there. */
function header(results, isAll, old) {
	const load = ({ machine }) => (machine.load ?? 0).toFixed(0); // a quiet machine has 2, of the measuring itself
	if (results.length === 0) return old;
	if (!isAll) {
		const apart = results.map((result) => `${result.figure} (load average ${load(result)}, commit ${result.machine.commit})`);
		return `${old.replace(/ Measured apart: .*$/, '')} Measured apart: ${apart.join(', ')}.`;
	}
	const { machine, runs, when } = results.at(-1);
	return `${machine.processors} processors (${machine.cpu}), ${machine.memory_gib} GiB, Linux ${machine.kernel}; ${when.slice(0, 10)}; load average up to ${Math.max(...results.map(load))}; ${runs} passes or more; commit ${machine.commit}.`;
}

/** Writes what has been measured; the rows of other figures stay as they are. */
export function tables(root, figures, results) {
	const all = figures.map(({ name }) => results.find(({ figure }) => figure === name)).filter(Boolean);
	const missing = figures.filter(({ name }) => !all.some(({ figure }) => figure === name));
	if (missing.length) console.log(`not measured, left as they are: ${missing.map(({ name }) => name).join(' ')}`);
	const measured = new Map(all.flatMap(({ rows }) => rows.map((row) => [row.text, row])));
	const lines = (old, rows, show) => rows.map(({ text }) => (measured.has(text) ? show(measured.get(text)) : old.find((one) => one.startsWith(`| ${text} |`))))
		.filter(Boolean);
	const rows = figures.flatMap((figure) => Object.values(figure.rows));
	replace(path.join(root, 'docs/performance.md'), (old) => [header(all, missing.length === 0, old[0]), '',
		'| figure | floor | ours | ratio | of the passes | goal | met |', '|---|---|---|---|---|---|---|', ...lines(old, rows, line)]);
	replace(path.join(root, 'README.md'), (old) => ['| | ours | beside the floor | goal |', '|---|---|---|---|',
		...lines(old, rows.filter((row) => row.headline), headline)]);
}
