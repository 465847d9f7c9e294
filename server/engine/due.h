/* SPDX-License-Identifier: Apache-2.0 */
/* due.h -- what time alone brings into the record: counts of storms, steps of ladders. Private to
 * the room. The caller owns the items. */
#ifndef ENGINE_DUE_H
#define ENGINE_DUE_H

#include "db/db.h"
#include "ledger/item.h"

/* Counts of storms are due, or a test or a pause is to end. 1, 0 or -errno. */
int pp_due_storms(struct pp_db *db, int64_t wall_ms, struct pp_item **ret_item);
/* Steps of ladders are due, or the uptime was not written down for long while any runs. *kept_ms:
 * when one was last made. 1, 0 or -errno. */
int pp_due_ladders(
	struct pp_db *db, int64_t uptime_ms, int64_t *kept_ms, struct pp_item **ret_item);

#endif
