// SPDX-License-Identifier: Apache-2.0
// format.ts -- times, ages and names as people read them. Pure.

const two = (n: number): string => String(n).padStart(2, '0');

/** An age as days and h:mm:ss: 0:07, 12:30, 1:02:03. Ages below zero are shown as 0:00. */
export function ageParts(ms: number): { days: number; rest: string } {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	const days = Math.floor(seconds / 86400);
	const hours = Math.floor((seconds % 86400) / 3600);
	const minutes = Math.floor((seconds % 3600) / 60);
	const rest = hours > 0 || days > 0
		? `${hours}:${two(minutes)}:${two(seconds % 60)}`
		: `${minutes}:${two(seconds % 60)}`;
	return { days, rest };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(kind: 'time' | 'day', locale: string, zone: string | undefined): Intl.DateTimeFormat {
	const key = `${kind} ${locale} ${zone}`;
	let found = formats.get(key);
	if (!found) {
		const options: Intl.DateTimeFormatOptions = kind === 'time'
			? { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }
			: { day: 'numeric', month: 'short', year: 'numeric' };
		try {
			found = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
		} catch {
			found = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
		}
		formats.set(key, found);
	}
	return found;
}

/** Time of day in the tenant's zone: 03:12:45. */
export function clockTime(at: number, zone: string | undefined): string {
	return format('time', 'en-GB', zone).format(at);
}

/** The day in the tenant's zone: 21 Nov 2026. */
export function day(at: number, zone: string | undefined, language: string): string {
	return format('day', language === 'id' ? 'id-ID' : 'en-GB', zone).format(at);
}

/** Time of day, with the day before it where that is not the day of `now`. */
export function moment(at: number, now: number, zone: string | undefined, language: string): string {
	const date = day(at, zone, language);
	return date === day(now, zone, language) ? clockTime(at, zone) : `${date} ${clockTime(at, zone)}`;
}

/** Short name of the zone: WIB, WITA, WIT for Indonesia's three. */
export function zoneName(zone: string | undefined): string {
	const known: Record<string, string> = {
		'Asia/Jakarta': 'WIB', 'Asia/Pontianak': 'WIB', 'Asia/Makassar': 'WITA', 'Asia/Jayapura': 'WIT',
	};
	return (zone && known[zone]) ?? zone ?? '';
}

/** user:budi -> {kind: 'user', name: 'budi'}; post:kendal/boja-01 -> {kind: 'post', name: 'boja-01'}. */
export function actorParts(actor: string): { kind: string; name: string } {
	const colon = actor.indexOf(':');
	if (colon < 0) return { kind: actor, name: '' };
	const kind = actor.slice(0, colon);
	const name = actor.slice(colon + 1);
	return { kind, name: kind === 'post' ? name.slice(name.indexOf('/') + 1) : name };
}

/** What a tel: link takes of a phone number as people write it; empty when there is nothing to dial. */
export function dialable(phone: string): string {
	return phone.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '');
}
