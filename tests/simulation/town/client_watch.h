/* SPDX-License-Identifier: Apache-2.0 */
/* client_watch.h -- what a program gives to the network, and what of it reaches the other, as the
 * history tells it. Private to the town. */
#ifndef TOWN_CLIENT_WATCH_H
#define TOWN_CLIENT_WATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Receipts and the heads in beats of the server, signals of a post. */
void client_watch_publish(bool by_server, const char *topic, const void *payload, size_t length);
/* Signals of a post that have reached the server, receipts of the server that have reached a post:
 * bytes and topic as they were sent, not retained. */
void client_watch_given(bool to_server, const char *topic, const void *payload, size_t length);
/* Called when the server gives a receipt to the network, before anything else can happen. */
typedef void client_watch_fn(void *user);
void client_watch_receipts(client_watch_fn *fn, void *user);

#endif
