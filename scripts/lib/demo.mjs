// SPDX-License-Identifier: Apache-2.0
// demo.mjs -- what scripts/run starts: the whole system for a person, or (--once) one alarm's way from press to closed.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { freePorts, until } from './parts.mjs';
import { SOURCE, Stack } from './stack.mjs';
import { workOneAlarm } from './one-alarm.mjs';

const { values: options } = (() => {
	try {
		return parseArgs({ options: {
			build: { type: 'string' }, console: { type: 'string' }, once: { type: 'boolean' },
			store: { type: 'string', default: 'influxdb' }, site: { type: 'string' }, edge: { type: 'string' }, dir: { type: 'string' },
		} });
	} catch (error) {
		console.error(`scripts/run: ${error.message}; see ./scripts/run --help`);
		process.exit(2);
	}
})();
if (!['influxdb', 'victoria-metrics'].includes(options.store)) {
	console.error(`scripts/run: --store: expected influxdb or victoria-metrics, got '${options.store}'`);
	process.exit(2);
}

if (options.once && (options.site || options.edge)) {
	console.error('scripts/run: --once shows the sample site: leave out --site and --edge');
	process.exit(2);
}
// A site of one's own has other posts, and a real post stands for itself.
if (options.site || options.edge) options.posts = [];
if (!options.site) options.plans = path.join(SOURCE, 'packaging/examples/plans-kendal.yaml');

const temporary = options.once && !options.dir;
const dir = temporary ? mkdtempSync(path.join(os.tmpdir(), 'pospin-once-')) : path.resolve(options.dir ?? path.join(SOURCE, 'run'));
const begun = Date.now();
const told = (text) => console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${text}`);

async function ports() {
	if (!options.once) return { broker: 18883, http: 8480, store: 18086, storeInner: 18088 };
	const [broker, web, store, storeInner] = await freePorts(4);
	return { broker, http: web, store, storeInner };
}

let stack;
let stopping;
function stop() {
	stopping ??= (async () => {
		await stack?.stop();
		if (temporary) rmSync(dir, { recursive: true, force: true });
	})();
	return stopping;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.once(signal, async () => {
		told('ending everything');
		await stop();
		process.exit(signal === 'SIGINT' ? 0 : 1);
	});

async function explainPress() {
	const link = (await stack.api('GET', '/setup')).body.needed ? stack.setupLink() : null;
	const post = stack.posts.includes('boja-01') ? 'boja-01' : stack.posts[0];
	console.log(`
Konsol / console   ${stack.url}
${link ? `Operator pertama / first operator (once)\n                   ${link}\n` : ''}${post && !options.edge ? `
Tekan tombol / press a button
                   ${dir === path.join(SOURCE, 'run') ? '' : `POSPIN_RUN=${dir} `}./scripts/press ${post} panic-crime
                   (points: panic-crime panic-fire panic-medical panic-silent smoke tamper mains)` : ''}${post ? `
Pos / post         ${stack.program('pospin-edge')} status --socket ${stack.path('sock', post)}` : ''}
Catatan / logs     ${stack.path('log')}
Ctrl-C mengakhiri semuanya / ends all of it.
`);
}

try {
	stack = await Stack.create({ ...options, dir, ports: await ports() });
	await stack.start(told);
	if (options.once) {
		await workOneAlarm(stack, told);
		told('every step is there');
		await stop();
		process.exit(0);
	}
	await explainPress();
	await watch();
} catch (error) {
	console.error(`\nscripts/run: ${error.message}`);
	if (stack) console.error(`logs: ${stack.path('log')}${temporary ? ' (kept)' : ''}`);
	await stack?.stop();
	process.exit(1);
}

/** Shows what happens until Ctrl-C; a program that ends by itself is said, not hidden. */
async function watch() {
	const all = [...Object.values(stack.parts), ...Object.values(stack.edges)];
	for (const part of all)
		part.ended.then(({ code, signal }) => {
			if (!stopping) console.error(`${part.name} ended by itself (${signal ?? code}); end of ${part.log}:\n${part.logEnd()}`);
		});
	await until('Ctrl-C', () => stopping, 2 ** 31 - 1, 1000);
}
