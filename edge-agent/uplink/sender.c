/* SPDX-License-Identifier: Apache-2.0 */
/* sender.c -- alarms first, at most eight in flight, again until receipted, and a connection that
 * must prove itself. */
#include "uplink/sender.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/backoff.h"
#include "protocol/limits.h"
#include "uplink/backlog.h"

#define SECOND 1000000u
#define RESEND_US (PP_RESEND_AFTER_MS * 1000u)
#define REFUSED_US (600u * SECOND)
#define BACKOFF_MIN_US (SECOND / 2)
#define BACKOFF_URGENT_US (5 * SECOND)
#define BACKOFF_IDLE_US (60 * SECOND)
/* A silent connection with something waiting is dropped after 10 s. The copy sent again at 10 s
 * gets one second more to bring its PUBACK: otherwise a broker without a server behind it would
 * cost a TLS handshake every ten seconds. */
#define SILENT_US (RESEND_US + SECOND)
/* Inbound traffic, but not this PUBACK: the same patience, so that what a broker has swallowed is
 * there within 15 s of its mending. */
#define STUCK_US SILENT_US
/* Receipts awaited at once, so that a server that is gone does not make a long outbox go round for
 * ever. An alarm that was never sent does not wait for this window. */
#define WINDOW 64

/* How many may fly when a message of that kind is handed over: the more urgent always finds room.
 */
enum { CAP_STATE = PP_SENDER_FLYING_MAX, CAP_ALARM = 7, CAP_OTHER = 6, CAP_SAMPLE = 2 };

enum link { DOWN, CONNECTING, UP, DROPPING };

struct loose {
	char topic[PP_TOPIC_MAX];
	char *payload; /* NULL: none waits */
	size_t length;
	bool is_signed;
	uint8_t signature[PP_SIGNATURE_SIZE];
	char *sent;     /* payload handed over last: kept until the next call */
	uint64_t token; /* 0: none flies */
	uint64_t since_us;
};

struct pp_sender {
	struct pp_backlog *queue;
	struct loose loose[PP_LOOSE_COUNT];
	enum link link;
	struct pp_backoff backoff;
	uint64_t connect_us; /* DOWN: when to try */
	uint64_t inbound_us; /* UP: when anything came last */
	uint64_t waiting_us; /* UP: since when an answer to something has been awaited without a
				break */
	uint64_t last_token;
	bool state_first;
};

int pp_sender_new(uint64_t now_us, struct pp_sender **ret_sender)
{
	struct pp_sender *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = pp_backlog_new(&s->queue);
	if (r < 0) {
		free(s);
		return r;
	}
	pp_backoff_init(&s->backoff, BACKOFF_MIN_US, BACKOFF_IDLE_US);
	s->connect_us = now_us;
	*ret_sender = s;
	return 0;
}

static void drop_loose(struct loose *l)
{
	free(l->payload);
	l->payload = NULL;
}

struct pp_sender *pp_sender_free(struct pp_sender *s)
{
	if (!s)
		return NULL;
	for (int i = 0; i < PP_LOOSE_COUNT; i++) {
		drop_loose(&s->loose[i]);
		free(s->loose[i].sent);
	}
	pp_backlog_free(s->queue);
	free(s);
	return NULL;
}

static bool urgent(const struct pp_sender *s)
{
	return pp_backlog_total(s->queue) > pp_backlog_count(s->queue, PP_ITEM_REFUSED);
}

int pp_sender_add(struct pp_sender *s, struct pp_parcel *parcel, uint64_t now_us)
{
	int r = pp_backlog_add(s->queue, parcel, now_us);

	/* An idle wait of up to a minute ends when there is something to say. */
	if (r == 0 && s->link == DOWN && s->connect_us > now_us + BACKOFF_URGENT_US)
		s->connect_us = now_us;
	return r;
}

struct pp_backlog_facts pp_sender_look(const struct pp_sender *s)
{
	return pp_backlog_look(s->queue);
}

const struct pp_parcel *pp_sender_parcel(const struct pp_sender *s, uint64_t epoch, int64_t seq)
{
	const struct pp_item *item = pp_backlog_find(s->queue, epoch, seq);

	return item ? item->parcel : NULL;
}

bool pp_sender_holds(const struct pp_sender *s, uint64_t epoch, int64_t seq)
{
	return pp_sender_parcel(s, epoch, seq) != NULL;
}

