/* SPDX-License-Identifier: Apache-2.0 */
/* mqtt.c -- the thread that talks to Paho, and the two queues between it and the program. */
#include "mqtt/mqtt.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "core/clock.h"
#include "link.h"
#include "options.h"
#include "queue.h"

/* Publishes accepted and not yet answered, at most. */
enum { PENDING_LIMIT = 4096 };

struct publish {
	struct pp_link_publish message;
	struct pp_mqtt_item
		*answer; /* made beforehand, so that the answer can never fail; NULL: told */
	TAILQ_ENTRY(publish) entry;
};
TAILQ_HEAD(publish_list, publish);

/* From pp_mqtt_connect until its LOST. Then it waits in `over` for the thread, which alone frees
 * it. */
struct connection {
	struct pp_mqtt *m;
	struct pp_link *link;                            /* of the thread */
	struct pp_mqtt_item *told_connected, *told_lost; /* made beforehand; NULL: told */
	struct publish_list waiting, flying, dead;
	size_t flying_count, window;
	uint64_t deadline_us;
	bool started, accepted, subscribing, up, over;
	bool sending; /* a thread is handing a publish to Paho: nobody else does, nor frees this */
	TAILQ_ENTRY(connection) entry;
};
TAILQ_HEAD(connection_list, connection);

struct pp_mqtt {
	struct pp_mqtt_options options; /* texts owned */
	pthread_t thread;
	/* Never held while Paho is called, because Paho's callbacks take it under Paho's own lock.
	 */
	pthread_mutex_t lock;
	pthread_cond_t work, space;
	bool ending;
	struct connection *current; /* NULL: not connected and not trying */
	struct connection_list over;
	struct pp_mqtt_queue events;
	struct pp_mqtt_counts counts;
	size_t pending;
};

static void tell(
	struct pp_mqtt *m, struct pp_mqtt_item **item, enum pp_mqtt_event_type type, int reason)
{
	struct pp_mqtt_event *e = &(*item)->event;

	e->type = type;
	e->reason = reason;
	e->at_us = pp_clock_mono_us();
	pp_mqtt_queue_push(&m->events, *item);
	*item = NULL;
}

static void answer(struct pp_mqtt *m, struct publish *p, int reason)
{
	if (reason >= 0 && reason < 0x80)
		m->counts.published++;
	else
		m->counts.failed++;
	m->pending--;
	tell(m, &p->answer, PP_MQTT_PUBLISHED, reason);
}

static void publish_free(struct publish *p)
{
	if (p->answer)
		pp_mqtt_event_free(&p->answer->event);
	free(p->message.topic);
	free(p->message.payload);
	free(p);
}

/* Answers every publish of the connection. Paho may still hold those that fly, so they are kept
 * until it is gone. */
static void answer_all(struct connection *c, int reason)
{
	struct publish *p;

	TAILQ_CONCAT(&c->flying, &c->waiting, entry);
	c->flying_count = 0;
	TAILQ_FOREACH(p, &c->flying, entry)
	answer(c->m, p, reason);
	TAILQ_CONCAT(&c->dead, &c->flying, entry);
}

static void lose(struct connection *c, int reason, const char *why)
{
	struct pp_mqtt *m = c->m;

	if (c->over)
		return;
	assert(c == m->current);
	c->over = true;
	m->current = NULL;
	TAILQ_INSERT_TAIL(&m->over, c, entry);
	answer_all(c, -ECONNRESET);
	snprintf(c->told_lost->event.why, sizeof(c->told_lost->event.why), "%s", why);
	tell(m, &c->told_lost, PP_MQTT_LOST, reason);
	pthread_cond_signal(&m->work);
	pthread_cond_broadcast(&m->space);
}

static void rise(struct connection *c)
{
	c->up = true;
	tell(c->m, &c->told_connected, PP_MQTT_CONNECTED, 0);
}

static void on_accepted(void *user, size_t window)
{
	struct connection *c = user;

	pthread_mutex_lock(&c->m->lock);
	c->m->counts.last_inbound_us = pp_clock_mono_us();
	c->window = window;
	c->accepted = true;
	pthread_cond_signal(&c->m->work);
	pthread_mutex_unlock(&c->m->lock);
}

static void on_granted(void *user)
{
	struct connection *c = user;

	pthread_mutex_lock(&c->m->lock);
	c->m->counts.last_inbound_us = pp_clock_mono_us();
	if (!c->over)
		rise(c);
	pthread_cond_signal(&c->m->work);
	pthread_mutex_unlock(&c->m->lock);
}

