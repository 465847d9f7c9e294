/* SPDX-License-Identifier: Apache-2.0 */
/* sse.h -- the record's events as server-sent events, each reader at its own pace. A reader holds
 * one piece of text and a place in the record; it is the record that waits for slow readers, not
 * memory. */
#ifndef HTTP_SSE_H
#define HTTP_SSE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "db/db.h"
#include "store/scope.h"

#define PP_SSE_READERS 700 /* at once; more are refused */
#define PP_SSE_RING                                                                                \
	256 /* newest events of a scope kept as text, so that a commit is read once for all        \
	       readers */
#define PP_SSE_PIECE 16384 /* text held for a reader; one event more at most */
#define PP_SSE_BEAT_MS 15000

struct pp_sse;
struct pp_sse_reader;

typedef void pp_sse_wake_fn(
	void *user); /* there is something to read; may be called when there is not */

/* db is borrowed. */
int pp_sse_new(struct pp_db *db, struct pp_sse **ret_sse);
struct pp_sse *pp_sse_free(struct pp_sse *s); /* every reader has left */
/* Reads what is within the scope, which is copied, on after event `after`; -1: from now on. An
 * `after` that the record has not reached (it was restored from a backup) gives one event `reset`:
 * read everything anew. -ENOBUFS: too many readers. */
int pp_sse_join(struct pp_sse *s, const struct pp_scope *scope, int64_t after, pp_sse_wake_fn *wake,
	void *user, struct pp_sse_reader **ret_reader);
struct pp_sse_reader *pp_sse_leave(struct pp_sse_reader *r); /* NULL is fine; returns NULL */
/* Bytes written, 0: nothing now, negative errno: the record cannot be read. */
ssize_t pp_sse_read(struct pp_sse_reader *r, char *buf, size_t size);
void pp_sse_committed(struct pp_sse *s); /* the record has grown */
void pp_sse_beat(
	struct pp_sse *s); /* a comment for everybody: how a reader that has gone is noticed */

#endif
