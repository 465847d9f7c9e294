/* SPDX-License-Identifier: Apache-2.0 */
/* due.c -- questions to the record, once a second. */
#include "due.h"

#include <errno.h>

#include "store/collecting.h"
#include "store/ladders.h"
#include "store/modes.h"
#include "store/storms.h"

static int item_make(enum pp_item_type type, struct pp_item **ret_item)
{
	*ret_item = pp_item_new(type);
	return *ret_item ? 1 : -ENOMEM;
}

int pp_due_storms(struct pp_db *db, int64_t wall_ms, struct pp_item **ret_item)
{
	struct pp_storm_row row;
	struct pp_trouble_state trouble;
	struct pp_recipient waiting;
	struct pp_mode mode;
	int r = pp_store_storm_due(db, wall_ms, 0, &row);

	if (r == 0)
		r = pp_store_mode_due(db, wall_ms, false, &mode);
	if (r == 0)
		r = pp_store_trouble_due(db, wall_ms, &trouble);
	if (r == 0)
		r = pp_store_collected_due(db, wall_ms, &waiting);
	return r <= 0 ? r : item_make(PP_ITEM_STORMS, ret_item);
}

int pp_due_ladders(struct pp_db *db, int64_t uptime_ms, int64_t *kept_ms, struct pp_item **ret_item)
{
	int64_t due_ms;
	int r = pp_store_ladder_next(db, &due_ms);

	if (r < 0 || due_ms == PP_LADDER_NEVER)
		return r;
	if (due_ms > uptime_ms && uptime_ms - *kept_ms < PP_LADDER_KEEP_MS)
		return 0;
	*kept_ms = uptime_ms;
	return item_make(PP_ITEM_LADDERS, ret_item);
}
