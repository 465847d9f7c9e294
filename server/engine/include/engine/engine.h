/* SPDX-License-Identifier: Apache-2.0 */
/* engine/engine.h -- the writing side of pospin-server: one thread that owns the MQTT client, the
 * ledger and supervision. Everybody else asks it for changes here, and reads the record through
 * connections of their own (store/query.h). */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "core/yaml.h"
#include "engine/counts.h"
#include "ledger/action.h"
#include "loop/loop.h"
#include "mqtt/mqtt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_ENGINE_JOBS_MAX 256 /* actions that wait or whose answer waits; more are -ENOBUFS */

struct pp_engine_options {
	const char *record_path;
	const char *heads_path; /* file of signed chain heads, appended */
	const char *key_path;   /* the server's signing key */
	/* Subscriptions, session expiry and queue are the engine's own. */
	struct pp_mqtt_options broker;
	struct pp_problem *problem; /* NULL, or told which file a failing start is about */
};
struct pp_engine;

/* Opens and migrates the record, starts the thread. loop is the asking side's: callbacks run there.
 * All options are copied. */
int pp_engine_new(const struct pp_engine_options *options, struct pp_loop *loop,
	struct pp_engine **ret_engine);
/* Finishes what is queued, joins the thread, calls what is still to be called. NULL is fine. */
struct pp_engine *pp_engine_free(struct pp_engine *e);

typedef void pp_engine_done_fn(void *user, const struct pp_action_result *result);
/* done is called exactly once, on the loop, after COMMIT (or refusal); never inside submit. Texts
 * are copied. -ENOBUFS: too many wait, -ENOMEM, -EIO: the record has failed: then it is never
 * called. */
int pp_engine_submit(
	struct pp_engine *e, const struct pp_action *action, pp_engine_done_fn *done, void *user);
/* Called on the loop after commits, once for any number of them: read the record from where you
 * were. */
void pp_engine_on_commit(struct pp_engine *e, pp_loop_fn *fn, void *user);
/* Called on the loop when the record cannot be written any more (I13): end the program with a
 * failure. pp_engine_failure says which. */
void pp_engine_on_failure(struct pp_engine *e, pp_loop_fn *fn, void *user);
int pp_engine_failure(struct pp_engine *e); /* -errno; 0: none */

struct pp_engine_counts { /* since start */
	PP_ENGINE_COUNTS(PP_COUNTER_MEMBER)
	int record_error; /* -EBUSY, -ENOSPC: it is locked or its disk full, nothing is receipted; 0
			   */
	bool broker_connected;
	char broker_why[96]; /* why it is not, in words; "": not tried yet */
	uint64_t progress;   /* grows while the thread is alive, and its last commit succeeded or
				may yet: the watchdog's food */
	/* Arrival of a signal to its receipt handed to the MQTT client, in pp_bounds_seconds; items
	 * of a transaction, in pp_bounds_batch. */
	struct pp_histogram receipt_seconds, batch;
	uint64_t queued; /* messages taken from the network that waited when last looked at */
};
void pp_engine_counts(struct pp_engine *e, struct pp_engine_counts *ret_counts);

#endif
