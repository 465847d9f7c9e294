/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch/plan.h -- who is called for an incident: a tenant's book of agencies, contacts, rosters
 * and response plans, the plan of one place, class and hour, and the people of one step. Pure.
 * A book is made by server/plans, which checks it (dispatch/check.h) before it is accepted. */
#ifndef DISPATCH_PLAN_H
#define DISPATCH_PLAN_H

#include "dispatch/roster.h"
#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_PLAN_ID_MAX 40       /* of a contact, agency, roster, plan: [a-z0-9][a-z0-9-]* */
#define PP_PLAN_TEXT_MAX 120    /* bytes of a name */
#define PP_PLAN_ADDRESS_MAX 254 /* bytes of a phone number, a mail address, a webhook's name */
#define PP_PLAN_WAYS_MAX 4      /* of a contact */
#define PP_PLAN_STEPS_MAX 16    /* of a ring */
#define PP_PLAN_TARGETS_MAX 32  /* of a step */
#define PP_PLAN_CALLEES_MAX 64  /* people, desks and stations that one step may call */
#define PP_PLAN_CONTACTS_MAX 20000
#define PP_PLAN_AGENCIES_MAX 500
#define PP_PLAN_ROSTERS_MAX 2000
#define PP_PLAN_PLANS_MAX 2000
#define PP_PLAN_NEAR_MAX 8      /* near posts that one step sounds: the nearest */
#define PP_PLAN_TROUBLES_MAX 32 /* rules of which troubles are told */
#define PP_PLAN_KINDS_MAX 32    /* of such a rule */
#define PP_PLAN_KIND_MAX 32     /* bytes of a kind of trouble: [a-z0-9][a-z0-9-]* */
#define PP_PLAN_AFTER_MAX_MS 86400000
#define PP_PLAN_MOST_MAX 1000 /* messages to one recipient in a window ... */
#define PP_PLAN_WINDOW_MIN_MS 5000 /* ... of so long */
#define PP_PLAN_WINDOW_MAX_MS 86400000
#define PP_PLAN_WAIT_MIN_MS 5000    /* a step waits no shorter ... */
#define PP_PLAN_WAIT_MAX_MS 3600000 /* ... and no longer; the same for a fallback's `every` */

/* How a contact is reached, in the order of the file: the next way is for when one has failed.
 * The address of WEBHOOK is the name of a webhook of the site file. */
#define PP_WAYS(X) X(SMS, "sms") X(MAIL, "mail") X(WEBHOOK, "webhook")
#define PP_LANGUAGES(X) X(ID, "id") X(EN, "en")
/* The rings of a plan. They start together at the incident's opening. */
#define PP_RINGS(X) X(DESK, "desk") X(NEIGHBOURS, "neighbours") X(AGENCIES, "agencies")
/* When a ring ends. TAKEN: an operator has acknowledged the incident, or a call of the ring is
 * accepted. ACCEPTED: a call of the ring is accepted; the desk's acknowledging does not end it.
 * Both end when the incident is closed. */
#define PP_UNTILS(X) X(TAKEN, "taken") X(ACCEPTED, "accepted")
/* What stands in `call:` before the colon. ROLE: everybody who is signed in at the page with that
 * role. WEBHOOK: one of the site file, or "all" of them. POSTS: "near", see incidents/place.h;
 * their sirens are sounded, in the ring of neighbours alone. */
#define PP_TARGETS(X)                                                                              \
	X(ROLE, "role")                                                                            \
	X(CONTACT, "contact")                                                                      \
	X(ROSTER, "roster") X(AGENCY, "agency") X(WEBHOOK, "webhook") X(POSTS, "posts")
/* Rising: the more specific area wins. */
#define PP_AREAS(X) X(ALL, "all") X(KECAMATAN, "kecamatan") X(DESA, "desa") X(POST, "post")

/* What there is a limit of. ALARMS: further word of incidents that the recipient knows of. */
#define PP_LIMITS(X) X(TROUBLES, "troubles") X(ALARMS, "alarms")

