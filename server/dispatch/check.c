/* SPDX-License-Identifier: Apache-2.0 */
/* check.c -- every place, class and hour of the week is tried, and what is found is told. */
#include "dispatch/check.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatch/troubles.h"
#include "dispatch/who.h"

#define VERIFIED_AHEAD_MS INT64_C(86400000) /* it is a day of the tenant's own zone */

/* When and where something is amiss: the first stretch of hours that was met. */
struct hole {
	bool is;
	const struct pp_check_place *place;
	enum pp_class class;
	int from, to;
};
struct plan_notes {
	bool chosen, tied;
	bool station; /* the fallback calls one alone */
	bool ringed[PP_RING_COUNT]; /* some step of it calls somebody at some time */
	bool called[PP_RING_COUNT][PP_PLAN_STEPS_MAX]; /* the step calls somebody at some time */
	struct hole empty[PP_RING_COUNT + 1];          /* the last is the fallback's */
};
struct check {
	const struct pp_plan_book *book;
	const struct pp_check_world *world;
	pp_check_fn *fn;
	void *user;
	size_t told;
	bool refused;
	int64_t steps; /* of looking, that are left */
	struct plan_notes *notes;
	struct hole gaps[PP_CLASS_COUNT];
	const struct pp_plan **fits; /* the plans of the place and class at hand */
	size_t fit_count;
	bool edges[PP_WEEK_MINUTES];
};

/* ---- telling ---- */

static struct pp_check_finding about(enum pp_check_about what, size_t index)
{
	return (struct pp_check_finding){ .about = what, .index = index, .step = -1 };
}

static void tell(struct check *c, struct pp_check_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void tell(struct check *c, struct pp_check_finding *f, const char *fmt, ...)
{
	va_list args;

	c->refused |= f->refused;
	if (c->told > PP_CHECK_FINDINGS_MAX)
		return;
	if (c->told++ == PP_CHECK_FINDINGS_MAX) {
		*f = about(PP_ABOUT_BOOK, 0);
		snprintf(f->text, sizeof(f->text), "there is more than these %d findings",
			PP_CHECK_FINDINGS_MAX);
	} else {
		va_start(args, fmt);
		vsnprintf(f->text, sizeof(f->text), fmt, args);
		va_end(args);
	}
	c->fn(c->user, f);
}

/* "at every hour at post boja-01, class fire" */
static const char *hole_text(const struct hole *h, char ret_text[160])
{
	char from[10], to[10], hours[40] = "at every hour";
	const struct pp_check_place *p = h->place;

	if (h->to - h->from < PP_WEEK_MINUTES) {
		pp_plan_minute_text(h->from, from);
		pp_plan_minute_text(h->to % PP_WEEK_MINUTES, to);
		snprintf(hours, sizeof(hours), "from %s to %s", from, to);
	}
	snprintf(ret_text, 160, "%s in %s %.50s, class %s", hours,
		p->post[0]        ? "post"
		: p->desa[0]      ? "desa"
		: p->kecamatan[0] ? "kecamatan"
				  : "any place",
		p->post[0]   ? p->post
		: p->desa[0] ? p->desa
			     : p->kecamatan,
		pp_class_text(h->class));
	return ret_text;
}

/* ---- names ---- */

static bool area_is_known(const struct check *c, const struct pp_plan_area *a)
{
	for (size_t i = 0; i < c->world->place_count; i++) {
		const struct pp_check_place *p = &c->world->places[i];
		const char *const codes[PP_AREA_COUNT] = { [PP_AREA_ALL] = "",
			[PP_AREA_KECAMATAN] = p->kecamatan,
			[PP_AREA_DESA] = p->desa,
			[PP_AREA_POST] = p->post };

		if (strcmp(codes[a->kind], a->code) == 0)
			return true;
	}
	return a->kind == PP_AREA_ALL;
}

static void areas_check(
	struct check *c, struct pp_check_finding *f, const struct pp_plan_area *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!area_is_known(c, &all[i]))
			tell(c, f, "the registry has no %s '%s'", pp_area_text(all[i].kind),
				all[i].code);
	}
}

static bool webhook_is_known(const struct check *c, const char *name)
{
	for (size_t i = 0; i < c->world->webhook_count; i++) {
		if (strcmp(c->world->webhooks[i], name) == 0)
			return true;
	}
	return strcmp(name, "all") == 0;
}

