/* SPDX-License-Identifier: Apache-2.0 */
/* broker.c -- sessions, subscriptions, queues, wills; and what goes wrong with each of them. */
#include "broker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "adversary.h"

#define QUEUE_MAX 100000u /* messages of a session, as broker-config has it */
#define SUBSCRIPTIONS_MAX 8
#define REASON_UNAVAILABLE 0x88
#define REASON_TAKEN_OVER 0x8e

struct delivery {
	const struct message *message;
	uint32_t id;       /* 0: not sent yet */
	uint64_t until_us; /* it is sent no later */
	TAILQ_ENTRY(delivery) entry;
};
TAILQ_HEAD(deliveries, delivery);

struct session {
	char client_id[80];
	uint32_t expiry_s; /* 0: ends with its connection */
	const char *subscriptions[SUBSCRIPTIONS_MAX];
	size_t subscription_count;
	struct conn *conn; /* NULL: away */
	struct deliveries flying, queue;
	size_t flying_count, queue_count;
	uint32_t next_id;
	const struct message *will; /* NULL: none */
	uint32_t will_delay_s;
	uint64_t will_event;
	SLIST_ENTRY(session) entry;
};

/* The one broker of the one world in this process. */
static struct {
	SLIST_HEAD(, session) sessions;
	struct conn *conns;
	bool down, swallowing, refusing;
	size_t queue_limit;
	struct broker_counts counts;
} broker;

void broker_begin(void)
{
	broker.queue_limit = QUEUE_MAX;
}

const struct broker_counts *broker_counts(void)
{
	return &broker.counts;
}

bool broker_is_deaf(void)
{
	return broker.down || broker.swallowing || net_is_frozen();
}

struct message *message_new(const char *topic, const void *payload, size_t length,
	const uint8_t *signature, bool retained)
{
	struct message *m = calloc(1, sizeof(*m));
	char *bytes = malloc(length + 1);

	assert(m && bytes);
	if (length)
		memcpy(bytes, payload, length);
	bytes[length] = '\0';
	*m = (struct message){ .topic = strdup(topic),
		.payload = bytes,
		.length = length,
		.is_signed = signature != NULL,
		.retained = retained };
	assert(m->topic);
	if (signature)
		memcpy(m->signature, signature, sizeof(m->signature));
	return m;
}

/* ---- to a client ---- */

static void deliveries_clear(struct deliveries *list)
{
	struct delivery *d;

	while ((d = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, d, entry);
		free(d);
	}
}

static void session_empty(struct session *s)
{
	deliveries_clear(&s->flying);
	deliveries_clear(&s->queue);
	s->flying_count = s->queue_count = 0;
	s->subscription_count = 0;
}

static void session_send(struct session *s)
{
	struct delivery *d;

	while (s->conn && s->flying_count < CONN_WINDOW && (d = TAILQ_FIRST(&s->queue))) {
		TAILQ_REMOVE(&s->queue, d, entry);
		s->queue_count--;
		if (d->until_us < world_now_us()) {
			broker.counts.dropped++;
			free(d);
			continue;
		}
		TAILQ_INSERT_TAIL(&s->flying, d, entry);
		s->flying_count++;
		d->id = ++s->next_id;
		broker.counts.delivered++;
		conn_send(s->conn, NET_DOWN, PACKET_PUBLISH, d->id, 0, d->message);
	}
}

static void session_give(struct session *s, const struct message *m, uint64_t until_us)
{
	struct delivery *d;

	if ((!s->conn && s->expiry_s == 0) || s->queue_count >= broker.queue_limit) {
		broker.counts.dropped++;
		return;
	}
	d = calloc(1, sizeof(*d));
	assert(d);
	d->message = m;
	d->until_us = until_us;
	TAILQ_INSERT_TAIL(&s->queue, d, entry);
	s->queue_count++;
	session_send(s);
}

