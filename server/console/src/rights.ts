// SPDX-License-Identifier: Apache-2.0
// rights.ts -- what each role may ask of the server, so that nobody is offered what would be refused. Pure; a test holds it
// against the server's own table, which alone decides.

const DESK = ['supervisor', 'operator'] as const;
const STAFF = [...DESK, 'engineer', 'administrator'] as const;

/** [method, path, roles] */
export const RIGHTS = {
	acknowledge: ['POST', '/incidents/{number}/acknowledge', DESK],
	dispatch: ['POST', '/incidents/{number}/dispatch', DESK],
	'on-scene': ['POST', '/incidents/{number}/on-scene', DESK],
	close: ['POST', '/incidents/{number}/close', DESK],
	note: ['POST', '/incidents/{number}/note', [...DESK, 'agency']],
	call: ['POST', '/incidents/{number}/calls/{call}', [...DESK, 'agency']],
	'hand-over': ['POST', '/incidents/{number}/hand-over', DESK],
	'take-over': ['POST', '/incidents/{number}/take-over', DESK],
	desk: ['GET', '/desk', DESK],
	report: ['POST', '/incidents', DESK],
	merge: ['POST', '/incidents/{number}/merge', DESK],
	split: ['POST', '/incidents/{number}/split', DESK],
	link: ['POST', '/incidents/{number}/link', DESK],
	unlink: ['POST', '/incidents/{number}/unlink', DESK],
	convert: ['POST', '/incidents/{number}/convert', DESK],
	incidents: ['GET', '/incidents', [...STAFF, 'agency']],
	posts: ['GET', '/posts', STAFF],
	contact: ['GET', '/posts/{post}/contact', ['supervisor', 'engineer']],
	sound: ['POST', '/posts/{post}/sound', [...DESK, 'engineer']],
	mode: ['POST', '/posts/{post}/modes', [...DESK, 'engineer']],
	plan: ['GET', '/plan', STAFF],
	'plan-put': ['PUT', '/plan', ['administrator']],
	'contact-test': ['POST', '/plan/contacts/{contact}/test', ['supervisor', 'engineer', 'administrator']],
	ring: ['POST', '/notifications/test', ['supervisor', 'engineer', 'administrator']],
	counts: ['GET', '/counts', ['engineer', 'administrator']],
	users: ['GET', '/users', ['administrator']],
	audit: ['GET', '/audit', ['auditor']],
} as const satisfies Record<string, readonly [string, string, readonly string[]]>;

export type Right = keyof typeof RIGHTS;

export const allows = (roles: readonly string[], right: Right): boolean =>
	(RIGHTS[right][2] as readonly string[]).some((role) => roles.includes(role));
