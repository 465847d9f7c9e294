/* SPDX-License-Identifier: Apache-2.0 */
/* ends.h -- what is over, until the disk says so, too: till then an alarm stands in its book
 * (standing.c), and a press at the next start could be taken for that one. Pure. */
#ifndef OUTBOX_ENDS_H
#define OUTBOX_ENDS_H

#include "outbox/parcel.h"

/* A restore of each point; then the oldest end of a trouble goes, or else the oldest. */
#define PP_ENDS_MAX 64

/* Zeroed: none. */
struct pp_ends {
	size_t count;
	struct {
		uint64_t ticket; /* 0: of an earlier run */
		enum pp_signal_type type;
		int64_t mono_ms;
		char point[PP_POINT_MAX + 1], detail[PP_DETAIL_MAX + 1];
	} list[PP_ENDS_MAX];
};

bool pp_ends_is(const struct pp_signal *signal); /* a restore, or the end of a trouble */
/* Such a one is noted, in place of an older one of the same; anything else
 * is not. 1: noted; 0. */
int pp_ends_note(struct pp_ends *e, const struct pp_draft *draft);
/* The disk knows: the one of this ticket goes. False: there was none. */
bool pp_ends_drop(struct pp_ends *e, uint64_t ticket);
/* Of the index-th, what the disk has to know: ticket, type, point, detail and mono_ms. */
void pp_ends_get(const struct pp_ends *e, size_t index, struct pp_draft *ret_draft);

/* When an alarm of this boot was let go, in milliseconds of the monotonic clock; 0: not that it is
 * known here. */
int64_t pp_ends_over(const struct pp_ends *e, const struct pp_signal *alarm);

#endif
