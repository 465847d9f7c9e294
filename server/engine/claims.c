/* SPDX-License-Identifier: Apache-2.0 */
/* claims.c -- holders of incidents, and when each was last there. */
#include "claims.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/ladders.h"

#define HOLDERS_MAX 256 /* at once; whoever is beyond keeps his incidents */

struct holder {
	char tenant[PP_TENANT_MAX + 1], name[80];
	int64_t seen_ms;
	bool holds; /* in the last look */
};
struct pp_claims {
	struct holder holders[HOLDERS_MAX];
	size_t count;
	int64_t told_ms; /* when it was last said who is there; 0: never */
	/* The walk of pp_claims_next. */
	size_t at;
	int64_t after_id, now_ms;
};

int pp_claims_new(struct pp_claims **ret_claims)
{
	struct pp_claims *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	*ret_claims = c;
	return 0;
}

struct pp_claims *pp_claims_free(struct pp_claims *c)
{
	free(c);
	return NULL;
}

static struct holder *find(struct pp_claims *c, const char *tenant, size_t length, const char *name)
{
	for (size_t i = 0; i < c->count; i++) {
		struct holder *h = &c->holders[i];

		if (strncmp(h->tenant, tenant, length) == 0 && h->tenant[length] == '\0' &&
			strcmp(h->name, name) == 0)
			return h;
	}
	return NULL;
}

/* "kendal/user:budi\n" each. */
static void presence_take(struct pp_claims *c, const char *text, int64_t mono_ms)
{
	char name[80];

	c->told_ms = mono_ms;
	while (text && *text) {
		const char *end = strchr(text, '\n'), *slash = strchr(text, '/');
		struct holder *h;

		if (!end || !slash || slash > end)
			return;
		snprintf(name, sizeof(name), "%.*s", (int)(end - slash - 1), slash + 1);
		h = find(c, text, (size_t)(slash - text), name);
		if (h)
			h->seen_ms = mono_ms;
		text = end + 1;
	}
}

void pp_claims_heard(struct pp_claims *c, const struct pp_action *action, int64_t mono_ms)
{
	struct holder *h;

	if (action->type == PP_ACTION_PRESENCE) {
		presence_take(c, action->text, mono_ms);
		return;
	}
	h = action->tenant && action->actor
		    ? find(c, action->tenant, strlen(action->tenant), action->actor)
		    : NULL;
	if (h)
		h->seen_ms = mono_ms;
}

static int holder_note(void *user, const char *tenant, const char *actor)
{
	struct pp_claims *c = user;
	struct holder *h = find(c, tenant, strlen(tenant), actor);

	if (!h) {
		if (c->count == HOLDERS_MAX || strlen(actor) >= sizeof(h->name))
			return 0;
		h = &c->holders[c->count++];
		*h = (struct holder){ .seen_ms = c->now_ms };
		snprintf(h->tenant, sizeof(h->tenant), "%s", tenant);
		snprintf(h->name, sizeof(h->name), "%s", actor);
	}
	h->holds = true;
	return 0;
}

int pp_claims_look(struct pp_claims *c, struct pp_db *db, int64_t mono_ms)
{
	size_t kept = 0;
	int r;

	for (size_t i = 0; i < c->count; i++)
		c->holders[i].holds = false;
	c->now_ms = mono_ms;
	c->at = 0;
	c->after_id = 0;
	r = pp_store_each_claimer(db, holder_note, c);
	if (r < 0)
		return r;
	for (size_t i = 0; i < c->count; i++) {
		if (c->holders[i].holds)
			c->holders[kept++] = c->holders[i];
	}
	c->count = kept;
	return 0;
}

static bool is_gone(const struct pp_claims *c, const struct holder *h)
{
	return c->told_ms > 0 && c->now_ms - c->told_ms < PP_PRESENCE_STALE_MS &&
	       c->now_ms - h->seen_ms >= PP_CLAIM_GONE_MS &&
	       c->told_ms - h->seen_ms >= PP_CLAIM_WORDS_MS;
}

int pp_claims_next(struct pp_claims *c, struct pp_db *db, struct pp_claim *ret_gone)
{
	int r = 0;

	for (; c->at < c->count; c->at++, c->after_id = 0) {
		const struct holder *h = &c->holders[c->at];

		if (!is_gone(c, h))
			continue;
		r = pp_store_claim_next(db, h->tenant, h->name, c->after_id, &c->after_id);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		snprintf(ret_gone->tenant, sizeof(ret_gone->tenant), "%s", h->tenant);
		snprintf(ret_gone->holder, sizeof(ret_gone->holder), "%s", h->name);
		ret_gone->incident_id = c->after_id;
		return 1;
	}
	return 0;
}

int pp_claims_item(struct pp_claims *c, struct pp_db *db, struct pp_item **ret_item)
{
	struct pp_item *item;
	struct pp_claim gone;
	int r = pp_claims_next(c, db, &gone);

	if (r <= 0)
		return r;
	item = pp_item_new(PP_ITEM_RETURN);
	if (!item)
		return -ENOMEM;
	snprintf(item->tenant, sizeof(item->tenant), "%s", gone.tenant);
	snprintf(item->in.claim.holder, sizeof(item->in.claim.holder), "%s", gone.holder);
	item->in.claim.incident_id = gone.incident_id;
	*ret_item = item;
	return 1;
}