/* What was sent and not acknowledged comes again, first. */
static void session_resume(struct session *s)
{
	struct delivery *d;

	while ((d = TAILQ_LAST(&s->flying, deliveries))) {
		TAILQ_REMOVE(&s->flying, d, entry);
		TAILQ_INSERT_HEAD(&s->queue, d, entry);
		s->queue_count++;
	}
	s->flying_count = 0;
	session_send(s);
}

/* ---- routing ---- */

/* `+` stands for one level; nothing here subscribes with `#`. */
static bool topic_fits(const char *filter, const char *topic)
{
	while (*filter && *topic) {
		if (*filter == '+') {
			topic += strcspn(topic, "/");
			filter++;
		} else if (*filter++ != *topic++) {
			return false;
		}
	}
	return *filter == *topic;
}

static bool session_wants(const struct session *s, const char *topic)
{
	for (size_t i = 0; i < s->subscription_count; i++)
		if (topic_fits(s->subscriptions[i], topic))
			return true;
	return false;
}

/* Mosquitto counts whole seconds, and lets the last one pass. */
static uint64_t until_us(const struct message *m)
{
	return m->brief_s ? world_now_us() + (m->brief_s + 1) * (uint64_t)WORLD_S : UINT64_MAX;
}

static size_t route(const struct message *m, uint64_t until_us)
{
	struct session *s;
	size_t count = 0;

	if (broker.down || broker.swallowing)
		return 0;
	SLIST_FOREACH(s, &broker.sessions, entry)
	{
		if (!session_wants(s, m->topic))
			continue;
		if (world_choose(WORLD_CHOICE_lose, 2) == 1) {
			broker.counts.lost++;
			continue;
		}
		session_give(s, m, until_us);
		count++;
	}
	return count;
}

size_t broker_route(const struct message *m)
{
	return route(m, until_us(m));
}

struct detour {
	const struct message *message;
	uint64_t until_us;
};

static void detour_ends(void *user)
{
	struct detour *d = user;

	(void)route(d->message, d->until_us);
	free(d);
}

static void detour(const struct message *m, uint64_t delay_us)
{
	struct detour *d = calloc(1, sizeof(*d));

	assert(d);
	d->message = m;
	d->until_us = until_us(m);
	world_after(delay_us, detour_ends, d);
}

/* Up to so much later others have gone before it. */
static uint64_t detour_us(enum world_kind kind)
{
	return (1 + world_pick(kind, 40)) * 250 * (uint64_t)WORLD_MS;
}

static void publish_take(struct conn *c, const struct wire_packet *p)
{
	uint32_t lost = world_choose(WORLD_CHOICE_lose, 3);

	broker.counts.published++;
	if (lost != 2) /* 1: it is lost and acknowledged all the same */
		conn_send(c, NET_DOWN, PACKET_PUBACK, p->id, 0, NULL);
	if (lost || broker.swallowing || adversary_keeps(p->message)) {
		broker.counts.lost++;
		return;
	}
	if (world_choose(WORLD_CHOICE_duplicate, 2) == 1) {
		broker.counts.doubled++;
		detour(p->message, detour_us(WORLD_CHOICE_duplicate));
	}
	if (!world_is_healed() && world_choose(WORLD_CHOICE_reorder, 2) == 1) {
		broker.counts.overtaken++;
		detour(p->message, detour_us(WORLD_CHOICE_reorder));
	} else {
		(void)broker_route(p->message);
	}
	adversary_sees(p->message);
}

/* ---- connections ---- */

static void will_send(void *user)
{
	struct session *s = user;

	s->will_event = 0;
	if (!s->conn && s->will)
		(void)broker_route(s->will);
}

enum { QUIETLY = -1 };
/* The broker's side of it is over. QUIETLY: the client is not even told by TCP. */
static void conn_close(struct conn *c, int reason)
{
	struct session *s = c->session;

	if (!s)
		return;
	c->session = NULL;
	if (reason != QUIETLY)
		conn_send(c, NET_DOWN, PACKET_END, 0, reason, NULL);
	if (s->conn != c)
		return;
	s->conn = NULL;
	if (s->expiry_s == 0)
		session_empty(s);
	if (s->will && !s->will_event)
		s->will_event = world_after(s->will_delay_s * WORLD_S, will_send, s);
}