static void on_lost(void *user, int reason, const char *why)
{
	struct connection *c = user;

	pthread_mutex_lock(&c->m->lock);
	lose(c, reason, why);
	pthread_mutex_unlock(&c->m->lock);
}

static bool is_full(const struct pp_mqtt *m)
{
	return m->events.messages >= m->options.queue_limit ||
	       (m->options.queue_bytes > 0 && m->events.bytes >= m->options.queue_bytes);
}

/* Of a connection that is over, the message is kept beyond the limit, because its PUBACK may go out
 * all the same. */
static void on_message(void *user, struct pp_mqtt_item *item)
{
	struct connection *c = user;
	struct pp_mqtt *m = c->m;

	pthread_mutex_lock(&m->lock);
	m->counts.last_inbound_us = pp_clock_mono_us();
	m->counts.received++;
	if (item && item->bad_signature_form)
		m->counts.bad_signature_form++;
	while (m->options.block_when_full && is_full(m) && !m->ending && !c->over)
		pthread_cond_wait(&m->space, &m->lock);
	bool full = is_full(m) && !m->options.block_when_full;
	bool dropped = !item || full || m->ending;
	if (dropped)
		m->counts.dropped_full++;
	else
		pp_mqtt_queue_push(&m->events, item);
	pthread_mutex_unlock(&m->lock);
	/* Once pushed it may be freed already. */
	if (dropped && item)
		pp_mqtt_event_free(&item->event);
}

static void on_answered(void *user, struct pp_link_publish *message, int reason)
{
	struct connection *c = user;
	struct publish *p = (struct publish *)message; /* its first member */

	pthread_mutex_lock(&c->m->lock);
	if (reason >= 0)
		c->m->counts.last_inbound_us = pp_clock_mono_us();
	/* Else it was told when the connection was lost and goes with it. */
	if (p->answer) {
		TAILQ_REMOVE(&c->flying, p, entry);
		c->flying_count--;
		answer(c->m, p, reason);
		publish_free(p);
	}
	if (!TAILQ_EMPTY(&c->waiting))
		pthread_cond_signal(&c->m->work);
	pthread_mutex_unlock(&c->m->lock);
}

static const struct pp_link_ops link_ops = {
	.accepted = on_accepted,
	.granted = on_granted,
	.lost = on_lost,
	.message = on_message,
	.answered = on_answered,
};

static void connection_free(struct connection *c)
{
	struct publish *p;

	c->link = pp_link_free(c->link);
	while ((p = TAILQ_FIRST(&c->dead))) {
		TAILQ_REMOVE(&c->dead, p, entry);
		publish_free(p);
	}
	if (c->told_connected)
		pp_mqtt_event_free(&c->told_connected->event);
	if (c->told_lost)
		pp_mqtt_event_free(&c->told_lost->event);
	free(c);
}

static void start(struct pp_mqtt *m, struct connection *c)
{
	c->started = true;
	pthread_mutex_unlock(&m->lock);
	int r = pp_link_new(&m->options, &link_ops, c, &c->link);
	if (r == 0)
		r = pp_link_connect(c->link);
	pthread_mutex_lock(&m->lock);
	if (r < 0)
		lose(c, r, "cannot begin to connect");
}

static void subscribe(struct pp_mqtt *m, struct connection *c)
{
	c->subscribing = true;
	if (!m->options.subscriptions[0]) {
		rise(c);
		return;
	}
	pthread_mutex_unlock(&m->lock);
	int r = pp_link_subscribe(c->link);
	pthread_mutex_lock(&m->lock);
	if (r < 0)
		lose(c, r, "cannot subscribe");
}

static bool may_send(const struct connection *c)
{
	return c->up && !c->sending && !TAILQ_EMPTY(&c->waiting) && c->flying_count < c->window;
}

typedef int send_fn(struct pp_link *link, struct pp_link_publish *publish);

static void send_next(struct pp_mqtt *m, struct connection *c, send_fn *send)
{
	struct publish *p = TAILQ_FIRST(&c->waiting);

	TAILQ_REMOVE(&c->waiting, p, entry);
	TAILQ_INSERT_TAIL(&c->flying, p, entry);
	c->flying_count++;
	c->sending = true;
	pthread_mutex_unlock(&m->lock);
	int r = send(c->link, &p->message); /* p may be gone after success */
	if (r < 0 && r != -EBUSY)
		on_answered(c, &p->message, r);
	pthread_mutex_lock(&m->lock);
	c->sending = false;
	/* Else it was answered meanwhile, because the connection was lost. */
	if (r == -EBUSY && p->answer) {
		TAILQ_REMOVE(&c->flying, p, entry);
		c->flying_count--;
		TAILQ_INSERT_HEAD(&c->waiting, p, entry);
	}
}

