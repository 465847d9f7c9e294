/* SPDX-License-Identifier: Apache-2.0 */
/* notify/notifier.h -- sends queued notifications and reports what became of each try. */
#ifndef NOTIFY_NOTIFIER_H
#define NOTIFY_NOTIFIER_H

#include <stdint.h>

#include "config/server_settings.h"
#include "engine/engine.h"
#include "loop/loop.h"
#include "metrics/metrics.h"

struct pp_notifier_options {
	const char *record_path;
	const struct pp_server_settings *settings; /* of the channels; borrowed */
};
struct pp_notifier;

/* Engine and loop are borrowed; everything runs on the loop. */
int pp_notifier_new(const struct pp_notifier_options *options, struct pp_loop *loop,
	struct pp_engine *engine, struct pp_notifier **ret_notifier);
/* After the engine's pp_engine_free. Tries under way are made again at the next start, with the
 * same key. */
struct pp_notifier *pp_notifier_free(struct pp_notifier *n);
void pp_notifier_committed(struct pp_notifier *n); /* for pp_engine_on_commit */

/* member, by, reason, help: see metrics/metrics.h. */
#define PP_NOTIFIER_COUNTS(X)                                                                      \
	X(tries, NULL, NULL, "Notifications tried.")                                               \
	X(sent, NULL, NULL, "Notifications that the other side has taken.")                        \
	X(failed, NULL, NULL, "Notifications given up.")                                           \
	X(again, NULL, NULL, "Tries that failed and will be made again.")
struct pp_notifier_counts { /* since start */
	PP_NOTIFIER_COUNTS(PP_COUNTER_MEMBER)
};
extern const struct pp_counter pp_notifier_table[];
extern const size_t pp_notifier_table_count;
/* Lives as long as n. */
const struct pp_notifier_counts *pp_notifier_counts(const struct pp_notifier *n);

#endif
