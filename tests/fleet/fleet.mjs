// SPDX-License-Identifier: Apache-2.0
// fleet.mjs -- plays posts against a broker and a server that it starts for itself (or, with --dir, against those of a stack that
// runs). `tests/fleet/fleet --posts N --rate R --seconds S --seed X`; README.md says the rest.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { SOURCE } from '../../scripts/lib/stack.mjs';
import { Site } from '../bench/site.mjs';

const build = process.env.POSPIN_BUILD ?? path.join(SOURCE, 'build/release');
const args = process.argv.slice(2);
const player = path.join(build, 'tests/fleet.play');

if (args.some((arg) => /^(--help|-\?|--usage|--dir(=.*)?)$/.test(arg))) {
	process.exit(spawnSync(player, args, { stdio: 'inherit' }).status ?? 1);
}
const at = args.indexOf('--posts');
const site = await Site.open(build, at < 0 ? 10 : Number(args[at + 1]));
let code = 1;
try {
	await site.server();
	const { total, ...phases } = await site.fleet(args);
	const { signals, duplicates, states, commits } = await site.counts();
	console.log(JSON.stringify({ ...phases, total, server: { signals, duplicates, states, commits } }, null, '\t'));
	code = signals === total.pressed ? 0 : 1;
} catch (error) {
	console.error(error.message);
} finally {
	await site.close();
}
process.exit(code);
