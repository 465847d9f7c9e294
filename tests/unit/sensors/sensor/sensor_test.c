/* SPDX-License-Identifier: Apache-2.0 */
/* sensor_test.c -- the table of kinds, and the promises that hold for every kind. */
#include "sensor/sensor.h"

#include <errno.h>

#include "kind_play.h"
#include "memory_fails.h"

static const enum pp_kind readable[] = { PP_KIND_PANIC, PP_KIND_SMOKE, PP_KIND_HEAT, PP_KIND_TAMPER,
	PP_KIND_MAINS, PP_KIND_BATTERY, PP_KIND_INPUT, PP_KIND_FLOOD };

static struct pp_sensor *made(enum pp_kind kind, bool normally_closed)
{
	const struct pp_sensor_config config = { .kind = kind, .normally_closed = normally_closed };
	struct pp_sensor *s;

	assert_int_equal(pp_sensor_new(&config, &s), 0);
	return s;
}

static void every_kind_that_reads_a_level_is_in_the_table(void **state)
{
	(void)state;
	for (int kind = 0; kind <= PP_KIND_COUNT; kind++) {
		const struct pp_sensor_config config = { .kind = (enum pp_kind)kind };
		struct pp_sensor *s = NULL;
		int want = -EINVAL;

		for (size_t i = 0; i < PP_COUNT(readable); i++)
			if ((int)readable[i] == kind)
				want = 0;
		assert_int_equal(pp_sensor_new(&config, &s), want);
		assert_int_equal(s != NULL, want == 0);
		assert_null(pp_sensor_free(s));
	}
}

static void a_cut_wire_on_a_normally_closed_loop_reads_as_an_activation(void **state)
{
	struct kind_log log = { 0 };
	struct pp_sensor *s = made(PP_KIND_PANIC, true);
	const char *detail;

	(void)state;
	pp_sensor_start(s, true, 1000000, kind_log_add, &log);
	pp_sensor_step(s, 5000000, kind_log_add, &log);
	assert_int_equal(log.length, 0);
	pp_sensor_feed(s, false, 6000000, kind_log_add, &log);
	pp_sensor_step(s, 7000000, kind_log_add, &log);
	assert_string_equal(log.text, "alarm@6000");
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_ALARM);
	pp_sensor_free(s);
}

static void a_lost_line_is_trouble_until_it_is_back(void **state)
{
	struct kind_log log = { 0 };
	struct pp_sensor *s = made(PP_KIND_MAINS, false);
	const char *detail;

	(void)state;
	pp_sensor_start(s, false, 1000000, kind_log_add, &log);
	pp_sensor_lost(s, 2000000, kind_log_add, &log);
	pp_sensor_lost(s, 2000000, kind_log_add, &log);
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_TROUBLE);
	assert_string_equal(detail, "lost");
	pp_sensor_start(s, true, 5000000, kind_log_add, &log);
	pp_sensor_step(s, 6000000, kind_log_add, &log);
	assert_string_equal(log.text,
		"trouble:lost@2000 trouble-restore:lost@5000 trouble:mains-lost@5000!at-start");
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_TROUBLE);
	assert_string_equal(detail, "mains-lost");
	pp_sensor_free(s);
}

static void edges_that_were_dropped_are_trouble_for_ten_seconds(void **state)
{
	struct kind_log log = { 0 };
	struct pp_sensor *s = made(PP_KIND_SMOKE, false);
	const char *detail;

	(void)state;
	pp_sensor_start(s, false, 1000000, kind_log_add, &log);
	pp_sensor_gap(s, 2000000, kind_log_add, &log);
	pp_sensor_gap(s, 5000000, kind_log_add, &log);
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_TROUBLE);
	assert_string_equal(detail, "gap");
	assert_int_equal(pp_sensor_deadline(s), 15000000);
	pp_sensor_step(s, 20000000, kind_log_add, &log);
	assert_string_equal(log.text, "trouble:gap@2000 trouble-restore:gap@15000");
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_NORMAL);
	pp_sensor_free(s);
}

