// SPDX-License-Identifier: Apache-2.0
// kinds.mjs -- every kind of fault: where it may strike, what it takes hold of while it lasts, how it begins and how it ends.
import { spawn } from 'node:child_process';
import { EIO, ENOSPC, EROFS } from '../../support/faults.mjs';
import { between, pick } from './plan.mjs';

export const POSTS = ['boja-01', 'weleri-01', 'sukorejo-01', 'kaliwungu-01'];
/** A post that loses its certificate in the last round. */
export const SPARE = 'ngampel-01';
/** The post whose outbox lies on a small disk of its own. */
export const CRAMPED = 'weleri-01';
export const SINKS = ['sink-a', 'sink-b'];
const CLIENTS = [...POSTS, 'server', 'recorder'];
const SIGKILL = 9, SIGSTOP = 19, SIGCONT = 18;
const HOUR = 3600000, DAY = 24 * HOUR;
const on = (what) => (where) => [`${what}:${where}`];
const never = () => {};

/** Something is set between a client and its broker, and taken back at the end. */
const way = (values, more = {}) => ({
	places: CLIENTS, uses: on('way'), ...more,
	begin: (rig, { where, with: drawn }) => {
		const proxy = rig.proxies[where];
		proxy.set(values(drawn), ...(drawn.way ? [drawn.way] : []));
		return () => proxy.heal();
	},
});
/** Something befalls the connections that there are. */
const blow = (strike) => ({
	places: CLIENTS, uses: on('way'), forMs: [100, 500],
	begin: (rig, { where }) => { strike(rig.proxies[where]); return never; },
});
/** The disk under a program's file does something else. */
const disk = (switches, places, forMs = [1500, 5000]) => ({
	places, uses: on('disk'), forMs,
	draw: (next) => ({ passes: between(next, 0, 4) }),
	begin: (rig, { where, with: { passes } }) => {
		rig.faults[where].set(switches(passes));
		return () => rig.faults[where].heal();
	},
});
/** A signal at the n-th call of a kind. What it stopped goes on at the end; what it killed is started again by its warden. */
const strike = (number, call, places, most) => ({
	places, uses: (where) => [`proc:${where}`, `disk:${where}`],
	draw: (next) => ({ n: between(next, 1, most), after: next() < 0.5 ? 1 : 0 }),
	begin: (rig, { where, with: { n, after } }) => {
		const faults = rig.faults[where];
		faults.strike(number, call, n, after === 1);
		const watch = number === SIGSTOP ? rig.watchStop(where) : null;
		return () => {
			faults.set({ call_signal: 0 });
			watch?.end();
			if (number === SIGSTOP) rig.signal(where, SIGCONT);
		};
	},
});
const clock = (draw, places) => ({
	places, uses: on('clock'), draw,
	begin: (rig, { where, with: { to, by } }) => {
		rig.wall(where, by ?? Date.parse(to) - Date.now());
		return () => rig.wall(where, 0);
	},
});
/** Another program holds the write lock of a database. */
const lock = (places, file) => ({
	places, uses: on('lock'), forMs: [1000, 6000],
	begin: (rig, { where }) => hold(file(rig, where)),
});
async function hold(file) {
	const child = spawn('sqlite3', ['-batch', file], { stdio: ['pipe', 'pipe', 'ignore'] });
	const ended = new Promise((resolve) => child.once('exit', resolve));
	await new Promise((resolve) => {
		child.stdout.once('data', resolve);
		child.once('exit', resolve); // the lock was not to be had: nothing is held
		child.stdin.on('error', () => {}).write(".bail on\n.timeout 2000\nBEGIN IMMEDIATE;\nSELECT 'held';\n");
	});
	return async () => { child.stdin.end('ROLLBACK;\n'); await ended; };
}
/** The broker ends and comes back with other settings, and once more with its own. */
const broker = (lines, before = never) => ({
	places: ['broker'], uses: on('proc'), forMs: [2000, 6000],
	begin: async (rig) => {
		await rig.brokerAgain(lines(rig), before);
		return () => rig.brokerAgain([]);
	},
});
const sink = (behaviour) => ({
	places: SINKS, uses: on('sink'), forMs: [1000, 4000],
	begin: (rig, { where }) => {
		rig.sinks[where].behaviour = behaviour;
		return () => { rig.sinks[where].behaviour = 'good'; };
	},
});
const lying = (next) => ({ way: pick(next, ['up', 'down']) });

