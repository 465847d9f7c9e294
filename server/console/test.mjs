// SPDX-License-Identifier: Apache-2.0
// test.mjs -- bundles each unit test with the modules it is about, and runs them with Node's own runner.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const outdir = path.join(here, 'node_modules/.cache/pospin-tests');
const tests = readdirSync(path.join(here, 'tests')).filter((file) => file.endsWith('.test.mjs'));

await build({
	absWorkingDir: here,
	entryPoints: tests.map((file) => `tests/${file}`),
	outdir,
	outExtension: { '.js': '.mjs' },
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node18',
	logLevel: 'warning',
});
const { status } = spawnSync(process.execPath,
	['--test', '--test-reporter=tap', ...tests.map((file) => path.join(outdir, file))], { cwd: here, stdio: 'inherit' });
process.exit(status ?? 1);
