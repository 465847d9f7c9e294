/* SPDX-License-Identifier: Apache-2.0 */
/* uplink/second.h -- when an alarm without a receipt goes out by the second path, a text message,
 * and which text that comes in may be its receipt. Pure. One at a time; an alarm that was told so
 * and still has no receipt is told again. */
#ifndef UPLINK_SECOND_H
#define UPLINK_SECOND_H

#include "protocol/compact.h"
#include "uplink/sender.h"

#include <stdbool.h>
#include <stdint.h>

#define PP_SECOND_AGAIN_US UINT64_C(600000000) /* the network may lose a message ... */
#define PP_SECOND_TIMES 3                      /* ... but not three */
#define PP_SECOND_HOUR_MAX 20 /* messages in an hour; what is more waits, nothing is dropped */
#define PP_SECOND_RETRY_FIRST_US UINT64_C(30000000) /* after a failure; doubled */
#define PP_SECOND_RETRY_LAST_US UINT64_C(600000000)

/* Zeroed but for after_us. */
struct pp_second {
	uint64_t after_us; /* how long an alarm waits for its receipt first */
	uint64_t look_us;  /* when to look next */
	uint64_t wait_us;  /* after the next failure; 0: PP_SECOND_RETRY_FIRST_US */
	uint64_t hour_us;  /* when this hour of counting began */
	unsigned in_hour;
	bool flying; /* one is under way: */
	uint64_t epoch;
	int64_t seq;
};

/* An alarm was added to the sender. */
void pp_second_stir(struct pp_second *s, uint64_t now_us);
/* What to send now, until pp_second_done; NULL: nothing. Borrowed until the next call of anything
 * of the sender. */
const struct pp_parcel *pp_second_next(
	struct pp_second *s, const struct pp_sender *sender, uint64_t now_us);
/* What became of it. error 0: the network has it; -EBADMSG, -EMSGSIZE: it cannot be told that way
 * and is not tried again; else it was not sent, or nobody knows: tried again. */
void pp_second_done(struct pp_second *s, struct pp_sender *sender, int error, uint64_t now_us);
/* A text that has come in. 0: it says to be the receipt of something that waits for one: not
 * believed yet, see pp_inbox_read; the caller frees ret_receipt->payload. -EBADMSG: it is none;
 * -ENOENT: of nothing that waits; -ESTALE: of what the server has had before and has lost since
 * (a text may be days old, or kept by somebody: such are receipted over the network alone);
 * -ENOMEM. */
int pp_second_read(const struct pp_sender *sender, const char *text, size_t length,
	struct pp_compact_receipt *ret_receipt);
uint64_t pp_second_deadline(const struct pp_second *s); /* UINT64_MAX: never */

#endif
