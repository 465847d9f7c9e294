/* SPDX-License-Identifier: Apache-2.0 */
/* queue.c -- the events that wait for their reader. */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

int pp_mqtt_queue_init(struct pp_mqtt_queue *q)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	*q = (struct pp_mqtt_queue){ .fd = fd };
	return 0;
}

void pp_mqtt_queue_done(struct pp_mqtt_queue *q)
{
	struct pp_mqtt_item *item;

	while ((item = pp_mqtt_queue_take(q)))
		pp_mqtt_event_free(&item->event);
	close(q->fd);
}

void pp_mqtt_queue_push(struct pp_mqtt_queue *q, struct pp_mqtt_item *item)
{
	uint64_t one = 1;

	item->next = NULL;
	if (item->event.type == PP_MQTT_MESSAGE) {
		q->messages++;
		q->bytes += item->event.length;
	}
	if (q->head) {
		q->tail = q->tail->next = item;
		return;
	}
	q->head = q->tail = item;
	ssize_t n = write(q->fd, &one, sizeof(one));
	(void)n; /* cannot fail: the counter was 0 */
}

struct pp_mqtt_item *pp_mqtt_queue_take(struct pp_mqtt_queue *q)
{
	struct pp_mqtt_item *item = q->head;
	uint64_t count;

	if (!item)
		return NULL;
	q->head = item->next;
	item->next = NULL;
	if (item->event.type == PP_MQTT_MESSAGE) {
		q->messages--;
		q->bytes -= item->event.length;
	}
	if (!q->head) {
		ssize_t n = read(q->fd, &count, sizeof(count));
		(void)n; /* cannot fail: the first push wrote */
	}
	return item;
}
