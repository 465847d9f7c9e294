/* SPDX-License-Identifier: Apache-2.0 */
/* store/plans.h -- books of plans, contacts, and the places that plans are for, in SQL. A book is
 * one document of each revision, without personal data, and is never changed; contacts are rows of
 * their own, of today, that can be erased. */
#ifndef STORE_PLANS_H
#define STORE_PLANS_H

#include "dispatch/plan.h"
#include "protocol/limits.h"
#include "store/args.h"

#include <stdint.h>

struct pp_plan_row {
	const char *tenant, *body, *actor;
	int64_t rev, at_ms;
	const uint8_t *digest; /* SHA-256 of body */
};
int pp_store_plan_add(struct pp_db *db, const struct pp_plan_row *row);
/* *rev 0: the newest, and it becomes that. 1: *ret_body is the caller's (free); 0: there is none.
 */
int pp_store_plan(struct pp_db *db, const char *tenant, int64_t *rev, char **ret_body);

/* Counts up with each change of plans and contacts of any tenant: whoever keeps a book loads it
 * again when it has. */
int pp_store_plans_rev(struct pp_db *db, int64_t *ret_rev);
int pp_store_plans_bump(struct pp_db *db);

/* A row for each way of each contact, sorted by contact and the order of ways; one without ways
 * comes once, with kind NULL. fn returns 0 to go on, else what the call shall return. */
struct pp_store_contact {
	const char *contact, *name, *role, *language;
	int64_t verified_ms;
	const char *kind, *address;
};
typedef int pp_store_contact_fn(void *user, const struct pp_store_contact *row);
int pp_store_each_contact(
	struct pp_db *db, const char *tenant, pp_store_contact_fn *fn, void *user);
/* Puts the contact with all its ways in the place of what was there. */
int pp_store_contact_put(
	struct pp_db *db, const char *tenant, const struct pp_plan_contact *contact);
/* 1: erased; 0: there is none. */
int pp_store_contact_remove(struct pp_db *db, const char *tenant, const char *contact);
/* 1, 0. */
int pp_store_contact_verify(
	struct pp_db *db, const char *tenant, const char *contact, int64_t verified_ms);

/* The one-time code (its hash) of a test message to a contact; an earlier one of the same contact
 * is over. */
struct pp_contact_code_new {
	const char *tenant, *contact;
	const uint8_t *hash; /* 32 bytes */
	int64_t now_ms;
};
int pp_store_contact_code_put(struct pp_db *db, const struct pp_contact_code_new *code);
/* 1: whose it is, made at since_ms or later; 0: nobody's. */
struct pp_contact_code {
	char tenant[PP_TENANT_MAX + 1], contact[PP_PLAN_ID_MAX + 1];
};
int pp_store_contact_by_code(struct pp_db *db, const uint8_t hash[32], int64_t since_ms,
	struct pp_contact_code *ret_code);
int pp_store_contact_code_drop(struct pp_db *db, const char *tenant, const char *contact);
int pp_store_contact_code_end(struct pp_db *db, const uint8_t hash[32]);

/* Every kecamatan (post and desa ""), desa (post "") and active post of the tenant. */
struct pp_store_place {
	const char *post, *desa, *kecamatan;
};
typedef int pp_store_place_fn(void *user, const struct pp_store_place *place);
int pp_store_each_place(struct pp_db *db, const char *tenant, pp_store_place_fn *fn, void *user);
/* Of an active post. 1, 0. */
int pp_store_place_of(struct pp_db *db, const char *tenant, const char *post, char ret_desa[48],
	char ret_kecamatan[48]);
/* Active posts near a post, or (post "") near whoever stands in that RW of a desa: see
 * incidents/place.h. The nearest first, then by name; not the post itself. Returns how many, at
 * most PP_STORE_NEAR_MAX. */
#define PP_STORE_NEAR_MAX 8
struct pp_store_near {
	const char *post, *desa, *rw;
};
int pp_store_posts_near(struct pp_db *db, const char *tenant, const struct pp_store_near *of,
	char ret_posts[PP_STORE_NEAR_MAX][PP_POST_MAX + 1]);
/* Of a desa. 1, 0. */
int pp_store_kecamatan_of(
	struct pp_db *db, const char *tenant, const char *desa, char ret_kecamatan[48]);

#endif
