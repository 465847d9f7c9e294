/* SPDX-License-Identifier: Apache-2.0 */
/* recorder_nth.c -- the recorder's spool: what is taken over is in it, once, until it is written; a
 * batch that failed is neither half there nor counted. */
#include "nth.h"
#include "pospin_record.h"

#include <errno.h>

#include "recorder/feed.h"
#include "recorder/pack.h"

#define LIMIT_BYTES (64 << 20)
#define TOPIC "pospin/v1/kendal/boja-01/sample"

static struct pp_test_record record; /* whose events are read */

static void path_of(const char *folder, char path[600])
{
	snprintf(path, 600, "%s/spool.db", folder);
}

static void prepare(const char *folder)
{
	(void)folder;
}

static struct pp_spool *spool_must_open(const char *folder)
{
	struct pp_spool *s = NULL;
	char path[600];
	int r;

	path_of(folder, path);
	r = pp_spool_open(path, LIMIT_BYTES, false, &s);
	if (r < 0) {
		NTH_WANT(nth_has_failed());
		r = pp_spool_open(path, LIMIT_BYTES, false, &s);
	}
	NTH_WANT(r == 0);
	return s;
}

/* One message of two readings, with the values n and n + 1. */
static int samples_try(struct pp_spool *s, int n)
{
	const struct pp_feed_now now = { PP_TEST_NOW, 1000000, 1 };
	struct pp_feed_counts counts = { 0 };
	char topic[] = TOPIC, text[400];
	struct pp_mqtt_event m = { .type = PP_MQTT_MESSAGE, .topic = topic, .payload = text },
			     *list = &m;
	int r;

	snprintf(text, sizeof(text),
		"{\"boot\":1,\"mono\":900,\"at\":null,\"readings\":[{\"name\":\"temperature\","
		"\"value\":%d.0,\"unit\":\"Cel\",\"mono\":900},{\"name\":\"temperature\","
		"\"value\":%d.0,\"unit\":\"Cel\",\"mono\":901}]}",
		n, n + 1);
	m.length = strlen(text);
	m.at_us = 1000000;
	r = pp_feed_samples(s, &list, 1, &now, &counts);
	if (r == 0 && counts.readings == 2)
		nth_note('T', n, 0, 0);
	/* No post is to blame for what failed here. */
	if (counts.messages_refused + counts.readings_refused + counts.readings_full)
		nth_note('I', n, 0, 0);
	return r;
}

static void samples_go(struct pp_spool *s, int n)
{
	if (samples_try(s, n) == 0)
		return;
	NTH_WANT(nth_has_failed());
	NTH_WANT(samples_try(s, n) == 0);
}

static void events_go(struct pp_spool *s)
{
	struct pp_feed_counts counts = { 0 };
	int r = pp_feed_record(s, pp_ledger_db(record.ledger), 100, &counts);

	if (r < 0) {
		NTH_WANT(nth_has_failed());
		r = pp_feed_record(s, pp_ledger_db(record.ledger), 100, &counts);
	}
	NTH_WANT(r >= 0);
	if (counts.events_refused)
		nth_note('I', -1, 0, 0);
	nth_note('E', (int64_t)counts.events, 0, 0);
}

/* The oldest are packed and, as if the store had them, dropped. */
static void drop_go(struct pp_spool *s)
{
	struct pp_buf text = { 0 };
	void *packed = NULL;
	size_t length;
	int64_t last = 0;
	int n = pp_spool_peek(s, 2, &text, &last);

	if (n > 0 && pp_pack(text.data, text.length, &packed, &length) == 0) {
		nth_note('D', n, 0, 0);
		if (pp_spool_drop(s, last) < 0)
			NTH_WANT(nth_has_failed() && pp_spool_drop(s, last) == 0);
	} else {
		NTH_WANT(nth_has_failed());
	}
	free(packed);
	pp_buf_done(&text);
}

static void play(const char *folder)
{
	struct pp_spool *s;

	nth_begin();
	s = spool_must_open(folder);
	samples_go(s, 1);
	samples_go(s, 3);
	drop_go(s);
	events_go(s);
	samples_go(s, 5);
	pp_spool_close(s);
	nth_end();
	pp_ledger_close(record.ledger);
	pp_key_free(record.key);
	free(record.folder);
}

static void judge(const char *folder, const struct nth_note *notes, size_t count)
{
	struct pp_spool *s = spool_must_open(folder);
	struct pp_buf text = { 0 };
	int64_t last;
	int seen[8] = { 0 }, dropped = 0, events = 0;

	for (size_t i = 0; i < count; i++) {
		if (notes[i].what == 'D')
			dropped += (int)notes[i].a;
		if (notes[i].what == 'E')
			events += (int)notes[i].a;
		if (notes[i].what == 'I')
			nth_wrong("what came in was blamed (%d)", (int)notes[i].a);
	}
	while (pp_spool_peek(s, 100, &text, &last) > 0)
		NTH_WANT(pp_spool_drop(s, last) == 0);
	for (const char *at = text.data; at && (at = strstr(at, "sample,")); at++) {
		const char *value = strstr(at, " value=");

		if (value && value[7] >= '1' && value[7] <= '6')
			seen[value[7] - '0']++;
	}
	for (const char *at = text.data; at && (at = strstr(at, "event,")); at++)
		events--;
	for (int n = 1; n <= 6; n++)
		if (seen[n] != (n > dropped))
			nth_wrong("reading %d is there %d times, and %d are written", n, seen[n],
				dropped);
	if (events != 0)
		nth_wrong("events: %d more were taken over than are there", events);
	pp_buf_done(&text);
	pp_spool_close(s);
}

int main(void)
{
	static const struct nth_scenario scenario = { "recorder", prepare, play, judge };
	struct pp_signal signal = pp_test_alarm(1);
	int r;

	pp_test_record_init(&record);
	pp_item_free(pp_test_signal_apply(&record, &signal, PP_TEST_NOW));
	r = nth_run(&scenario);
	pp_test_record_done(&record);
	return r;
}
