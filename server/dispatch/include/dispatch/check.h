/* SPDX-License-Identifier: Apache-2.0 */
/* dispatch/check.h -- whether a book of plans may be accepted: that at every hour, at every post
 * and for every class one plan says who comes, and that it calls somebody. Pure. Refused: names
 * that the registry does not know; an hour, class and post without plan; two plans of which neither
 * is the more specific; a ring or a fallback that at some hour calls nobody; a fallback that calls
 * none but the page; a step that can never call anybody; a step of too many; a rule for troubles
 * that never counts, or calls nobody. Told: stale contacts; what nothing uses; plans that are never
 * chosen. */
#ifndef DISPATCH_CHECK_H
#define DISPATCH_CHECK_H

#include "dispatch/plan.h"

#define PP_CHECK_TEXT_MAX 240
#define PP_CHECK_FINDINGS_MAX 100   /* what is more is a last finding that says so */
#define PP_CHECK_STEPS_MAX 40000000 /* of looking; a larger book is refused, not half checked */

/* What the registry knows of the tenant. Borrowed. Each kecamatan is a place (post and desa ""), so
 * is each desa (post ""), and each active post: a plan must hold where no post stands yet. */
struct pp_check_place {
	const char *post, *desa, *kecamatan;
};
struct pp_check_world {
	size_t place_count, webhook_count;
	const struct pp_check_place *places;
	const char *const *webhooks; /* active ones */
	int64_t now_ms;
};

enum pp_check_about {
	PP_ABOUT_BOOK,
	PP_ABOUT_PLAN,
	PP_ABOUT_AGENCY,
	PP_ABOUT_ROSTER,
	PP_ABOUT_CONTACT,
	PP_ABOUT_TROUBLE /* a rule of which troubles are told */
};
struct pp_check_finding {
	bool refused;
	enum pp_check_about about;
	size_t index;      /* of the book's plans, agencies, ... */
	enum pp_ring ring; /* PLAN: of a ring or (PP_RING_FALLBACK) the fallback, where step >= 0 */
	int step;          /* from 0; -1: the whole plan */
	char text[PP_CHECK_TEXT_MAX]; /* English, without the place in the file */
};
typedef void pp_check_fn(void *user, const struct pp_check_finding *finding);
/* Tells everything it finds, what is refused first. 0: it may be accepted; -EINVAL: it may not;
 * -ENOMEM, -E2BIG: it could not be checked. */
int pp_plan_check(const struct pp_plan_book *book, const struct pp_check_world *world,
	pp_check_fn *fn, void *user);

#endif
