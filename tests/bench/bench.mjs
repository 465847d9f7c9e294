// SPDX-License-Identifier: Apache-2.0
// bench.mjs -- runs the figures, prints each beside its floor, keeps them as JSON, and writes the tables of the documents.
// scripts/bench builds first and then calls this.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { EdgeBench, FIGURES, Site } from './figures.mjs';
import { median } from './measure.mjs';
import { madeSite } from './site.mjs';
import { tables } from './tables.mjs';

const USAGE = `usage: ./scripts/bench [--quick] [--only NAME[,NAME...]] [--runs N] [--write] [--list]

  --quick   a tenth of everything, once: whether all of it works and nothing is lost, no judgement of times
  --only    these figures alone: ${FIGURES.map(({ name }) => name).join(' ')}
  --runs N  passes over each figure, both sides in turn (3); the median counts
  --write   afterwards put what build/bench holds into docs/performance.md and README.md
            (with --only none: nothing is measured, the tables are written again; figures that it has not stay as they are)
  Figures are kept in build/bench/NAME.json, so that --only does one again and leaves the others.`;

function options(args) {
	const o = { quick: false, only: null, runs: 3, write: false };
	const value = (name) => args.shift() ?? fail(`${name} needs a value`);
	while (args.length) {
		const arg = args.shift();
		if (arg === '--quick') Object.assign(o, { quick: true, runs: 1 });
		else if (arg === '--write') o.write = true;
		else if (arg === '--only') o.only = value(arg).split(',');
		else if (arg === '--runs') o.runs = Number(value(arg)) || fail('--runs: expected a number');
		else if (arg === '--list') { console.log(FIGURES.map(({ name }) => name).join('\n')); process.exit(0); }
		else if (arg === '-h' || arg === '--help') { console.log(USAGE); process.exit(0); }
		else fail(`unknown argument '${arg}'`);
	}
	const unknown = (o.only ?? []).filter((name) => name !== 'none' && !FIGURES.some((figure) => figure.name === name));
	if (unknown.length) fail(`no figure '${unknown[0]}'`);
	return o;
}
function fail(why) {
	console.error(`${USAGE}\n\nscripts/bench: ${why}`);
	process.exit(2);
}

/** Whether a goal is met: by the ratio (most, least) or by the value itself (at_most, exactly). */
export function isMet(goal, { ours, ratio }) {
	if ('most' in goal) return ratio <= goal.most;
	if ('least' in goal) return ratio >= goal.least;
	return 'exactly' in goal ? ours === goal.exactly : ours <= goal.at_most;
}

/** The passes of one row, as one: medians, the ratio of the medians, and from where to where the passes' own ratios went. */
export function summarise(row, passes) {
	const ours = median(passes.map((pass) => pass.ours));
	const result = { ...row, ours, passes };
	if (passes[0].floor !== undefined) {
		result.floor = median(passes.map((pass) => pass.floor));
		result.ratio = ours / result.floor;
		const ratios = passes.map((pass) => pass.ours / pass.floor);
		result.spread = [Math.min(...ratios), Math.max(...ratios)];
	} else {
		result.spread = [Math.min(...passes.map((pass) => pass.ours)), Math.max(...passes.map((pass) => pass.ours))];
	}
	return { ...result, met: isMet(row.goal, result) };
}

const shown = (value) => (value === undefined ? '' : Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(value !== 0 && Math.abs(value) < 10 ? 2 : 1));

function machine() {
	const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: SOURCE, encoding: 'utf8' }).trim();
	return { cpu: cpus()[0].model.trim(), processors: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30), kernel: release().replace(/-.*/, ''), load: loadavg()[1], commit };
}

class Runner {
	constructor(build, o) { Object.assign(this, { build, o, sites: new Map() }); }
	async site(posts) {
		if (!this.sites.has(posts)) this.sites.set(posts, await Site.open(this.build, posts));
		return this.sites.get(posts);
	}
	async figure(figure) {
		const passes = [];
		const posts = this.o.quick ? Math.min(figure.posts ?? 0, 100) : figure.posts;
		const context = { build: this.build, posts, quick: this.o.quick, openSite: (n) => this.site(n) };
		if (figure.apart) await madeSite(this.build, posts);
		else if (figure.edge) context.edge = this.edge ??= await EdgeBench.open(this.build);
		else context.site = await this.site(posts);
		const count = this.o.quick ? 1 : this.o.runs * (figure.passes ?? 1);
		for (let pass = 0; pass < count; pass++)
			passes.push(await figure.run({ ...context, seed: pass + 1, pass }));
		return Object.entries(figure.rows).map(([name, row]) => summarise({ name, ...row }, passes.map((pass) => pass[name]).filter(Boolean)));
	}
	async close() {
		for (const site of this.sites.values()) await site.close();
		await this.edge?.close();
	}
}

function print(row, quick) {
	const beside = row.floor === undefined ? '' : ` / ${shown(row.floor)} = ${row.ratio.toFixed(2)}`;
	const verdict = quick ? '' : row.met ? 'met' : 'MISSED';
	console.log(`  ${row.text.padEnd(68)} ${shown(row.ours)}${beside} ${row.unit}  (${row.spread.map(shown).join(' to ')})  ${verdict}`);
}

export async function bench(build, o, folder) {
	const runner = new Runner(build, o);
	const chosen = FIGURES.filter(({ name }) => !o.only || o.only.includes(name));
	let failed = 0;
	mkdirSync(folder, { recursive: true });
	try {
		for (const figure of chosen) {
			const begun = Date.now();
			try {
				const rows = await runner.figure(figure);
				const seconds = Math.round((Date.now() - begun) / 1000);
				console.log(`${figure.name} (${seconds} s)`);
				for (const row of rows) print(row, o.quick);
				writeFileSync(path.join(folder, `${figure.name}.json`), `${JSON.stringify({ figure: figure.name, when: new Date().toISOString(), machine: machine(), runs: o.runs, seconds, rows }, null, '\t')}\n`);
			} catch (error) {
				failed++;
				console.log(`${figure.name}: FAILED: ${error.message}`);
			}
		}
	} finally {
		await runner.close();
	}
	return failed;
}

export const results = (folder) => (existsSync(folder) ? readdirSync(folder) : []).filter((file) => file.endsWith('.json'))
	.map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	const o = options(process.argv.slice(2));
	const build = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
	const folder = path.join(SOURCE, 'build', o.quick ? 'bench-quick' : 'bench');
	const failed = await bench(build, o, folder);
	if (o.write && !o.quick) tables(SOURCE, FIGURES, results(folder));
	process.exit(failed ? 1 : 0);
}
