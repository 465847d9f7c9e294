/* SPDX-License-Identifier: Apache-2.0 */
/* report.c -- the recorder's report, made and translated. */
#include "recorder/report.h"

#include <errno.h>
#include <stdlib.h>

#include "json/json.h"

#define ROW(...) PP_COUNTER_ROW(struct pp_feed_counts, __VA_ARGS__)
static const struct pp_counter table[] = { PP_FEED_COUNTS(ROW) };
#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

int pp_recorder_report(const struct pp_recorder_facts *facts, char **ret_text, size_t *ret_length)
{
	struct pp_json *o = pp_json_object(), *counts = pp_json_object();
	int r;

	(void)pp_json_set_text(o, "version", facts->version);
	(void)pp_json_set_i64(o, "uptime_s", facts->uptime_s);
	(void)pp_json_set_bool(o, "broker", facts->broker);
	(void)pp_json_set_bool(o, "store", facts->store);
	(void)pp_json_set_text(o, "store_why", facts->store_why);
	(void)pp_json_set_bool(o, "record", facts->record);
	(void)pp_json_set_i64(o, "waiting", facts->waiting);
	(void)pp_json_set_i64(o, "poison", facts->poison);
	(void)pp_json_set_i64(o, "taken", facts->taken);
	(void)pp_json_set_i64(o, "spool_bytes", facts->spool_bytes);
	(void)pp_json_set_i64(o, "spool_limit_bytes", facts->spool_limit_bytes);
	(void)pp_json_set_i64(o, "written", (int64_t)facts->written);
	for (size_t i = 0; i < TABLE_COUNT; i++)
		(void)pp_json_set_i64(
			counts, table[i].name, (int64_t)pp_counter_value(&table[i], facts->counts));
	(void)pp_json_set(o, "counts", counts);
	r = pp_json_print(o, ret_text, ret_length);
	pp_json_free(o);
	return r;
}

static int64_t number_of(const struct pp_json *o, const char *key)
{
	int64_t value = 0;

	(void)pp_json_get_i64(o, key, INT64_MIN, INT64_MAX, &value);
	return value;
}

static void add_gauges(struct pp_metrics *m, const struct pp_json *o)
{
	static const struct {
		const char *key, *name, *help;
		bool truth;
	} rows[] = {
		{ "broker", "pospin_recorder_broker_connected", "1: connected to the broker.",
			true },
		{ "store", "pospin_recorder_store_connected",
			"1: the time-series store takes what is sent.", true },
		{ "record", "pospin_recorder_record_readable", "1: the record can be read.", true },
		{ "waiting", "pospin_recorder_spool_lines", "Lines that wait for the store.",
			false },
		{ "spool_bytes", "pospin_recorder_spool_bytes", "Room that they take on disk.",
			false },
		{ "spool_limit_bytes", "pospin_recorder_spool_limit_bytes",
			"Room that they may take; beyond it readings are refused.", false },
		{ "poison", "pospin_recorder_poison_lines",
			"Lines set aside because the store refuses them.", false },
		{ "taken", "pospin_recorder_record_event", "Last event of the record taken.",
			false },
		{ "uptime_s", "pospin_recorder_uptime_seconds", "How long the program runs.",
			false },
	};
	const char *version = "?";

	(void)pp_json_get_text(o, "version", 64, &version);
	pp_metrics_family(m, PP_METRIC_GAUGE, "pospin_recorder_build_info", "Always 1.");
	pp_metrics_gauge(m, PP_LABELS({ "version", version }), 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool truth = false;

		if (rows[i].truth)
			(void)pp_json_get_bool(o, rows[i].key, &truth);
		pp_metrics_one_gauge(m, rows[i].name, rows[i].help,
			rows[i].truth ? truth : (double)number_of(o, rows[i].key));
	}
}

int pp_recorder_report_metrics(
	const char *report, size_t length, char **ret_text, size_t *ret_length)
{
	struct pp_feed_counts counts = { 0 };
	const struct pp_json *given;
	struct pp_metrics m = { 0 };
	struct pp_json *o = NULL;
	int r = pp_json_parse(report, length, &o, NULL);

	if (r == 0 && pp_json_get_object(o, "counts", &given) < 0)
		r = -EBADMSG;
	if (r < 0) {
		pp_json_free(o);
		return r;
	}
	for (size_t i = 0; i < TABLE_COUNT; i++)
		pp_counter_set(&table[i], &counts, (uint64_t)number_of(given, table[i].name));
	add_gauges(&m, o);
	pp_metrics_one_count(&m, "pospin_recorder_written_total", "Lines that the store has taken.",
		(uint64_t)number_of(o, "written"));
	pp_metrics_counters(&m, "pospin_recorder", table, TABLE_COUNT, &counts);
	pp_metrics_family(&m, PP_METRIC_COUNTER, "pospin_recorder_refused_total",
		"What was refused: by whom, and why.");
	pp_metrics_refusals(&m, table, TABLE_COUNT, &counts);
	pp_json_free(o);
	return pp_metrics_take(&m, ret_text, ret_length);
}
