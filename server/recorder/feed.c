/* SPDX-License-Identifier: Apache-2.0 */
/* feed.c -- events and samples into the spool, each batch in one transaction. */
#include "recorder/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/signal.h"
#include "recorder/points.h"
#include "store/query.h"

#define QUEUED_MAX_MS (86400000 + PP_CLOCK_TOLERANCE_MS) /* main.c: SESSION_S */

static int add_event(
	struct pp_spool *spool, const struct pp_json *event, struct pp_feed_counts *counts)
{
	struct pp_points_problem problem;
	char *line = NULL;
	int64_t id = 0;
	int r = pp_points_event(event, &line, &problem);

	if (r == -EINVAL) {
		counts->events_refused++;
		snprintf(counts->last_refusal, sizeof(counts->last_refusal), "event: %.140s",
			problem.text);
	} else if (r < 0) {
		return r;
	} else {
		r = pp_spool_add(spool, line, 1);
		free(line);
		counts->events++;
	}
	if (r == -ENOMEM || (r < 0 && r != -EINVAL))
		return r;
	(void)pp_json_get_i64(event, "id", 0, INT64_MAX, &id);
	return id > 0 ? pp_spool_set_cursor(spool, id) : 0;
}

static int add_events(
	struct pp_spool *spool, const struct pp_json *events, struct pp_feed_counts *counts)
{
	int r = pp_spool_begin(spool);

	if (r < 0)
		return r;
	for (size_t i = 0; i < pp_json_count(events); i++) {
		r = add_event(spool, pp_json_item(events, i), counts);
		if (r < 0) {
			pp_spool_rollback(spool);
			return r;
		}
	}
	return pp_spool_commit(spool);
}

/* What the lines of one message have in common. */
struct reading_of {
	const struct pp_topic *topic;
	const struct pp_sample *sample;
	int64_t offset_ms;
};

int pp_feed_record(
	struct pp_spool *spool, struct pp_db *record, int64_t limit, struct pp_feed_counts *counts)
{
	const struct pp_scope scope = { .people =
						true }; /* of all tenants, without personal texts */
	struct pp_feed_counts after = *counts;
	struct pp_json *events = NULL;
	int64_t cursor;
	int r = pp_spool_cursor(spool, &cursor), found = 0;

	if (r < 0 || pp_spool_full(spool))
		return r;
	r = pp_query_events(record, &scope, cursor, limit, &events);
	if (r < 0)
		return r;
	if (pp_json_count(events) > 0) {
		found = (int)pp_json_count(events);
		r = add_events(spool, events, &after);
	}
	pp_json_free(events);
	if (r < 0)
		return r;
	*counts = after;
	return found;
}

/* Appends the reading as a line. -EINVAL: it was refused and counted. */
static int add_line(struct pp_buf *text, const struct reading_of *of, size_t index,
	struct pp_feed_counts *counts)
{
	struct pp_points_problem problem;
	char *line;
	int r = pp_points_reading(of->topic, of->sample, index, of->offset_ms, &line, &problem);

	if (r == -EINVAL) {
		counts->readings_refused++;
		snprintf(counts->last_refusal, sizeof(counts->last_refusal), "%s: %.100s",
			of->topic->post, problem.text);
	}
	if (r < 0)
		return r;
	if (text->length > 0)
		pp_buf_add(text, "\n", 1);
	pp_buf_add(text, line, strlen(line));
	free(line);
	return 0;
}

static int add_readings(
	struct pp_spool *spool, const struct reading_of *of, struct pp_feed_counts *counts)
{
	struct pp_buf text = { 0 };
	size_t count = 0;
	int r = 0;

	for (size_t i = 0; (r == 0 || r == -EINVAL) && i < of->sample->count; i++) {
		r = add_line(&text, of, i, counts);
		count += r == 0;
	}
	if (r == -EINVAL)
		r = 0;
	if (r == 0 && text.failed)
		r = -ENOMEM;
	if (r == 0 && count > 0)
		r = pp_spool_add(spool, text.data, count);
	if (r == 0)
		counts->readings += count;
	pp_buf_done(&text);
	return r;
}

/* A reading is neither from the future nor from before the broker began to queue it: the post's
 * clock is off, and what has been observed of it is used instead. */
static bool is_wrong(int64_t at_ms, int64_t arrived_ms)
{
	return at_ms != PP_AT_UNKNOWN &&
	       (at_ms > arrived_ms + PP_CLOCK_TOLERANCE_MS || at_ms < arrived_ms - QUEUED_MAX_MS);
}

static int add_message(struct pp_spool *spool, const struct pp_mqtt_event *message,
	const struct pp_feed_now *now, struct pp_feed_counts *counts)
{
	struct pp_sample sample;
	struct pp_topic topic;
	char why[160] = "not a sample of a post", name[PP_TENANT_MAX + PP_POST_MAX + 2];
	struct reading_of of = { .topic = &topic, .sample = &sample };
	int64_t arrived_ms;
	int r = pp_topic_parse(message->topic, &topic);

	if (r == 0 && (topic.channel != PP_CHANNEL_SAMPLE || message->retained))
		r = -EBADMSG;
	if (r == 0)
		r = pp_sample_decode(message->payload, message->length, &sample, why);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		counts->messages_refused++;
		snprintf(counts->last_refusal, sizeof(counts->last_refusal), "%.60s: %.90s",
			message->topic, why);
		return 0;
	}
	arrived_ms = now->wall_ms - (int64_t)((now->mono_us - message->at_us) / 1000);
	snprintf(name, sizeof(name), "%s/%s", topic.tenant, topic.post);
	r = pp_spool_offset(spool, name,
		&(struct pp_spool_seen){ sample.boot, sample.mono_ms, arrived_ms }, &of.offset_ms);
	if (r == 0 && is_wrong(sample.at_ms, arrived_ms)) {
		sample.at_ms = PP_AT_UNKNOWN;
		counts->clocks_wrong++;
	}
	return r < 0 ? r : add_readings(spool, &of, counts);
}

int pp_feed_samples(struct pp_spool *spool, struct pp_mqtt_event *const *messages, size_t count,
	const struct pp_feed_now *now, struct pp_feed_counts *counts)
{
	struct pp_feed_counts after = *counts;
	int r;

	if (pp_spool_full(spool)) {
		counts->readings_full += count;
		return 0;
	}
	r = pp_spool_begin(spool);
	if (r == 0)
		r = pp_spool_look(spool, now->boot, now->wall_ms - (int64_t)(now->mono_us / 1000));
	after.clock_steps += r == 1;
	if (r > 0)
		r = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_message(spool, messages[i], now, &after);
	if (r == 0)
		r = pp_spool_commit(spool);
	else
		pp_spool_rollback(spool);
	if (r == 0)
		*counts = after;
	return r;
}
