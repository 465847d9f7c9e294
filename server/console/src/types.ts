// SPDX-License-Identifier: Apache-2.0
// types.ts -- what the API answers (docs/openapi.json). Times are UTC milliseconds.

export const CLASSES = ['unspecified', 'crime', 'fire', 'disaster', 'medical'] as const;
export const STATES = ['open', 'acknowledged', 'dispatched', 'on-scene', 'closed'] as const;
export const CODES = ['real', 'nuisance', 'prank', 'test', 'fault', 'unfounded'] as const;
export const MARKS = ['drill', 'test', 'disabled'] as const;
export const LINKS = ['class', 'silent', 'closed', 'later', 'full', 'report', 'split', 'person'] as const;
export const MOVES = ['acknowledge', 'dispatch', 'on-scene', 'close', 'note'] as const;
export const NOTIFICATION_STATES = ['queued', 'held', 'collecting', 'collapsed', 'sent', 'delivered', 'failed', 'withdrawn'] as const;
export const RINGS = ['desk', 'neighbours', 'agencies', 'fallback'] as const;
export const POST_STATES = ['normal', 'alarm', 'trouble', 'unsupervised', 'unknown'] as const;
export const POINT_STATES = [...POST_STATES, 'disabled', 'test'] as const;

export type State = (typeof STATES)[number];
export type Code = (typeof CODES)[number];
export type Move = (typeof MOVES)[number];

export interface Tenant {
	id: string;
	name: string;
	prefix: string;
	timezone: string;
	sample: boolean;
}

export interface Session {
	name: string;
	display: string;
	roles: string[];
	factor: boolean;
	factor_required: boolean;
	unit: string;
	tenant: Tenant | null;
}

export interface Place {
	id: string | null;
	name: string | null;
	desa: string | null;
	kecamatan: string | null;
	rw: string | null;
	latitude: number | null;
	longitude: number | null;
	contact_name: string | null;
	contact_phone: string | null;
	/** There is a contact, for whoever has the incident. */
	contact_masked: boolean;
}

/** How far it is confirmed, 0 to 4, and why. */
export interface Trust {
	level: number;
	reasons: { code: string; id: string; en: string }[];
}

export interface IncidentPost {
	id: string;
	name: string | null;
	rw: string | null;
	signals: number;
	first: number;
	newest: number;
}

export interface IncidentLink {
	number: string;
	class: string;
	state: State;
	why: string;
	suggested: boolean;
}

/** What holds for a post or (point) a point of it until a time. */
export interface Mode {
	point: string;
	mode: string;
	reason: string;
	owner: string;
	began: number;
	until: number;
}

export interface Incident {
	id: number;
	number: string;
	post: Place;
	class: string;
	state: State;
	rev: number;
	silent: boolean;
	late: boolean;
	drill: boolean;
	occurred: number;
	opened: number;
	acknowledged: number | null;
	acknowledged_by: string | null;
	dispatched: number | null;
	on_scene: number | null;
	closed: number | null;
	closing_code: string | null;
	signals: number;
	restored: boolean;
	storm: 'on' | 'over' | null;
	escalates_in: number | null;
	offered_to: string | null;
	/** Of the unit of whoever asks; null for everybody else. */
	own_call: { id: number; state: string } | null;
	mark: string;
	reported: boolean;
	converted: number | null;
	merged_into: string | null;
	trust: Trust;
	posts: IncidentPost[];
	links: IncidentLink[];
	units: string[];
}

export interface TimelineEvent {
	id: number;
	at: number;
	kind: string;
	actor: string;
	incident: string | null;
	post: string | null;
	point: string | null;
	body: Record<string, unknown>;
}

export interface Notification {
	id: number;
	channel: string;
	target: string;
	state: string;
	attempts: number;
	changed: number;
	detail: string;
	contact: string;
	purpose: string;
	call: number | null;
	into: number | null;
	gathered: number;
}

/** How far a ring of the plan has come. */
export interface LadderRing {
	ring: string;
	plan: string;
	state: string;
	step: number;
	next_in: number | null;
}

export interface Call {
	id: number;
	ring: string;
	step: number;
	agency: string;
	contact: string;
	state: string;
	by: string;
	notified: number;
	accepted: number | null;
	en_route: number | null;
	on_scene: number | null;
	ended: number | null;
}

export interface SignalSummary {
	point: string;
	label_id: string | null;
	label_en: string | null;
	kind: string;
	signal: string;
	occurred: number;
	occurred_by: string;
	late: boolean;
	flags: string[];
}

export interface IncidentDetail extends Incident {
	timeline: TimelineEvent[];
	calls: Call[];
	ladder: LadderRing[];
	notifications: Notification[];
	points: SignalSummary[];
}

export interface Point {
	id: string;
	kind: string;
	class: string | null;
	silent: boolean;
	label_id: string;
	label_en: string;
	state: string;
	detail: string;
}

export interface Trouble {
	point: string;
	kind: string;
	since: number;
	detail: string;
}

export interface Post extends Place {
	id: string;
	active: boolean;
	revoked: boolean;
	state: string;
	last_state: number | null;
	version: string | null;
	points: Point[];
	troubles: Trouble[];
	incidents: { number: string; class: string; state: State }[];
	modes: Mode[];
}

export interface Health {
	status: string;
	broker: boolean;
	record: boolean;
	version: string;
	time: number;
}
