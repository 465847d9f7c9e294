/* SPDX-License-Identifier: Apache-2.0 */
/* place.c -- the table of what belongs together. */
#include "incidents/place.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#define METRES_OF_A_DEGREE 111195.0 /* of latitude, on a sphere of 6,371 km */
#define RADIANS_OF_A_DEGREE 0.017453292519943295

#define X(name, text) text,
static const char *const marks[] = { PP_MARKS(X) };
#undef X

const char *pp_mark_text(enum pp_mark mark)
{
	assert(mark < PP_MARK_COUNT);
	return marks[mark];
}

int pp_mark_parse(const char *text)
{
	for (int i = 0; i < PP_MARK_COUNT; i++) {
		if (strcmp(text, marks[i]) == 0)
			return i;
	}
	return -EINVAL;
}

static bool is_located(const struct pp_place *p)
{
	return p->latitude != 0 || p->longitude != 0;
}

/* Over some hundred metres the earth is flat; the cosine is good to a hundredth up to 60 degrees.
 */
static double squared_metres(const struct pp_place *a, const struct pp_place *b)
{
	double middle = (a->latitude + b->latitude) / 2 * RADIANS_OF_A_DEGREE;
	double square = middle * middle, cosine = 1 - square / 2 + square * square / 24;
	double north = (a->latitude - b->latitude) * METRES_OF_A_DEGREE;
	double east = (a->longitude - b->longitude) * METRES_OF_A_DEGREE * cosine;

	return north * north + east * east;
}

bool pp_place_is_near(const struct pp_place *a, const struct pp_place *b)
{
	if (a->rw[0] && strcmp(a->rw, b->rw) == 0 && strcmp(a->desa, b->desa) == 0)
		return true;
	return is_located(a) && is_located(b) &&
	       squared_metres(a, b) <= (double)PP_PLACE_NEAR_M * PP_PLACE_NEAR_M;
}

double pp_place_metres(const struct pp_place *a, const struct pp_place *b)
{
	double square = squared_metres(a, b), root = PP_PLACE_NEAR_M;

	if (!is_located(a) || !is_located(b))
		return -1;
	/* Newton's way: from hundreds of metres eight steps are good to millimetres. */
	for (int i = 0; i < 16 && square > 0; i++)
		root = (root + square / root) / 2;
	return square > 0 ? root : 0;
}

/* What a row of the table asks for. */
enum where { SAME_POST, NEAR };
/* SINCE: not long before its first signal, while it is open; WINDOW: nor long after the newest. */
enum when { SINCE, WINDOW };
enum asks {
	OPEN = 1,
	SAME_CLASS = 2,
	SAME_SILENCE = 4,
	ROOM = 8,
	SIGNALS = 16, /* both are of wires, not of a person's words */
	UNTAKEN = 32,
	HERE = 64, /* whoever has it, comes or is there, is not gone yet */
};

static const struct rule {
	enum where where;
	enum when when;
	unsigned asks;
	struct pp_place_answer answer;
} rules[] = {
	/* The first that fits. What is nearest comes first; from there on each says what is missing
	 * for one event. A press after closing opens anew, so does a late alarm of an incident that
	 * is closed already: nobody would look at it there. */
	{ SAME_POST, SINCE, OPEN | UNTAKEN | SAME_CLASS | SIGNALS | SAME_SILENCE,
		{ PP_PLACE_JOIN_POST, "" } },
	{ SAME_POST, WINDOW, OPEN | HERE | SAME_CLASS | SIGNALS | SAME_SILENCE,
		{ PP_PLACE_JOIN_POST, "" } },
	{ NEAR, WINDOW, OPEN | HERE | SAME_CLASS | SIGNALS | SAME_SILENCE | ROOM,
		{ PP_PLACE_JOIN, "" } },
	/* Of what was taken nobody is called any more. If they have gone, or if it was long ago, a
	 * press means that somebody is needed now. */
	{ NEAR, WINDOW, OPEN | SAME_CLASS | SIGNALS | SAME_SILENCE | ROOM,
		{ PP_PLACE_LINK, "later" } },
	{ SAME_POST, SINCE, OPEN | SAME_CLASS | SIGNALS | SAME_SILENCE,
		{ PP_PLACE_LINK, "later" } },
	{ NEAR, WINDOW, OPEN | SAME_CLASS | SIGNALS | SAME_SILENCE, { PP_PLACE_LINK, "full" } },
	/* A silent press that joined what is heard would be heard with it, and the other way round
	 * what is to be heard would fall silent. */
	{ NEAR, WINDOW, OPEN | SAME_CLASS | SIGNALS, { PP_PLACE_LINK, "silent" } },
	{ NEAR, WINDOW, OPEN | SAME_CLASS, { PP_PLACE_LINK, "report" } },
	{ NEAR, WINDOW, SAME_CLASS, { PP_PLACE_LINK, "closed" } },
	{ NEAR, WINDOW, 0, { PP_PLACE_LINK, "class" } },
};

static bool is_within(
	const struct pp_place_incident *i, const struct pp_place_alarm *a, enum when when)
{
	if (a->occurred_ms < i->first_ms - PP_PLACE_WINDOW_MS)
		return false;
	return when == SINCE || a->occurred_ms <= i->newest_ms + PP_PLACE_WINDOW_MS;
}

static bool rule_fits(const struct rule *r, unsigned has, bool same_post)
{
	return (r->where == NEAR || same_post) && (r->asks & ~has) == 0;
}

struct pp_place_answer pp_place_match(
	const struct pp_place_incident *i, const struct pp_place_alarm *a)
{
	bool same_post = a->place.post[0] && strcmp(a->place.post, i->place.post) == 0;
	bool near = same_post || pp_place_is_near(&a->place, &i->place);
	unsigned has = (i->open ? OPEN : 0u) | (i->class == a->class ? SAME_CLASS : 0u) |
		       (i->silent == a->silent ? SAME_SILENCE : 0u) |
		       (i->full ? 0u : (unsigned)ROOM) | (i->taken ? 0u : (unsigned)UNTAKEN) |
		       (i->taken && i->left ? 0u : (unsigned)HERE) |
		       (i->reported || a->reported ? 0u : (unsigned)SIGNALS);

	for (size_t n = 0; near && i->mark == a->mark && n < sizeof(rules) / sizeof(rules[0]);
		n++) {
		if (is_within(i, a, rules[n].when) && rule_fits(&rules[n], has, same_post))
			return rules[n].answer;
	}
	return (struct pp_place_answer){ PP_PLACE_NONE, "" };
}

bool pp_place_suggests(const char *why)
{
	return strcmp(why, "report") == 0 || strcmp(why, "full") == 0;
}
