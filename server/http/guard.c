/* SPDX-License-Identifier: Apache-2.0 */
/* guard.c -- waits between password tries: none for the first five, then 1 s, doubled each time up
 * to a minute. */
#include "guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SIZE 160

struct entry {
	char key[KEY_SIZE];
	unsigned tries; /* 0: free */
	int64_t last_ms;
};

struct pp_guard {
	struct entry entries[PP_GUARD_KEYS];
};

int pp_guard_new(struct pp_guard **ret_guard)
{
	struct pp_guard *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return -ENOMEM;
	*ret_guard = g;
	return 0;
}

struct pp_guard *pp_guard_free(struct pp_guard *g)
{
	free(g);
	return NULL;
}

static struct entry *entry_find(struct pp_guard *g, const char *key)
{
	for (size_t i = 0; i < PP_GUARD_KEYS; i++) {
		if (g->entries[i].tries > 0 && strncmp(g->entries[i].key, key, KEY_SIZE - 1) == 0)
			return &g->entries[i];
	}
	return NULL;
}

static struct entry *entry_make(struct pp_guard *g, const char *key)
{
	struct entry *oldest = &g->entries[0];

	for (size_t i = 1; i < PP_GUARD_KEYS && oldest->tries > 0; i++) {
		const struct entry *e = &g->entries[i];

		if (e->tries == 0 || e->last_ms < oldest->last_ms)
			oldest = &g->entries[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	strncpy(oldest->key, key, KEY_SIZE - 1);
	return oldest;
}

static int64_t wait_after(unsigned tries, const struct pp_guard_budget *budget)
{
	int64_t wait = 1000;

	if (tries < budget->free)
		return 0;
	for (unsigned i = budget->free; i < tries && wait < budget->wait_max; i++)
		wait *= 2;
	return wait < budget->wait_max ? wait : budget->wait_max;
}

int64_t pp_guard_try(struct pp_guard *g, const char *key, int64_t now_ms)
{
	static const struct pp_guard_budget usual = { PP_GUARD_FREE, PP_GUARD_WAIT_MAX_MS };

	return pp_guard_try_within(g, key, &usual, now_ms);
}

int64_t pp_guard_try_within(
	struct pp_guard *g, const char *key, const struct pp_guard_budget *budget, int64_t now_ms)
{
	struct entry *e = entry_find(g, key);
	int64_t calm = e ? now_ms - e->last_ms : 0;

	/* A clock that was set back must not make anybody wait for it. */
	if (e && (calm > PP_GUARD_FORGET_MS || calm < 0)) {
		e->tries = 0;
		e = NULL;
	}
	if (e && calm < wait_after(e->tries, budget))
		return wait_after(e->tries, budget) - calm;
	if (e == NULL)
		e = entry_make(g, key);
	if (e->tries < 1000)
		e->tries++;
	e->last_ms = now_ms;
	return 0;
}

void pp_guard_forgive(struct pp_guard *g, const char *key)
{
	struct entry *e = entry_find(g, key);

	if (e && --e->tries == 0)
		memset(e, 0, sizeof(*e));
}

void pp_guard_clear(struct pp_guard *g, const char *key)
{
	struct entry *e = entry_find(g, key);

	if (e)
		memset(e, 0, sizeof(*e));
}
