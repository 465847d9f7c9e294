/* SPDX-License-Identifier: Apache-2.0 */
/* intake/refusals.h -- refused messages as `security` events, so few that a flood cannot fill the
 * disk: the first of a kind and post at once, what follows once a minute with its count. Pure:
 * times are monotonic milliseconds. */
#ifndef INTAKE_REFUSALS_H
#define INTAKE_REFUSALS_H

#include "ledger/item.h"

#define PP_REFUSALS_MAX                                                                            \
	256 /* kinds and posts remembered at once; what is beyond waits for a free place,          \
	       uncounted */
#define PP_REFUSALS_EVERY_MS 60000

struct pp_refusals;
struct pp_refused {
	char tenant[PP_TENANT_MAX + 1];
	char post[PP_POST_MAX + 1]; /* "": one that is not enrolled */
	struct pp_security security;
};
int pp_refusals_new(struct pp_refusals **ret_refusals);
struct pp_refusals *pp_refusals_free(struct pp_refusals *r); /* NULL is fine; returns NULL */
/* One more (its count is not read). true: write it now, it stands for itself. */
bool pp_refusals_feed(struct pp_refusals *r, const struct pp_refused *refused, int64_t now_ms);
/* The next that is due, with its count. */
bool pp_refusals_next(struct pp_refusals *r, int64_t now_ms, struct pp_refused *ret_refused);

#endif
