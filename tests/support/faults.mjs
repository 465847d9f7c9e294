// SPDX-License-Identifier: Apache-2.0
// faults.mjs -- the switches of faults.c: a real program's wall clock and disk, misbehaving as a test says, at once.
import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { BUILD } from '../system/support.mjs';

/** In the order of struct switches. */
const NAMES = ['wall_ms', 'synchronised', 'sync_errno', 'sync_passes', 'sync_us', 'write_errno', 'open_errno',
	'syncs', 'syncs_failed', 'writes_failed', 'call_signal', 'call_kind', 'call_passes', 'call_after'];
/** What call_kind says. */
export const CALLS = { sync: 1, write: 2, send: 3 };
export const EIO = 5, ENOSPC = 28, EROFS = 30;
const LIBRARY = path.join(BUILD, 'tests/libpospin-faults.so');

export class Faults {
	/** file: made. disk: the faults of the disk meet paths that hold this only. */
	constructor(file, disk) {
		if (!existsSync(LIBRARY)) throw new Error(`${LIBRARY}: build it first (target pospin-faults)`);
		this.fd = openSync(file, 'w+');
		this.env = { LD_PRELOAD: LIBRARY, POSPIN_FAULTS: file, ...(disk ? { POSPIN_FAULTS_PATH: disk } : {}) };
		this.set(Object.fromEntries(NAMES.map((name) => [name, 0])));
	}

	set(values) {
		for (const [name, value] of Object.entries(values)) {
			const at = NAMES.indexOf(name);
			if (at < 0) throw new Error(`no switch '${name}'`);
			const bytes = Buffer.alloc(8);
			bytes.writeBigInt64LE(BigInt(Math.round(value)));
			writeSync(this.fd, bytes, 0, 8, 8 * at);
		}
	}

	get(name) {
		const bytes = Buffer.alloc(8);
		readSync(this.fd, bytes, 0, 8, 8 * NAMES.indexOf(name));
		return Number(bytes.readBigInt64LE());
	}

	/** The wall clock stands at this moment from now on (and goes on). */
	wall(date) { this.set({ wall_ms: new Date(date).getTime() - Date.now() }); }
	/** The process gets the signal (its number) at the n-th call (from 1) of a kind, before it or once it has been made. */
	strike(signal, call, n, after = false) {
		this.set({ call_signal: 0 });
		this.set({ call_kind: CALLS[call], call_passes: n - 1, call_after: after ? 1 : 0 });
		this.set({ call_signal: signal });
	}
	/** The disk works again. */
	heal() { this.set({ sync_errno: 0, sync_passes: 0, sync_us: 0, write_errno: 0, open_errno: 0 }); }
	close() { closeSync(this.fd); }
}
