/* SPDX-License-Identifier: Apache-2.0 */
/* queue.c -- a sorted array of events beside an eventfd. */
#include "queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct pp_queue {
	int fd;
	size_t count;
	struct pp_level_event events[PP_QUEUE_SIZE];
};

int pp_queue_new(struct pp_queue **ret_queue)
{
	struct pp_queue *q = calloc(1, sizeof(*q));
	int r;

	if (!q)
		return -ENOMEM;
	q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->fd < 0) {
		r = -errno;
		free(q);
		return r;
	}
	*ret_queue = q;
	return 0;
}

struct pp_queue *pp_queue_free(struct pp_queue *q)
{
	if (q)
		close(q->fd);
	free(q);
	return NULL;
}

int pp_queue_fd(const struct pp_queue *q)
{
	return q->fd;
}

size_t pp_queue_room(const struct pp_queue *q)
{
	return PP_QUEUE_SIZE - q->count;
}

void pp_queue_add(struct pp_queue *q, const struct pp_level_event *event)
{
	size_t i = q->count;

	assert(q->count < PP_QUEUE_SIZE);
	if (q->count == 0)
		(void)eventfd_write(q->fd, 1);
	/* Nearly always the newest: the search from the end ends at once. */
	while (i > 0 && q->events[i - 1].at_us > event->at_us)
		i--;
	memmove(&q->events[i + 1], &q->events[i], (q->count - i) * sizeof(q->events[0]));
	q->events[i] = *event;
	q->count++;
}

size_t pp_queue_take(struct pp_queue *q, struct pp_level_event *ret_events, size_t size)
{
	size_t n = q->count < size ? q->count : size;
	eventfd_t value;

	if (n == 0)
		return 0;
	memcpy(ret_events, q->events, n * sizeof(q->events[0]));
	q->count -= n;
	memmove(q->events, q->events + n, q->count * sizeof(q->events[0]));
	if (q->count == 0)
		(void)eventfd_read(q->fd, &value);
	return n;
}
