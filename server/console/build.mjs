// SPDX-License-Identifier: Apache-2.0
// build.mjs -- the page as a folder of static files: one script, one style sheet, and the licences of what is in them.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { outdir: { type: 'string' } } });
// npm changes into the package's folder; a relative folder is meant from where npm was called.
const outdir = values.outdir
	? path.resolve(process.env.INIT_CWD ?? process.cwd(), values.outdir)
	: path.resolve(here, '../../build/console');

mkdirSync(outdir, { recursive: true });
const { metafile } = await build({
	absWorkingDir: here,
	entryPoints: ['src/main.tsx', 'src/style.css'],
	outdir,
	bundle: true,
	minify: true,
	metafile: true,
	format: 'esm',
	target: 'es2021',
	jsx: 'automatic',
	jsxImportSource: 'preact',
	logLevel: 'warning',
});
for (const file of ['index.html', 'icon.svg']) copyFileSync(path.join(here, 'src', file), path.join(outdir, file));
writeFileSync(path.join(outdir, 'licences.txt'), licences(metafile));

/** The licence text of every package that is in the bundle. */
function licences({ inputs }) {
	const packages = new Set(Object.keys(inputs)
		.map((file) => file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
	return [...packages].sort().map((name) => {
		const folder = path.join(here, 'node_modules', name);
		const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
		const file = ['LICENSE', 'LICENSE.md', 'LICENCE'].map((entry) => path.join(folder, entry)).find(existsSync);
		return `${name} ${version} (${license})\n\n${file ? readFileSync(file, 'utf8') : ''}`;
	}).join('\n\n');
}
