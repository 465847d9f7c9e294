// SPDX-License-Identifier: Apache-2.0
// keys.ts -- which key means what. Pure; the help dialog and the buttons show the same table.
import type { Move } from './types';

export type Command =
	| { kind: 'step'; by: 1 | -1 }
	| { kind: 'open' }
	| { kind: 'back' }
	| { kind: 'move'; move: Move }
	| { kind: 'page'; page: 'incidents' | 'history' | 'posts' | 'plan' | 'people' | 'audit' }
	| { kind: 'sound' }
	| { kind: 'tone' }
	| { kind: 'language' }
	| { kind: 'report' }
	| { kind: 'gather'; what: 'merge' | 'convert' | 'link' | 'split' | 'calls' | 'hand-over' }
	| { kind: 'help' };

export const MOVE_KEYS: Record<Move, string> = { acknowledge: 'a', dispatch: 'd', 'on-scene': 'o', close: 'c', note: 'n' };

/** Of an incident as such; each opens a dialog that Enter, or the key of a choice, sends. */
export const GATHER_KEYS = { merge: 'g', convert: 'y', report: 'r', link: 'b', split: 'p', calls: 'w', 'hand-over': 'h' } as const;

const COMMANDS: Record<string, Command> = {
	[GATHER_KEYS.report]: { kind: 'report' },
	[GATHER_KEYS.merge]: { kind: 'gather', what: 'merge' },
	[GATHER_KEYS.convert]: { kind: 'gather', what: 'convert' },
	[GATHER_KEYS.link]: { kind: 'gather', what: 'link' },
	[GATHER_KEYS.split]: { kind: 'gather', what: 'split' },
	[GATHER_KEYS.calls]: { kind: 'gather', what: 'calls' },
	[GATHER_KEYS['hand-over']]: { kind: 'gather', what: 'hand-over' },
	j: { kind: 'step', by: 1 },
	ArrowDown: { kind: 'step', by: 1 },
	k: { kind: 'step', by: -1 },
	ArrowUp: { kind: 'step', by: -1 },
	Enter: { kind: 'open' },
	Escape: { kind: 'back' },
	1: { kind: 'page', page: 'incidents' },
	2: { kind: 'page', page: 'history' },
	3: { kind: 'page', page: 'posts' },
	4: { kind: 'page', page: 'plan' },
	5: { kind: 'page', page: 'people' },
	6: { kind: 'page', page: 'audit' },
	s: { kind: 'sound' },
	t: { kind: 'tone' },
	l: { kind: 'language' },
	'?': { kind: 'help' },
};
for (const [move, key] of Object.entries(MOVE_KEYS)) COMMANDS[key] = { kind: 'move', move: move as Move };

export interface Press {
	key: string;
	ctrlKey: boolean;
	altKey: boolean;
	metaKey: boolean;
	repeat: boolean;
}

/** The command of a key press; null where the key belongs to the browser. Only steps repeat while a key is held. */
export function commandOf(press: Press): Command | null {
	if (press.ctrlKey || press.altKey || press.metaKey) return null;
	const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
	const command = Object.hasOwn(COMMANDS, key) ? COMMANDS[key] ?? null : null;
	return press.repeat && command?.kind !== 'step' ? null : command;
}
