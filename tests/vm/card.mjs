// SPDX-License-Identifier: Apache-2.0
// A memory card whose power can be cut. QEMU writes into a copy and logs every write and flush (driver blklogwrites, the
// format of Linux' dm-log-writes); at a cut the card itself gets what was flushed, and of the rest what chance leaves.
// Killing QEMU alone would lose nothing that had got as far as the host.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';

const MAGIC = 0x6a736677736872n;
const FLUSH = 1n;
const FUA = 2n;
const DISCARD = 4n;
export const PAGE_BYTES = 4096; // what a card writes whole or not at all
const HEADER = 32; // sector, sectors, flags, length of data: 8 bytes each

/** A seeded source of numbers in [0, 1): the same seed, the same cuts. */
export function seeded(seed) {
	let state = seed >>> 0;
	return () => { // mulberry32
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

function read(fd, length, at) {
	const buffer = Buffer.alloc(length);
	return readSync(fd, buffer, 0, length, at) === length ? buffer : null;
}

/** The log's entries in the order of writing: { sector, sectors, flags, at }, `at` being where the data lie. */
export function readLog(fd) {
	const superblock = read(fd, HEADER, 0);
	if (!superblock) return { entries: [], sectorSize: 512 };
	if (superblock.readBigUInt64LE(0) !== MAGIC) throw new Error('this is no log of writes');
	const count = Number(superblock.readBigUInt64LE(16));
	const sectorSize = superblock.readUInt32LE(24);
	const entries = [];
	let at = sectorSize;
	for (let i = 0; i < count; i++) {
		const header = read(fd, HEADER, at);
		if (!header) break;
		const [sector, sectors, flags] = [0, 8, 16].map((offset) => header.readBigUInt64LE(offset));
		const entry = { sector: Number(sector), sectors: flags & DISCARD ? 0 : Number(sectors), flags, at: at + sectorSize };
		entries.push(entry);
		at = entry.at + entry.sectors * sectorSize;
	}
	return { entries, sectorSize };
}

/** What of the un-flushed tail a cut leaves: nothing, all, some writes, or some pages of some writes. */
export function tailLuck(random) {
	const kind = ['none', 'all', 'writes', 'pages'][Math.floor(random() * 4)];
	const share = random();
	return { kind, keepsWrite: () => kind === 'all' || (kind !== 'none' && random() < (kind === 'writes' ? share : 0.9)),
		keepsPage: () => kind !== 'pages' || random() < share };
}

/** Applies the first entries of the log (all, without a number) to the card as a power cut leaves it. Returns how much was
 *  there and how much survived. */
export function replay(log, card, random, first = Infinity) {
	const from = openSync(log, 'r');
	const to = openSync(card, 'r+');
	try {
		const { entries: all, sectorSize } = readLog(from);
		const entries = all.slice(0, first);
		const flushed = entries.findLastIndex(({ flags }) => flags & FLUSH);
		const luck = tailLuck(random);
		const told = { writes: 0, flushes: 0, unflushed: 0, lost: 0, luck: luck.kind };
		entries.forEach(({ sector, sectors, flags, at }, i) => {
			if (flags & FLUSH) told.flushes++;
			if (!sectors) return;
			told.writes++;
			const safe = i <= flushed || flags & FUA;
			if (!safe) told.unflushed++;
			if (!safe && !luck.keepsWrite()) {
				told.lost++;
				return;
			}
			const data = read(from, sectors * sectorSize, at);
			if (!data) return; // killed while it was logged: it never ended
			const begin = sector * sectorSize;
			for (let done = 0; done < data.length;) {
				const length = Math.min(PAGE_BYTES - (begin + done) % PAGE_BYTES, data.length - done);
				if (safe || luck.keepsPage()) writeSync(to, data, done, length, begin + done);
				done += length;
			}
		});
		return told;
	} finally {
		closeSync(from);
		closeSync(to);
	}
}

/** A card at path. insert() gives the drive for a machine; cut() is for when the machine has been killed. */
export class Card {
	constructor(path, random) {
		Object.assign(this, { path, random, run: `${path}.run`, log: `${path}.log` });
	}

	insert() {
		execFileSync('cp', ['--reflink=auto', '--sparse=always', this.path, this.run]);
		writeFileSync(this.log, '');
		return { file: this.run, log: this.log };
	}

	/** How many entries the log has now: what has been seen until now rests on no more than these. */
	logged() {
		const fd = openSync(this.log, 'r');
		const superblock = read(fd, HEADER, 0);
		closeSync(fd);
		return superblock ? Number(superblock.readBigUInt64LE(16)) : 0;
	}

	/** The power went after so many entries, or when the machine was killed. */
	cut(after) {
		const told = replay(this.log, this.path, this.random, after);
		rmSync(this.run);
		rmSync(this.log);
		return told;
	}
}
