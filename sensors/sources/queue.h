/* SPDX-License-Identifier: Apache-2.0 */
/* queue.h -- events that were read and not handed out yet, in order of time, with a descriptor that
 * says so. */
#ifndef SOURCES_QUEUE_H
#define SOURCES_QUEUE_H

#include "sources/source.h"

#define PP_QUEUE_SIZE 1024u

struct pp_queue; /* holds PP_QUEUE_SIZE events; not thread-safe */

int pp_queue_new(struct pp_queue **ret_queue);      /* -errno; the caller owns it */
struct pp_queue *pp_queue_free(struct pp_queue *q); /* NULL is fine; returns NULL */
int pp_queue_fd(const struct pp_queue *q);          /* readable while there are events */
size_t pp_queue_room(const struct pp_queue *q);
/* Puts it behind those of the same time. The caller has looked at the room. */
void pp_queue_add(struct pp_queue *q, const struct pp_level_event *event);
size_t pp_queue_take(
	struct pp_queue *q, struct pp_level_event *ret_events, size_t size); /* oldest first */

#endif
