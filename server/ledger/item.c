/* SPDX-License-Identifier: Apache-2.0 */
/* item.c -- the life of an item. */
#include "ledger/item.h"

#include <stdlib.h>

struct pp_item *pp_item_new(enum pp_item_type type)
{
	struct pp_item *item = calloc(1, sizeof(*item));

	if (item)
		item->type = type;
	return item;
}

struct pp_item *pp_item_free(struct pp_item *item)
{
	if (item && item->type == PP_ITEM_SIGNAL)
		free(item->in.signal.payload);
	free(item);
	return NULL;
}
