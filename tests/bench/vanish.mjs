// SPDX-License-Identifier: Apache-2.0
// vanish.mjs -- the figure of a vanished internet: what an alarm, a claim and a near receiver notice of it, beside the same with an
// internet that answers. Each pass runs in namespaces of its own (inside.mjs), where there is an internet to be taken away.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const INSIDE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'inside.mjs');
const NAMES = { receipt: 'press to receipt', claim: 'acknowledging over HTTP', near: 'alarm to a near webhook' };
const PARTS = { p50: 'median', p99: '99 of 100' };
const GOAL = { most: 1.25 };

const each = (make) => Object.fromEntries(Object.keys(NAMES).flatMap((name) => Object.keys(PARTS).map((part) => make(name, part))));
const rows = each((name, part) => [`vanish.${name}.${part}`,
	{ text: `${NAMES[name]} with the internet gone, ${PARTS[part]}, beside the same with it`, unit: 'ms', goal: GOAL, beside: 'own' }]);
/** What nobody is told in vain: whether the black hole itself costs anything. */
const alone = Object.fromEntries(Object.keys(NAMES).map((name) => [`vanish.${name}.none`,
	{ text: `${NAMES[name]} with it gone, median, beside nobody there being called`, unit: 'ms', goal: GOAL, beside: 'own' }]));

/** The kernel ends everything inside when this process, or the first one there, ends. */
function unshare(args) {
	const user = process.getuid() === 0 ? [] : ['--user', '--map-root-user'];
	return promisify(execFile)('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...user, '--net', '--mount', '--propagation', 'private', '--pid',
		'--fork', '--kill-child=KILL', '--mount-proc', process.execPath, INSIDE, ...args.map(String)], { timeout: 180000, maxBuffer: 1 << 24 });
}

export const vanish = {
	name: 'vanish',
	posts: 100,
	passes: 2,
	apart: true, // has a site and a broker of its own
	rows: {
		...rows,
		...alone,
		'vanish.missing': { text: 'alarms that the near webhook was not told of with the internet gone', unit: '', goal: { exactly: 0 } },
	},
	async run({ build, posts, quick, seed }) {
		const { stdout } = await unshare([path.resolve(build), posts, quick ? 2 : 12, seed])
			.catch(({ message, stderr = '' }) => { throw new Error(`${message}\n${stderr}`.slice(-2000)); });
		const { there, gone, none } = JSON.parse(stdout.trim().split('\n').at(-1));
		return {
			...each((name, part) => [`vanish.${name}.${part}`, { floor: there[name][part], ours: gone[name][part] }]),
			...Object.fromEntries(Object.keys(NAMES).map((name) => [`vanish.${name}.none`, { floor: none[name].p50, ours: gone[name].p50 }])),
			'vanish.missing': { ours: gone.missing },
		};
	},
};
