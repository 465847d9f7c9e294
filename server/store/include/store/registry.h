/* SPDX-License-Identifier: Apache-2.0 */
/* store/registry.h -- the registry's tables: put what a site file says, list what is there. */
#ifndef STORE_REGISTRY_H
#define STORE_REGISTRY_H

#include "store/args.h"

#include <stdbool.h>

/* Each table with the arguments that put takes, in order. */
enum pp_registry_table {
	PP_TABLE_TENANT,    /* tenant, name, prefix, timezone, sample */
	PP_TABLE_KECAMATAN, /* tenant, code, name */
	PP_TABLE_DESA,      /* tenant, code, kecamatan, name */
	PP_TABLE_POST,      /* tenant, post, name, desa, rw, latitude, longitude, contact_name,
			     * contact_phone, active */
	PP_TABLE_POINT,     /* tenant, post, point, kind, class, silent, label_id, label_en */
	PP_TABLE_WEBHOOK,   /* tenant, name, url, secret, template, type, authorization, success
			     * (becomes active) */
};
/* Inserts or updates. 1: the row was not there or said something else; 0: nothing changed. */
int pp_store_put(struct pp_db *db, enum pp_registry_table table, const struct pp_arg *args);

/* The ids of a tenant's active posts or webhooks (post NULL), or of a post's points. fn returns 0
 * to go on, else what the call shall return. It may not use db. */
typedef int pp_store_id_fn(void *user, const char *id);
int pp_store_each_id(struct pp_db *db, enum pp_registry_table table, const char *tenant,
	const char *post, pp_store_id_fn *fn, void *user);
/* Posts and webhooks become inactive, points are deleted. */
int pp_store_retire(struct pp_db *db, enum pp_registry_table table, const char *tenant,
	const char *post, const char *id);

int pp_store_registry_rev(struct pp_db *db, int64_t *ret_rev);
int pp_store_registry_bump(struct pp_db *db);

/* One row for each key of each post, newest first; posts without keys come once with key NULL.
 * Sorted by tenant, post. */
struct pp_store_key {
	const char *tenant, *post;
	bool active, revoked;
	const uint8_t *key; /* 32 bytes or NULL */
};
typedef int pp_store_key_fn(void *user, const struct pp_store_key *key);
int pp_store_each_key(struct pp_db *db, pp_store_key_fn *fn, void *user);

int pp_store_post_exists(struct pp_db *db, const char *tenant, const char *post); /* 1, 0 */
int pp_store_tenant_exists(struct pp_db *db, const char *tenant);                 /* 1, 0 */
int pp_store_kecamatan_exists(
	struct pp_db *db, const char *tenant, const char *code); /* 1, 0 */
/* Whose key it is. 1: found; 0: nobody's. */
struct pp_store_key_owner {
	char tenant[24], post[48];
	bool revoked;
};
int pp_store_key_owner(
	struct pp_db *db, const uint8_t key[32], struct pp_store_key_owner *ret_owner);
int pp_store_key_add(struct pp_db *db, const char *tenant, const char *post, const uint8_t key[32],
	int64_t now_ms);
/* All keys of the post, or (key not NULL) that one. 1: there was a valid one. */
int pp_store_keys_revoke(
	struct pp_db *db, const char *tenant, const char *post, const uint8_t *key, int64_t now_ms);
int pp_store_keys_valid(struct pp_db *db, const char *tenant, const char *post, int64_t *ret_count);
int pp_store_keys_known(struct pp_db *db, const char *tenant, const char *post,
	int64_t *ret_count); /* revoked ones too */

/* A certificate that was made for a key of a post. */
struct pp_store_certificate {
	const char *tenant, *post;
	const char *serial; /* upper-case hex */
	const uint8_t *key; /* 32 bytes */
	int64_t added_ms, until_ms;
	bool revoked; /* its key; not read by add */
};
/* 1: new; 0: it is known. */
int pp_store_certificate_add(struct pp_db *db, const struct pp_store_certificate *certificate);
/* Of one post, or (post NULL) of a tenant, or (both NULL) of all; by tenant, post, oldest first. */
typedef int pp_store_certificate_fn(void *user, const struct pp_store_certificate *certificate);
int pp_store_each_certificate(struct pp_db *db, const char *tenant, const char *post,
	pp_store_certificate_fn *fn, void *user);

/* What an event about a signal needs of the registry. 1: found; 0: unknown point. */
struct pp_store_point {
	bool silent;
	char label_id[128], label_en[128];
};
int pp_store_point(struct pp_db *db, const char *tenant, const char *post, const char *point,
	struct pp_store_point *ret_point);

#endif