static void the_first_fault_stands_until_something_is_read_again(void **state)
{
	static const struct pp_sensor_config level = { .kind = PP_KIND_SMOKE,
		.level = { .alarm = 1, .clean = 1, .min = 0, .max = 5 } };
	struct kind_log log = { 0 };
	struct pp_sensor *s;
	const char *detail;

	(void)state;
	assert_int_equal(pp_sensor_new(&level, &s), 0);
	pp_sensor_fault(s, "unreadable in_voltage0_raw", 1000000, kind_log_add, &log);
	pp_sensor_fault(s, "lost", 2000000, kind_log_add, &log);
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_TROUBLE);
	assert_string_equal(detail, "unreadable in_voltage0_raw");
	pp_sensor_value(s, 1.5, 3000000, kind_log_add, &log);
	assert_string_equal(log.text, "trouble:unreadable in_voltage0_raw@1000 "
				      "trouble-restore:unreadable in_voltage0_raw@3000");
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_NORMAL);
	assert_true(pp_sensor_baseline(s) == 1);
	pp_sensor_free(s);
}

static void a_press_that_was_being_decided_when_the_line_was_lost_is_taken(void **state)
{
	struct kind_log log = { 0 };
	struct pp_sensor *s = made(PP_KIND_PANIC, false);

	(void)state;
	pp_sensor_start(s, false, 1000000, kind_log_add, &log);
	pp_sensor_feed(s, true, 2000000, kind_log_add, &log);
	pp_sensor_lost(s, 2002000, kind_log_add, &log);
	pp_sensor_step(s, 3000000, kind_log_add, &log);
	pp_sensor_start(s, true, 4000000, kind_log_add, &log);
	pp_sensor_step(s, 5000000, kind_log_add, &log);
	assert_string_equal(log.text, "trouble:lost@2002 alarm@2000 trouble-restore:lost@4000");
	pp_sensor_free(s);
}

static void an_edge_older_than_a_decision_counts_from_that_decision_on(void **state)
{
	struct kind_log log = { 0 };
	struct pp_sensor *s = made(PP_KIND_PANIC, false);

	(void)state;
	pp_sensor_start(s, false, 1000000, kind_log_add, &log);
	pp_sensor_feed(s, true, 2000000, kind_log_add, &log);
	pp_sensor_step(s, 2100000, kind_log_add, &log); /* decides as of 2,005,000 */
	pp_sensor_feed(s, false, 2003000, kind_log_add, &log);
	pp_sensor_step(s, 2054999, kind_log_add, &log);
	assert_string_equal(log.text, "alarm@2000");
	pp_sensor_step(s, 2055000, kind_log_add, &log);
	assert_string_equal(log.text, "alarm@2000 restore@2005");
	pp_sensor_free(s);
}

static void smoke_under_verification_shows_as_pre_alarm(void **state)
{
	const struct pp_sensor_config config = { .kind = PP_KIND_SMOKE, .verify_us = 10000000 };
	struct kind_log log = { 0 };
	struct pp_sensor *s;

	(void)state;
	assert_int_equal(pp_sensor_new(&config, &s), 0);
	pp_sensor_start(s, false, 1000000, kind_log_add, &log);
	pp_sensor_feed(s, true, 2000000, kind_log_add, &log);
	pp_sensor_step(s, 3000000, kind_log_add, &log);
	assert_true(pp_sensor_pre_alarm(s));
	assert_int_equal(pp_sensor_deadline(s), 12000000);
	pp_sensor_feed(s, false, 4000000, kind_log_add, &log);
	pp_sensor_step(s, 20000000, kind_log_add, &log);
	assert_false(pp_sensor_pre_alarm(s));
	assert_int_equal(pp_sensor_dismissed(s), 1);
	assert_true(pp_sensor_deadline(s) == UINT64_MAX);
	assert_int_equal(log.length, 0);
	pp_sensor_free(s);
}

struct edge {
	uint64_t at_us;
	bool level;
};

/* A wild wire: bounces, holds, silences, repeated levels. */
static void edges_make(uint64_t *seed, struct edge *ret_edges, size_t count)
{
	static const uint64_t longest_us[] = { 300, 4000, 60000, 700000, 12000000 };
	uint64_t at_us = 2000000, range_us = longest_us[0];

	for (size_t i = 0; i < count; i++) {
		if (kind_random(seed, 0, 9) == 0)
			range_us = longest_us[kind_random(seed, 0, PP_COUNT(longest_us) - 1)];
		at_us += kind_random(seed, 0, range_us);
		ret_edges[i] = (struct edge){ .at_us = at_us, .level = kind_random(seed, 0, 1) };
	}
}