static size_t target_most(const struct pp_plan_book *book, const struct pp_plan_target *t)
{
	const struct pp_plan_roster *roster;
	size_t most = 0;

	if (t->kind == PP_TARGET_AGENCY)
		return book->agencies[t->index].contact_count + 1;
	if (t->kind == PP_TARGET_POSTS)
		return PP_PLAN_NEAR_MAX;
	if (t->kind != PP_TARGET_ROSTER)
		return 1;
	roster = &book->rosters[t->index];
	for (size_t i = 0; i < roster->duty_count; i++)
		most += roster->duties[i].contact_count;
	return most;
}

static void step_check(struct check *c, struct pp_check_finding *f, const struct pp_plan_step *s)
{
	size_t most = 0;

	for (size_t i = 0; i < s->target_count; i++) {
		const struct pp_plan_target *t = &s->targets[i];

		most += target_most(c->book, t);
		if (t->kind == PP_TARGET_WEBHOOK && !webhook_is_known(c, t->name))
			tell(c, f, "the site has no webhook '%s'", t->name);
		if (t->kind == PP_TARGET_POSTS && f->ring != PP_RING_NEIGHBOURS)
			tell(c, f, "posts:%s belongs into the ring neighbours", t->name);
	}
	if (most > PP_PLAN_CALLEES_MAX)
		tell(c, f, "calls up to %zu at once, and %d are the most", most,
			PP_PLAN_CALLEES_MAX);
}

static void plan_names_check(struct check *c, size_t index)
{
	const struct pp_plan *p = &c->book->plans[index];
	struct pp_check_finding f = about(PP_ABOUT_PLAN, index);

	f.refused = true;
	areas_check(c, &f, p->areas, p->area_count);
	for (int ring = 0; ring <= PP_RING_FALLBACK; ring++) {
		size_t count = ring == PP_RING_FALLBACK ? 1 : p->rings[ring].step_count;

		f.ring = (enum pp_ring)ring;
		for (size_t i = 0; i < count; i++) {
			f.step = (int)i;
			step_check(c, &f,
				ring == PP_RING_FALLBACK ? &p->fallback : &p->rings[ring].steps[i]);
		}
	}
}

static void names_check(struct check *c)
{
	struct pp_check_finding f;

	for (size_t i = 0; i < c->book->contact_count; i++) {
		const struct pp_plan_contact *contact = &c->book->contacts[i];

		f = about(PP_ABOUT_CONTACT, i);
		f.refused = true;
		if (contact->verified_ms - c->world->now_ms > VERIFIED_AHEAD_MS)
			tell(c, &f, "verified on a day that has not come yet");
		for (size_t k = 0; k < contact->way_count; k++) {
			if (contact->ways[k].kind == PP_WAY_WEBHOOK &&
				!webhook_is_known(c, contact->ways[k].address))
				tell(c, &f, "the site has no webhook '%s'",
					contact->ways[k].address);
		}
	}
	for (size_t i = 0; i < c->book->agency_count; i++) {
		const struct pp_plan_agency *agency = &c->book->agencies[i];
		struct pp_plan_area station = { PP_AREA_POST, agency->station };

		f = about(PP_ABOUT_AGENCY, i);
		f.refused = true;
		areas_check(c, &f, agency->areas, agency->area_count);
		if (agency->station)
			areas_check(c, &f, &station, 1);
	}
	for (size_t i = 0; i < c->book->plan_count; i++)
		plan_names_check(c, i);
}

/* ---- one stretch of hours ---- */

struct moment {
	struct pp_plan_query query;
	const struct pp_check_place *place;
	int to; /* minute of the week, 1..10080 */
};

static void hole_note(struct hole *h, const struct moment *m)
{
	if (!h->is)
		*h = (struct hole){ true, m->place, m->query.class, m->query.minute, m->to };
	else if (h->place == m->place && h->class == m->query.class && h->to == m->query.minute)
		h->to = m->to;
}

static bool is_reached(const struct check *c, const struct pp_plan_callee *callee, bool page)
{
	if (callee->role)
		return page;
	if (callee->webhook)
		return c->world->webhook_count > 0;
	return callee->station || callee->contact->way_count > 0;
}

