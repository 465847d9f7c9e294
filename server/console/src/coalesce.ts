// SPDX-License-Identifier: Apache-2.0
// coalesce.ts -- many wishes to read anew, one read at a time, and one more when a wish came meanwhile. Pure.

/** Returns trigger(): resolves when a read that began after the call has gone well. Failing reads are tried again while
 *  `goOn` says so; else it resolves without one. */
export function coalesced(read: () => Promise<void>, goOn: () => boolean, retryMs = 1000): () => Promise<void> {
	let running: Promise<void> | null = null;
	let waiting: Promise<void> | null = null;

	async function persist(): Promise<void> {
		while (goOn()) {
			try {
				return await read();
			} catch {
				await new Promise((resolve) => setTimeout(resolve, retryMs));
			}
		}
	}
	function begin(): Promise<void> {
		running = persist().finally(() => { running = null; });
		return running;
	}
	return () => {
		if (!running) return begin();
		waiting ??= running.then(() => {
			waiting = null;
			return running ?? begin();
		});
		return waiting;
	};
}
