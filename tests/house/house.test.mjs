// SPDX-License-Identifier: Apache-2.0
// house.test.mjs -- the house rules of CONTRIBUTING.md, measured.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ROOT, files, functions, read, rooms, withEnding } from './tree.mjs';

const none = (found, rule) => assert.deepEqual(found, [], rule);
const cFiles = withEnding('.c', '.h');

/** Which top-level rooms may use which: `sensors -> common` and so on. docs/architecture.md holds the same table. */
const MAY_USE = { common: ['common'], sensors: ['sensors', 'common'], 'edge-agent': ['edge-agent', 'sensors', 'common'], server: ['server', 'common'] };

test('a room uses only rooms below it, and never a sideways one', () => {
	const all = rooms();
	const folderOf = new Map(all.map((room) => [room.name, room.folder]));
	none(all.flatMap((room) => room.uses.filter((use) => {
		const target = folderOf.get(use)?.split('/')[0];
		return !target || !MAY_USE[room.folder.split('/')[0]]?.includes(target);
	}).map((use) => `${room.folder} uses ${use}`)));
});

test('the rooms form no circle', () => {
	const uses = new Map(rooms().map((room) => [room.name, room.uses]));
	const visit = (name, seen) => {
		assert.ok(!seen.includes(name), `circle: ${[...seen, name].join(' -> ')}`);
		for (const use of uses.get(name) ?? []) visit(use, [...seen, name]);
	};
	for (const name of uses.keys()) visit(name, []);
});

test('the table of rooms in docs/architecture.md is what CMake declares', () => {
	const rows = [...read('docs/architecture.md').matchAll(/^\| `([\w/-]+)` \| ([^|]*) \|/gm)]
		.map(([, folder, uses]) => [folder, uses.match(/[\w-]+/g)?.filter((word) => word !== 'nothing').sort().join(' ') ?? '']);
	const declared = rooms().map((room) => [room.folder, [...room.uses].sort().join(' ')]);
	assert.deepEqual(rows.sort(), declared.sort());
});

