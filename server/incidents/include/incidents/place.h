/* SPDX-License-Identifier: Apache-2.0 */
/* incidents/place.h -- what an alarm has to do with an incident near it: the same event, another
 * one to be shown beside it, or nothing. Pure: one table of rules, in place.c; the numbers stand
 * here and nowhere else. docs/dispatch.md explains them. */
#ifndef INCIDENTS_PLACE_H
#define INCIDENTS_PLACE_H

#include "protocol/words.h"

#include <stdbool.h>
#include <stdint.h>

/* Two posts are near each other when they stand in the same RW, or so many metres apart: the next
 * poskamling of a village hears the kentongan of this one, that of the next village does not. */
#define PP_PLACE_NEAR_M 300
/* One event: so long before its first signal and after its newest one. */
#define PP_PLACE_WINDOW_MS 600000
/* So many posts make one incident at most; the next opens its own, beside it. */
#define PP_PLACE_POSTS_MAX 32

/* What an alarm is taken for. Marks never mix. */
#define PP_MARKS(X)                                                                                \
	X(REAL, "")                                                                                \
	X(DRILL, "drill")                                                                          \
	X(TEST, "test")                                                                            \
	X(DISABLED, "disabled")
#define X(name, text) PP_MARK_##name,
enum pp_mark { PP_MARKS(X) PP_MARK_COUNT };
#undef X
const char *pp_mark_text(enum pp_mark mark);
int pp_mark_parse(const char *text); /* -EINVAL */

/* Texts are borrowed. rw "" and coordinates 0, 0: not known. */
struct pp_place {
	const char *post; /* "": a place that people have named */
	const char *desa, *rw;
	double latitude, longitude;
};
bool pp_place_is_near(const struct pp_place *a, const struct pp_place *b);
/* Metres between them; less than 0: not known of both. */
double pp_place_metres(const struct pp_place *a, const struct pp_place *b);

/* One post of an incident, as it stands in the record. */
struct pp_place_incident {
	struct pp_place place;
	enum pp_class class;
	enum pp_mark mark;
	bool silent, open, full;     /* full: of PP_PLACE_POSTS_MAX posts */
	bool reported;               /* the post has sent nothing: a person has named the place */
	bool taken;                  /* somebody has it, or is on the way to it, or was ... */
	bool left; /* ... and nobody holds it, comes, or is there any more: it calls no one */
	int64_t first_ms, newest_ms; /* of its signals: when they occurred */
};
/* An alarm, or (reported) what a person tells. */
struct pp_place_alarm {
	struct pp_place place;
	enum pp_class class;
	enum pp_mark mark;
	bool silent, reported;
	int64_t occurred_ms;
};

/* In the order in which one goes before another. */
enum pp_place_match {
	PP_PLACE_NONE,
	PP_PLACE_LINK,      /* its own incident, shown beside that one */
	PP_PLACE_JOIN,      /* a further post of that incident */
	PP_PLACE_JOIN_POST, /* a further signal of one of its posts */
};
struct pp_place_answer {
	enum pp_place_match match;
	/* LINK, why it does not join: "class", "silent", "closed", "later", "full"; "report":
	 * people may merge them, see PP_PLACE_SUGGESTS. Static. */
	const char *why;
};
struct pp_place_answer pp_place_match(
	const struct pp_place_incident *incident, const struct pp_place_alarm *alarm);

/* Of these links the desk offers to merge: the reason is not another event. */
bool pp_place_suggests(const char *why);

#endif
