/* SPDX-License-Identifier: Apache-2.0 */
/* memo.h -- what was let go before the disk knew, for the next start: a text in memory, which
 * outlives the program and asks nothing of the disk. */
#ifndef OUTBOX_MEMO_H
#define OUTBOX_MEMO_H

#include "ends.h"
#include "outbox/outbox.h"

/* Adds what an earlier run of this boot and this post has noted, with ticket 0: a file that is not
 * there, another's, or not to be read says nothing, and neither does a line that is none, or of a
 * moment after now_ms (monotonic). */
void pp_memo_read(const char *path, const struct pp_outbox_options *whose, int64_t now_ms,
	struct pp_ends *ends);
/* The restores of ends, in place of what was there. -errno as of pp_file_put, -ENOMEM. */
int pp_memo_write(
	const char *path, const struct pp_outbox_options *whose, const struct pp_ends *ends);

#endif
