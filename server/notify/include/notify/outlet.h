/* SPDX-License-Identifier: Apache-2.0 */
/* notify/outlet.h -- one channel of the record with its tries under way. It has its own slots and
 * its own look at the queue, so that no channel waits for another. */
#ifndef NOTIFY_OUTLET_H
#define NOTIFY_OUTLET_H

#include "channel/channel.h"
#include "notify/lanes.h"
#include "notify/policy.h"
#include "store/query.h"

#define PP_OUTLET_WAYS 2   /* channels of one name */
#define PP_OUTLET_SLOTS 32 /* the most tries of a channel */
#define PP_OUTLET_ROWS 160 /* read at once: those under way and others */

struct pp_outlet;
/* What a try has come to; the slot is held until pp_outlet_reported. */
struct pp_outlet_report {
	size_t slot;
	const struct pp_notification_row *row;
	const struct pp_notify_verdict *verdict;
	const char *reference;
};
typedef void pp_outlet_report_fn(void *user, const struct pp_outlet_report *report);
struct pp_outlet_options {
	const char *name;
	const struct pp_channel_host *host;
	pp_outlet_report_fn *report; /* called inside of pp_outlet_scan as well */
	void *user;
};

/* Opens every channel of that name that is set up. Where none is, what is queued for it fails at
 * once. */
int pp_outlet_new(const struct pp_outlet_options *options, struct pp_outlet **ret_outlet);
struct pp_outlet *pp_outlet_free(struct pp_outlet *o); /* NULL is fine; returns NULL */
/* Starts what is due, as far as there is room. -errno of reading the record. */
int pp_outlet_scan(struct pp_outlet *o, struct pp_db *db, int64_t now_ms);
/* The report is in the record, or has become void: the slot is free. */
void pp_outlet_reported(struct pp_outlet *o, size_t slot);

#endif