/* Plays edges; stepping as often as wanted between them must not matter. */
static void edges_play(struct pp_sensor *s, const struct edge *edges, size_t count, uint64_t *seed,
	struct kind_log *log)
{
	pp_sensor_start(s, edges[0].level, 1000000, kind_log_add, log);
	for (size_t i = 1; i < count; i++) {
		uint64_t gap_us = edges[i].at_us - edges[i - 1].at_us;

		if (seed && kind_random(seed, 0, 1))
			pp_sensor_step(s, edges[i].at_us - kind_random(seed, 0, gap_us),
				kind_log_add, log);
		pp_sensor_feed(s, edges[i].level, edges[i].at_us, kind_log_add, log);
	}
	pp_sensor_step(s, edges[count - 1].at_us + 100000000, kind_log_add, log);
}

static void on_a_wild_wire_every_kind_keeps_its_promises(void **state)
{
	static const uint64_t verify_us[] = { 0, 30000000 };
	uint64_t seed = 0xC0FFEE;
	struct edge edges[300];

	(void)state;
	for (unsigned run = 0; run < 700; run++) {
		const struct pp_sensor_config config = { .kind = readable[run % PP_COUNT(readable)],
			.normally_closed = run & 1,
			.verify_us = verify_us[run / 2 % 2] };
		struct kind_log in_time = { 0 }, late = { 0 };
		struct pp_sensor *a, *b;
		const char *detail;

		edges_make(&seed, edges, PP_COUNT(edges));
		edges[PP_COUNT(edges) - 1].level = config.normally_closed; /* ends at rest */
		assert_int_equal(pp_sensor_new(&config, &a), 0);
		assert_int_equal(pp_sensor_new(&config, &b), 0);
		edges_play(a, edges, PP_COUNT(edges), &seed, &in_time);
		edges_play(b, edges, PP_COUNT(edges), NULL, &late);
		assert_string_equal(in_time.text, late.text);
		assert_int_equal(in_time.alarms, in_time.restores);
		assert_int_equal(in_time.troubles, in_time.trouble_restores);
		assert_int_equal(pp_sensor_state(a, &detail), PP_POINT_NORMAL);
		assert_true(pp_sensor_deadline(a) == UINT64_MAX);
		pp_sensor_free(a);
		pp_sensor_free(b);
	}
}

static void without_memory_there_is_no_sensor_of_any_kind(void **state)
{
	static const struct pp_level_config smoke = {
		.alarm = 100, .clean = 50, .min = 1, .max = 1000, .hold_us = 1000000
	};

	(void)state;
	for (size_t i = 0; i < 2 * PP_COUNT(readable); i++) {
		struct pp_sensor_config config = { .kind = readable[i / 2] };
		bool failed = true;

		if (i % 2)
			config.level = smoke;
		for (unsigned long nth = 1; failed; nth++) {
			struct pp_sensor *s = NULL;
			int r;

			memory_fail(nth);
			r = pp_sensor_new(&config, &s);
			failed = memory_has_failed();
			assert_true(failed ? r == -ENOMEM && !s : nth > 1);
			pp_sensor_free(s);
		}
	}
}

static void the_words_of_a_fault_are_tamed(void **state)
{
	struct pp_sensor *s = made(PP_KIND_PANIC, false);
	struct kind_log log = { 0 };
	const char *detail;

	(void)state;
	pp_sensor_fault(s, "line \x7f\n", 5000, kind_log_add, &log);
	assert_int_equal(pp_sensor_state(s, &detail), PP_POINT_TROUBLE);
	assert_string_equal(detail, "line ??");
	pp_sensor_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_that_reads_a_level_is_in_the_table),
		cmocka_unit_test(a_cut_wire_on_a_normally_closed_loop_reads_as_an_activation),
		cmocka_unit_test(a_lost_line_is_trouble_until_it_is_back),
		cmocka_unit_test(edges_that_were_dropped_are_trouble_for_ten_seconds),
		cmocka_unit_test(the_first_fault_stands_until_something_is_read_again),
		cmocka_unit_test(a_press_that_was_being_decided_when_the_line_was_lost_is_taken),
		cmocka_unit_test(an_edge_older_than_a_decision_counts_from_that_decision_on),
		cmocka_unit_test(smoke_under_verification_shows_as_pre_alarm),
		cmocka_unit_test(on_a_wild_wire_every_kind_keeps_its_promises),
		cmocka_unit_test(without_memory_there_is_no_sensor_of_any_kind),
		cmocka_unit_test(the_words_of_a_fault_are_tamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
