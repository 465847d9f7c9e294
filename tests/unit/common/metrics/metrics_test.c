/* SPDX-License-Identifier: Apache-2.0 */
/* metrics_test.c -- the text format, byte for byte. */
#include "metrics/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pospin_test.h"

static void expect(struct pp_metrics *m, const char *want)
{
	char *text;
	size_t length;

	assert_int_equal(pp_metrics_take(m, &text, &length), 0);
	assert_string_equal(text, want);
	assert_int_equal(length, strlen(want));
	free(text);
}

static void a_counter_has_its_help_its_type_and_its_value(void **state)
{
	struct pp_metrics m = { 0 };

	(void)state;
	pp_metrics_one_count(&m, "pospin_x_total", "What it is.", UINT64_MAX);
	expect(&m, "# HELP pospin_x_total What it is.\n# TYPE pospin_x_total counter\n"
		   "pospin_x_total 18446744073709551615\n");
}

static void labels_and_help_are_escaped_each_in_its_way(void **state)
{
	struct pp_metrics m = { 0 };

	(void)state;
	pp_metrics_family(&m, PP_METRIC_GAUGE, "pospin_g", "a \"b\" \\ c\nd");
	pp_metrics_gauge(&m, PP_LABELS({ "why", "\"x\"\\\n" }, { "b", "" }), 1.5);
	expect(&m, "# HELP pospin_g a \"b\" \\\\ c\\nd\n# TYPE pospin_g gauge\n"
		   "pospin_g{why=\"\\\"x\\\"\\\\\\n\",b=\"\"} 1.5\n");
}

static void values_that_are_no_numbers_are_written_as_the_format_wants(void **state)
{
	struct pp_metrics m = { 0 };

	(void)state;
	pp_metrics_family(&m, PP_METRIC_GAUGE, "g", "h");
	pp_metrics_gauge(&m, NULL, (double)NAN);
	pp_metrics_gauge(&m, NULL, (double)INFINITY);
	pp_metrics_gauge(&m, NULL, -(double)INFINITY);
	pp_metrics_gauge(&m, NULL, 253402300799.0);
	expect(&m, "# HELP g h\n# TYPE g gauge\ng NaN\ng +Inf\ng -Inf\ng 253402300799\n");
}

#define COUNTS(X)                                                                                  \
	X(taken, NULL, NULL, "Taken.")                                                             \
	X(refused_form, "intake", "form", "Unreadable.")                                           \
	X(late, NULL, NULL, "Late.")                                                               \
	X(cut, "http", "slow", "Too slow.")
struct counts {
	COUNTS(PP_COUNTER_MEMBER)
};
#define ROW(...) PP_COUNTER_ROW(struct counts, __VA_ARGS__)
static const struct pp_counter table[] = { COUNTS(ROW) };

static void a_table_makes_families_of_its_rows_and_one_of_its_refusals(void **state)
{
	const struct counts counts = { .taken = 1, .refused_form = 2, .late = 3, .cut = 4 };
	struct pp_metrics m = { 0 };

	(void)state;
	pp_metrics_counters(&m, "p", table, 4, &counts);
	pp_metrics_family(&m, PP_METRIC_COUNTER, "p_refused_total", "Refused.");
	pp_metrics_refusals(&m, table, 4, &counts);
	expect(&m, "# HELP p_taken_total Taken.\n# TYPE p_taken_total counter\np_taken_total 1\n"
		   "# HELP p_late_total Late.\n# TYPE p_late_total counter\np_late_total 3\n"
		   "# HELP p_refused_total Refused.\n# TYPE p_refused_total counter\n"
		   "p_refused_total{by=\"intake\",reason=\"form\"} 2\n"
		   "p_refused_total{by=\"http\",reason=\"slow\"} 4\n");
}

static void a_histogram_counts_upwards_and_a_bound_belongs_to_its_bucket(void **state)
{
	static const struct pp_bounds bounds = { 2, { 0.5, 2 } };
	static const double values[] = { 0.25, 0.5, 2, 2.25, 100 };
	struct pp_histogram h = { 0 };
	struct pp_metrics m = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		pp_histogram_feed(&h, &bounds, values[i]);
	pp_metrics_histogram(&m, "h_seconds", "How long.", &bounds, &h);
	expect(&m, "# HELP h_seconds How long.\n# TYPE h_seconds histogram\n"
		   "h_seconds_bucket{le=\"0.5\"} 2\nh_seconds_bucket{le=\"2\"} 3\n"
		   "h_seconds_bucket{le=\"+Inf\"} 5\nh_seconds_sum 105\nh_seconds_count 5\n");
}

static void the_bounds_that_programs_use_grow(void **state)
{
	const struct pp_bounds *const all[] = { &pp_bounds_seconds, &pp_bounds_batch };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 1; k < all[i]->count; k++)
			assert_true(all[i]->at[k] > all[i]->at[k - 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_has_its_help_its_type_and_its_value),
		cmocka_unit_test(labels_and_help_are_escaped_each_in_its_way),
		cmocka_unit_test(values_that_are_no_numbers_are_written_as_the_format_wants),
		cmocka_unit_test(a_table_makes_families_of_its_rows_and_one_of_its_refusals),
		cmocka_unit_test(a_histogram_counts_upwards_and_a_bound_belongs_to_its_bucket),
		cmocka_unit_test(the_bounds_that_programs_use_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
