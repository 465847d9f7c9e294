/* SPDX-License-Identifier: Apache-2.0 */
/* store/modes.h -- posts and points that are tested, drilled or disabled, until a time. For the
 * ledger's transaction. */
#ifndef STORE_MODES_H
#define STORE_MODES_H

#include "incidents/place.h"
#include "protocol/signal.h"
#include "store/args.h"

#include <stdbool.h>

#define PP_MODE_REASON_MAX 200 /* bytes */
struct pp_mode {
	char tenant[PP_TENANT_MAX + 1], post[PP_POST_MAX + 1];
	char point[PP_POINT_MAX + 1]; /* "": the whole post */
	enum pp_mark mark;            /* TEST, DRILL, DISABLED */
	char reason[PP_MODE_REASON_MAX + 1], owner[80];
	int64_t began_ms, until_ms;
};
/* One that is there already gets the new reason, owner and end. */
int pp_store_mode_put(struct pp_db *db, const struct pp_mode *mode);
/* The one that holds for a point at that moment: disabled goes before drill, and that
 * before test. 1, 0. */
int pp_store_mode_of(struct pp_db *db, const char *tenant, const char *post, const char *point,
	int64_t now_ms, struct pp_mode *ret_mode);
/* Says which by tenant, post, point, mark; fills the rest. 1: it has ended; 0: there was none. */
int pp_store_mode_end(struct pp_db *db, struct pp_mode *mode);
/* The first whose time is over, or (all_tests) any test or drill. 1, 0. */
int pp_store_mode_due(struct pp_db *db, int64_t now_ms, bool all_tests, struct pp_mode *ret_mode);
/* The first test or drill at a post of an incident, or disabled point that has spoken in it. 1, 0.
 */
int pp_store_mode_at(struct pp_db *db, int64_t incident_id, struct pp_mode *ret_mode);
/* The newest incident of the post that is open and no exercise. 1, 0. */
int pp_store_real_open(
	struct pp_db *db, const char *tenant, const char *post, char ret_number[40]);
/* The point has had its one alarm of this test. 1: so it is the first; 0: it is not. */
int pp_store_mode_tested(
	struct pp_db *db, const struct pp_mode *mode, const char *point, int64_t now_ms);

#endif