/* Whether the step calls somebody who can be reached; page: the page itself counts. */
static bool step_calls(
	const struct check *c, const struct pp_plan_place *at, const struct moment *m, bool page)
{
	struct pp_plan_callee callees[PP_PLAN_CALLEES_MAX];
	size_t count = pp_plan_call_list(c->book, at, &m->query, callees);

	for (size_t i = 0; i < count; i++) {
		if (is_reached(c, &callees[i], page))
			return true;
	}
	return false;
}

/* No station sounds for what is silent, nor for what is late: the fallback must reach people. */
static bool fallback_calls(
	const struct check *c, const struct pp_plan_place *at, const struct moment *m)
{
	struct moment quiet = *m;

	quiet.query.silent = quiet.query.late = true;
	return step_calls(c, at, &quiet, false);
}

static bool sounds_posts(const struct pp_plan_step *s)
{
	for (size_t i = 0; i < s->target_count; i++) {
		if (s->targets[i].kind == PP_TARGET_POSTS)
			return true;
	}
	return false;
}

static void plan_try(struct check *c, const struct pp_plan *plan, const struct moment *m)
{
	struct plan_notes *notes = &c->notes[plan - c->book->plans];
	struct pp_plan_place at = { .plan = plan };

	notes->chosen = true;
	for (int ring = 0; ring < PP_RING_COUNT; ring++) {
		bool any = plan->rings[ring].step_count == 0;

		at.ring = (enum pp_ring)ring;
		assert(plan->rings[ring].step_count <= PP_PLAN_STEPS_MAX);
		for (at.step = 0; at.step < plan->rings[ring].step_count; at.step++) {
			/* A siren is nobody who comes. */
			notes->called[ring][at.step] |= sounds_posts(pp_plan_step_at(&at));
			if (!step_calls(c, &at, m, true))
				continue;
			notes->called[ring][at.step] = notes->ringed[ring] = true;
			any = true;
		}
		if (!any)
			hole_note(&notes->empty[ring], m);
	}
	at = (struct pp_plan_place){ .plan = plan, .ring = PP_RING_FALLBACK };
	if (fallback_calls(c, &at, m))
		return;
	hole_note(&notes->empty[PP_RING_FALLBACK], m);
	notes->station |= step_calls(c, &at, m, false);
}

static void moment_try(struct check *c, const struct moment *m)
{
	const struct pp_plan *best = NULL, *other = NULL;
	int best_rank = -1, rank;

	for (size_t i = 0; i < c->fit_count; i++) {
		if (!pp_plan_fits(c->fits[i], &m->query, false, &rank) || rank < best_rank)
			continue;
		other = rank == best_rank ? c->fits[i] : NULL;
		if (!other)
			best = c->fits[i];
		best_rank = rank;
	}
	if (!best) {
		hole_note(&c->gaps[m->query.class], m);
		return;
	}
	if (other && !c->notes[best - c->book->plans].tied) {
		struct pp_check_finding f = about(PP_ABOUT_PLAN, (size_t)(other - c->book->plans));
		const struct hole hole = { true, m->place, m->query.class, m->query.minute, m->to };
		char where[160];

		f.refused = c->notes[best - c->book->plans].tied = true;
		tell(c, &f, "neither it nor plan '%s' is the more specific %s", best->id,
			hole_text(&hole, where));
	}
	plan_try(c, best, m);
}

/* ---- the week of one place and class ---- */

static void step_edges(struct check *c, const struct pp_plan_step *s)
{
	for (size_t i = 0; i < s->target_count; i++) {
		const struct pp_plan_roster *roster;

		if (s->targets[i].kind != PP_TARGET_ROSTER)
			continue;
		roster = &c->book->rosters[s->targets[i].index];
		for (size_t k = 0; k < roster->duty_count; k++)
			pp_plan_span_edges(&roster->duties[k].span, c->edges);
	}
}

/* What looking at the plan once may cost. */
static int64_t plan_edges(struct check *c, const struct pp_plan *p)
{
	int64_t cost = 8;

	if (p->has_hours)
		pp_plan_span_edges(&p->hours, c->edges);
	step_edges(c, &p->fallback);
	for (int ring = 0; ring < PP_RING_COUNT; ring++) {
		for (size_t i = 0; i < p->rings[ring].step_count; i++) {
			const struct pp_plan_step *s = &p->rings[ring].steps[i];

			step_edges(c, s);
			for (size_t k = 0; k < s->target_count; k++)
				cost += 4 * (int64_t)target_most(c->book, &s->targets[k]);
		}
	}
	return cost;
}

