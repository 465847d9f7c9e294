/* SPDX-License-Identifier: Apache-2.0 */
/* figures_test.c -- a status as Prometheus reads it. */
#include "health/figures.h"

#include <errno.h>

#include "pospin_test.h"

#define COUNTS(X)                                                                                  \
	X(alarms, NULL, NULL, "Alarms.")                                                           \
	X(ignored_forged, "inbox", "forged", "Forged.")
struct counts {
	COUNTS(PP_COUNTER_MEMBER)
};
#define ROW(...) PP_COUNTER_ROW(struct counts, __VA_ARGS__)
static const struct pp_counter rows[] = { COUNTS(ROW) };
static const struct pp_health_table table = { rows, 2 };

static void what_the_agent_says_is_in_the_metrics(void **state)
{
	static const char status[] =
		"{\"version\":\"0.1\",\"broker\":true,\"last_beat_s\":1.5,\"round_trip_s\":null,"
		"\"outbox\":{\"durable\":false,\"unreceipted\":3},"
		"\"points\":{\"a\":{\"state\":\"normal\"},\"b\":{\"state\":\"trouble\"},"
		"\"c\":{\"state\":\"normal\"}},\"counts\":{\"alarms\":5,\"ignored_forged\":7}}";
	static const char *const wanted[] = {
		"pospin_edge_build_info{version=\"0.1\"} 1\n",
		"\npospin_edge_broker_connected 1\n",
		"\npospin_edge_last_beat_seconds 1.5\n",
		"\npospin_edge_round_trip_seconds NaN\n",
		"\npospin_edge_storage_durable 0\n",
		"\npospin_edge_unreceipted_signals 3\n",
		"\npospin_edge_points{state=\"normal\"} 2\n",
		"\npospin_edge_points{state=\"trouble\"} 1\n",
		"\npospin_edge_alarms_total 5\n",
		"\npospin_edge_refused_total{by=\"inbox\",reason=\"forged\"} 7\n",
	};
	char *text;
	size_t length;

	(void)state;
	assert_int_equal(pp_health_metrics(status, strlen(status), &table, 1, &text, &length), 0);
	for (size_t i = 0; i < PP_COUNT(wanted); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("no '%s' in %s", wanted[i], text);
	free(text);
}

static void what_is_no_status_makes_no_metrics(void **state)
{
	static const char *const bad[] = { "", "[]", "{}", "{\"counts\":[]}", "x" };
	char *text;
	size_t length;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_true(
			pp_health_metrics(bad[i], strlen(bad[i]), &table, 1, &text, &length) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_agent_says_is_in_the_metrics),
		cmocka_unit_test(what_is_no_status_makes_no_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
