/* SPDX-License-Identifier: Apache-2.0 */
/* directory.c -- the posts and their keys as a sorted table. */
#include "registry/directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/registry.h"

struct pp_directory {
	int64_t rev;
	size_t count, size;
	struct pp_directory_post *posts; /* by tenant, post */
};

static int post_compare(const void *a, const void *b)
{
	const struct pp_directory_post *x = a, *y = b;
	int r = strcmp(x->tenant, y->tenant);

	return r != 0 ? r : strcmp(x->post, y->post);
}

static int directory_grow(struct pp_directory *d)
{
	size_t size = d->size ? d->size * 2 : 64;
	struct pp_directory_post *posts;

	if (d->count < d->size)
		return 0;
	posts = realloc(d->posts, size * sizeof(*posts));
	if (!posts)
		return -ENOMEM;
	d->posts = posts;
	d->size = size;
	return 0;
}

/* Valid keys lie before revoked ones. */
static void key_add(struct pp_directory_post *p, const struct pp_store_key *key)
{
	size_t total = p->key_count + p->revoked_count;

	if ((key->revoked ? p->revoked_count : p->key_count) == PP_DIRECTORY_KEYS_MAX)
		return;
	if (key->revoked) {
		memcpy(p->keys[total], key->key, PP_PUBLIC_KEY_SIZE);
		p->revoked_count++;
		return;
	}
	memmove(p->keys[p->key_count + 1], p->keys[p->key_count],
		p->revoked_count * PP_PUBLIC_KEY_SIZE);
	memcpy(p->keys[p->key_count++], key->key, PP_PUBLIC_KEY_SIZE);
}

static int row_take(void *user, const struct pp_store_key *row)
{
	struct pp_directory *d = user;
	struct pp_directory_post *p = d->count ? &d->posts[d->count - 1] : NULL;
	int r;

	if (!p || strcmp(p->tenant, row->tenant) != 0 || strcmp(p->post, row->post) != 0) {
		r = directory_grow(d);
		if (r < 0)
			return r;
		p = &d->posts[d->count++];
		*p = (struct pp_directory_post){ .active = row->active };
		snprintf(p->tenant, sizeof(p->tenant), "%s", row->tenant);
		snprintf(p->post, sizeof(p->post), "%s", row->post);
	}
	if (row->key)
		key_add(p, row);
	return 0;
}

int pp_directory_load(struct pp_db *db, struct pp_directory **ret_directory)
{
	struct pp_directory *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	/* The revision first: what changes between the two reads is then seen at the next look. */
	r = pp_store_registry_rev(db, &d->rev);
	if (r == 0)
		r = pp_store_each_key(db, row_take, d);
	if (r < 0) {
		pp_directory_free(d);
		return r;
	}
	*ret_directory = d;
	return 0;
}

struct pp_directory *pp_directory_free(struct pp_directory *d)
{
	if (d)
		free(d->posts);
	free(d);
	return NULL;
}

int64_t pp_directory_rev(const struct pp_directory *d)
{
	return d->rev;
}

int pp_directory_is_current(const struct pp_directory *d, struct pp_db *db)
{
	int64_t rev;
	int r = pp_store_registry_rev(db, &rev);

	return r < 0 ? r : rev == d->rev;
}

const struct pp_directory_post *pp_directory_find(
	const struct pp_directory *d, const char *tenant, const char *post)
{
	struct pp_directory_post key;

	if (strlen(tenant) > PP_TENANT_MAX || strlen(post) > PP_POST_MAX || d->count == 0)
		return NULL;
	snprintf(key.tenant, sizeof(key.tenant), "%s", tenant);
	snprintf(key.post, sizeof(key.post), "%s", post);
	return bsearch(&key, d->posts, d->count, sizeof(key), post_compare);
}

struct telling {
	pp_directory_certificate_fn *fn;
	void *user;
};
static int certificate_tell(void *user, const struct pp_store_certificate *c)
{
	const struct telling *t = user;

	return t->fn(t->user, &(struct pp_directory_certificate){ .tenant = c->tenant,
				      .post = c->post,
				      .serial = c->serial,
				      .key = c->key,
				      .added_ms = c->added_ms,
				      .until_ms = c->until_ms,
				      .revoked = c->revoked });
}

int pp_directory_certificates(struct pp_db *db, const char *tenant, const char *post,
	pp_directory_certificate_fn *fn, void *user)
{
	struct telling t = { fn, user };

	return pp_store_each_certificate(db, tenant, post, certificate_tell, &t);
}

static bool has_hint(const struct pp_directory_post *p, const uint8_t hint[PP_COMPACT_HINT])
{
	uint8_t own[PP_COMPACT_HINT];

	for (size_t i = 0; i < p->key_count + p->revoked_count; i++) {
		pp_compact_hint(p->keys[i], own);
		if (memcmp(own, hint, sizeof(own)) == 0)
			return true;
	}
	return false;
}

const struct pp_directory_post *pp_directory_hint(const struct pp_directory *d,
	const uint8_t hint[PP_COMPACT_HINT], const struct pp_directory_post *after)
{
	for (size_t i = after ? (size_t)(after - d->posts) + 1 : 0; i < d->count; i++)
		if (has_hint(&d->posts[i], hint))
			return &d->posts[i];
	return NULL;
}

size_t pp_directory_count(const struct pp_directory *d)
{
	return d->count;
}

const struct pp_directory_post *pp_directory_at(const struct pp_directory *d, size_t index)
{
	return &d->posts[index];
}

bool pp_directory_has_tenant(const struct pp_directory *d, const char *tenant)
{
	for (size_t i = 0; i < d->count; i++) {
		if (strcmp(d->posts[i].tenant, tenant) == 0)
			return true;
	}
	return false;
}