static int week_try(struct check *c, const struct pp_check_place *place, enum pp_class class)
{
	struct moment m = { .place = place,
		.query = { .class = class,
			.post = place->post,
			.desa = place->desa,
			.kecamatan = place->kecamatan } };
	int64_t cost = 1;
	int rank;

	memset(c->edges, 0, sizeof(c->edges));
	c->fit_count = 0;
	for (size_t i = 0; i < c->book->plan_count; i++) {
		c->steps -= 1 + (int64_t)c->book->plans[i].area_count;
		if (!pp_plan_fits(&c->book->plans[i], &m.query, true, &rank))
			continue;
		c->fits[c->fit_count++] = &c->book->plans[i];
		cost += plan_edges(c, &c->book->plans[i]);
	}
	for (int minute = 0; minute < PP_WEEK_MINUTES; minute = m.to) {
		for (m.to = minute + 1; m.to < PP_WEEK_MINUTES && !c->edges[m.to];)
			m.to++;
		c->steps -= cost;
		if (c->steps < 0)
			return -E2BIG;
		m.query.minute = minute;
		moment_try(c, &m);
	}
	return 0;
}

static int weeks_try(struct check *c)
{
	static const struct pp_check_place nowhere = { "", "", "" };
	size_t count = c->world->place_count;
	int r = 0;

	for (size_t i = 0; r == 0 && i < (count ? count : 1); i++) {
		for (int class = 0; r == 0 && class < PP_CLASS_COUNT; class ++)
			r = week_try(
				c, count ? &c->world->places[i] : &nowhere, (enum pp_class) class);
	}
	return r;
}

/* ---- what came of it ---- */

static const char *nobody_text(int ring, bool station)
{
	if (ring != PP_RING_FALLBACK)
		return "";
	return station ? " but a station, which does not sound for what is silent or late,"
		       : " who is not at the page";
}

static void plan_refuse(struct check *c, size_t index)
{
	const struct pp_plan *p = &c->book->plans[index];
	const struct plan_notes *notes = &c->notes[index];
	struct pp_check_finding f = about(PP_ABOUT_PLAN, index);
	char where[160];

	f.refused = true;
	for (int ring = 0; ring <= PP_RING_FALLBACK; ring++) {
		f.ring = (enum pp_ring)ring;
		f.step = 0;
		if (notes->empty[ring].is)
			tell(c, &f, "calls nobody%s %s", nobody_text(ring, notes->station),
				hole_text(&notes->empty[ring], where));
		for (size_t i = 0; ring < PP_RING_FALLBACK && i < p->rings[ring].step_count; i++) {
			f.step = (int)i;
			if (notes->ringed[ring] && !notes->called[ring][i])
				tell(c, &f,
					"calls nobody at any hour and place of its plan: it "
					"can never be reached");
		}
	}
}

static void gaps_refuse(struct check *c)
{
	struct pp_check_finding f = about(PP_ABOUT_BOOK, 0);
	char where[160];

	f.refused = true;
	for (int class = 0; class < PP_CLASS_COUNT; class ++) {
		if (c->gaps[class].is)
			tell(c, &f, "there is no plan %s", hole_text(&c->gaps[class], where));
	}
}

static void uses_note(const struct pp_plan_book *book, const struct pp_plan_step *s, bool *used)
{
	for (size_t i = 0; i < s->target_count; i++) {
		const struct pp_plan_target *t = &s->targets[i];

		if (t->kind == PP_TARGET_CONTACT)
			used[t->index] = true;
		else if (t->kind == PP_TARGET_AGENCY)
			used[book->contact_count + t->index] = true;
		else if (t->kind == PP_TARGET_ROSTER)
			used[book->contact_count + book->agency_count + t->index] = true;
	}
}

