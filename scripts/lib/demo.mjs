// SPDX-License-Identifier: Apache-2.0
// demo.mjs -- what scripts/run starts: the whole system for a person, or (--once) one night's alarm from press to closed.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageWords, openEvents, wordsOf } from './narrator.mjs';
import { workOneAlarm } from './one-alarm.mjs';
import { freePorts, takenPorts, until } from './parts.mjs';
import { Sinks, clean } from './sinks.mjs';
import { SOURCE, Stack } from './stack.mjs';

const PORTS = { broker: 18883, http: 8480, store: 18086, storeInner: 18088, mail: 18025, sinks: 18480 };

function misused(why) {
	console.error(`scripts/run: ${why}; see ./scripts/run --help`);
	process.exit(2);
}
const { values: options } = (() => {
	try {
		return parseArgs({ options: {
			build: { type: 'string' }, console: { type: 'string' }, once: { type: 'boolean' }, ports: { type: 'string' },
			store: { type: 'string', default: 'influxdb' }, site: { type: 'string' }, edge: { type: 'string' }, dir: { type: 'string' },
		} });
	} catch (error) {
		return misused(error.message);
	}
})();
if (!['influxdb', 'victoria-metrics'].includes(options.store)) misused(`--store: expected influxdb or victoria-metrics, got '${options.store}'`);
if (options.ports !== undefined && !(/^\d{4,5}$/.test(options.ports) && Number(options.ports) >= 1024 && Number(options.ports) <= 65530))
	misused(`--ports: expected the first of six ports, 1024 to 65530, got '${options.ports}'`);
if (options.once && (options.site || options.edge)) misused('--once shows the sample site: leave out --site and --edge');
// A site of one's own has other posts, and a real post stands for itself.
if (options.site || options.edge) options.posts = [];

const temporary = options.once && !options.dir;
const dir = temporary ? mkdtempSync(path.join(os.tmpdir(), 'pospin-once-')) : path.resolve(options.dir ?? path.join(SOURCE, 'run'));
const begun = Date.now();
/** --once counts seconds; a person has a clock. */
const stamp = () => (options.once ? `${((Date.now() - begun) / 1000).toFixed(1).padStart(5)} s` : new Date().toTimeString().slice(0, 8));
const told = (text) => console.log(`${stamp()}  ${clean(text)}`);

async function choosePorts() {
	const names = Object.keys(PORTS);
	const named = (of) => Object.fromEntries(names.map((name, i) => [name, of(i)]));
	if (options.once && !options.ports) {
		const free = await freePorts(names.length);
		return named((i) => free[i]);
	}
	const ports = options.ports ? named((i) => Number(options.ports) + i) : PORTS;
	const taken = await takenPorts(Object.values(ports));
	if (taken.length)
		throw new Error(`port ${taken.join(', ')} of 127.0.0.1 is taken: is another ./scripts/run up? Else choose six others in a row: --ports 21000`);
	return ports;
}

let stack, sinks, events, stopping;
function stop() {
	stopping ??= (async () => {
		events?.close();
		await stack?.stop();
		await sinks?.close();
		if (temporary) rmSync(dir, { recursive: true, force: true });
		else rmSync(path.join(dir, 'demo.json'), { force: true });
	})();
	return stopping;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(signal, async () => {
		if (stopping) return;
		told('mengakhiri semuanya / ending everything');
		await stop();
		process.exit(signal === 'SIGINT' ? 0 : 1);
	});

const isDefault = dir === path.join(SOURCE, 'run');
const command = (name) => `${isDefault ? '' : `POSPIN_RUN=${dir} `}./scripts/${name}`;

async function explain() {
	const link = (await stack.api('GET', '/setup')).body.needed ? stack.setupLink() : null;
	const post = stack.posts.includes('boja-01') ? 'boja-01' : stack.posts[0];
	console.log(`
Konsol / console   ${stack.url}
${link ? `Operator pertama / first operator (once)\n                   ${link}\n` : ''}${post && !options.edge ? `
Tekan tombol / press a button
                   ${command('press')} ${post} panic-crime
                   (points: panic-crime panic-fire panic-medical panic-silent smoke tamper mains)` : ''}${sinks ? `

Rencana contoh, dengan tenggat peragaan: 8 s meja, 30 s tiap instansi / a sample plan with the deadlines of a demonstration.
Tidak ada yang dikabari sungguhan: semua pesan tampil di sini / nobody real is told: every message shows up here.
Surat / mail       ${sinks.mailDir}
SMS, webhook       ${sinks.logFile}
Jawab sebagai instansi, dengan kode dari pesannya / answer as the agency, with the code of its message
                   ${command('answer')} TOLAK 1234567      (YA, TOLAK, JALAN, TIBA, SELESAI)` : ''}${post ? `

Pos / post         ${stack.program('pospin-edge')} status --socket ${stack.path('sock', post)}` : ''}
Catatan / logs     ${stack.path('log')}
Ctrl-C mengakhiri semuanya / ends all of it.
`);
}

/** What the record writes and what arrives outside, from now on. */
function narrate() {
	events = openEvents({ socketPath: stack.path('sock/server') }, (event) => {
		const words = wordsOf(event);
		if (words) told(words);
	});
}

/** Until Ctrl-C; a program that ends by itself is said, not hidden. */
async function watch() {
	const all = [...Object.values(stack.parts), ...Object.values(stack.edges)];
	for (const part of all)
		part.ended.then(({ code, signal }) => {
			if (!stopping) console.error(`${part.name} ended by itself (${signal ?? code}); end of ${part.log}:\n${part.logEnd()}`);
		});
	await until('Ctrl-C', () => stopping, 2 ** 31 - 1, 1000);
}

async function start() {
	const ports = await choosePorts();
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	if (!options.site) {
		const on = (message) => { for (const line of messageWords(message, options.once ? null : command('answer'))) told(line); };
		sinks = await Sinks.open({ dir: path.join(dir, 'sinks'), ports, on });
		options.plans = path.join(SOURCE, 'packaging/examples/plans-demo.yaml');
	}
	stack = await Stack.create({ ...options, sinks, dir, ports });
	await stack.start(told);
	writeFileSync(path.join(dir, 'demo.json'), JSON.stringify({ url: stack.url }));
	narrate();
}

try {
	await start();
	if (options.once) {
		await workOneAlarm(stack, told, sinks);
		told('every step is there');
		await stop();
		process.exit(0);
	}
	await explain();
	await watch();
} catch (error) {
	// Whatever fails because it is being ended is no failure.
	if (stopping) await new Promise(() => {});
	console.error(`\nscripts/run: ${error.message}`);
	if (stack && existsSync(stack.path('log'))) console.error(`logs: ${stack.path('log')}${temporary ? ' (kept)' : ''}`);
	stopping = Promise.resolve();
	await stack?.stop();
	await sinks?.close();
	if (temporary && !stack) rmSync(dir, { recursive: true, force: true });
	process.exit(1);
}
