// SPDX-License-Identifier: Apache-2.0
// seam.test.mjs -- what decides touches the outside by the adapters' headers alone: else the simulator (tests/simulation), which stands in for
// those, would not see all of it. Measured on the object files that ship.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ROOT, rooms } from './tree.mjs';

const BUILD = process.env.POSPIN_BUILD ?? path.join(ROOT, 'build/release');

/** Rooms that are adapters, or whose programs are not simulated. */
const OUTSIDE = ['checkup', 'crypto', 'config', 'ctl', 'db', 'fetch', 'health', 'http', 'json', 'loop', 'modem', 'mqtt', 'probe', 'recorder', 'sources'];
/** Of common/core: what the simulator stands in for, and the reader of YAML, which is libyaml's adapter. */
const CORE = ['clock', 'file', 'lines', 'local', 'log', 'random', 'thread', 'yaml'];

/** The C library where it only computes, and what compilers put in. */
const PURE = new RegExp(`^(${[
	'str[a-z_]+', 'mem[a-z]+', 'v?snprintf', 'qsort', 'bsearch', 'explicit_bzero', 'gmtime_r', 'calloc', 'malloc', 'realloc', 'free', 'malloc_trim', 'f(write|putc|puts|printf)',
	'__assert_fail', '__stack_chk_fail', '_GLOBAL_OFFSET_TABLE_', '__(v?snprintf|mem[a-z]+|str[a-z]+|fprintf)_chk', '__isoc(99|23)_.*',
	'__(asan|ubsan|tsan|sanitizer|gcov|llvm)_.*', '__errno_location', '__ctype_[a-z_]+',
].join('|')})$`);

/** [object, symbol] of every undefined symbol of an archive's objects that no object of the same archive defines. */
function foreign(archive) {
	const lines = execFileSync('nm', ['-A', archive], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n').filter(Boolean)
		.map((line) => /:([^:]+\.o):\s*[0-9a-f]*\s+(\w)\s+(\S+)$/.exec(line)).filter(Boolean);
	const defined = new Set(lines.filter(([, , kind]) => kind !== 'U').map(([, , , symbol]) => symbol));
	return lines.filter(([, , kind, symbol]) => kind === 'U' && !defined.has(symbol)).map(([, object, , symbol]) => [object, symbol]);
}

const archives = [...rooms().filter((room) => !room.folder.startsWith('broker-config/') && !OUTSIDE.includes(room.name))
	.map((room) => path.join(room.folder, `lib${room.name}.a`)), 'edge-agent/libpospin_edge_daemon.a'];

test('what is simulated reaches the outside by its adapters only', () => {
	assert.deepEqual(archives.filter((archive) => !existsSync(path.join(BUILD, archive))), [], 'not built');
	const found = archives.flatMap((archive) => foreign(path.join(BUILD, archive))
		.filter(([object]) => !(archive.endsWith('libcore.a') && CORE.includes(object.replace(/\.c\.o$/, ''))))
		.filter(([, symbol]) => !symbol.startsWith('pp_') && !PURE.test(symbol))
		.map(([object, symbol]) => `${archive}(${object}) calls ${symbol}`));
	assert.deepEqual(found, []);
});

test('the check knows a call of the outside when it sees one', () => {
	const calls = foreign(path.join(BUILD, 'common/core/libcore.a')).filter(([object]) => object === 'thread.c.o' || object === 'clock.c.o').map(([, symbol]) => symbol);
	for (const symbol of ['clock_gettime', 'pthread_create'])
		assert.ok(calls.some((call) => call.startsWith(symbol)) && !PURE.test(symbol), symbol);
});
