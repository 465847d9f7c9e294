// SPDX-License-Identifier: Apache-2.0
// chaos.mjs -- sessions of real programs under fire: rounds of faults by a plan, each healed and judged by the checkers. See README.md.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SOURCE } from '../../../scripts/lib/stack.mjs';
import { KINDS } from './kinds.mjs';
import { inWords, makePlan } from './plan.mjs';

const USAGE = `usage: tests/system/chaos/chaos [--seed N] [--rounds N] [--per-round N] [--fire SECONDS] [--hours H] [--print-plan] [--keep] [--json]

  --seed N       the plan of faults follows from it (default: 1; with --hours: the one after the last of tests/results/chaos.jsonl)
  --rounds N     rounds of a session: fire, heal, judgement (default 4)
  --per-round N  faults of a round (default 16), --fire SECONDS that it lasts (default 10)
  --hours H      session after session, a seed each, for so long; every session is a line of tests/results/chaos.jsonl
  --print-plan   says the plan and does nothing
  --keep         keeps the history, the logs and all files of a session without breach as well
  --json         the last line is an object

  POSPIN_BUILD names the build (default build/release). Exit status 1: a breach, whose history, seed and command are said.
`;
const RESULTS = path.join(SOURCE, 'tests/results/chaos.jsonl');

function options() {
	const number = { type: 'string' }, flag = { type: 'boolean' };
	const { values } = parseArgs({
		options: { seed: number, rounds: number, 'per-round': number, fire: number, hours: number, 'print-plan': flag, keep: flag, json: flag, inside: flag, help: flag },
	});
	const whole = (name, fallback) => {
		const value = values[name] === undefined ? fallback : Number(values[name]);
		if (!(value >= 0)) throw new Error(`--${name}: expected a number, got '${values[name]}'`);
		return value;
	};
	return {
		...values, seed: whole('seed', values.hours ? lastSeed() + 1 : 1), rounds: whole('rounds', 4), perRound: whole('per-round', 16), fire: whole('fire', 10),
		hours: whole('hours', 0),
	};
}
const results = () => (existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []);
const lastSeed = () => results().reduce((most, { seed }) => Math.max(most, seed), 1000);

function planOf({ perRound, rounds, fire }, seed) {
	return makePlan({ seed, rounds, perRound, fireMs: fire * 1000, kinds: KINDS });
}
const commandOf = ({ perRound, rounds, fire }, seed) => `tests/system/chaos/chaos --seed ${seed} --rounds ${rounds} --per-round ${perRound} --fire ${fire}`;

function printPlan(wanted) {
	planOf(wanted, wanted.seed).forEach((faults, round) => {
		console.log(`round ${round + 1}`);
		for (const fault of faults) console.log(`  ${inWords(fault)}`);
	});
}

/** One session in a folder of its own: {seed, faults, kinds, presses, recorded, breaches, rounds}. */
async function session(wanted, seed) {
	const { runSession } = await import('./session.mjs');
	const dir = mkdtempSync(path.join(os.tmpdir(), 'pospin-chaos-'));
	const report = await runSession({ dir, seed, plan: planOf(wanted, seed), fireMs: wanted.fire * 1000, say: (line) => console.log(line) });
	if (report.breaches.length) {
		console.log(`BREACH: ${report.breaches.length} in session ${seed}`);
		for (const breach of report.breaches) console.log(`  ${breach}`);
		console.log(`history and logs: ${dir}\nagain: ${commandOf(wanted, seed)}`);
	} else if (wanted.keep) {
		console.log(`history and logs: ${dir}`);
	} else {
		rmSync(dir, { recursive: true, force: true });
	}
	return report;
}

function note(wanted, report) {
	const commit = spawnSync('git', ['-C', SOURCE, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
	mkdirSync(path.dirname(RESULTS), { recursive: true });
	appendFileSync(RESULTS, `${JSON.stringify({ date: new Date().toISOString(), commit, command: commandOf(wanted, report.seed), ...report })}\n`);
}

async function main() {
	const wanted = options();
	if (wanted.help) { process.stdout.write(USAGE); return 0; }
	if (wanted['print-plan']) { printPlan(wanted); return 0; }
	if (!wanted.inside) throw new Error('start it with tests/system/chaos/chaos');
	const end = Date.now() + wanted.hours * 3600000;
	let bad = 0;
	for (let seed = wanted.seed; ; seed++) {
		const report = await session(wanted, seed);
		bad += report.breaches.length;
		if (wanted.hours) note(wanted, report);
		if (wanted.json) console.log(JSON.stringify(report));
		if (Date.now() >= end) break;
	}
	return bad ? 1 : 0;
}

process.exitCode = await main().catch((error) => { console.error(`chaos: ${error.stack}`); return 2; });
// What a session leaves open (a watcher, a socket) keeps nobody waiting.
process.exit();