const ADAPTERS = {
	'yaml.h': ['common/core/'], 'jansson.h': ['common/json/'], 'sqlite3.h': ['common/db/'], 'MQTTAsync.h': ['common/mqtt/'],
	'curl/curl.h': ['common/fetch/'], 'gpiod.h': ['sensors/sources/'], 'microhttpd.h': ['server/http/'], 'sodium.h': ['common/crypto/'],
	'systemd/sd-event.h': ['common/loop/'], 'systemd/sd-daemon.h': ['common/loop/'], 'systemd/sd-bus.h': ['common/modem/'], 'openssl/evp.h': ['common/crypto/'],
	'openssl/x509v3.h': ['common/crypto/'], 'openssl/ssl.h': ['common/probe/'], 'zlib.h': ['server/recorder/'], 'mosquitto_plugin.h': ['broker-config/limits/'], 'mosquitto_broker.h': ['broker-config/limits/'],
};
test('each foreign library is included by one adapter room only', () => {
	none(cFiles.filter((file) => !file.startsWith('tests/')).flatMap((file) => [...read(file).matchAll(/#include <([^>]+)>/g)]
		.filter(([, header]) => ADAPTERS[header] && !ADAPTERS[header].some((room) => file.startsWith(room)))
		.map(([, header]) => `${file} includes <${header}>`)));
});

test('functions have at most 80 lines, median 15, 95 of 100 at most 50', () => {
	const all = functions();
	none(all.filter(({ lines }) => lines > 80).map(({ file, name, lines }) => `${file}: ${name} has ${lines}`));
	const sizes = all.map(({ lines }) => lines).sort((a, b) => a - b);
	const at = (share) => sizes[Math.floor((sizes.length - 1) * share)];
	assert.ok(at(0.5) <= 15, `median is ${at(0.5)}`);
	assert.ok(at(0.95) <= 50, `p95 is ${at(0.95)}`);
});

test('sources have at most 600 lines of at most 100 columns', () => {
	const columns = (line) => [...line].reduce((n, c) => (c === '\t' ? n + 8 - (n % 8) : n + 1), 0);
	none(withEnding('.c').filter((file) => !file.startsWith('tests/') && read(file).split('\n').length > 601));
	none(cFiles.flatMap((file) => read(file).split('\n')
		.map((line, i) => [columns(line), i + 1]).filter(([n]) => n > 100).map(([n, i]) => `${file}:${i}: ${n} columns`)));
});

test('every source says its licence in the first lines', () => {
	const sources = files.filter((file) => /\.(c|h|mjs|tsx?|css|cmake|sh)$|CMakeLists\.txt$|^scripts\/[^.]+$|generate$/.test(file));
	none(sources.filter((file) => statSync(path.join(ROOT, file)).isFile() && !read(file).split('\n').slice(0, 3).join('\n').includes('SPDX-License-Identifier: Apache-2.0')));
});

test('every room has a README', () => none(rooms().map((room) => `${room.folder}/README.md`).filter((file) => !existsSync(path.join(ROOT, file)))));

test('every header compiles alone', () => {
	const includes = rooms().map((room) => `-I${path.join(ROOT, room.folder, 'include')}`);
	none(rooms().flatMap((room) => room.headers).filter((header) => spawnSync('cc',
		['-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x', 'c', ...includes, path.join(ROOT, header)]).status !== 0));
});

test('no unfinished marks, no paths of one machine, no host of a registry', () => {
	const words = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].map((word) => `\\b${word}\\b`).join('|'));
	const sources = files.filter((file) => /\.(c|h|mjs|tsx?|sh|cmake)$|CMakeLists\.txt$|^scripts\/|^\.ci\//.test(file));
	none(sources.filter((file) => words.test(read(file))));
	none(files.filter((file) => /\.(c|h|mjs|tsx?|sh|md|yaml|json|cmake)$|^scripts\//.test(file))
		.filter((file) => new RegExp('deb\\.debian' + '\\.org|registry\\.npm' + 'js|(^|[^A-Za-z0-9_.])/(wo' + 'rk|ro' + 'ot)/').test(read(file))));
});

test('the README is short, and its commands exist', () => {
	const readme = read('README.md');
	assert.ok(readme.split('\n').length <= 150);
	const commands = [...readme.matchAll(/(?:^|[`\s])(\.\/[\w./-]+)/gm)].map(([, command]) => command);
	assert.ok(commands.includes('./scripts/run') && commands.includes('./scripts/test'));
	none([...new Set(commands)].filter((command) => !existsSync(path.join(ROOT, command))));
	for (const command of ['./scripts/run', './scripts/test'])
		execFileSync(path.join(ROOT, command), ['--help'], { stdio: 'pipe' });
});

test('every link of every document leads somewhere', () => {
	none(withEnding('.md').flatMap((file) => [...read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
		.filter(([, link]) => !/^[a-z]+:/.test(link) && !existsSync(path.join(ROOT, path.dirname(file), link)))
		.map(([, link]) => `${file}: ${link}`)));
});

test('sample settings pass the programs\' own checks', () => {
	const bin = path.join(process.env.POSPIN_BUILD ?? path.join(ROOT, 'build/release'), 'bin');
	const run = (program, ...args) => {
		const { status, stderr, stdout } = spawnSync(path.join(bin, program), args, { encoding: 'utf8' });
		assert.equal(status, 0, `${program} ${args.join(' ')}: ${stderr}${stdout}`);
	};
	for (const [program, sample] of [['pospin-edge', 'edge'], ['pospin-edge', 'edge-levels'], ['pospin-server', 'server'], ['pospin-recorder', 'recorder']])
		run(program, '--config', path.join(ROOT, `packaging/examples/${sample}.yaml`), '--check-config');
	run('pospinctl', 'import', '--check', path.join(ROOT, 'packaging/examples/site-kendal.yaml'));
	for (const plans of ['plans-kendal', 'plans-demo']) run('pospinctl', 'plan', 'check', path.join(ROOT, `packaging/examples/${plans}.yaml`));
});

test('scripts are executable', () => {
	none(['scripts/run', 'scripts/test', 'scripts/press', 'scripts/answer', 'scripts/bench', 'tests/fleet/fleet', '.ci/run', 'broker-config/generate', 'tests/vm/make-vm']
		.filter((file) => !(statSync(path.join(ROOT, file)).mode & 0o111)));
});
