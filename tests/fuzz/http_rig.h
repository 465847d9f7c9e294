/* SPDX-License-Identifier: Apache-2.0 */
/* http_rig.h -- the HTTP side with all its handlers, its record and its event streams, but without
 * socket, engine and password thread: the rig stands in for these three. */
#ifndef HTTP_RIG_H
#define HTTP_RIG_H

#include "fuzz.h"

#include "pieces.h"

#define RIG_PAIRS_MAX 24
#define RIG_EVENTS 40  /* of the tenant kendal, ids 1, 3, 5, ... */
#define RIG_LAST_ID 79 /* the last of them; the even ones are of serang */

struct rig_pair {
	char name[64], value[400];
};

struct pp_call {
	char method[24], path[600];
	size_t header_count, query_count, cookie_count;
	struct rig_pair headers[RIG_PAIRS_MAX], query[RIG_PAIRS_MAX], cookies[RIG_PAIRS_MAX];
	const char *body;
	size_t length;
	bool local, too_large;
	/* What became of it. */
	unsigned answers, status;
	char type[64];
	char *data;
	size_t data_length;
	size_t sent_count;
	struct rig_pair sent[32];
	const struct pp_call_stream *stream;
	void *stream_user;
	void *room;
};

/* What the engine was asked for besides keeping sessions alive, and what it shall answer. */
struct rig_engine {
	unsigned actions; /* by people */
	unsigned users;   /* made */
	unsigned views;   /* of personal texts */
	int refuses;      /* -errno of submit; 0 */
	int answers;      /* of the action; 0 */
};
extern struct rig_engine rig_engine;
extern bool rig_password_is_right;
extern char rig_session[65]; /* a valid session's cookie */

struct pp_web *rig_web(void); /* made at the first call */
/* Hands the call to the web and finishes what it waits for. Afterwards it is answered. */
void rig_ask(struct pp_call *c);
void rig_add(struct rig_pair *pairs, size_t *count, const char *name, const char *value);
const char *rig_sent(const struct pp_call *c, const char *name); /* header of the answer, or NULL */
void rig_done(struct pp_call *c);

#endif
