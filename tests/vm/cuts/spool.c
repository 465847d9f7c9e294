/* SPDX-License-Identifier: Apache-2.0 */
/* spool.c -- readings of posts go into the recorder's spool and out of it again. The value of each
 * is its number. */
#include "marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/feed.h"

#define LIMIT_BYTES (64 << 20)
#define READINGS 8

struct spooling {
	struct work *w;
	struct pp_spool *spool;
	int64_t added, dropped; /* readings */
	int64_t mono_ms;
};

/* The readings of one message. */
static void write_message(struct spooling *s, struct pp_mqtt_event *m)
{
	uint32_t count = 1 + random_below(&s->w->random, READINGS);
	char *text = NULL;
	size_t length;
	FILE *f = open_memstream(&text, &length);

	WANT(f);
	fprintf(f, "{\"boot\":1,\"mono\":%" PRId64 ",\"at\":null,\"readings\":[", s->mono_ms);
	for (uint32_t i = 0; i < count; i++)
		fprintf(f, "%s{\"name\":\"temperature\",\"value\":%" PRId64 ".0,\"unit\":\"Cel\","
			"\"mono\":%" PRId64 "}", i ? "," : "", ++s->added, s->mono_ms);
	fprintf(f, "]}");
	WANT(fclose(f) == 0);
	*m = (struct pp_mqtt_event){ .type = PP_MQTT_MESSAGE, .payload = text, .length = length };
	m->topic = strdup("pospin/v1/kendal/boja-01/sample");
	m->at_us = (uint64_t)s->mono_ms * 1000;
	WANT(m->topic);
}

static void add(struct spooling *s)
{
	struct pp_mqtt_event messages[4], *list[4];
	size_t count = 1 + random_below(&s->w->random, 4);
	struct pp_feed_counts counts = { 0 };
	struct pp_feed_now now = { .boot = 1 };

	s->mono_ms += 1000;
	now.mono_us = (uint64_t)s->mono_ms * 1000;
	now.wall_ms = 1763750400000 + s->mono_ms;
	for (size_t i = 0; i < count; i++) {
		write_message(s, &messages[i]);
		list[i] = &messages[i];
	}
	mark(&s->w->marks, "adding %" PRId64, s->added);
	WANT(pp_feed_samples(s->spool, list, count, &now, &counts) == 0);
	WANT(counts.readings > 0 && counts.messages_refused + counts.readings_refused == 0);
	mark(&s->w->marks, "spooled %" PRId64, s->added);
	for (size_t i = 0; i < count; i++) {
		free(messages[i].topic);
		free(messages[i].payload);
	}
}

/* The store has taken the oldest. */
static void drop(struct spooling *s)
{
	struct pp_buf text = { 0 };
	int64_t last = 0;
	int n = pp_spool_peek(s->spool, 1 + random_below(&s->w->random, 30), &text, &last);

	WANT(n >= 0);
	pp_buf_done(&text);
	if (n == 0)
		return;
	s->dropped += n;
	mark(&s->w->marks, "written %" PRId64, s->dropped);
	WANT(pp_spool_drop(s->spool, last) == 0);
}

void work_spool(struct work *w)
{
	struct spooling s = { .w = w, .mono_ms = 1000 };
	char path[256];

	snprintf(path, sizeof(path), "%s/spool.db", w->folder);
	WANT(pp_spool_open(path, LIMIT_BYTES, false, &s.spool) == 0);
	for (int i = 0; i < w->rounds; i++) {
		if (random_below(&w->random, 3) < 2)
			add(&s);
		else
			drop(&s);
	}
	pp_spool_close(s.spool);
}
