/* SPDX-License-Identifier: Apache-2.0 */
/* report.c -- what the post tells of itself: samples to the server, its status to whoever asks
 * here. */
#include "edge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/text.h"
#include "json/json.h"
#include "samples/samples.h"

static double seconds(uint64_t us)
{
	return (double)us / 1000000;
}

void pp_report_sample(struct pp_edge *e)
{
	const struct pp_samples_paths paths = { "/sys/class/thermal", "/proc/loadavg",
		e->scalars->data };
	struct pp_agent_now now = pp_edge_now(e);
	uint64_t round_trip_us = pp_uplink_round_trip_us(e->uplink);
	struct pp_samples_agent agent = {
		.round_trip_s = round_trip_us ? seconds(round_trip_us) : -1,
		.outbox_depth = (double)pp_sender_depth(e->sender),
		.clock_synchronised = now.synchronised,
	};
	struct pp_outbox_facts facts;
	struct pp_sample sample = { 0 };
	char *text = NULL;
	size_t length;

	if (now.mono_us < e->sample_us)
		return;
	e->sample_us = now.mono_us + (uint64_t)e->scalars->sample_every_us;
	if (!pp_sender_up(e->sender))
		return;
	pp_keeper_facts(e->keeper, &facts);
	sample.boot = facts.boot;
	sample.mono_ms = (int64_t)(now.mono_us / 1000);
	sample.at_ms = now.synchronised ? now.wall_ms : PP_AT_UNKNOWN;
	pp_samples_read(&paths, &agent, sample.mono_ms, &sample);
	pp_levels_sample(e, &sample);
	if (pp_sample_encode(&sample, &text, &length) < 0)
		return;
	pp_sender_put(e->sender, PP_LOOSE_SAMPLE, e->topics[PP_CHANNEL_SAMPLE], text, length, NULL);
}

/* What is not in the server's record yet. */
static void set_waiting(const struct pp_edge *e, struct pp_json *o)
{
	struct pp_backlog_facts facts = pp_sender_look(e->sender);
	uint64_t now_us = pp_loop_now_us(e->loop);

	pp_json_set_i64(o, "unreceipted_alarms", (int64_t)facts.alarms);
	pp_json_set_i64(o, "refused", (int64_t)facts.refused);
	if (facts.oldest_us <= now_us)
		pp_json_set_real(o, "oldest_s", seconds(now_us - facts.oldest_us));
	else
		pp_json_set_null(o, "oldest_s");
}

static struct pp_json *outbox_json(const struct pp_edge *e)
{
	struct pp_json *o = pp_json_object();
	struct pp_outbox_facts f;
	char epoch[17];

	pp_keeper_facts(e->keeper, &f);
	snprintf(epoch, sizeof(epoch), "%016" PRIx64, f.epoch);
	pp_json_set_bool(o, "durable", pp_keeper_durable(e->keeper));
	pp_json_set_text(o, "epoch", epoch);
	pp_json_set_i64(o, "boot", f.boot);
	pp_json_set_i64(o, "last_seq", f.last_seq);
	pp_json_set_i64(o, "unreceipted", (int64_t)pp_sender_depth(e->sender));
	set_waiting(e, o);
	pp_json_set_i64(o, "receipted_alarms", f.receipted_alarms);
	pp_json_set_i64(o, "rows", f.rows);
	return o;
}

static struct pp_json *points_json(const struct pp_edge *e)
{
	struct pp_json *o = pp_json_object();

	for (size_t i = 0; i < e->settings->wiring.point_count; i++) {
		const struct pp_level *level = pp_levels_of(e, i);
		struct pp_json *point = pp_json_object();
		const char *detail;

		pp_json_set_text(point, "state",
			pp_point_state_text(pp_agent_point_state(e->agent, i, &detail)));
		if (detail[0])
			pp_json_set_text(point, "detail", detail);
		if (level && level->known) {
			pp_json_set_real(point, "level", level->value);
			pp_json_set_real(point, "baseline", pp_sensor_baseline(e->sensors[i]));
		} else if (level) {
			pp_json_set_text(point, "why", level->why);
		}
		pp_json_set(o, e->points[i].id, point);
	}
	return o;
}

