// SPDX-License-Identifier: Apache-2.0
// net.mjs -- one network namespace for each party, all plugged into a bridge. Runs inside the namespaces that `chaos` makes, so that
// nothing of it is seen by the machine and nothing outlives the process.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const FIRST = 2, PARTIES_MAX = 200;

/** The harness' own address: its proxies and sinks listen there. */
export const HUB = '10.99.0.1';

export class Net {
	/** parties: names; each gets an address. */
	constructor(parties) {
		if (parties.length > PARTIES_MAX) throw new Error(`${parties.length} parties are too many`);
		this.address = Object.fromEntries(parties.map((party, i) => [party, `10.99.0.${FIRST + i}`]));
		this.device = Object.fromEntries(parties.map((party, i) => [party, `pp${i}`]));
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'pospin-chaos', '/run']);
		mkdirSync('/run/netns');
		ip('link', 'set', 'lo', 'up');
		ip('link', 'add', 'pphub', 'type', 'bridge');
		ip('addr', 'add', `${HUB}/24`, 'dev', 'pphub');
		ip('link', 'set', 'pphub', 'up');
		for (const party of parties) this.#add(party);
	}

	#add(party) {
		const outside = this.device[party];
		ip('netns', 'add', party);
		ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'pp', 'netns', party);
		ip('link', 'set', outside, 'master', 'pphub', 'up');
		ip('-n', party, 'addr', 'add', `${this.address[party]}/24`, 'dev', 'pp');
		ip('-n', party, 'link', 'set', 'pp', 'up');
		ip('-n', party, 'link', 'set', 'lo', 'up');
	}

	/** Every packet of the party vanishes, and neither it nor anybody else is told. */
	cut(party) { ip('link', 'set', this.device[party], 'nomaster'); }
	join(party) { ip('link', 'set', this.device[party], 'master', 'pphub'); }
	/** Everything as before; whoever still lives in a namespace keeps it. */
	close() {
		for (const party of Object.keys(this.address)) ip('netns', 'del', party);
		ip('link', 'del', 'pphub');
		execFileSync('umount', ['-l', '/run']);
	}
	/** The program that runs in the party's namespace, in place of this one: {command, args}. */
	static within(party, command, args) { return { command: 'nsenter', args: [`--net=/run/netns/${party}`, command, ...args] }; }
}

/** A disk of so many KiB at a folder; full() leaves no room on it, room() gives it back, away() takes the disk away. */
export function smallDisk(folder, kib) {
	mkdirSync(folder, { recursive: true });
	execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k,mode=700`, 'pospin-chaos', folder]);
	const ballast = `${folder}/ballast`;
	return {
		full: () => { try { execFileSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k'], { stdio: 'ignore' }); } catch { /* until it is full */ } },
		room: () => execFileSync('rm', ['-f', ballast]),
		away: () => execFileSync('umount', ['-l', folder]),
	};
}
