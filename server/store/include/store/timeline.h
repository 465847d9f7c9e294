/* SPDX-License-Identifier: Apache-2.0 */
/* store/timeline.h -- events, personal texts, troubles. For the ledger's transaction. */
#ifndef STORE_TIMELINE_H
#define STORE_TIMELINE_H

#include "store/args.h"

#include <stdbool.h>

/* Texts are borrowed. NULL incident, post, point: none. */
struct pp_event_row {
	int64_t event_id, height, at_ms, incident_id;
	const char *tenant, *kind, *actor, *number, *post, *point, *body;
	uint8_t previous[32], hash[32];
};
/* The newest of the tenant's chain: height 0 and 32 zero bytes when it is empty. */
int pp_store_head(struct pp_db *db, const char *tenant, int64_t *ret_height, uint8_t ret_hash[32]);
/* The hash of one event. 1: found; 0: there is none. */
int pp_store_event_hash(struct pp_db *db, const char *tenant, int64_t height, uint8_t ret_hash[32]);
int pp_store_event_add(struct pp_db *db, struct pp_event_row *row); /* sets event_id */
/* All events of a tenant (NULL: of all, tenant by tenant) by height. fn returns 0 to go on. */
typedef int pp_store_event_fn(void *user, const struct pp_event_row *row);
int pp_store_each_event(struct pp_db *db, const char *tenant, pp_store_event_fn *fn, void *user);

#define PP_SALT_SIZE 16
int pp_store_personal_add(struct pp_db *db, int64_t event_id, const char *field,
	const uint8_t salt[PP_SALT_SIZE], const char *value);
struct pp_personal_row {
	int64_t event_id;
	const char *field, *value; /* value NULL: erased */
	const void *salt;
	size_t salt_length;
	const char *tenant, *body; /* of the event */
	int64_t height;
};
typedef int pp_store_personal_fn(void *user, const struct pp_personal_row *row);
int pp_store_each_personal(
	struct pp_db *db, const char *tenant, pp_store_personal_fn *fn, void *user);

#define PP_TROUBLE_SIZE 40
struct pp_trouble_row {
	const char *tenant, *post, *point, *kind, *detail;
	int64_t since_ms;
};
int pp_store_trouble_raise(
	struct pp_db *db, const struct pp_trouble_row *row); /* 1: new; 0: it was there */
/* 1: it ended, *ret_since_ms says when it began; 0: there was none. */
int pp_store_trouble_end(struct pp_db *db, const struct pp_trouble_row *row, int64_t *ret_since_ms);
/* The first trouble of the point behind row->kind in the order of their names. 1: found; 0: none.
 */
enum pp_trouble_set {
	PP_TROUBLES_OF_SIGNALS, /* what the post has told */
	PP_TROUBLES_UNKNOWN,    /* what the server did not understand */
	PP_TROUBLES_ALL,
};
int pp_store_trouble_next(struct pp_db *db, const struct pp_trouble_row *row,
	enum pp_trouble_set set, char ret_kind[PP_TROUBLE_SIZE]);

/* What a webhook is told of a post. 1, 0. */
struct pp_post_about {
	char name[128], desa[128], kecamatan[128], rw[128];
	double latitude, longitude;
};
int pp_store_post_about(
	struct pp_db *db, const char *tenant, const char *post, struct pp_post_about *ret);
/* Of a place where no post stands: no name, RW and coordinates. 1, 0. */
int pp_store_desa_about(
	struct pp_db *db, const char *tenant, const char *desa, struct pp_post_about *ret);

#endif