static void set_outputs(const struct pp_edge *e, struct pp_json *root)
{
	struct pp_json *outputs = pp_json_object(), *shows = pp_json_object();
	uint64_t now_us = pp_loop_now_us(e->loop);
	struct pp_view view;

	pp_agent_view(e->agent, now_us, &view);
	pp_orders_view(e->orders, now_us, &view);
	for (size_t i = 0; i < e->settings->wiring.output_count; i++) {
		const char *id = e->settings->wiring.outputs[i].text.id;

		pp_json_set_bool(outputs, id, e->active[i]);
		pp_json_set_text(shows, id,
			pp_show_text(pp_annunciator_show(
				&e->roles[i], &e->settings->profile, &view, now_us)));
	}
	pp_json_set_bool(root, "drill", view.drill && !view.server_away);
	pp_json_set_bool(root, "neighbour", view.order.active && view.order.neighbour);
	pp_json_set(root, "outputs", outputs);
	pp_json_set(root, "shows", shows);
}

#define EDGE_ROW(...) PP_COUNTER_ROW(struct pp_edge_counts, __VA_ARGS__)
#define INBOX_ROW(...) PP_COUNTER_ROW(struct pp_inbox_counts, __VA_ARGS__)
const struct pp_counter pp_edge_table[] = { PP_EDGE_COUNTS(EDGE_ROW) };
const struct pp_counter pp_inbox_table[] = { PP_INBOX_COUNTS(INBOX_ROW) };
const size_t pp_edge_table_count = sizeof(pp_edge_table) / sizeof(pp_edge_table[0]);
const size_t pp_inbox_table_count = sizeof(pp_inbox_table) / sizeof(pp_inbox_table[0]);

static void add_counts(
	struct pp_json *o, const struct pp_counter *table, size_t count, const void *counts)
{
	for (size_t i = 0; i < count; i++)
		pp_json_set_i64(o, table[i].name, (int64_t)pp_counter_value(&table[i], counts));
}

static struct pp_json *counts_json(const struct pp_edge *e)
{
	struct pp_edge_counts counts = e->counts;
	struct pp_json *o = pp_json_object();
	struct pp_agent_counts agent;
	struct pp_mqtt_counts mqtt;

	pp_agent_counts(e->agent, &agent);
	pp_mqtt_counts(e->mqtt, &mqtt);
	counts.alarms = agent.alarms;
	counts.signals = agent.signals;
	counts.beats = agent.beats;
	counts.beats_stale = agent.beats_stale;
	counts.dropped_full = mqtt.dropped_full;
	add_counts(o, pp_edge_table, pp_edge_table_count, &counts);
	add_counts(o, pp_inbox_table, pp_inbox_table_count, &e->inbox_counts);
	return o;
}

/* A time in seconds, or null while there is none. */
static void set_seconds(struct pp_json *o, const char *key, bool known, uint64_t us)
{
	if (known)
		pp_json_set_real(o, key, seconds(us));
	else
		pp_json_set_null(o, key);
}

/* The words of a library are not always UTF-8. */
static const char *clean(const char *text)
{
	return pp_text_is_utf8(text, strlen(text)) ? text : "?";
}

int pp_report_status(struct pp_edge *e, char **ret_text, size_t *ret_length)
{
	struct pp_json *o = pp_json_object();
	struct pp_agent_now now = pp_edge_now(e);
	uint64_t beat_us = pp_agent_last_beat_us(e->agent),
		 round_trip_us = pp_agent_round_trip_us(e->agent);
	bool heard = beat_us && !pp_agent_server_away(e->agent, now.mono_us);
	int r;

	pp_json_set_text(o, "tenant", e->scalars->tenant);
	pp_json_set_text(o, "post", e->scalars->post);
	pp_json_set_text(o, "version", POSPIN_VERSION);
	pp_json_set_text(o, "config", e->settings->hash);
	pp_json_set_i64(o, "uptime_s", (int64_t)((now.mono_us - e->started_us) / 1000000));
	pp_json_set_text(o, "server", heard ? "connected" : "away");
	pp_json_set_bool(o, "broker", pp_sender_up(e->sender));
	pp_json_set_text(o, "broker_why", clean(e->down_why));
	pp_json_set_text(o, "second_path", pp_second_state(e));
	pp_json_set_text(o, "data", e->scalars->data);
	set_seconds(o, "last_beat_s", beat_us, now.mono_us - beat_us);
	set_seconds(o, "round_trip_s", round_trip_us, round_trip_us);
	pp_json_set_bool(o, "clock_synchronised", now.synchronised);
	pp_json_set(o, "outbox", outbox_json(e));
	pp_json_set(o, "points", points_json(e));
	set_outputs(e, o);
	pp_json_set(o, "counts", counts_json(e));
	r = pp_json_print(o, ret_text, ret_length);
	pp_json_free(o);
	return r;
}