/* One mark for each contact, then each agency, then each roster. */
static void uses_find(const struct pp_plan_book *book, bool *used)
{
	for (size_t i = 0; i < book->plan_count; i++) {
		uses_note(book, &book->plans[i].fallback, used);
		for (int ring = 0; ring < PP_RING_COUNT; ring++) {
			for (size_t k = 0; k < book->plans[i].rings[ring].step_count; k++)
				uses_note(book, &book->plans[i].rings[ring].steps[k], used);
		}
	}
	for (size_t i = 0; i < book->trouble_count; i++)
		uses_note(book,
			&(struct pp_plan_step){ .target_count = book->troubles[i].target_count,
				.targets = book->troubles[i].targets },
			used);
	for (size_t i = 0; i < book->agency_count; i++) {
		for (size_t k = 0; k < book->agencies[i].contact_count; k++)
			used[book->agencies[i].contacts[k]] = true;
	}
	for (size_t i = 0; i < book->roster_count; i++) {
		for (size_t k = 0; k < book->rosters[i].duty_count; k++) {
			const struct pp_plan_duty *duty = &book->rosters[i].duties[k];

			for (size_t n = 0; n < duty->contact_count; n++)
				used[duty->contacts[n]] = true;
		}
	}
}

static int uses_tell(struct check *c)
{
	static const enum pp_check_about what[] = { PP_ABOUT_CONTACT, PP_ABOUT_AGENCY,
		PP_ABOUT_ROSTER };
	const size_t counts[] = { c->book->contact_count, c->book->agency_count,
		c->book->roster_count };
	bool *used = calloc(counts[0] + counts[1] + counts[2] + 1, sizeof(*used)), *at = used;

	if (!used)
		return -ENOMEM;
	uses_find(c->book, used);
	for (size_t k = 0; k < 3; at += counts[k], k++) {
		for (size_t i = 0; i < counts[k]; i++) {
			struct pp_check_finding f = about(what[k], i);

			if (!at[i])
				tell(c, &f, "no plan calls it");
		}
	}
	free(used);
	return 0;
}

static void staleness_tell(struct check *c)
{
	for (size_t i = 0; i < c->book->contact_count; i++) {
		struct pp_check_finding f = about(PP_ABOUT_CONTACT, i);
		const struct pp_plan_contact *contact = &c->book->contacts[i];

		if (!pp_plan_contact_is_stale(contact, c->world->now_ms))
			continue;
		if (contact->verified_ms <= 0)
			tell(c, &f, contact->verified_ms ? "has said that it is somebody else"
							  : "has never been verified");
		else
			tell(c, &f, "was verified %lld days ago: more than 90 are too long",
				(long long)((c->world->now_ms - contact->verified_ms) / 86400000));
	}
}

static void troubles_check(struct check *c)
{
	char text[160];

	for (size_t i = 0; i < c->book->trouble_count; i++) {
		struct pp_check_finding f = about(PP_ABOUT_TROUBLE, i);
		const char *why = pp_trouble_check(c->book, i, &c->steps, text);

		f.refused = true;
		if (why)
			tell(c, &f, "%s", why);
	}
}

static int check_run(struct check *c)
{
	int r;

	names_check(c);
	troubles_check(c);
	r = weeks_try(c);
	if (r < 0)
		return r;
	gaps_refuse(c);
	for (size_t i = 0; i < c->book->plan_count; i++)
		plan_refuse(c, i);
	for (size_t i = 0; i < c->book->plan_count; i++) {
		struct pp_check_finding f = about(PP_ABOUT_PLAN, i);

		if (!c->notes[i].chosen)
			tell(c, &f, "is never chosen: more specific ones stand before it");
	}
	r = uses_tell(c);
	staleness_tell(c);
	return r < 0 ? r : c->refused ? -EINVAL : 0;
}

int pp_plan_check(const struct pp_plan_book *book, const struct pp_check_world *world,
	pp_check_fn *fn, void *user)
{
	struct check *c = calloc(1, sizeof(*c));
	int r = -ENOMEM;

	if (!c)
		return r;
	*c = (struct check){
		.book = book, .world = world, .fn = fn, .user = user, .steps = PP_CHECK_STEPS_MAX
	};
	c->notes = calloc(book->plan_count + 1, sizeof(*c->notes));
	c->fits = calloc(book->plan_count + 1, sizeof(*c->fits));
	if (c->notes && c->fits)
		r = check_run(c);
	free(c->notes);
	free(c->fits);
	free(c);
	return r;
}