int pp_sender_recorded(struct pp_sender *s, uint64_t epoch, int64_t seq)
{
	struct pp_item *item = pp_backlog_find(s->queue, epoch, seq);

	if (!item)
		return -ENOENT;
	pp_backlog_remove(s->queue, item);
	return 0;
}

int pp_sender_refused(struct pp_sender *s, uint64_t epoch, int64_t seq, uint64_t now_us)
{
	struct pp_item *item = pp_backlog_find(s->queue, epoch, seq);

	if (!item)
		return -ENOENT;
	item->parcel->refused = true;
	pp_backlog_move(s->queue, item, PP_ITEM_REFUSED, now_us);
	return 0;
}

void pp_sender_again(struct pp_sender *s, uint64_t epoch, int64_t high, uint64_t now_us)
{
	struct pp_item *item, *next;

	for (int alarm = 0; alarm < 2; alarm++)
		for (item = pp_backlog_first(s->queue, PP_ITEM_SENT, alarm); item; item = next) {
			next = item->next;
			if (item->parcel->epoch == epoch && item->parcel->seq <= high)
				pp_backlog_move(s->queue, item, PP_ITEM_WAITING, now_us);
		}
}

void pp_sender_unheard(struct pp_sender *s, uint64_t before_us, uint64_t now_us)
{
	struct pp_item *item, *next;

	for (int alarm = 0; alarm < 2; alarm++)
		for (item = pp_backlog_first(s->queue, PP_ITEM_SENT, alarm);
			item && item->since_us <= before_us; item = next) {
			next = item->next;
			/* A server that drops a post's flood must not be sent more of it. */
			if (item->hurried_us && now_us - item->hurried_us < RESEND_US)
				continue;
			item->hurried_us = now_us;
			pp_backlog_move(s->queue, item, PP_ITEM_WAITING, now_us);
		}
}

void pp_sender_forget(struct pp_sender *s, uint64_t epoch)
{
	(void)pp_backlog_remove_upto(s->queue, epoch, INT64_MAX);
}

void pp_sender_put(struct pp_sender *s, enum pp_loose which, const char *topic, char *payload,
	size_t length, const uint8_t *signature)
{
	struct loose *l = &s->loose[which];

	assert(strlen(topic) < sizeof(l->topic));
	drop_loose(l);
	memcpy(l->topic, topic, strlen(topic) + 1);
	l->payload = payload;
	l->length = length;
	l->is_signed = signature != NULL;
	if (signature)
		memcpy(l->signature, signature, sizeof(l->signature));
}

void pp_sender_state_first(struct pp_sender *s, bool first)
{
	s->state_first = first;
}

int64_t pp_sender_oldest(const struct pp_sender *s, uint64_t epoch)
{
	return pp_backlog_oldest(s->queue, epoch);
}

int64_t pp_sender_unseen(const struct pp_sender *s, uint64_t epoch)
{
	return pp_backlog_unseen(s->queue, epoch);
}

static uint64_t overdue_at(const struct pp_item *item, const struct pp_overdue *rule)
{
	if (item->told == 0)
		return item->added_us + rule->first_us;
	return item->told < rule->times_max ? item->told_us + rule->again_us : UINT64_MAX;
}

const struct pp_parcel *pp_sender_overdue(const struct pp_sender *s, const struct pp_overdue *rule,
	uint64_t now_us, uint64_t *ret_next_us)
{
	static const enum pp_item_place places[] = { PP_ITEM_WAITING, PP_ITEM_FLYING,
		PP_ITEM_SENT };
	const struct pp_item *first = NULL;

	*ret_next_us = UINT64_MAX;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct pp_item *item = pp_backlog_first(s->queue, places[i], true);

		for (; item; item = item->next) {
			uint64_t at = overdue_at(item, rule);

			if (at > now_us && at < *ret_next_us)
				*ret_next_us = at;
			if (at <= now_us && (!first || item->order < first->order))
				first = item;
		}
	}
	return first ? first->parcel : NULL;
}

void pp_sender_told(struct pp_sender *s, uint64_t epoch, int64_t seq, uint64_t now_us)
{
	struct pp_item *item = pp_backlog_find(s->queue, epoch, seq);

	if (!item)
		return; /* its receipt has come meanwhile */
	item->told++;
	item->told_us = now_us;
}

