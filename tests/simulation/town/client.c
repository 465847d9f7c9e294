/* SPDX-License-Identifier: Apache-2.0 */
/* client.c -- mqtt/mqtt.h of the simulated world: every client of every machine talks to the one
 * broker, over that machine's link. What it tells and when is the header's word, no more. */
#include "conn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "client_watch.h"

#define PENDING_LIMIT 4096 /* as common/mqtt has it */

struct event {
	struct pp_mqtt_event event; /* first: what the program has is this */
	STAILQ_ENTRY(event) entry;
};

struct publish {
	const struct message *message;
	uint64_t token;
	uint32_t id;
	STAILQ_ENTRY(publish) entry;
};
STAILQ_HEAD(publishes, publish);

struct pp_mqtt {
	struct pp_mqtt_options options;
	struct world_process *process;
	struct world_node *node;
	int fd;
	bool is_server;
	bool gone; /* freed, or its program has ended */
	struct conn *current;
	struct publishes waiting, flying; /* of the current connection */
	size_t flying_count, pending;
	uint32_t next_id;
	STAILQ_HEAD(, event) events;
	struct pp_mqtt_counts counts;
};

/* ---- events ---- */

static struct event *tell(struct pp_mqtt *m, enum pp_mqtt_event_type type, int reason)
{
	struct event *e = calloc(1, sizeof(*e));

	assert(e);
	e->event.type = type;
	e->event.reason = reason;
	e->event.at_us = world_mono_us(m->node);
	if (STAILQ_EMPTY(&m->events))
		world_fd_ready(m->fd, true);
	STAILQ_INSERT_TAIL(&m->events, e, entry);
	return e;
}

int pp_mqtt_next(struct pp_mqtt *m, struct pp_mqtt_event **ret_event)
{
	struct event *e = STAILQ_FIRST(&m->events);

	if (!e)
		return 0;
	STAILQ_REMOVE_HEAD(&m->events, entry);
	if (STAILQ_EMPTY(&m->events))
		world_fd_ready(m->fd, false);
	m->counts.waiting -= e->event.type == PP_MQTT_MESSAGE;
	*ret_event = &e->event;
	return 1;
}

struct pp_mqtt_event *pp_mqtt_event_free(struct pp_mqtt_event *e)
{
	if (!e)
		return NULL;
	free(e->topic);
	free(e->payload);
	free((struct event *)e); /* its first member */
	return NULL;
}

int pp_mqtt_fd(const struct pp_mqtt *m)
{
	return m->fd;
}

void pp_mqtt_counts(struct pp_mqtt *m, struct pp_mqtt_counts *ret_counts)
{
	*ret_counts = m->counts;
}

/* ---- the connection ---- */

static void answer(struct pp_mqtt *m, uint64_t token, int reason)
{
	bool good = reason >= 0 && reason < 0x80;

	m->counts.published += good;
	m->counts.failed += !good;
	m->pending--;
	tell(m, PP_MQTT_PUBLISHED, reason)->event.token = token;
}

static void answer_all(struct pp_mqtt *m, struct publishes *list, int reason)
{
	struct publish *p;

	while ((p = STAILQ_FIRST(list))) {
		STAILQ_REMOVE_HEAD(list, entry);
		answer(m, p->token, reason);
		free(p);
	}
}

/* Each publish is answered, then LOST is told, once. The other side hears of it if it can. */
static void lose(struct conn *c, int reason, const char *why)
{
	struct pp_mqtt *m = c->client;
	struct event *e;

	if (c->client_over)
		return;
	assert(m->current == c);
	c->client_over = true;
	m->current = NULL;
	answer_all(m, &m->flying, -ECONNRESET);
	answer_all(m, &m->waiting, -ECONNRESET);
	m->flying_count = 0;
	e = tell(m, PP_MQTT_LOST, reason);
	snprintf(e->event.why, sizeof(e->event.why), "%s", why);
	conn_send(c, NET_UP, PACKET_END, 0, 0, NULL);
}

