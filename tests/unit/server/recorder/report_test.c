/* SPDX-License-Identifier: Apache-2.0 */
/* report_test.c -- what a recorder tells, and what becomes of it for Prometheus. */
#include "recorder/report.h"

#include <errno.h>

#include "pospin_test.h"

static const struct pp_feed_counts counts = { .events = 5, .readings = 7, .readings_full = 3 };
static const struct pp_recorder_facts facts = { .version = "0.1",
	.uptime_s = 9,
	.broker = true,
	.store_why = "HTTP 503",
	.record = true,
	.waiting = 11,
	.poison = 1,
	.taken = 5,
	.spool_bytes = 4096,
	.spool_limit_bytes = 1 << 20,
	.written = 12,
	.counts = &counts };

static void everything_that_is_told_is_in_the_metrics(void **state)
{
	static const char *const wanted[] = {
		"pospin_recorder_build_info{version=\"0.1\"} 1\n",
		"\npospin_recorder_broker_connected 1\n",
		"\npospin_recorder_store_connected 0\n",
		"\npospin_recorder_spool_lines 11\n",
		"\npospin_recorder_spool_limit_bytes 1048576\n",
		"\npospin_recorder_written_total 12\n",
		"\npospin_recorder_events_total 5\n",
		"\npospin_recorder_refused_total{by=\"feed\",reason=\"spool-full\"} 3\n",
		"\npospin_recorder_refused_total{by=\"feed\",reason=\"message\"} 0\n",
	};
	char *report, *text;
	size_t length;

	(void)state;
	assert_int_equal(pp_recorder_report(&facts, &report, &length), 0);
	assert_non_null(strstr(report, "\"store\":false,\"store_why\":\"HTTP 503\""));
	assert_int_equal(pp_recorder_report_metrics(report, length, &text, &length), 0);
	for (size_t i = 0; i < PP_COUNT(wanted); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("no '%s' in %s", wanted[i], text);
	free(report);
	free(text);
}

static void what_is_no_report_makes_no_metrics(void **state)
{
	static const char *const bad[] = { "", "{", "{}", "[]", "{\"counts\":1}" };
	char *text;
	size_t length;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_int_equal(pp_recorder_report_metrics(bad[i], strlen(bad[i]), &text, &length),
			-EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_is_told_is_in_the_metrics),
		cmocka_unit_test(what_is_no_report_makes_no_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
