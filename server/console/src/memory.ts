// SPDX-License-Identifier: Apache-2.0
// memory.ts -- what this browser remembers by itself; a browser that forbids it forgets, and nothing else.

export function recall(name: string): string | null {
	try {
		return localStorage.getItem(`pospin.${name}`);
	} catch {
		return null;
	}
}

export function remember(name: string, value: string): void {
	try {
		localStorage.setItem(`pospin.${name}`, value);
	} catch {
		// Private windows may forbid it.
	}
}
