/* SPDX-License-Identifier: Apache-2.0 */
/* engine/engine.h -- the writing side of pospin-server: one thread that owns the MQTT client, the ledger and supervision.
 * Everybody else asks it for changes here, and reads the record through connections of their own (store/query.h). */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "loop/loop.h"
#include "mqtt/mqtt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pp_action_type {
	PP_ACTION_ACKNOWLEDGE, /* incident */
	PP_ACTION_DISPATCH,    /* incident, unit */
	PP_ACTION_ON_SCENE,    /* incident */
	PP_ACTION_CLOSE,       /* incident, code, text (note, may be empty) */
	PP_ACTION_NOTE,        /* incident, text */
	PP_ACTION_USER_CREATE, /* name, text (display name), secret (argon2id hash), role */
	PP_ACTION_SESSION_OPEN,  /* name, digest (SHA-256 of the cookie's token), until_ms */
	PP_ACTION_SESSION_CLOSE, /* digest */
	PP_ACTION_NOTIFICATION,  /* what became of a try: notification_id, state, text, next_ms */
};

/* Texts are copied by submit. */
struct pp_action {
	enum pp_action_type type;
	const char *tenant;
	const char *actor;    /* "user:budi", "ctl:root", "server" */
	const char *incident; /* public number */
	const char *unit, *code, *text, *name, *secret, *role;
	uint8_t digest[32];
	int64_t until_ms;
	int64_t notification_id;
	const char *state; /* notification: "queued" (again), "sent", "delivered", "failed" */
	int64_t next_ms;
};

struct pp_action_result {
	int error;         /* 0; -ENOENT: no such thing; -EPERM: a forbidden move; -EINVAL: bad value; -EEXIST; else the record failed */
	char reason[160];  /* English, for the answer's `detail`: "incident KDL-26-000123 is closed already, by user:siti" */
	char state[16];    /* incident's state after it */
	int64_t rev;
};

struct pp_engine_options {
	const char *record_path;
	const char *heads_path;   /* file of signed chain heads, appended */
	const char *key_path;     /* the server's signing key */
	struct pp_mqtt_options broker;
};
struct pp_engine;

/* Opens and migrates the record, starts the thread. loop is the asking side's: callbacks run there. */
int pp_engine_new(const struct pp_engine_options *options, struct pp_loop *loop, struct pp_engine **ret_engine);
struct pp_engine *pp_engine_free(struct pp_engine *e); /* finishes what is queued (2 s at most), joins; NULL is fine */

typedef void pp_engine_done_fn(void *user, const struct pp_action_result *result);
/* done is called exactly once, on the loop, after COMMIT (or refusal); never inside submit. -ENOBUFS: too many wait: never called. */
int pp_engine_submit(struct pp_engine *e, const struct pp_action *action, pp_engine_done_fn *done, void *user);
/* Called on the loop after commits, once for any number of them: read the record from where you were. */
void pp_engine_on_commit(struct pp_engine *e, pp_loop_fn *fn, void *user);
/* Called on the loop when the record cannot be written any more (I13): end the program with a failure. */
void pp_engine_on_failure(struct pp_engine *e, pp_loop_fn *fn, void *user);

struct pp_engine_counts { /* since start */
	uint64_t signals, duplicates, late, states, states_stale, refused_form, refused_signature, refused_retained,
		refused_unknown_post, refused_version, conflicts, commits, actions, broker_dropped;
	bool broker_connected;
	uint64_t progress; /* grows while the thread is alive and its last commit succeeded: the watchdog's food */
};
void pp_engine_counts(struct pp_engine *e, struct pp_engine_counts *ret_counts);

#endif