void client_give_up(struct conn *c)
{
	lose(c, -ECONNRESET, "connection broken");
}

static void on_deadline(void *user)
{
	struct conn *c = user;

	if (!c->client_over && !c->connected_us)
		lose(c, -ETIMEDOUT, "no answer in time");
}

bool client_is_there(const struct conn *c)
{
	return !c->client_over && !c->client->gone;
}

/* The program has ended: a kernel that still runs says so to the broker. */
static void on_end(void *user, struct world_process *p, int code)
{
	struct pp_mqtt *m = user;
	struct conn *c = m->current;

	(void)code;
	m->gone = true;
	if (!c || c->client_over)
		return;
	c->client_over = true;
	m->current = NULL;
	if (world_node_is_on(world_process_node(p)))
		conn_send(c, NET_UP, PACKET_END, 0, 0, NULL);
}

int pp_mqtt_connect(struct pp_mqtt *m)
{
	world_crash_point();
	if (m->current)
		return -EALREADY;
	m->current = broker_conn_new(m, m->node);
	conn_send(m->current, NET_UP, PACKET_CONNECT, 0, 0, NULL);
	world_after((uint64_t)m->options.connect_timeout_s * WORLD_S, on_deadline, m->current);
	return 0;
}

int pp_mqtt_drop(struct pp_mqtt *m)
{
	if (!m->current)
		return -ENOTCONN;
	lose(m->current, -ECONNABORTED, "dropped");
	return 0;
}

/* ---- publishing ---- */

static const struct message *message_genuine(const struct pp_mqtt_options *o, const char *topic,
	const void *payload, size_t length, const uint8_t *signature)
{
	struct message *m = message_new(topic, payload, length, signature, false);

	m->genuine = true;
	if (o->brief_topic && strcmp(o->brief_topic, topic) == 0)
		m->brief_s = o->brief_s;
	return m;
}

static void send_waiting(struct pp_mqtt *m)
{
	struct publish *p;

	while (m->flying_count < CONN_WINDOW && (p = STAILQ_FIRST(&m->waiting))) {
		STAILQ_REMOVE_HEAD(&m->waiting, entry);
		STAILQ_INSERT_TAIL(&m->flying, p, entry);
		m->flying_count++;
		conn_send(m->current, NET_UP, PACKET_PUBLISH, p->id, 0, p->message);
	}
}

int pp_mqtt_publish(struct pp_mqtt *m, const char *topic, const void *payload, size_t length,
	const uint8_t *signature, uint64_t token)
{
	struct publish *p;

	world_crash_point();
	if (m->pending >= PENDING_LIMIT)
		return -ENOBUFS;
	client_watch_publish(m->is_server, topic, payload, length);
	m->pending++;
	if (!m->current || !m->current->connected_us) {
		answer(m, token, -ENOTCONN);
		return 0;
	}
	p = calloc(1, sizeof(*p));
	assert(p);
	p->message = message_genuine(&m->options, topic, payload, length, signature);
	p->token = token;
	p->id = ++m->next_id;
	STAILQ_INSERT_TAIL(&m->waiting, p, entry);
	send_waiting(m);
	world_crash_point();
	return 0;
}

static void puback_take(struct pp_mqtt *m, uint32_t id, int reason)
{
	struct publish *p;

	STAILQ_FOREACH(p, &m->flying, entry)
	if (p->id == id)
		break;
	if (!p)
		return; /* of a broker that says it twice */
	STAILQ_REMOVE(&m->flying, p, publish, entry);
	m->flying_count--;
	answer(m, p->token, reason);
	free(p);
	send_waiting(m);
}

/* ---- what comes ---- */

static bool is_full(const struct pp_mqtt *m)
{
	return m->counts.waiting >= m->options.queue_limit;
}

