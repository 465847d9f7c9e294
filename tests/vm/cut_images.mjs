// SPDX-License-Identifier: Apache-2.0
// The images that a power cut may have left of a disk, out of the log of its writes: any prefix of the log, of whose
// un-flushed tail nothing, all, some writes, or some pages of some writes survive.
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { PAGE_BYTES, readLog, tailLuck } from './card.mjs';

const FLUSH = 1n;
const FUA = 2n;

/** Marks that a workload has written behind its file system, in the order of the log: { at: entries before it, words }. */
export function readMarks(log, marksAt) {
	const fd = openSync(log, 'r');
	const { entries, sectorSize } = readLog(fd);
	const marks = [];
	entries.forEach(({ sector, sectors, at }, i) => {
		if (!sectors || sector * sectorSize < marksAt) return;
		const text = Buffer.alloc(sectors * sectorSize);
		readSync(fd, text, 0, text.length, at);
		marks.push({ at: i, words: text.toString('utf8', 0, text.indexOf(0)).split(' ') });
	});
	closeSync(fd);
	return marks;
}

/** Makes images of one disk, cut by cut, each not earlier than the one before it. */
export class Disk {
	#fd;
	#base; // what is safe
	#image; // the same, but while a cut is being made
	#used; // pages that are not empty
	#safe = 0; // entries that are in the base

	constructor(image, log, marksAt) {
		this.#fd = openSync(log, 'r');
		const { entries, sectorSize } = readLog(this.#fd);
		Object.assign(this, { entries, sectorSize, marksAt });
		this.#base = Buffer.alloc(marksAt);
		const from = openSync(image, 'r');
		readSync(from, this.#base, 0, marksAt, 0);
		closeSync(from);
		this.#image = Buffer.from(this.#base);
		this.#used = new Uint8Array(marksAt / PAGE_BYTES);
		for (let page = 0; page < this.#used.length; page++)
			this.#used[page] = this.#base.readBigUInt64LE(page * PAGE_BYTES) !== 0n
				|| this.#base.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES).some((byte) => byte !== 0) ? 1 : 0;
	}

	#isMark({ sector }) { return sector * this.sectorSize >= this.marksAt; }

	/** Cuts that leave something un-flushed. */
	tails() {
		const cuts = [];
		let waiting = 0;
		this.entries.forEach((entry, i) => {
			if (entry.flags & FLUSH) waiting = 0;
			if (entry.sectors && !this.#isMark(entry)) waiting++;
			if (waiting) cuts.push(i + 1);
		});
		return cuts;
	}

	#data({ sectors, at }) {
		const data = Buffer.alloc(sectors * this.sectorSize);
		if (readSync(this.#fd, data, 0, data.length, at) !== data.length) throw new Error('the log of writes is cut off');
		return data;
	}

	#write(entry, keepsPage) {
		const data = this.#data(entry);
		const begin = entry.sector * this.sectorSize;
		for (let done = 0; done < data.length;) {
			const length = Math.min(PAGE_BYTES - (begin + done) % PAGE_BYTES, data.length - done);
			if (keepsPage()) {
				data.copy(this.#image, begin + done, done, done + length);
				this.#used[Math.floor((begin + done) / PAGE_BYTES)] = 1;
			}
			done += length;
		}
	}

	/** Makes one of the image and the base what the other is, where this write went. */
	#copy(from, to, { sector, sectors }) {
		const begin = sector * this.sectorSize;
		from.copy(to, begin, begin, begin + sectors * this.sectorSize);
	}

	/** Writes into file what a cut after so many entries leaves. Returns what became of the tail. */
	cut(after, random, file) {
		let flushed = this.#safe - 1;
		for (let i = this.#safe; i < after; i++) if (this.entries[i].flags & FLUSH) flushed = i;
		for (; this.#safe <= flushed; this.#safe++) {
			const entry = this.entries[this.#safe];
			if (!entry.sectors || this.#isMark(entry)) continue;
			this.#write(entry, () => true);
			this.#copy(this.#image, this.#base, entry);
		}
		const tail = this.entries.slice(this.#safe, after).filter((entry) => entry.sectors && !this.#isMark(entry));
		const luck = tailLuck(random);
		const told = { luck: luck.kind, tail: tail.length, lost: 0 };
		for (const entry of tail) {
			const safe = entry.flags & FUA;
			if (!safe && !luck.keepsWrite()) told.lost++;
			else this.#write(entry, () => safe || luck.keepsPage());
		}
		this.#save(file);
		for (const entry of tail) this.#copy(this.#base, this.#image, entry);
		return told;
	}

	#save(file) {
		const fd = openSync(file, 'w');
		ftruncateSync(fd, this.marksAt);
		for (let page = 0; page < this.#used.length;) {
			if (!this.#used[page]) {
				page++;
				continue;
			}
			const first = page;
			while (page < this.#used.length && this.#used[page]) page++;
			writeSync(fd, this.#image, first * PAGE_BYTES, (page - first) * PAGE_BYTES, first * PAGE_BYTES);
		}
		closeSync(fd);
	}

	close() { closeSync(this.#fd); }
}
