/* SPDX-License-Identifier: Apache-2.0 */
/* plan.c -- the words of plans, the choice of one, and whom a step calls. */
#include "dispatch/plan.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define X(name, text) text,
static const char *const ways[] = { PP_WAYS(X) };
static const char *const languages[] = { PP_LANGUAGES(X) };
static const char *const rings[] = { PP_RINGS(X) "fallback" };
static const char *const untils[] = { PP_UNTILS(X) };
static const char *const targets[] = { PP_TARGETS(X) };
static const char *const areas[] = { PP_AREAS(X) };
static const char *const limits[] = { PP_LIMITS(X) };
#undef X

static int word_find(const char *const *words, int count, const char *text)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(words[i], text) == 0)
			return i;
	}
	return -EINVAL;
}

#define WORDS(name, type, words)                                                                   \
	const char *pp_##name##_text(enum type v)                                                  \
	{                                                                                          \
		assert((size_t)v < sizeof(words) / sizeof((words)[0]));                            \
		return (words)[v];                                                                 \
	}                                                                                          \
	int pp_##name##_parse(const char *text)                                                    \
	{                                                                                          \
		return word_find(words, sizeof(words) / sizeof((words)[0]), text);                 \
	}
WORDS(way, pp_way_kind, ways)
WORDS(language, pp_language, languages)
WORDS(ring, pp_ring, rings)
WORDS(until, pp_until, untils)
WORDS(target, pp_target_kind, targets)
WORDS(area, pp_area_kind, areas)

const char *pp_limit_text(enum pp_limit_kind v)
{
	assert((size_t)v < PP_LIMIT_COUNT);
	return limits[v];
}

/* ---- ownership ---- */

static void areas_free(struct pp_plan_area *all, size_t count)
{
	for (size_t i = 0; all && i < count; i++)
		free(all[i].code);
	free(all);
}

static void targets_free(struct pp_plan_target *all, size_t count)
{
	for (size_t i = 0; all && i < count; i++)
		free(all[i].name);
	free(all);
}

static void trouble_done(struct pp_plan_trouble *t)
{
	for (size_t i = 0; t->kinds && i < t->kind_count; i++)
		free(t->kinds[i]);
	free(t->kinds);
	targets_free(t->targets, t->target_count);
}

static void step_done(struct pp_plan_step *s)
{
	targets_free(s->targets, s->target_count);
}

static void ring_done(struct pp_plan_ring *r)
{
	for (size_t i = 0; r->steps && i < r->step_count; i++)
		step_done(&r->steps[i]);
	free(r->steps);
}

static void plan_done(struct pp_plan *p)
{
	free(p->id);
	areas_free(p->areas, p->area_count);
	for (size_t i = 0; i < PP_RING_COUNT; i++)
		ring_done(&p->rings[i]);
	step_done(&p->fallback);
}

static void roster_done(struct pp_plan_roster *r)
{
	for (size_t i = 0; r->duties && i < r->duty_count; i++)
		free(r->duties[i].contacts);
	free(r->duties);
	free(r->id);
}

static void agency_done(struct pp_plan_agency *a)
{
	free(a->id);
	free(a->name);
	free(a->kind);
	free(a->station);
	free(a->contacts);
	areas_free(a->areas, a->area_count);
}

void pp_plan_contact_done(struct pp_plan_contact *c)
{
	for (size_t i = 0; c->ways && i < c->way_count; i++)
		free(c->ways[i].address);
	free(c->ways);
	free(c->id);
	free(c->name);
	free(c->role);
}

struct pp_plan_book *pp_plan_book_free(struct pp_plan_book *b)
{
	if (!b)
		return NULL;
	for (size_t i = 0; b->contacts && i < b->contact_count; i++)
		pp_plan_contact_done(&b->contacts[i]);
	for (size_t i = 0; b->agencies && i < b->agency_count; i++)
		agency_done(&b->agencies[i]);
	for (size_t i = 0; b->rosters && i < b->roster_count; i++)
		roster_done(&b->rosters[i]);
	for (size_t i = 0; b->plans && i < b->plan_count; i++)
		plan_done(&b->plans[i]);
	free(b->contacts);
	free(b->agencies);
	free(b->rosters);
	for (size_t i = 0; b->troubles && i < b->trouble_count; i++)
		trouble_done(&b->troubles[i]);
	free(b->plans);
	free(b->troubles);
	free(b->tenant);
	free(b);
	return NULL;
}

