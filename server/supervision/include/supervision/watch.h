/* SPDX-License-Identifier: Apache-2.0 */
/* supervision/watch.h -- which posts have fallen silent. Pure: times are milliseconds of one
 * monotonic clock. Silence is never health, and never an incident: it is the trouble `unsupervised`
 * (contract, I14). */
#ifndef SUPERVISION_WATCH_H
#define SUPERVISION_WATCH_H

#include "protocol/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_WILL_GRACE_MS                                                                           \
	15000 /* after the broker's word that a connection broke: time for a new one and its state \
	       */

struct pp_watch;
int pp_watch_new(struct pp_watch **ret_watch);
struct pp_watch *pp_watch_free(struct pp_watch *w); /* NULL is fine; returns NULL */
/* A valid state was recorded: the post has PP_STATE_STALE_MS from now. Begins to watch it. -ENOMEM.
 */
int pp_watch_heard(struct pp_watch *w, const char *tenant, const char *post, int64_t now_ms);
bool pp_watch_is_watched(const struct pp_watch *w, const char *tenant, const char *post);
/* The will came: it only ever hastens, because it is unsigned. Posts that are not watched are
 * ignored. */
void pp_watch_hasten(struct pp_watch *w, const char *tenant, const char *post, int64_t now_ms);
/* It may be silent now (no longer active). */
void pp_watch_forget(struct pp_watch *w, const char *tenant, const char *post);

struct pp_watch_post {
	char tenant[PP_TENANT_MAX + 1], post[PP_POST_MAX + 1];
};
/* The next post whose time is up; it is watched again only when it is heard. */
bool pp_watch_next_lost(struct pp_watch *w, int64_t now_ms, struct pp_watch_post *ret_post);
/* Walks the watched posts; index from 0. */
bool pp_watch_at(const struct pp_watch *w, size_t index, struct pp_watch_post *ret_post);

#endif
