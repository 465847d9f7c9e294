/* SPDX-License-Identifier: Apache-2.0 */
/* enrol.c -- keys of posts: given and revoked. */
#include "ledger/registrar.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "book.h"
#include "core/text.h"
#include "protocol/limits.h"
#include "registry/directory.h"
#include "store/registry.h"

#define COMMON_NAME_MAX 64 /* of a certificate: RFC 5280, ub-common-name */

static_assert(PP_TENANT_MAX + 1 + PP_POST_MAX <= COMMON_NAME_MAX, "every name fits a certificate");

static const char *name_check(const char *name, size_t max, bool is_tenant)
{
	if (!name[0])
		return is_tenant ? "tenant: is empty" : "post: is empty";
	if (strlen(name) > max)
		return is_tenant ? "tenant: has more than 20 characters"
				 : "post: has more than 40 characters";
	if (!pp_text_is_slug(name, strlen(name), max))
		return is_tenant ? "tenant: a-z, 0-9 and '-', beginning with a letter or digit"
				 : "post: a-z, 0-9 and '-', beginning with a letter or digit";
	if (strncmp(name, "svc-", 4) == 0)
		return is_tenant ? "tenant: names that begin with svc- are for services"
				 : "post: names that begin with svc- are for services";
	return NULL;
}

int pp_enrolment_check(const char *tenant, const char *post, const char **ret_why)
{
	const char *why = name_check(tenant, PP_TENANT_MAX, true);

	if (!why)
		why = name_check(post, PP_POST_MAX, false);
	if (!why)
		return 0;
	*ret_why = why;
	return -EINVAL;
}

struct change {
	const struct pp_enrolment *enrolment;
	bool was_there;
};

static int enrolled_event(struct pp_ledger *l, const struct pp_enrolment *e, const char *kind)
{
	struct pp_json *body = pp_json_object();
	char hex[2 * PP_PUBLIC_KEY_SIZE + 1];

	pp_text_hex(e->key, sizeof(e->key), hex);
	(void)pp_json_set_text(body, "key", hex);
	if (e->serial)
		(void)pp_json_set_text(body, "certificate", e->serial);
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = e->tenant,
			.kind = kind,
			.actor = e->actor,
			.post = e->post,
			.body = body },
		NULL);
}

/* 1: it is a valid key of this post already. */
static int owner_check(struct pp_ledger *l, const struct pp_enrolment *e)
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

/* Whether the post may have one more. */
static int count_check(struct pp_ledger *l, const struct pp_enrolment *e)
{
	int64_t valid;
	int r = pp_store_keys_valid(l->db, e->tenant, e->post, &valid);

	if (r < 0)
		return r;
	if (e->kind == PP_ENROL_FIRST && valid > 0)
		return -EALREADY;
	if (e->kind == PP_ENROL_RENEWAL && valid == 0)
		return -ENOKEY;
	/* The directory holds no more: the oldest would be forgotten in silence, and what it has
	 * signed called forged. */
	return valid >= PP_DIRECTORY_KEYS_MAX ? -ENOBUFS : 0;
}

static int certificate_note(struct pp_ledger *l, const struct pp_enrolment *e)
{
	if (!e->serial)
		return 0;
	return pp_store_certificate_add(l->db, &(struct pp_store_certificate){ .tenant = e->tenant,
						       .post = e->post,
						       .serial = e->serial,
						       .key = e->key,
						       .added_ms = l->now_ms,
						       .until_ms = e->until_ms });
}

static int post_enrol(struct pp_ledger *l, void *user)
{
	struct change *c = user;
	const struct pp_enrolment *e = c->enrolment;
	const char *why;
	int r = pp_enrolment_check(e->tenant, e->post, &why);

	if (r == 0)
		r = owner_check(l, e);
	c->was_there = r == 1;
	if (r == 1) {
		r = certificate_note(l, e);
		return r <= 0 ? r : enrolled_event(l, e, "post.renewed");
	}
	if (r == 0)
		r = count_check(l, e);
	if (r == 0)
		r = pp_store_key_add(l->db, e->tenant, e->post, e->key, l->now_ms);
	if (r == 0)
		r = certificate_note(l, e);
	if (r >= 0)
		r = pp_store_registry_bump(l->db);
	return r < 0 ? r : enrolled_event(l, e, "post.enrolled");
}

int pp_ledger_enrol(struct pp_ledger *l, const struct pp_enrolment *enrolment, int64_t now_ms)
{
	struct change c = { .enrolment = enrolment };
	int r = pp_ledger_transact(l, now_ms, post_enrol, &c);

	return r < 0 ? r : c.was_there;
}

static int revoked_event(struct pp_ledger *l, const struct pp_key_revocation *v)
{
	struct pp_json *body = pp_json_object();
	char hex[2 * PP_PUBLIC_KEY_SIZE + 1];

	if (v->key) {
		pp_text_hex(v->key, PP_PUBLIC_KEY_SIZE, hex);
		(void)pp_json_set_text(body, "key", hex);
	}
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = v->tenant,
			.kind = "post.revoked",
			.actor = v->actor,
			.post = v->post,
			.body = body,
			.personal_field = v->reason ? "reason" : NULL,
			.personal = v->reason },
		NULL);
}

/* Why there was nothing to revoke. */
static int nothing_revoked(struct pp_ledger *l, const struct pp_key_revocation *v)
{
	struct pp_store_key_owner owner;
	int64_t known;
	int r;

	if (!v->key) {
		r = pp_store_keys_known(l->db, v->tenant, v->post, &known);
		return r < 0 ? r : known > 0 ? -EALREADY : -ENOENT;
	}
	r = pp_store_key_owner(l->db, v->key, &owner);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	return strcmp(owner.tenant, v->tenant) == 0 && strcmp(owner.post, v->post) == 0 ? -EALREADY
											: -ENOENT;
}

static int post_revoke(struct pp_ledger *l, void *user)
{
	const struct pp_key_revocation *v = user;
	int r = pp_store_keys_revoke(l->db, v->tenant, v->post, v->key, l->now_ms);

	if (r <= 0)
		return r < 0 ? r : nothing_revoked(l, v);
	r = pp_store_registry_bump(l->db);
	return r < 0 ? r : revoked_event(l, v);
}

int pp_ledger_revoke(
	struct pp_ledger *l, const struct pp_key_revocation *revocation, int64_t now_ms)
{
	struct pp_key_revocation copy = *revocation;

	return pp_ledger_transact(l, now_ms, post_revoke, &copy);
}
