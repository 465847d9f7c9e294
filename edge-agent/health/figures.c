/* SPDX-License-Identifier: Apache-2.0 */
/* figures.c -- gauges and counters of a post. */
#include "health/figures.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"

static double real_of(const struct pp_json *o, const char *key)
{
	double value = (double)NAN;
	bool truth;

	if (o && pp_json_get_real(o, key, &value) < 0 && pp_json_get_bool(o, key, &truth) == 0)
		value = truth;
	return value;
}

static void add_gauges(struct pp_metrics *m, const struct pp_json *o, const struct pp_json *outbox)
{
	const struct {
		const struct pp_json *of;
		const char *key, *name, *help;
	} rows[] = {
		{ o, "broker", "pospin_edge_broker_connected", "1: connected to the broker." },
		{ o, "last_beat_s", "pospin_edge_last_beat_seconds",
			"Since the server answered; NaN: it has not." },
		{ o, "round_trip_s", "pospin_edge_round_trip_seconds",
			"State to beat, the newest." },
		{ o, "clock_synchronised", "pospin_edge_clock_synchronised",
			"1: the kernel says that the clock is disciplined." },
		{ o, "uptime_s", "pospin_edge_uptime_seconds", "How long the agent runs." },
		{ outbox, "durable", "pospin_edge_storage_durable",
			"1: signals are on the disk; 0: in memory alone." },
		{ outbox, "unreceipted", "pospin_edge_unreceipted_signals",
			"Signals that are not in the server's record yet." },
		{ outbox, "unreceipted_alarms", "pospin_edge_unreceipted_alarms",
			"Alarms among them." },
		{ outbox, "refused", "pospin_edge_refused_signals",
			"Signals among them that the server refused." },
		{ outbox, "oldest_s", "pospin_edge_unreceipted_seconds",
			"How long the oldest of them waits in this run; NaN: there is none." },
		{ outbox, "rows", "pospin_edge_outbox_rows", "Signals kept." },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pp_metrics_one_gauge(
			m, rows[i].name, rows[i].help, real_of(rows[i].of, rows[i].key));
}

static void add_points(struct pp_metrics *m, const struct pp_json *points)
{
	static const char *const states[] = { "normal", "alarm", "trouble", "disabled", "test" };
	const struct pp_json *point;

	pp_metrics_family(m, PP_METRIC_GAUGE, "pospin_edge_points", "Points by their state.");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		int count = 0;

		for (const char *id = points ? pp_json_next(points, NULL, &point) : NULL; id;
			id = pp_json_next(points, id, &point)) {
			const char *state = "";

			(void)pp_json_get_text(point, "state", 32, &state);
			count += strcmp(state, states[i]) == 0;
		}
		pp_metrics_gauge(m, PP_LABELS({ "state", states[i] }), count);
	}
}

static uint64_t count_of(const struct pp_json *counts, const char *name)
{
	int64_t value = 0;

	(void)pp_json_get_i64(counts, name, 0, INT64_MAX, &value);
	return (uint64_t)value;
}

static void add_counters(struct pp_metrics *m, const struct pp_json *counts,
	const struct pp_health_table *tables, size_t table_count)
{
	char name[PP_METRICS_NAME_MAX + 1];

	for (size_t t = 0; t < table_count; t++)
		for (size_t i = 0; i < tables[t].count; i++) {
			const struct pp_counter *row = &tables[t].rows[i];

			snprintf(name, sizeof(name), "pospin_edge_%s_total", row->name);
			if (!row->reason)
				pp_metrics_one_count(
					m, name, row->help, count_of(counts, row->name));
		}
	pp_metrics_family(m, PP_METRIC_COUNTER, "pospin_edge_refused_total",
		"What was refused: by whom, and why.");
	for (size_t t = 0; t < table_count; t++)
		for (size_t i = 0; i < tables[t].count; i++) {
			const struct pp_counter *row = &tables[t].rows[i];

			if (row->reason)
				pp_metrics_count(m,
					PP_LABELS({ "by", row->by }, { "reason", row->reason }),
					count_of(counts, row->name));
		}
}

int pp_health_metrics(const char *status, size_t length, const struct pp_health_table *tables,
	size_t table_count, char **ret_text, size_t *ret_length)
{
	const struct pp_json *outbox = NULL, *points = NULL, *counts;
	struct pp_metrics m = { 0 };
	struct pp_json *o = NULL;
	const char *version = "?";
	int r = pp_json_parse(status, length, &o, NULL);

	if (r == 0 && pp_json_get_object(o, "counts", &counts) < 0)
		r = -EBADMSG;
	if (r < 0) {
		pp_json_free(o);
		return r;
	}
	(void)pp_json_get_object(o, "outbox", &outbox);
	(void)pp_json_get_object(o, "points", &points);
	(void)pp_json_get_text(o, "version", 64, &version);
	pp_metrics_family(&m, PP_METRIC_GAUGE, "pospin_edge_build_info", "Always 1.");
	pp_metrics_gauge(&m, PP_LABELS({ "version", version }), 1);
	add_gauges(&m, o, outbox);
	add_points(&m, points);
	add_counters(&m, counts, tables, table_count);
	pp_json_free(o);
	return pp_metrics_take(&m, ret_text, ret_length);
}