#define X(name, text) PP_LIMIT_##name,
enum pp_limit_kind { PP_LIMITS(X) PP_LIMIT_COUNT };
#undef X
#define X(name, text) PP_WAY_##name,
enum pp_way_kind { PP_WAYS(X) PP_WAY_COUNT };
#undef X
#define X(name, text) PP_LANGUAGE_##name,
enum pp_language { PP_LANGUAGES(X) PP_LANGUAGE_COUNT };
#undef X
#define X(name, text) PP_RING_##name,
enum pp_ring { PP_RINGS(X) PP_RING_COUNT };
#undef X
#define PP_RING_FALLBACK PP_RING_COUNT /* where a ring is asked for: the plan's fallback */
#define X(name, text) PP_UNTIL_##name,
enum pp_until { PP_UNTILS(X) PP_UNTIL_COUNT };
#undef X
#define X(name, text) PP_TARGET_##name,
enum pp_target_kind { PP_TARGETS(X) PP_TARGET_COUNT };
#undef X
#define X(name, text) PP_AREA_##name,
enum pp_area_kind { PP_AREAS(X) PP_AREA_COUNT };
#undef X

const char *pp_way_text(enum pp_way_kind v);
const char *pp_language_text(enum pp_language v);
const char *pp_ring_text(enum pp_ring v); /* PP_RING_FALLBACK is "fallback" */
const char *pp_until_text(enum pp_until v);
const char *pp_target_text(enum pp_target_kind v);
const char *pp_area_text(enum pp_area_kind v);
const char *pp_limit_text(enum pp_limit_kind v);
int pp_way_parse(const char *text); /* these: -EINVAL for an unknown word */
int pp_language_parse(const char *text);
int pp_ring_parse(const char *text); /* also "fallback" */
int pp_until_parse(const char *text);
int pp_target_parse(const char *text);
int pp_area_parse(const char *text);

/* All texts are owned by the book, NUL-terminated UTF-8 without control characters. What names
 * something else of the book is an index into it, and always valid. */
struct pp_plan_way {
	enum pp_way_kind kind;
	char *address;
};
/* One whose personal data was erased has name "" and no ways. */
struct pp_plan_contact {
	char *id, *name, *role;
	enum pp_language language;
	int64_t verified_ms; /* when a test ring, or the file, said that it is right; 0: never;
				< 0: minus when its owner said that he is somebody else */
	size_t way_count;
	struct pp_plan_way *ways;
};
struct pp_plan_area {
	enum pp_area_kind kind;
	char *code; /* of the kecamatan, desa or post; "" of ALL */
};
struct pp_plan_agency {
	char *id, *name, *kind;
	char *station; /* the post with outputs only that is sounded; NULL: none */
	size_t contact_count, area_count;
	size_t *contacts;           /* of the book */
	struct pp_plan_area *areas; /* it is called only for places in one of them */
};
struct pp_plan_duty {
	struct pp_plan_span span;
	size_t contact_count;
	size_t *contacts;
};
struct pp_plan_roster {
	char *id;
	size_t duty_count;
	struct pp_plan_duty *duties;
};
struct pp_plan_target {
	enum pp_target_kind kind;
	size_t index; /* CONTACT, ROSTER, AGENCY: of the book */
	char *name;   /* ROLE, WEBHOOK: their name; else the id of what is called */
};
struct pp_plan_step {
	size_t target_count;
	struct pp_plan_target *targets;
	int64_t wait_ms; /* until the next step fires; of the fallback: until it fires again */
};
struct pp_plan_ring {
	enum pp_until until;
	size_t step_count; /* 0: the plan has no such ring */
	struct pp_plan_step *steps;
};
struct pp_plan {
	char *id;
	unsigned classes; /* bit 1u << enum pp_class */
	bool any_class;   /* written as `all`: less specific than one that names them */
	bool has_hours;
	struct pp_plan_span hours;
	size_t area_count;
	struct pp_plan_area *areas;
	struct pp_plan_ring rings[PP_RING_COUNT];
	struct pp_plan_step fallback;
};
/* Which troubles are told to whom; see dispatch/troubles.h. */
struct pp_plan_trouble {
	size_t kind_count; /* 0: all */
	char **kinds;
	int64_t after_ms; /* so long a trouble stands before it is told */
	bool has_quiet;
	struct pp_plan_span quiet; /* what falls into these hours is told at their end */
	size_t target_count;
	struct pp_plan_target *targets; /* CONTACT and ROSTER only */
};
struct pp_plan_limit {
	int64_t most, window_ms; /* messages in this time; most 0: what is usual */
};
struct pp_plan_book {
	char *tenant;
	int64_t rev;      /* of the record; 0: not from there */
	bool sample;      /* what its file says of itself */
	int zone_minutes; /* of the tenant, east of UTC; set by whoever makes the book */
	size_t contact_count, agency_count, roster_count, plan_count, trouble_count;
	struct pp_plan_contact *contacts; /* these four are sorted by id */
	struct pp_plan_agency *agencies;
	struct pp_plan_roster *rosters;
	struct pp_plan *plans;
	struct pp_plan_trouble *troubles; /* the first that fits counts */
	struct pp_plan_limit limits[PP_LIMIT_COUNT];
};

