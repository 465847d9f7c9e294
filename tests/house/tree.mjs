// SPDX-License-Identifier: Apache-2.0
// tree.mjs -- what the house rules are measured on: tracked files, rooms as CMake declares them, functions as ctags sees them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const read = (file) => readFileSync(path.join(ROOT, file), 'utf8');

/** Files that git tracks, and new ones that it does not ignore. */
export const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
	.split('\n').filter(Boolean).sort();
export const withEnding = (...endings) => files.filter((file) => endings.some((ending) => file.endsWith(ending)));

/** Rooms: {name, folder, uses, headers}. Read from the pospin_room calls. */
export function rooms() {
	return files.filter((file) => path.basename(file) === 'CMakeLists.txt').flatMap((file) => {
		const folder = path.dirname(file);
		return [...read(file).matchAll(/pospin_room\(\s*(\w[\w-]*)([^)]*)\)/g)].map(([, name, rest]) => {
			const words = rest.split(/\s+/).filter(Boolean);
			const list = (key) => {
				const from = words.indexOf(key);
				if (from < 0) return [];
				const to = words.findIndex((word, i) => i > from && /^(MODULES|USES|LIBRARIES)$/.test(word));
				return words.slice(from + 1, to < 0 ? undefined : to);
			};
			return { name, folder, modules: list('MODULES'), uses: list('USES'),
				headers: files.filter((header) => header.startsWith(`${folder}/include/`)) };
		});
	});
}

/** Functions of .c files: {file, name, lines}. */
export function functions() {
	const sources = withEnding('.c').filter((file) => !file.startsWith('tests/'));
	const out = execFileSync('ctags', ['-x', '--_xformat=%{line} %{end} %N %F', '--kinds-C=f', '--fields=+ne', ...sources],
		{ cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
	return out.split('\n').filter(Boolean).map((line) => {
		const [from, to, name, file] = line.split(' ');
		return { file, name, lines: Number(to) - Number(from) + 1 };
	});
}