static struct session *session_find(const char *client_id)
{
	struct session *s;

	SLIST_FOREACH(s, &broker.sessions, entry)
	if (strcmp(s->client_id, client_id) == 0)
		return s;
	s = calloc(1, sizeof(*s));
	assert(s && strlen(client_id) < sizeof(s->client_id));
	memcpy(s->client_id, client_id, strlen(client_id) + 1);
	TAILQ_INIT(&s->flying);
	TAILQ_INIT(&s->queue);
	SLIST_INSERT_HEAD(&broker.sessions, s, entry);
	return s;
}

static void connect_take(struct conn *c)
{
	const struct pp_mqtt_options *o = client_options(c->client);
	struct session *s;

	if (broker.refusing) {
		conn_send(c, NET_DOWN, PACKET_CONNACK, 0, REASON_UNAVAILABLE, NULL);
		return;
	}
	s = session_find(o->client_id);
	if (s->conn)
		conn_close(s->conn, REASON_TAKEN_OVER);
	world_cancel(s->will_event);
	s->will_event = 0;
	if (o->session_expiry_s == 0)
		session_empty(s);
	s->expiry_s = o->session_expiry_s;
	s->will = o->will_topic ? message_new(o->will_topic, "", 0, NULL, false) : NULL;
	s->will_delay_s = o->will_delay_s;
	s->conn = c;
	c->session = s;
	c->heard_us = world_now_us();
	conn_send(c, NET_DOWN, PACKET_CONNACK, 0, 0, NULL);
	session_resume(s); /* of a kept session messages come before anything else */
}

static void subscribe_take(struct conn *c)
{
	const struct pp_mqtt_options *o = client_options(c->client);
	struct session *s = c->session;

	s->subscription_count = 0;
	for (size_t i = 0; o->subscriptions[i]; i++) {
		assert(i < SUBSCRIPTIONS_MAX);
		s->subscriptions[s->subscription_count++] = o->subscriptions[i];
	}
	conn_send(c, NET_DOWN, PACKET_SUBACK, 0, 0, NULL);
}

static void puback_take(struct session *s, uint32_t id)
{
	struct delivery *d;

	TAILQ_FOREACH(d, &s->flying, entry)
	if (d->id == id)
		break;
	if (!d)
		return;
	TAILQ_REMOVE(&s->flying, d, entry);
	s->flying_count--;
	free(d);
	session_send(s);
}

void broker_packet(struct conn *c, const struct wire_packet *p)
{
	if (broker.down) {
		/* Nobody listens: the machine's kernel says so. */
		if (p->type == PACKET_CONNECT)
			conn_send(c, NET_DOWN, PACKET_END, 0, 0, NULL);
		return;
	}
	if (p->type == PACKET_CONNECT) {
		connect_take(c);
		return;
	}
	if (!c->session) {
		/* A machine that is back does not know it. */
		if (p->type != PACKET_END)
			conn_send(c, NET_DOWN, PACKET_END, 0, 0, NULL);
		return;
	}
	c->heard_us = world_now_us();
	switch (p->type) {
	case PACKET_SUBSCRIBE:
		subscribe_take(c);
		break;
	case PACKET_PUBLISH:
		publish_take(c, p);
		break;
	case PACKET_PUBACK:
		puback_take(c->session, p->id);
		break;
	case PACKET_END:
		conn_close(c, 0);
		break;
	default:
		assert(!"no packet of a client");
	}
}

/* ---- both ends ---- */

static void deliver_up(void *user, void *packet)
{
	broker_packet(user, packet);
	free(packet);
}

static void deliver_down(void *user, void *packet)
{
	client_packet(user, packet);
	free(packet);
}

