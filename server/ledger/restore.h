/* SPDX-License-Identifier: Apache-2.0 */
/* restore.h -- a record that was put back from a copy. Private to the room. */
#ifndef LEDGER_RESTORE_H
#define LEDGER_RESTORE_H

#include "book.h"

/* The event that says so: {"common": height up to which record and heads agree, "height": of the
 * copy, "lost_height", "lost_hash", "lost_at": of the last head that was signed before}. */
#define PP_EVENT_RESTORED "record.restored"

/* Whether the event is that, and of which heights the heads are lost: above *ret_common up to
 * *ret_lost. 1, 0, -ENOMEM. */
int pp_restored_read(const struct pp_event_row *row, int64_t *ret_common, int64_t *ret_lost);

/* Looks whether the heads go further than the record, and if so writes the event for each such
 * tenant and moves its incident numbers beyond all that can have been given. */
int pp_ledger_restore(struct pp_ledger *l, int64_t now_ms);

#endif
