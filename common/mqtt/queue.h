/* SPDX-License-Identifier: Apache-2.0 */
/* queue.h -- the events that wait for their reader, with an fd that is readable while there are
 * any. Not locked: the owner's lock covers it. */
#ifndef MQTT_QUEUE_H
#define MQTT_QUEUE_H

#include "mqtt/mqtt.h"

struct pp_mqtt_item {
	struct pp_mqtt_event event; /* first: freeing the event frees the item */
	bool bad_signature_form;
	struct pp_mqtt_item *next;
};

struct pp_mqtt_queue {
	struct pp_mqtt_item *head, *tail;
	size_t messages; /* MESSAGE events among them: only these are limited */
	size_t bytes;    /* of their payloads */
	int fd;
};

int pp_mqtt_queue_init(struct pp_mqtt_queue *q);
void pp_mqtt_queue_done(struct pp_mqtt_queue *q); /* frees what is left */
/* Takes the item. Never fails: whoever must tell something allocated the item before it began. */
void pp_mqtt_queue_push(struct pp_mqtt_queue *q, struct pp_mqtt_item *item);
struct pp_mqtt_item *pp_mqtt_queue_take(struct pp_mqtt_queue *q); /* NULL: empty */

#endif
