/* SPDX-License-Identifier: Apache-2.0 */
/* shelf.c -- a few books by tenant, and the revisions by which they are good. */
#include "plans/shelf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plans/plans.h"
#include "protocol/limits.h"
#include "store/plans.h"
#include "store/registry.h"

struct place {
	char tenant[PP_TENANT_MAX + 1]; /* "": free */
	uint64_t taken;
	struct pp_plan_book *book; /* NULL: the tenant has none that can be read */
};
struct pp_plan_shelf {
	int64_t plans_rev, registry_rev;
	uint64_t count; /* of takings */
	struct place places[PP_SHELF_MAX];
};

int pp_shelf_new(struct pp_plan_shelf **ret_shelf)
{
	struct pp_plan_shelf *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret_shelf = s;
	return 0;
}

void pp_shelf_clear(struct pp_plan_shelf *s)
{
	for (size_t i = 0; i < PP_SHELF_MAX; i++) {
		pp_plan_book_free(s->places[i].book);
		s->places[i] = (struct place){ .book = NULL };
	}
}

struct pp_plan_shelf *pp_shelf_free(struct pp_plan_shelf *s)
{
	if (s)
		pp_shelf_clear(s);
	free(s);
	return NULL;
}

static int shelf_renew(struct pp_plan_shelf *s, struct pp_db *db)
{
	int64_t plans_rev, registry_rev;
	int r = pp_store_plans_rev(db, &plans_rev);

	if (r == 0)
		r = pp_store_registry_rev(db, &registry_rev);
	if (r < 0)
		return r;
	if (plans_rev != s->plans_rev || registry_rev != s->registry_rev)
		pp_shelf_clear(s);
	s->plans_rev = plans_rev;
	s->registry_rev = registry_rev;
	return 0;
}

/* The tenant's place, or the one that is free or was taken longest ago. */
static struct place *place_find(struct pp_plan_shelf *s, const char *tenant)
{
	struct place *oldest = &s->places[0];

	for (size_t i = 0; i < PP_SHELF_MAX; i++) {
		if (strcmp(s->places[i].tenant, tenant) == 0)
			return &s->places[i];
		if (s->places[i].taken < oldest->taken)
			oldest = &s->places[i];
	}
	return oldest;
}

int pp_shelf_take(struct pp_plan_shelf *s, struct pp_db *db, const char *tenant,
	const struct pp_plan_book **ret_book)
{
	struct pp_plan_book *book = NULL;
	struct place *place;
	int r = strlen(tenant) > PP_TENANT_MAX ? -EINVAL : shelf_renew(s, db);

	if (r < 0)
		return r;
	place = place_find(s, tenant);
	if (strcmp(place->tenant, tenant) != 0) {
		r = pp_plans_load(db, tenant, 0, &book);
		if (r < 0 && r != -ENOENT && r != -EBADMSG)
			return r;
		pp_plan_book_free(place->book);
		place->book = book;
		memcpy(place->tenant, tenant, strlen(tenant) + 1);
	}
	place->taken = ++s->count;
	*ret_book = place->book;
	return 0;
}
