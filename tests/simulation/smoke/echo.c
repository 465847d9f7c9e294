/* SPDX-License-Identifier: Apache-2.0 */
/* echo.c -- mqtt/mqtt.h, and a server behind it. */
#include "echo.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/mqtt.h"
#include "protocol/seal.h"
#include "protocol/signal.h"
#include "protocol/state.h"
#include "protocol/topic.h"
#include "world/world.h"

#define ROWS_MAX 4096
#define WAY_US 20000u

struct waiting {
	struct waiting *next;
	struct pp_mqtt_event *event;
};

struct pp_mqtt {
	struct pp_mqtt *next;
	struct world_process *process;
	int fd;
	bool trying, up;
	struct waiting *first, **last;
	struct pp_mqtt_counts counts;
};

static struct {
	struct pp_key *key;
	struct pp_mqtt *clients;
	bool away;
	size_t count;
	struct {
		char post[48];
		uint64_t epoch;
		int64_t seq;
		bool alarm;
	} rows[ROWS_MAX];
} self;

void echo_begin(void)
{
	struct world_node *desk = world_node_new("echo");
	char pem[WORLD_PEM_MAX];
	int r;

	world_key_pem(ECHO_SERVER_KEY, pem);
	world_disk_put(desk, "/key", pem, strlen(pem));
	world_node_enter(desk);
	r = pp_key_load("/key", &self.key);
	world_node_leave();
	assert(r == 0);
}

uint64_t echo_alarms(void)
{
	uint64_t count = 0;

	for (size_t i = 0; i < self.count; i++)
		count += self.rows[i].alarm;
	return count;
}

/* ---- events on their way ---- */

static void arrive(struct pp_mqtt *m, struct pp_mqtt_event *e)
{
	struct waiting *w = calloc(1, sizeof(*w));

	assert(w);
	w->event = e;
	*m->last = w;
	m->last = &w->next;
	world_fd_ready(m->fd, true);
}

struct flight {
	struct pp_mqtt *to;
	struct pp_mqtt_event *event;
};

static void land(void *user)
{
	struct flight *f = user;

	if (world_process_is_alive(f->to->process) &&
		(f->event->type == PP_MQTT_PUBLISHED || f->to->up)) {
		f->event->at_us = world_mono_us(world_process_node(f->to->process));
		f->to->counts.last_inbound_us = f->event->at_us;
		arrive(f->to, f->event);
	}
	free(f);
}

static void fly(struct pp_mqtt *to, struct pp_mqtt_event *e)
{
	struct flight *f = calloc(1, sizeof(*f));

	assert(f);
	*f = (struct flight){ to, e };
	world_after(WAY_US, land, f);
}

static struct pp_mqtt_event *event_new(enum pp_mqtt_event_type type)
{
	struct pp_mqtt_event *e = calloc(1, sizeof(*e));

	assert(e);
	e->type = type;
	return e;
}

/* ---- the server ---- */

static void say(
	struct pp_mqtt *to, const char *asked, enum pp_channel channel, char *text, size_t length)
{
	struct pp_mqtt_event *e = event_new(PP_MQTT_MESSAGE);
	char topic[PP_TOPIC_MAX];
	const char *end = strrchr(asked, '/');
	int r;

	snprintf(topic, sizeof(topic), "%.*s/%s", (int)(end - asked), asked,
		pp_channel_text(channel));
	e->topic = strdup(topic);
	e->payload = text;
	e->length = length;
	e->has_signature = true;
	r = pp_seal(self.key, topic, text, length, e->signature);
	assert(r == 0);
	fly(to, e);
}

static bool holds(const char *post, uint64_t epoch, int64_t seq)
{
	for (size_t i = 0; i < self.count; i++)
		if (self.rows[i].epoch == epoch && self.rows[i].seq == seq &&
			strcmp(self.rows[i].post, post) == 0)
			return true;
	return false;
}

static void take_signal(struct pp_mqtt *from, const char *topic, const char *post,
	const void *payload, size_t length)
{
	struct pp_receipt receipt = { .result = PP_RECEIPT_RECORDED };
	struct pp_signal s;
	char why[160], *text;
	size_t text_length;

	if (pp_signal_decode(payload, length, &s, why) < 0)
		return;
	if (!holds(post, s.epoch, s.seq)) {
		assert(self.count < ROWS_MAX);
		snprintf(self.rows[self.count].post, sizeof(self.rows[0].post), "%s", post);
		self.rows[self.count].epoch = s.epoch;
		self.rows[self.count].seq = s.seq;
		self.rows[self.count++].alarm = s.type == PP_SIGNAL_ALARM;
	}
	receipt.epoch = s.epoch;
	receipt.seq = s.seq;
	if (pp_receipts_encode(&receipt, 1, &text, &text_length) == 0)
		say(from, topic, PP_CHANNEL_RECEIPT, text, text_length);
}