/* One piece of work for the current connection; false: there is none now. */
static bool work_once(struct pp_mqtt *m, struct connection *c)
{
	if (!c->started)
		start(m, c);
	else if (c->accepted && !c->subscribing)
		subscribe(m, c);
	else if (may_send(c))
		send_next(m, c, pp_link_send);
	else if (!c->up && pp_clock_mono_us() >= c->deadline_us)
		lose(c, -ETIMEDOUT, "no answer in time");
	else
		return false;
	return true;
}

static void wait_for_work(struct pp_mqtt *m)
{
	struct connection *c = m->current;

	if (!c || c->up) {
		pthread_cond_wait(&m->work, &m->lock);
		return;
	}
	struct timespec until = {
		.tv_sec = (time_t)(c->deadline_us / 1000000),
		.tv_nsec = (long)(c->deadline_us % 1000000) * 1000,
	};
	(void)pthread_cond_timedwait(&m->work, &m->lock, &until);
}

static void *run(void *user)
{
	struct pp_mqtt *m = user;
	struct pp_link *anchor = NULL;
	struct connection *c;

	/* Never connected. Without it Paho would stop and join its threads, for a second, between
	 * two connections. */
	(void)pp_link_new(&m->options, &link_ops, NULL, &anchor);
	pthread_mutex_lock(&m->lock);
	for (;;) {
		c = TAILQ_FIRST(&m->over);
		if (c && !c->sending) {
			TAILQ_REMOVE(&m->over, c, entry);
			pthread_mutex_unlock(&m->lock);
			connection_free(c);
			pthread_mutex_lock(&m->lock);
		} else if (!c && m->ending) {
			break;
		} else if (!m->current || !work_once(m, m->current)) {
			wait_for_work(m);
		}
	}
	pthread_mutex_unlock(&m->lock);
	pp_link_free(anchor);
	return NULL;
}

/* The daemon's signals belong to its loop: this thread and Paho's, which inherit its mask, take
 * only faults. */
static int start_thread(struct pp_mqtt *m)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t all, before;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int r = pthread_create(&m->thread, NULL, run, m);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

int pp_mqtt_new(const struct pp_mqtt_options *options, struct pp_mqtt **ret_mqtt)
{
	pthread_condattr_t monotonic;

	assert(options->host && options->client_id && options->ca_path && options->cert_path &&
		options->key_path);
	assert(options->queue_limit > 0);
	struct pp_mqtt *m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	TAILQ_INIT(&m->over);
	int r = pp_mqtt_options_copy(options, &m->options);
	if (r < 0)
		goto fail_copy;
	r = pp_mqtt_queue_init(&m->events);
	if (r < 0)
		goto fail_queue;
	/* Paho would send the alarms through a proxy meant for browsers, on this machine's own
	 * loopback too. */
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&m->work, &monotonic);
	pthread_cond_init(&m->space, &monotonic);
	pthread_condattr_destroy(&monotonic);
	r = start_thread(m);
	if (r < 0)
		goto fail_thread;
	*ret_mqtt = m;
	return 0;
fail_thread:
	pthread_cond_destroy(&m->space);
	pthread_cond_destroy(&m->work);
	pthread_mutex_destroy(&m->lock);
	pp_mqtt_queue_done(&m->events);
fail_queue:
	pp_mqtt_options_done(&m->options);
fail_copy:
	free(m);
	return r;
}

struct pp_mqtt *pp_mqtt_free(struct pp_mqtt *m)
{
	if (!m)
		return NULL;
	pthread_mutex_lock(&m->lock);
	m->ending = true;
	if (m->current)
		lose(m->current, -ECANCELED, "ended");
	pthread_cond_signal(&m->work);
	pthread_cond_broadcast(&m->space);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	pp_mqtt_queue_done(&m->events);
	pthread_cond_destroy(&m->space);
	pthread_cond_destroy(&m->work);
	pthread_mutex_destroy(&m->lock);
	pp_mqtt_options_done(&m->options);
	free(m);
	return NULL;
}

