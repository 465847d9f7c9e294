// SPDX-License-Identifier: Apache-2.0
// measure.mjs -- what a process has cost, read from /proc: seconds of a processor, memory, wake-ups, bytes for the disk.
import { readFileSync, readdirSync } from 'node:fs';

const lines = (file) => Object.fromEntries(readFileSync(file, 'utf8').split('\n').map((line) => line.split(/:\s*/)));
const threads = (pid) => readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}`);

/** Seconds that all threads of a process have run. Waiting for a processor does not count: others on the machine matter less. */
export const cpuSeconds = (pid) => threads(pid).reduce((sum, thread) => sum + Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9, 0);
/** Times that a thread has slept and was woken. */
export const wakeUps = (pid) => threads(pid).reduce((sum, thread) => sum + Number(lines(`${thread}/status`).voluntary_ctxt_switches), 0);
export const residentKib = (pid) => parseInt(lines(`/proc/${pid}/status`).VmRSS, 10);
export const peakKib = (pid) => parseInt(lines(`/proc/${pid}/status`).VmHWM, 10);
/** Of its own: without the pages of programs and libraries, which are shared. */
export const ownKib = (pid) => parseInt(lines(`/proc/${pid}/status`).RssAnon, 10);
export const bytesForDisk = (pid) => Number(lines(`/proc/${pid}/io`).write_bytes);

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const half = Math.floor(sorted.length / 2);
	return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
export const monoUs = () => Number(process.hrtime.bigint() / 1000n);
