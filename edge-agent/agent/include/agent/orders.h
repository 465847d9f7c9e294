/* SPDX-License-Identifier: Apache-2.0 */
/* agent/orders.h -- what a post does with the server's orders: each once, in time, and never with a
 * lamp. Pure: the caller has verified that the server signed it for this post. */
#ifndef AGENT_ORDERS_H
#define AGENT_ORDERS_H

#include "annunciator/view.h"
#include "protocol/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_ORDERS_MAX 64           /* remembered at once; more are refused until one expires */
#define PP_ORDERS_AHEAD_MS 600000  /* an order that would hold for longer is as expired */
#define PP_ORDERS_WAIT_US 3000000u /* a disk that does not answer is waited for so long */

/* Where the post is in its own time, and what it has. */
struct pp_orders_now {
	uint64_t epoch;
	int64_t boot;
	uint64_t mono_us;
	bool can_sound; /* an output can sound the order's class */
};

enum pp_orders_verdict {
	PP_ORDERS_EXPIRED, /* or of another epoch or boot: nothing is done, nothing is answered */
	PP_ORDERS_FULL,    /* too many are remembered: likewise; the server asks again */
	PP_ORDERS_AGAIN,   /* known: only answered again (*ret_reply, unless its id is 0) */
	PP_ORDERS_ANSWER,  /* done or refused at once: *ret_reply */
	PP_ORDERS_KEEP,    /* to be done when pp_orders_text is on the disk: then pp_orders_kept */
};

struct pp_orders;

int pp_orders_new(struct pp_orders **ret_orders);      /* -ENOMEM; the caller owns it */
struct pp_orders *pp_orders_free(struct pp_orders *o); /* NULL is fine; returns NULL */
enum pp_orders_verdict pp_orders_take(struct pp_orders *o, const struct pp_command *command,
	const struct pp_orders_now *now, struct pp_reply *ret_reply);
/* What must survive a restart: one id a line. Caller frees; NULL: no memory. */
char *pp_orders_text(const struct pp_orders *o);
/* At start: those of this epoch and boot are known from now on, as interrupted. What cannot be read
 * is passed over. */
void pp_orders_load(struct pp_orders *o, const char *text, const struct pp_orders_now *now);
/* Carries out what waits for the disk: one at each call, until false. Call it when the text is on
 * the disk (all: true), and at pp_orders_deadline (all: false: only what has waited too long). */
bool pp_orders_kept(
	struct pp_orders *o, bool all, const struct pp_orders_now *now, struct pp_reply *ret_reply);
uint64_t pp_orders_deadline(const struct pp_orders *o); /* UINT64_MAX: nothing waits */
/* Adds what an order sounds to the agent's view. */
void pp_orders_view(const struct pp_orders *o, uint64_t now_us, struct pp_view *view);

#endif