/* Also of one that is half built from zeroed memory. NULL is fine; returns NULL. */
struct pp_plan_book *pp_plan_book_free(struct pp_plan_book *book);
void pp_plan_contact_done(struct pp_plan_contact *c); /* what it owns */
/* NULL: the book (may be NULL) has nobody of that id. */
const struct pp_plan_contact *pp_plan_contact_find(
	const struct pp_plan_book *book, const char *id);

/* As people write it: by its id, else its name in any case. NULL: the book (may be NULL) has none.
 */
const struct pp_plan_agency *pp_plan_agency_named(
	const struct pp_plan_book *book, const char *text);

/* An incident as far as plans are concerned. */
struct pp_plan_query {
	enum pp_class class;
	const char *post, *desa, *kecamatan; /* "" where it is not known */
	int minute;                          /* pp_plan_minute() */
	bool late; /* a late alarm: it starts neither sirens nor neighbours by itself */
	bool silent; /* it sounds no siren */
	const char *rw; /* of a place without post; NULL: not known */
	/* Posts near it that may be sounded, the nearest first; none of a silent alarm, or of a
	 * drill. Borrowed. */
	const char *const *near;
	size_t near_count;
};

/* The plan whose class, area and hours fit: the most specific area wins, then one with hours, then
 * one that names its classes, then the first by id. Where none fits, or book is NULL: the built-in
 * plan (pp_plan_built_in), so it is never NULL. Borrowed from the book. */
const struct pp_plan *pp_plan_choose(
	const struct pp_plan_book *book, const struct pp_plan_query *query);
/* Whether a plan is for that class and place (any_hour: at some time of the week); *ret_rank is
 * higher for the more specific one. */
bool pp_plan_fits(const struct pp_plan *plan, const struct pp_plan_query *query, bool any_hour,
	int *ret_rank);
/* NULL: the book has no such plan. id "" is the built-in one. */
const struct pp_plan *pp_plan_find(const struct pp_plan_book *book, const char *id);
/* The desk for 15 s, then every webhook of the site, again each minute. Its id is "". */
const struct pp_plan *pp_plan_built_in(void);

/* One whom a step calls, exactly one of contact, role, webhook and station; agency beside contact
 * and station when they are called as that agency. Borrowed from book and plan. */
struct pp_plan_callee {
	const struct pp_plan_agency *agency;
	const struct pp_plan_contact *contact; /* may have no way that works any more */
	const struct pp_plan_roster *roster;   /* beside contact: through whose duty */
	const char *role, *webhook;            /* webhook "all": every webhook of the site */
	const char *station; /* a post of the tenant, sounded by a signed command */
	bool near;           /* station: a near post, which is no agency's */
};
/* A step of a plan. ring PP_RING_FALLBACK with step 0 is the fallback. */
struct pp_plan_place {
	const struct pp_plan *plan;
	enum pp_ring ring;
	size_t step;
};
/* NULL: the plan has no such ring or step. */
const struct pp_plan_step *pp_plan_step_at(const struct pp_plan_place *at);
/* Whom a step calls at query->minute: rosters are resolved, agencies outside their area left out,
 * nobody twice for the same agency. Returns how many, 0..PP_PLAN_CALLEES_MAX; at 0, also where
 * there is no such step, the ladder goes on at once. late: no station and nothing of NEIGHBOURS.
 * book may be NULL with the built-in plan. */
size_t pp_plan_call_list(const struct pp_plan_book *book, const struct pp_plan_place *at,
	const struct pp_plan_query *query, struct pp_plan_callee ret_callees[PP_PLAN_CALLEES_MAX]);

#endif
