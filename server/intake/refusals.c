/* SPDX-License-Identifier: Apache-2.0 */
/* refusals.c -- counting what is refused. */
#include "intake/refusals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct pp_refused refused; /* security.count: since it was last told */
	int64_t told_ms;
};
struct pp_refusals {
	size_t count;
	struct entry entries[PP_REFUSALS_MAX];
};

int pp_refusals_new(struct pp_refusals **ret_refusals)
{
	struct pp_refusals *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	*ret_refusals = r;
	return 0;
}

struct pp_refusals *pp_refusals_free(struct pp_refusals *r)
{
	free(r);
	return NULL;
}

static bool is_like(const struct pp_refused *a, const struct pp_refused *b)
{
	return strcmp(a->post, b->post) == 0 && strcmp(a->tenant, b->tenant) == 0 &&
	       strcmp(a->security.kind, b->security.kind) == 0;
}

bool pp_refusals_feed(struct pp_refusals *r, const struct pp_refused *refused, int64_t now_ms)
{
	for (size_t i = 0; i < r->count; i++) {
		struct entry *e = &r->entries[i];

		if (!is_like(&e->refused, refused))
			continue;
		e->refused.security.count++;
		return false;
	}
	if (r->count == PP_REFUSALS_MAX)
		return false;
	r->entries[r->count] = (struct entry){ *refused, now_ms };
	r->entries[r->count++].refused.security.count = 0;
	return true;
}

bool pp_refusals_next(struct pp_refusals *r, int64_t now_ms, struct pp_refused *ret_refused)
{
	for (size_t i = 0; i < r->count;) {
		struct entry *e = &r->entries[i];

		if (now_ms - e->told_ms < PP_REFUSALS_EVERY_MS) {
			i++;
			continue;
		}
		if (e->refused.security.count == 0) {
			*e = r->entries[--r->count];
			continue;
		}
		*ret_refused = e->refused;
		e->refused.security.count = 0;
		e->told_ms = now_ms;
		return true;
	}
	return false;
}
