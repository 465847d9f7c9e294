/* SPDX-License-Identifier: Apache-2.0 */
/* gather.h -- which incident an alarm belongs to, and what the incident then consists of. Private
 * to the room. The rules are those of incidents/place.h and incidents/trust.h. */
#ifndef LEDGER_GATHER_H
#define LEDGER_GATHER_H

#include "book.h"
#include "incidents/place.h"
#include "store/modes.h"
#include "store/places.h"

#define PP_LINKS_MAX 8 /* that one alarm can make; the newest */

struct pp_gather {
	struct pp_incident incident; /* that it joins */
	size_t count;                /* of what is to be shown beside it */
	struct pp_gather_link {
		int64_t incident_id;
		const char *why; /* static */
	} links[PP_LINKS_MAX];
};
/* 1: it joins ret_gather->incident; 0: it opens its own. */
int pp_gather_find(struct pp_ledger *l, const char *tenant, const struct pp_place_alarm *alarm,
	struct pp_gather *ret_gather);
/* Links it to what was found, with an event for each. */
int pp_gather_link(
	struct pp_ledger *l, const struct pp_incident *incident, const struct pp_gather *gather);
/* One link, with its event on both timelines; actor "server" or a person. 1: new; 0: it was there.
 */
int pp_gather_link_one(struct pp_ledger *l, const struct pp_incident *incident,
	const struct pp_incident *other, const char *why, const char *actor);

/* An alarm has become a part of the incident: counts it for its post, and weighs what is known. */
struct pp_gathered {
	const char *post, *point;
	int64_t occurred_ms;
	uint32_t facts;
	bool joined; /* written: it is the first of its post */
};
int pp_gather_count(
	struct pp_ledger *l, struct pp_incident *incident, struct pp_gathered *gathered);
/* One more fact is known of it. rev is raised by what has told it. */
int pp_gather_fact(struct pp_ledger *l, struct pp_incident *incident, uint32_t facts);
/* A restore that came so long after the press of a button is a fact too. */
int pp_gather_held(struct pp_ledger *l, const struct pp_origin *origin, int64_t cause,
	int64_t restored_ms, struct pp_incident *incident);

/* What began with an alarm of before has one of this minute: it calls as any other does. */
int pp_gather_fresh(struct pp_ledger *l, struct pp_incident *incident);

/* The posts of an incident are to ask again: the first becomes that of the item, the others stand
 * in its answers. */
int pp_gather_progress(
	struct pp_ledger *l, const struct pp_incident *incident, struct pp_item *item);
/* The same, beside the posts that are to ask again already. */
int pp_gather_progress_too(
	struct pp_ledger *l, const struct pp_incident *incident, struct pp_item *item);

/* Actions of people: merges.c, convert.c, reports.c. */
int pp_apply_gathering(struct pp_ledger *l, struct pp_item *item);
int pp_apply_convert(struct pp_ledger *l, struct pp_item *item);
int pp_apply_report(struct pp_ledger *l, struct pp_item *item);

/* Tests and disabled points: modes.c. */
int pp_apply_mode(struct pp_ledger *l, struct pp_item *item);
/* Ends those whose time is over; and, because the clock has stepped, every test. */
int pp_modes_expire(struct pp_ledger *l);
int pp_modes_end_tests(struct pp_ledger *l);
/* An incident is real: no test or drill goes on at its posts, and points that have spoken in it are
 * believed again. */
int pp_modes_end_at(struct pp_ledger *l, const struct pp_incident *incident, const char *actor);
/* What an alarm of the item's post is taken for, if a mode says so: *ret_mark is left alone if none
 * does. Not by a mode that began after it occurred; and what is silent is nobody's exercise. */
struct pp_mode_asked {
	const struct pp_item *item;
	const char *point;
	bool silent;
	const struct pp_occurrence *occurrence;
};
int pp_mode_mark(struct pp_ledger *l, const struct pp_mode_asked *asked, struct pp_mode *ret_mode,
	enum pp_mark *ret_mark);
/* Whether a press of the post is a drill now. 1, 0. */
int pp_mode_drill(struct pp_ledger *l, const char *tenant, const char *post);

#endif