static void take_state(struct pp_mqtt *from, const char *topic, const char *post,
	const void *payload, size_t length)
{
	static struct pp_state s;
	struct pp_beat beat = { 0 };
	char why[160], *text;
	size_t text_length;

	if (pp_state_decode(payload, length, &s, why) < 0)
		return;
	beat.epoch = s.epoch;
	beat.boot = s.boot;
	beat.mono_ms = s.mono_ms;
	beat.n = s.n;
	while (holds(post, s.epoch, beat.high + 1))
		beat.high++;
	if (pp_beat_encode(&beat, &text, &text_length) == 0)
		say(from, topic, PP_CHANNEL_BEAT, text, text_length);
}

/* ---- mqtt/mqtt.h ---- */

static void client_gone(void *user, struct world_process *p, int code)
{
	struct pp_mqtt *m = user;

	(void)p;
	(void)code;
	m->up = m->trying = false;
}

int pp_mqtt_new(const struct pp_mqtt_options *options, struct pp_mqtt **ret_mqtt)
{
	struct pp_mqtt *m = calloc(1, sizeof(*m));

	(void)options;
	assert(m);
	m->process = world_process_current();
	m->fd = world_fd_new();
	m->last = &m->first;
	m->next = self.clients;
	self.clients = m;
	world_process_on_end(m->process, client_gone, m);
	*ret_mqtt = m;
	return 0;
}

struct pp_mqtt *pp_mqtt_free(struct pp_mqtt *m)
{
	if (m)
		m->up = m->trying = false; /* flights may still name it */
	return NULL;
}

int pp_mqtt_fd(const struct pp_mqtt *m)
{
	return m->fd;
}

int pp_mqtt_next(struct pp_mqtt *m, struct pp_mqtt_event **ret_event)
{
	struct waiting *w = m->first;

	if (!w)
		return 0;
	m->first = w->next;
	if (!m->first)
		m->last = &m->first;
	*ret_event = w->event;
	free(w);
	world_fd_ready(m->fd, m->first != NULL);
	return 1;
}

struct pp_mqtt_event *pp_mqtt_event_free(struct pp_mqtt_event *e)
{
	if (!e)
		return NULL;
	free(e->topic);
	free(e->payload);
	free(e);
	return NULL;
}

static void lose(struct pp_mqtt *m)
{
	struct pp_mqtt_event *e = event_new(PP_MQTT_LOST);

	m->up = m->trying = false;
	e->reason = -ECONNRESET;
	arrive(m, e);
}

static void connected(void *user)
{
	struct pp_mqtt *m = user;

	if (!m->trying || !world_process_is_alive(m->process))
		return;
	m->trying = false;
	m->up = !self.away;
	if (self.away)
		lose(m);
	else
		arrive(m, event_new(PP_MQTT_CONNECTED));
}

int pp_mqtt_connect(struct pp_mqtt *m)
{
	if (m->up || m->trying)
		return -EALREADY;
	m->trying = true;
	world_after(3 * WAY_US, connected, m);
	return 0;
}

int pp_mqtt_drop(struct pp_mqtt *m)
{
	if (!m->up && !m->trying)
		return -ENOTCONN;
	lose(m);
	return 0;
}

int pp_mqtt_publish(struct pp_mqtt *m, const char *topic, const void *payload, size_t length,
	const uint8_t *signature, uint64_t token)
{
	struct pp_mqtt_event *e = event_new(PP_MQTT_PUBLISHED);
	struct pp_topic parsed;

	(void)signature;
	e->token = token;
	e->reason = m->up ? 0 : -ENOTCONN;
	fly(m, e);
	if (!m->up || pp_topic_parse(topic, &parsed) < 0)
		return 0;
	if (parsed.channel == PP_CHANNEL_SIGNAL)
		take_signal(m, topic, parsed.post, payload, length);
	else if (parsed.channel == PP_CHANNEL_STATE)
		take_state(m, topic, parsed.post, payload, length);
	return 0;
}

void pp_mqtt_counts(struct pp_mqtt *m, struct pp_mqtt_counts *ret_counts)
{
	*ret_counts = m->counts;
}

void echo_away(bool away)
{
	self.away = away;
	for (struct pp_mqtt *m = self.clients; away && m; m = m->next)
		if (m->up && world_process_is_alive(m->process))
			lose(m);
}