const struct pp_plan_contact *pp_plan_contact_find(const struct pp_plan_book *book, const char *id)
{
	for (size_t i = 0; book && i < book->contact_count; i++) {
		if (strcmp(book->contacts[i].id, id) == 0)
			return &book->contacts[i];
	}
	return NULL;
}

const struct pp_plan_agency *pp_plan_agency_named(
	const struct pp_plan_book *book, const char *text)
{
	const struct pp_plan_agency *named = NULL;

	for (size_t i = 0; book && i < book->agency_count; i++) {
		const struct pp_plan_agency *a = &book->agencies[i];

		if (strcmp(a->id, text) == 0)
			return a;
		if (!named && a->name && strcasecmp(a->name, text) == 0)
			named = a;
	}
	return named;
}

/* ---- the choice of a plan ---- */

/* The most specific of the areas that the place lies in, or -1. */
static int areas_fit(
	const struct pp_plan_area *all, size_t count, const struct pp_plan_query *query)
{
	const char *const codes[PP_AREA_COUNT] = { [PP_AREA_ALL] = "",
		[PP_AREA_KECAMATAN] = query->kecamatan,
		[PP_AREA_DESA] = query->desa,
		[PP_AREA_POST] = query->post };
	int best = -1;

	for (size_t i = 0; i < count; i++) {
		if ((int)all[i].kind > best && strcmp(all[i].code, codes[all[i].kind]) == 0)
			best = (int)all[i].kind;
	}
	return best;
}

bool pp_plan_fits(
	const struct pp_plan *plan, const struct pp_plan_query *query, bool any_hour, int *ret_rank)
{
	int area = areas_fit(plan->areas, plan->area_count, query);

	if (area < 0 || !(plan->classes >> query->class & 1))
		return false;
	if (!any_hour && plan->has_hours && !pp_plan_span_has(&plan->hours, query->minute))
		return false;
	*ret_rank = area * 4 + (plan->has_hours ? 2 : 0) + (plan->any_class ? 0 : 1);
	return true;
}

const struct pp_plan *pp_plan_choose(
	const struct pp_plan_book *book, const struct pp_plan_query *query)
{
	const struct pp_plan *best = pp_plan_built_in();
	int best_rank = -1, rank;

	for (size_t i = 0; book && i < book->plan_count; i++) {
		if (pp_plan_fits(&book->plans[i], query, false, &rank) && rank > best_rank) {
			best = &book->plans[i];
			best_rank = rank;
		}
	}
	return best;
}

const struct pp_plan *pp_plan_find(const struct pp_plan_book *book, const char *id)
{
	if (id[0] == '\0')
		return pp_plan_built_in();
	for (size_t i = 0; book && i < book->plan_count; i++) {
		if (strcmp(book->plans[i].id, id) == 0)
			return &book->plans[i];
	}
	return NULL;
}

/* Read only, so its texts need not be anybody's. */
#define LITERAL(text) ((char *)(uintptr_t)(text))
#define SHARED(type, value) ((struct type *)(uintptr_t) & (value))
const struct pp_plan *pp_plan_built_in(void)
{
	static const struct pp_plan_target desk = { PP_TARGET_ROLE, 0, LITERAL("operator") };
	static const struct pp_plan_target webhooks = { PP_TARGET_WEBHOOK, 0, LITERAL("all") };
	static const struct pp_plan_step step = { 1, SHARED(pp_plan_target, desk), 15000 };
	static const struct pp_plan_area everywhere = { PP_AREA_ALL, LITERAL("") };
	static const struct pp_plan plan = {
		.id = LITERAL(""),
		.classes = ~0u,
		.any_class = true,
		.area_count = 1,
		.areas = SHARED(pp_plan_area, everywhere),
		.rings = { [PP_RING_DESK] = { PP_UNTIL_TAKEN, 1, SHARED(pp_plan_step, step) } },
		.fallback = { 1, SHARED(pp_plan_target, webhooks), 60000 },
	};

	return &plan;
}

