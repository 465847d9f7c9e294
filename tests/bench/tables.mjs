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

function replace(file, table) {
	const text = readFileSync(file, 'utf8');
	const [from, to] = between(text);
	writeFileSync(file, `${text.slice(0, from)}\n${table.join('\n')}\n${text.slice(to)}`);
}

export function tables(root, order, results) {
	const all = order.map((name) => results.find(({ figure }) => figure === name)).filter(Boolean);
	const missing = order.filter((name) => !all.some(({ figure }) => figure === name));
	if (missing.length) console.log(`not measured yet, and so not in the tables: ${missing.join(' ')}`);
	const rows = all.flatMap((result) => result.rows), { machine, runs } = all.at(-1);
	const load = Math.max(...all.map((result) => result.machine.load ?? 0)); // a quiet machine has 2, of the measuring itself
	replace(path.join(root, 'docs/performance.md'), [
		`${machine.processors} processors (${machine.cpu}), ${machine.memory_gib} GiB, Linux ${machine.kernel}; ${all.at(-1).when.slice(0, 10)}; load average up to ${load.toFixed(0)}; ${runs} passes or more; commit ${machine.commit}.`, '',
		'| figure | floor | ours | ratio | of the passes | goal | met |', '|---|---|---|---|---|---|---|', ...rows.map(line)]);
	replace(path.join(root, 'README.md'), ['| | ours | beside the floor | goal |', '|---|---|---|---|', ...rows.filter((row) => row.headline).map(headline)]);
}