void conn_send(struct conn *c, enum net_way way, enum packet_type type, uint32_t id, int reason,
	const struct message *message)
{
	struct wire_packet *p = calloc(1, sizeof(*p));

	assert(p);
	*p = (struct wire_packet){ type, id, reason, message };
	net_pipe_put(c->pipes[way], p);
}

struct conn *broker_conn_new(struct pp_mqtt *client, struct world_node *node)
{
	struct conn *c = calloc(1, sizeof(*c));

	assert(c);
	c->client = client;
	c->link = net_link_of(node);
	c->pipes[NET_UP] = net_pipe_new(c->link, NET_UP, deliver_up, c);
	c->pipes[NET_DOWN] = net_pipe_new(c->link, NET_DOWN, deliver_down, c);
	c->next = broker.conns;
	broker.conns = c;
	return c;
}

/* A frozen broker was noticed after 12 s at a keepalive of 5 and 52 s at 20. */
static void client_side_tick(struct conn *c, uint64_t now_us)
{
	uint64_t ping_us = client_options(c->client)->keepalive_s * (uint64_t)WORLD_S;
	bool open = net_is_open(c->link, NET_UP) && net_is_open(c->link, NET_DOWN);
	/* A machine that is back says at the next ping that it does not know the connection. */
	uint64_t patience_us = open && !broker.down ? ping_us : ping_us * 5 / 2;

	if (open && c->session)
		c->dark_us = 0;
	else if (!c->dark_us)
		c->dark_us = now_us;
	else if (now_us - c->dark_us >= patience_us)
		client_give_up(c);
}

static void broker_side_tick(struct conn *c, uint64_t now_us)
{
	uint64_t patience_us = client_options(c->client)->keepalive_s * (uint64_t)WORLD_S * 3 / 2;

	if (client_is_there(c) && net_is_open(c->link, NET_UP))
		c->heard_us = now_us; /* its pings */
	else if (now_us - c->heard_us >= patience_us)
		conn_close(c, 0);
}

static bool is_over(const struct conn *c)
{
	return !c->session && !client_is_there(c);
}

void broker_tick(void)
{
	uint64_t now_us = world_now_us();

	for (struct conn **at = &broker.conns; *at;) {
		struct conn *c = *at;

		if (client_is_there(c) && c->connected_us)
			client_side_tick(c, now_us);
		if (c->session && !broker.down && !net_is_frozen())
			broker_side_tick(c, now_us);
		if (is_over(c))
			*at = c->next;
		else
			at = &c->next;
	}
}

/* ---- faults ---- */

static void throw_off(struct net_link *l, bool forget, int reason)
{
	struct session *s;

	for (struct conn *c = broker.conns; c; c = c->next)
		if (!l || c->link == l)
			conn_close(c, reason);
	SLIST_FOREACH(s, &broker.sessions, entry)
	{
		if (!forget)
			continue;
		session_empty(s);
		world_cancel(s->will_event);
		s->will_event = 0;
		s->will = NULL;
		s->expiry_s = 0;
	}
}

void broker_kill(bool quietly)
{
	broker.down = true;
	throw_off(NULL, true, quietly ? QUIETLY : 0);
}

void broker_start(void)
{
	broker.down = false;
}

void broker_freeze(bool frozen)
{
	net_freeze(frozen);
	for (struct conn *c = broker.conns; c && !frozen; c = c->next)
		c->heard_us = world_now_us();
}

void broker_forget(void)
{
	throw_off(NULL, true, 0);
}

void broker_swallow(bool swallowing)
{
	broker.swallowing = swallowing;
}

void broker_refuse(bool refusing)
{
	broker.refusing = refusing;
}

void broker_limit(size_t messages)
{
	broker.queue_limit = messages ? messages : QUEUE_MAX;
}

void broker_throw_off(struct net_link *l, bool quietly)
{
	throw_off(l, false, quietly ? QUIETLY : 0);
}