int pp_mqtt_fd(const struct pp_mqtt *m)
{
	return m->events.fd;
}

int pp_mqtt_next(struct pp_mqtt *m, struct pp_mqtt_event **ret_event)
{
	pthread_mutex_lock(&m->lock);
	struct pp_mqtt_item *item = pp_mqtt_queue_take(&m->events);
	if (item && item->event.type == PP_MQTT_MESSAGE)
		pthread_cond_signal(&m->space);
	pthread_mutex_unlock(&m->lock);
	if (!item)
		return 0;
	*ret_event = &item->event;
	return 1;
}

struct pp_mqtt_event *pp_mqtt_event_free(struct pp_mqtt_event *e)
{
	if (!e)
		return NULL;
	free(e->topic);
	free(e->payload);
	free((struct pp_mqtt_item *)e); /* its first member */
	return NULL;
}

static struct connection *connection_new(struct pp_mqtt *m)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->m = m;
	TAILQ_INIT(&c->waiting);
	TAILQ_INIT(&c->flying);
	TAILQ_INIT(&c->dead);
	c->deadline_us = pp_clock_mono_us() + m->options.connect_timeout_s * UINT64_C(1000000);
	c->told_connected = calloc(1, sizeof(*c->told_connected));
	c->told_lost = calloc(1, sizeof(*c->told_lost));
	if (!c->told_connected || !c->told_lost) {
		connection_free(c);
		return NULL;
	}
	return c;
}

int pp_mqtt_connect(struct pp_mqtt *m)
{
	struct connection *c = connection_new(m);
	int r = 0;

	if (!c)
		return -ENOMEM;
	pthread_mutex_lock(&m->lock);
	if (m->current) {
		r = -EALREADY;
	} else {
		m->current = c;
		pthread_cond_signal(&m->work);
	}
	pthread_mutex_unlock(&m->lock);
	if (r < 0)
		connection_free(c);
	return r;
}

int pp_mqtt_drop(struct pp_mqtt *m)
{
	int r = 0;

	pthread_mutex_lock(&m->lock);
	if (m->current)
		lose(m->current, -ECONNABORTED, "dropped");
	else
		r = -ENOTCONN;
	pthread_mutex_unlock(&m->lock);
	return r;
}

static struct publish *publish_new(const char *topic, const void *payload, size_t length,
	const uint8_t *signature, uint64_t token)
{
	struct publish *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->message.topic = strdup(topic);
	p->message.payload = malloc(length + 1);
	p->message.length = length;
	p->message.is_signed = signature != NULL;
	p->answer = calloc(1, sizeof(*p->answer));
	if (!p->message.topic || !p->message.payload || !p->answer) {
		publish_free(p);
		return NULL;
	}
	if (length)
		memcpy(p->message.payload, payload, length);
	if (signature)
		memcpy(p->message.signature, signature, sizeof(p->message.signature));
	p->answer->event.token = token;
	return p;
}

/* Hands it to Paho at once if nothing stands before it, which spares an alarm the way through
 * another thread; else the thread does it. */
static void send_or_leave(struct pp_mqtt *m, struct connection *c)
{
	if (TAILQ_FIRST(&c->waiting) == TAILQ_LAST(&c->waiting, publish_list) && may_send(c))
		send_next(m, c, pp_link_try_send);
	if (c->over || may_send(c))
		pthread_cond_signal(&m->work);
}

int pp_mqtt_publish(struct pp_mqtt *m, const char *topic, const void *payload, size_t length,
	const uint8_t *signature, uint64_t token)
{
	struct publish *p = publish_new(topic, payload, length, signature, token);
	int r = 0;

	if (!p)
		return -ENOMEM;
	pthread_mutex_lock(&m->lock);
	if (m->pending >= PENDING_LIMIT) {
		r = -ENOBUFS;
	} else {
		m->pending++;
		if (m->current && m->current->accepted) {
			TAILQ_INSERT_TAIL(&m->current->waiting, p, entry);
			p = NULL;
			send_or_leave(m, m->current);
		} else {
			answer(m, p, -ENOTCONN);
		}
	}
	pthread_mutex_unlock(&m->lock);
	if (p)
		publish_free(p);
	return r;
}

void pp_mqtt_counts(struct pp_mqtt *m, struct pp_mqtt_counts *ret_counts)
{
	pthread_mutex_lock(&m->lock);
	*ret_counts = m->counts;
	ret_counts->waiting = m->events.messages;
	pthread_mutex_unlock(&m->lock);
}