/* ---- whom a step calls ---- */

struct list {
	struct pp_plan_callee *all;
	size_t count;
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void list_add(struct list *l, const struct pp_plan_callee *callee)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct pp_plan_callee *c = &l->all[i];

		if (c->agency == callee->agency && c->contact == callee->contact &&
			same(c->role, callee->role) && same(c->webhook, callee->webhook) &&
			same(c->station, callee->station))
			return;
	}
	if (l->count < PP_PLAN_CALLEES_MAX)
		l->all[l->count++] = *callee;
}

static void agency_call(struct list *l, const struct pp_plan_book *book,
	const struct pp_plan_agency *agency, const struct pp_plan_query *query)
{
	if (areas_fit(agency->areas, agency->area_count, query) < 0)
		return;
	for (size_t i = 0; i < agency->contact_count; i++)
		list_add(l, &(struct pp_plan_callee){ .agency = agency,
				    .contact = &book->contacts[agency->contacts[i]] });
	if (agency->station && !query->late && !query->silent)
		list_add(l,
			&(struct pp_plan_callee){ .agency = agency, .station = agency->station });
}

static void roster_call(struct list *l, const struct pp_plan_book *book,
	const struct pp_plan_roster *roster, int minute)
{
	for (size_t i = 0; i < roster->duty_count; i++) {
		const struct pp_plan_duty *duty = &roster->duties[i];

		for (size_t k = 0; pp_plan_span_has(&duty->span, minute) && k < duty->contact_count;
			k++)
			list_add(l, &(struct pp_plan_callee){ .roster = roster,
					    .contact = &book->contacts[duty->contacts[k]] });
	}
}

static void target_call(struct list *l, const struct pp_plan_book *book,
	const struct pp_plan_target *target, const struct pp_plan_query *query)
{
	switch (target->kind) {
	case PP_TARGET_ROLE:
		list_add(l, &(struct pp_plan_callee){ .role = target->name });
		break;
	case PP_TARGET_CONTACT:
		list_add(l, &(struct pp_plan_callee){ .contact = &book->contacts[target->index] });
		break;
	case PP_TARGET_ROSTER:
		roster_call(l, book, &book->rosters[target->index], query->minute);
		break;
	case PP_TARGET_AGENCY:
		agency_call(l, book, &book->agencies[target->index], query);
		break;
	case PP_TARGET_WEBHOOK:
		list_add(l, &(struct pp_plan_callee){ .webhook = target->name });
		break;
	case PP_TARGET_POSTS:
		for (size_t i = 0; i < query->near_count && i < PP_PLAN_NEAR_MAX; i++)
			list_add(l, &(struct pp_plan_callee){
					    .station = query->near[i], .near = true });
		break;
	case PP_TARGET_COUNT:
		break;
	}
}

const struct pp_plan_step *pp_plan_step_at(const struct pp_plan_place *at)
{
	const struct pp_plan_ring *ring;

	if (at->ring == PP_RING_FALLBACK)
		return at->step == 0 ? &at->plan->fallback : NULL;
	assert((unsigned)at->ring < PP_RING_COUNT);
	ring = &at->plan->rings[at->ring];
	return at->step < ring->step_count ? &ring->steps[at->step] : NULL;
}

size_t pp_plan_call_list(const struct pp_plan_book *book, const struct pp_plan_place *at,
	const struct pp_plan_query *query, struct pp_plan_callee ret_callees[PP_PLAN_CALLEES_MAX])
{
	const struct pp_plan_step *step = pp_plan_step_at(at);
	struct list l = { ret_callees, 0 };

	if (!step || (query->late && at->ring == PP_RING_NEIGHBOURS))
		return 0;
	for (size_t i = 0; i < step->target_count; i++)
		target_call(&l, book, &step->targets[i], query);
	return l.count;
}
