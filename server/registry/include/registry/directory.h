/* SPDX-License-Identifier: Apache-2.0 */
/* registry/directory.h -- who may speak, in memory: posts with their public keys. Not thread-safe;
 * load a new one to renew. */
#ifndef REGISTRY_DIRECTORY_H
#define REGISTRY_DIRECTORY_H

#include "crypto/sign.h"
#include "db/db.h"
#include "protocol/compact.h"
#include "protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_DIRECTORY_KEYS_MAX 4 /* of a post: the newest count */

struct pp_directory_post {
	char tenant[PP_TENANT_MAX + 1];
	char post[PP_POST_MAX + 1];
	bool active;
	size_t key_count;     /* the first ones are valid ... */
	size_t revoked_count; /* ... and behind them lie the revoked ones: known, but refused */
	uint8_t keys[PP_DIRECTORY_KEYS_MAX * 2][PP_PUBLIC_KEY_SIZE];
};
struct pp_directory;

/* Reads all posts of the record. Its revision (meta.registry_rev) is kept: see
 * pp_directory_is_current. */
int pp_directory_load(struct pp_db *db, struct pp_directory **ret_directory);
struct pp_directory *pp_directory_free(struct pp_directory *d); /* NULL is fine; returns NULL */
/* 1: nothing has changed in the record's registry since it was loaded; 0: load again; -errno. */
int pp_directory_is_current(const struct pp_directory *d, struct pp_db *db);
int64_t pp_directory_rev(const struct pp_directory *d); /* the record's registry_rev when loaded */
/* NULL: unknown. Borrowed from d. */
const struct pp_directory_post *pp_directory_find(
	const struct pp_directory *d, const char *tenant, const char *post);
/* The certificates that were made for posts since records take notes of them, by tenant, post,
 * oldest first: of one post, or (post NULL) of a tenant, or (both NULL) of all. fn returns 0 to go
 * on, else what the call shall return. Texts and key are valid during the call. */
struct pp_directory_certificate {
	const char *tenant, *post;
	const char *serial; /* upper-case hex */
	const uint8_t *key; /* PP_PUBLIC_KEY_SIZE bytes */
	int64_t added_ms, until_ms;
	bool revoked; /* its key is */
};
typedef int pp_directory_certificate_fn(void *user, const struct pp_directory_certificate *c);
int pp_directory_certificates(struct pp_db *db, const char *tenant, const char *post,
	pp_directory_certificate_fn *fn, void *user);
/* The first post behind `after` (NULL: of all) one of whose keys, revoked ones too, has this hint
 * of protocol/compact.h. NULL: no more. */
const struct pp_directory_post *pp_directory_hint(const struct pp_directory *d,
	const uint8_t hint[PP_COMPACT_HINT], const struct pp_directory_post *after);
size_t pp_directory_count(const struct pp_directory *d);
const struct pp_directory_post *pp_directory_at(
	const struct pp_directory *d, size_t index); /* sorted by tenant, post */
bool pp_directory_has_tenant(
	const struct pp_directory *d, const char *tenant); /* one with at least one post */

#endif