export const KINDS = {
	'link.delay': way(({ ms }) => ({ delayMs: ms }), { draw: (next) => ({ ms: between(next, 50, 1500) }) }),
	'link.slow': way(() => ({ bytesPerSecond: 8000 })), // 64 kbit/s
	'link.one-way': way(() => ({ swallow: true }), { draw: lying, forMs: [1000, 6000] }),
	'link.corrupt': way(({ every }) => ({ corruptEvery: every }), { draw: (next) => ({ ...lying(next), every: between(next, 50, 3000) }) }),
	'link.drop-after': way(({ bytes, by }) => ({ endAfter: bytes, endBy: by }),
		{ draw: (next) => ({ ...lying(next), bytes: between(next, 1, 4000), by: pick(next, ['end', 'reset']) }) }),
	'link.half-open': blow((proxy) => proxy.halfOpen()),
	'link.reset': blow((proxy) => proxy.reset()),
	'link.refuse': {
		places: CLIENTS, uses: on('way'),
		begin: (rig, { where }) => {
			rig.proxies[where].refuse(true);
			rig.proxies[where].reset();
			return () => rig.proxies[where].heal();
		},
	},
	'net.cut': {
		places: [...CLIENTS, 'broker', 'store'], uses: on('net'), forMs: [1500, 7000],
		begin: (rig, { where }) => { rig.net.cut(where); return () => rig.net.join(where); },
	},
	'kill.now': {
		places: [...CLIENTS, 'broker', 'store'], uses: (where) => [`proc:${where}`], forMs: [200, 3000],
		begin: (rig, { where }) => rig.down(where),
	},
	'kill.sync': strike(SIGKILL, 'sync', [...POSTS, 'server', 'server'], 6),
	'kill.write': strike(SIGKILL, 'write', [...POSTS, 'server', 'server'], 12),
	'kill.send': strike(SIGKILL, 'send', [...POSTS, 'server', 'broker', 'recorder'], 12),
	'stop.now': {
		places: [...CLIENTS, 'broker', 'store'], uses: on('proc'), forMs: [500, 5000],
		begin: (rig, { where }) => { rig.signal(where, SIGSTOP); return () => rig.signal(where, SIGCONT); },
	},
	'stop.sync': strike(SIGSTOP, 'sync', [...POSTS, 'server'], 6),
	'stop.send': strike(SIGSTOP, 'send', [...POSTS, 'server', 'broker'], 12),
	'disk.sync-eio': disk((passes) => ({ sync_passes: passes, sync_errno: EIO }), [...POSTS, 'server', 'recorder']),
	'disk.write-eio': disk(() => ({ write_errno: EIO }), [...POSTS, 'server', 'recorder']),
	'disk.full': disk(() => ({ write_errno: ENOSPC }), [...POSTS, 'server', 'recorder']),
	'disk.read-only': disk(() => ({ write_errno: EROFS, open_errno: EROFS }), [...POSTS, 'server']),
	'disk.slow': disk((passes) => ({ sync_us: 100000 + 400000 * passes }), [...POSTS, 'server']),
	'disk.no-room': {
		places: [CRAMPED], uses: on('disk'), forMs: [2000, 6000],
		begin: (rig) => { rig.cramped.full(); return () => rig.cramped.room(); },
	},
	'lock.record': lock(['server'], (rig) => rig.stack.path('server/record.db')),
	'clock.step': clock((next) => ({ by: pick(next, [-2 * HOUR, 2 * HOUR, -90000, 90000]) }), [...POSTS, 'server']),
	'clock.1970': clock(() => ({ to: '1970-01-01T00:01:00Z' }), POSTS),
	'clock.2099': clock(() => ({ to: '2099-06-01T00:00:00Z' }), POSTS),
	'broker.wiped': broker((rig) => rig.persistence('broker/kept'), (rig) => rig.wipe('broker/kept')),
	'broker.queue-5': broker(() => ['max_queued_messages 5', 'max_inflight_messages 2']),
	'broker.disk-full': broker((rig) => rig.persistence('broker/full')),
	'crl.expired': {
		places: ['broker'], uses: on('clock'), forMs: [1500, 5000],
		begin: (rig) => {
			rig.wall('broker', rig.crlDays * DAY + DAY);
			// Whoever connects now is locked out; certificates of services never end, so it is the list that keeps them away.
			for (const client of [POSTS[0], 'server', 'recorder']) rig.proxies[client].reset();
			return () => rig.wall('broker', 0);
		},
	},
	'cert.revoked': {
		places: [SPARE], uses: on('proc'), forMs: [500, 1000], lastRound: true,
		begin: async (rig) => { await rig.revoke(SPARE); return never; },
	},
	'sink.refuses': sink('refuses'),
	'sink.slow': sink('slow'),
	'sink.loses': sink('loses'),
};