/* It is acknowledged whatever becomes of it, as Paho does. */
static void message_take(struct conn *c, const struct wire_packet *p)
{
	struct pp_mqtt *m = c->client;
	const struct message *message = p->message;
	struct pp_mqtt_event *e;

	m->counts.received++;
	conn_send(c, NET_UP, PACKET_PUBACK, p->id, 0, NULL);
	if (is_full(m)) {
		m->counts.dropped_full++;
		return;
	}
	m->counts.waiting++;
	if (message->genuine)
		client_watch_given(m->is_server, message->topic, message->payload, message->length);
	e = &tell(m, PP_MQTT_MESSAGE, 0)->event;
	e->topic = strdup(message->topic);
	e->payload = malloc(message->length + 1);
	assert(e->topic && e->payload);
	if (message->length)
		memcpy(e->payload, message->payload, message->length);
	e->length = message->length;
	e->retained = message->retained;
	e->has_signature = message->is_signed;
	memcpy(e->signature, message->signature, sizeof(e->signature));
}

static void rise(struct conn *c)
{
	c->connected_us = world_now_us();
	tell(c->client, PP_MQTT_CONNECTED, 0);
}

void client_packet(struct conn *c, const struct wire_packet *p)
{
	struct pp_mqtt *m = c->client;

	if (!client_is_there(c))
		return;
	if (p->type != PACKET_END)
		m->counts.last_inbound_us = world_mono_us(m->node);
	switch (p->type) {
	case PACKET_CONNACK:
		if (p->reason != 0)
			lose(c, p->reason, "refused by the broker");
		else if (m->options.subscriptions[0])
			conn_send(c, NET_UP, PACKET_SUBSCRIBE, 0, 0, NULL);
		else
			rise(c);
		break;
	case PACKET_SUBACK:
		rise(c);
		break;
	case PACKET_PUBLISH:
		message_take(c, p);
		break;
	case PACKET_PUBACK:
		puback_take(m, p->id, p->reason);
		break;
	case PACKET_END:
		lose(c, p->reason ? p->reason : -ECONNRESET,
			p->reason ? "disconnected by the broker" : "connection broken");
		break;
	default:
		assert(!"no packet of a broker");
	}
}

/* ---- begin and end ---- */

const struct pp_mqtt_options *client_options(const struct pp_mqtt *m)
{
	return &m->options;
}

static char *copy(const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	assert(!text || copied);
	return copied;
}

static const char *const *list_copy(const char *const *list)
{
	size_t count = 0;
	const char **copied;

	while (list[count])
		count++;
	copied = calloc(count + 1, sizeof(*copied));
	assert(copied);
	for (size_t i = 0; i < count; i++)
		copied[i] = copy(list[i]);
	return copied;
}

int pp_mqtt_new(const struct pp_mqtt_options *options, struct pp_mqtt **ret_mqtt)
{
	struct pp_mqtt *m = calloc(1, sizeof(*m));

	assert(m && world_process_current());
	assert(options->host && options->client_id && options->ca_path && options->cert_path &&
		options->key_path && options->queue_limit > 0 && !options->block_when_full);
	m->options = *options;
	m->options.client_id = copy(options->client_id);
	m->options.will_topic = copy(options->will_topic);
	m->options.brief_topic = copy(options->brief_topic);
	m->options.subscriptions = list_copy(options->subscriptions);
	m->is_server = strncmp(options->client_id, "svc-", 4) == 0;
	m->process = world_process_current();
	m->node = world_process_node(m->process);
	m->fd = world_fd_new();
	STAILQ_INIT(&m->events);
	STAILQ_INIT(&m->waiting);
	STAILQ_INIT(&m->flying);
	world_process_on_end(m->process, on_end, m);
	*ret_mqtt = m;
	return 0;
}

struct pp_mqtt *pp_mqtt_free(struct pp_mqtt *m)
{
	struct pp_mqtt_event *e;

	if (!m)
		return NULL;
	if (m->current)
		lose(m->current, -ECANCELED, "ended");
	m->gone = true;
	while (pp_mqtt_next(m, &e) == 1)
		pp_mqtt_event_free(e);
	world_fd_close(m->fd);
	return NULL; /* the world may still hold a packet for it */
}
