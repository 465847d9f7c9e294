/* SPDX-License-Identifier: Apache-2.0 */
/* enrol.c -- keys of posts: given and revoked. */
#include "ledger/registrar.h"

#include <errno.h>
#include <string.h>

#include "book.h"
#include "core/text.h"
#include "store/registry.h"

struct change {
	const struct pp_enrolment *enrolment;
	bool was_there;
};

static int key_event(struct pp_ledger *l, const struct pp_enrolment *e, const char *kind)
{
	struct pp_json *body = pp_json_object();
	char hex[2 * PP_PUBLIC_KEY_SIZE + 1];

	pp_text_hex(e->key, sizeof(e->key), hex);
	if (strcmp(kind, "post.enrolled") == 0)
		(void)pp_json_set_text(body, "key", hex);
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = e->tenant,
			.kind = kind,
			.actor = e->actor,
			.post = e->post,
			.body = body },
		NULL);
}

/* 1: it is a valid key of this post already. */
static int key_check(struct pp_ledger *l, const struct pp_enrolment *e)
{
	struct pp_store_key_owner owner;
	int r = pp_store_post_exists(l->db, e->tenant, e->post);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = pp_store_key_owner(l->db, e->key, &owner);
	if (r <= 0)
		return r;
	if (strcmp(owner.tenant, e->tenant) != 0 || strcmp(owner.post, e->post) != 0)
		return -EEXIST;
	return owner.revoked ? -EKEYREVOKED : 1;
}

static int post_enrol(struct pp_ledger *l, void *user)
{
	struct change *c = user;
	const struct pp_enrolment *e = c->enrolment;
	int r = key_check(l, e);

	c->was_there = r == 1;
	if (r != 0)
		return r < 0 ? r : 0;
	r = pp_store_key_add(l->db, e->tenant, e->post, e->key, l->now_ms);
	if (r == 0)
		r = pp_store_registry_bump(l->db);
	return r < 0 ? r : key_event(l, e, "post.enrolled");
}

int pp_ledger_enrol(struct pp_ledger *l, const struct pp_enrolment *enrolment, int64_t now_ms)
{
	struct change c = { .enrolment = enrolment };
	int r = pp_ledger_transact(l, now_ms, post_enrol, &c);

	return r < 0 ? r : c.was_there;
}

static int post_revoke(struct pp_ledger *l, void *user)
{
	const struct pp_enrolment *e = user;
	int r = pp_store_keys_revoke(l->db, e->tenant, e->post, l->now_ms);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = pp_store_registry_bump(l->db);
	return r < 0 ? r : key_event(l, e, "post.revoked");
}

int pp_ledger_revoke(struct pp_ledger *l, const char *tenant, const char *post, const char *actor,
	int64_t now_ms)
{
	struct pp_enrolment e = { .tenant = tenant, .post = post, .actor = actor };

	return pp_ledger_transact(l, now_ms, post_revoke, &e);
}