size_t pp_sender_depth(const struct pp_sender *s)
{
	return pp_backlog_total(s->queue);
}

bool pp_sender_up(const struct pp_sender *s)
{
	return s->link == UP;
}

void pp_sender_connected(struct pp_sender *s, uint64_t now_us)
{
	s->link = UP;
	s->inbound_us = now_us;
	pp_backoff_reset(&s->backoff);
}

/* Everything unreceipted is sent again on the next connection, in order. */
static void rewind_place(struct pp_sender *s, enum pp_item_place place, uint64_t now_us)
{
	struct pp_item *item;

	for (int alarm = 0; alarm < 2; alarm++)
		while ((item = pp_backlog_first(s->queue, place, alarm)))
			pp_backlog_move(s->queue, item, PP_ITEM_WAITING, now_us);
}

void pp_sender_lost(struct pp_sender *s, uint64_t now_us, uint32_t random)
{
	s->link = DOWN;
	rewind_place(s, PP_ITEM_FLYING, now_us);
	rewind_place(s, PP_ITEM_SENT, now_us);
	for (int i = 0; i < PP_LOOSE_COUNT; i++) {
		drop_loose(&s->loose[i]);
		s->loose[i].token = 0;
	}
	s->backoff.max_us = urgent(s) ? BACKOFF_URGENT_US : BACKOFF_IDLE_US;
	s->connect_us = now_us + pp_backoff_next_us(&s->backoff, random);
}

void pp_sender_published(struct pp_sender *s, uint64_t token, int reason, uint64_t now_us)
{
	struct pp_item *item = pp_backlog_by_token(s->queue, token);

	if (reason >= 0)
		s->inbound_us = now_us; /* a refusal of the broker is an answer too */
	for (int i = 0; i < PP_LOOSE_COUNT; i++)
		if (s->loose[i].token == token)
			s->loose[i].token = 0;
	if (item)
		pp_backlog_move(s->queue, item, PP_ITEM_SENT, now_us);
}

void pp_sender_inbound(struct pp_sender *s, uint64_t now_us)
{
	s->inbound_us = now_us;
}

static size_t flying(const struct pp_sender *s)
{
	size_t count = pp_backlog_count(s->queue, PP_ITEM_FLYING);

	for (int i = 0; i < PP_LOOSE_COUNT; i++)
		count += s->loose[i].token != 0;
	return count;
}

/* Time has passed: what was not receipted, or refused long ago, waits again. */
static void expire(
	struct pp_sender *s, enum pp_item_place place, uint64_t after_us, uint64_t now_us)
{
	struct pp_item *item;

	for (int alarm = 0; alarm < 2; alarm++)
		while ((item = pp_backlog_first(s->queue, place, alarm)) &&
			now_us - item->since_us >= after_us)
			pp_backlog_move(s->queue, item, PP_ITEM_WAITING, now_us);
}

static uint64_t earliest(const struct pp_sender *s, enum pp_item_place place)
{
	const struct pp_item *other = pp_backlog_first(s->queue, place, false);
	const struct pp_item *alarm = pp_backlog_first(s->queue, place, true);
	uint64_t since = other ? other->since_us : UINT64_MAX;

	return alarm && alarm->since_us < since ? alarm->since_us : since;
}

/* Since when the message in flight that has been there longest is in flight; UINT64_MAX: none. */
static uint64_t flying_since(const struct pp_sender *s)
{
	uint64_t since = earliest(s, PP_ITEM_FLYING);

	for (int i = 0; i < PP_LOOSE_COUNT; i++)
		if (s->loose[i].token && s->loose[i].since_us < since)
			since = s->loose[i].since_us;
	return since;
}

static bool awaiting(const struct pp_sender *s)
{
	return flying(s) || pp_backlog_count(s->queue, PP_ITEM_SENT);
}

/* When the connection is dropped unless something comes in. */
static uint64_t drop_deadline(const struct pp_sender *s)
{
	uint64_t since = flying_since(s);
	uint64_t stuck = since == UINT64_MAX ? UINT64_MAX : since + STUCK_US;
	uint64_t silent =
		(s->inbound_us > s->waiting_us ? s->inbound_us : s->waiting_us) + SILENT_US;

	if (!awaiting(s))
		return UINT64_MAX;
	return silent < stuck ? silent : stuck;
}

static bool drop(struct pp_sender *s, uint64_t now_us, struct pp_send *ret_send)
{
	if (now_us < drop_deadline(s))
		return false;
	s->link = DROPPING;
	*ret_send = (struct pp_send){ .type = PP_SEND_DROP, .why = "no answer" };
	return true;
}

static struct pp_item *pick_alarm(const struct pp_sender *s, bool window)
{
	struct pp_item *item = pp_backlog_first(s->queue, PP_ITEM_WAITING, true);

	while (item && item->tried && !window)
		item = item->next;
	return item;
}

static void publish_item(
	struct pp_sender *s, struct pp_item *item, uint64_t now_us, struct pp_send *ret_send)
{
	const struct pp_parcel *parcel = item->parcel;

	item->tried = true;
	item->token = ++s->last_token;
	pp_backlog_move(s->queue, item, PP_ITEM_FLYING, now_us);
	*ret_send = (struct pp_send){ .type = PP_SEND_PUBLISH,
		.topic = parcel->topic,
		.payload = parcel->payload,
		.length = parcel->length,
		.signature = parcel->signature,
		.token = item->token };
}

static void publish_loose(
	struct pp_sender *s, struct loose *l, uint64_t now_us, struct pp_send *ret_send)
{
	free(l->sent);
	l->sent = l->payload;
	l->payload = NULL;
	l->token = ++s->last_token;
	l->since_us = now_us;
	*ret_send = (struct pp_send){ .type = PP_SEND_PUBLISH,
		.topic = l->topic,
		.payload = l->sent,
		.length = l->length,
		.signature = l->is_signed ? l->signature : NULL,
		.token = l->token };
}

static bool publish(struct pp_sender *s, uint64_t now_us, struct pp_send *ret_send)
{
	size_t in_flight = flying(s);
	bool window = pp_backlog_count(s->queue, PP_ITEM_SENT) < WINDOW;
	struct loose *state = &s->loose[PP_LOOSE_STATE], *sample = &s->loose[PP_LOOSE_SAMPLE];
	struct loose *answer = &s->loose[PP_LOOSE_ANSWER];
	bool first = s->state_first && state->payload && !state->token;
	struct pp_item *item = in_flight < CAP_ALARM && !first ? pick_alarm(s, window) : NULL;

	if (!item && state->payload && !state->token && in_flight < CAP_STATE) {
		publish_loose(s, state, now_us, ret_send);
		return true;
	}
	if (!item && answer->payload && !answer->token && in_flight < CAP_OTHER) {
		publish_loose(s, answer, now_us, ret_send);
		return true;
	}
	if (!item && window && in_flight < CAP_OTHER)
		item = pp_backlog_first(s->queue, PP_ITEM_WAITING, false);
	if (item) {
		publish_item(s, item, now_us, ret_send);
		return true;
	}
	if (sample->payload && !sample->token && in_flight < CAP_SAMPLE) {
		publish_loose(s, sample, now_us, ret_send);
		return true;
	}
	return false;
}

bool pp_sender_next(struct pp_sender *s, uint64_t now_us, struct pp_send *ret_send)
{
	ret_send->type = PP_SEND_NOTHING;
	expire(s, PP_ITEM_REFUSED, REFUSED_US, now_us);
	if (s->link == DOWN && now_us >= s->connect_us) {
		s->link = CONNECTING;
		ret_send->type = PP_SEND_CONNECT;
		return true;
	}
	if (s->link != UP)
		return false;
	/* Both before what was sent waits again: then it would no longer be awaited. */
	if (!awaiting(s))
		s->waiting_us = now_us;
	if (drop(s, now_us, ret_send))
		return true;
	expire(s, PP_ITEM_SENT, RESEND_US, now_us);
	return publish(s, now_us, ret_send);
}

uint64_t pp_sender_deadline(const struct pp_sender *s)
{
	uint64_t refused = earliest(s, PP_ITEM_REFUSED), sent = earliest(s, PP_ITEM_SENT);
	uint64_t deadline = refused == UINT64_MAX ? UINT64_MAX : refused + REFUSED_US;

	if (s->link == DOWN && s->connect_us < deadline)
		deadline = s->connect_us;
	if (s->link != UP)
		return deadline;
	if (sent != UINT64_MAX && sent + RESEND_US < deadline)
		deadline = sent + RESEND_US;
	return drop_deadline(s) < deadline ? drop_deadline(s) : deadline;
}
