/* SPDX-License-Identifier: Apache-2.0 */
/* button_test.c -- one alarm per press, whatever the switch does. */
#include "button/button.h"

#include <errno.h>

#include "kind_play.h"

static const struct pp_sensor_config panic = { .kind = PP_KIND_PANIC };

#define PLAY(steps) kind_play(&pp_button_ops, &panic, steps, PP_COUNT(steps))

static void a_clean_press_is_an_alarm_and_its_release_a_restore(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1004.999, WAIT, "" },
		{ 1005, WAIT, "alarm@1000" },
		{ 1300, OFF, "" },
		{ 1349.999, WAIT, "" },
		{ 1350, WAIT, "restore@1300" },
		{ 100000, WAIT, "" },
	};

	(void)state;
	PLAY(steps);
}

static void a_press_of_50_ms_that_bounces_20_ms_at_both_ends_is_taken_once(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1001, OFF, "" },
		{ 1005, ON, "" },
		{ 1009, OFF, "" },
		{ 1012, ON, "" },
		{ 1016, OFF, "" },
		{ 1020, ON, "" },
		{ 1030, OFF, "alarm@1000" },
		{ 1034, ON, "" },
		{ 1035, OFF, "" },
		{ 1041, ON, "" },
		{ 1050, OFF, "" },
		{ 1099, WAIT, "" },
		{ 1100, WAIT, "restore@1050" },
	};

	(void)state;
	PLAY(steps);
}

static void interference_under_a_millisecond_is_ignored(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1000.9, OFF, "" },
		{ 1500, ON, "" },
		{ 1500.1, OFF, "" },
		{ 1501, ON, "" },
		{ 1501.9, OFF, "" },
		{ 9000, WAIT, "" },
	};

	(void)state;
	PLAY(steps);
}

static void a_release_arms_it_only_after_50_ms_of_calm(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1200, OFF, "alarm@1000" },
		{ 1249, ON, "" },
		{ 1400, OFF, "" },
		{ 1450, ON, "restore@1400" },
		{ 1600, OFF, "alarm@1450" },
		{ 2000, WAIT, "restore@1600" },
	};

	(void)state;
	PLAY(steps);
}

static void a_batch_that_is_read_late_is_judged_by_its_own_times(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1050, OFF, "alarm@1000" },
		{ 5000, ON, "restore@1050" },
		{ 5003, OFF, "" },
		{ 90000, WAIT, "" },
	};

	(void)state;
	PLAY(steps);
}

static void edges_that_repeat_a_level_are_legal(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1001, ON, "" },
		{ 1002, ON, "" },
		{ 1100, ON, "alarm@1000" },
		{ 1200, OFF, "" },
		{ 1201, OFF, "" },
		{ 1202, OFF, "" },
		{ 2000, WAIT, "restore@1200" },
	};

	(void)state;
	PLAY(steps);
}

static void held_too_long_is_stuck_after_its_one_alarm(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 60999, WAIT, "alarm@1000" },
		{ 61000, WAIT, "trouble:stuck@61000" },
		{ 500000, WAIT, "" },
		{ 500100, OFF, "" },
		{ 501000, WAIT, "trouble-restore:stuck@500100 restore@500100" },
		{ 502000, ON, "" },
		{ 503000, OFF, "alarm@502000" },
	};

	(void)state;
	PLAY(steps);
}

static void on_at_start_is_told_once_and_flagged_then_stuck_as_usual(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_ON, "" },
		{ 50000, WAIT, "alarm@100!at-start" },
		{ 60100, WAIT, "trouble:stuck@60100" },
		{ 70000, OFF, "" },
		{ 70050, WAIT, "trouble-restore:stuck@70000 restore@70000" },
		{ 71000, ON, "" },
		{ 72000, WAIT, "alarm@71000" },
	};

	(void)state;
	PLAY(steps);
}

static void a_line_that_is_back_does_not_repeat_its_press(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 2000, START_ON, "alarm@1000" },
		{ 3000, START_OFF, "" },
		{ 3050, WAIT, "restore@3000" },
		{ 4000, START_ON, "" },
		{ 4005, WAIT, "alarm@4000!at-start" },
	};

	(void)state;
	PLAY(steps);
}

static void chatter_alarms_once_is_trouble_and_ends_after_calm(void **state)
{
	struct kind_player p;

	(void)state;
	kind_player_begin(&p, &pp_button_ops, &panic);
	kind_player_act(&p, START_OFF, 100000);
	for (uint64_t i = 0; i < 1000; i++) /* 3 ms on, 5 ms off */
		kind_player_act(&p, i % 2 ? OFF : ON, 1000000 + i / 2 * 8000 + i % 2 * 3000);
	assert_string_equal(p.log.text, "alarm@1000 trouble:chatter@1160");
	kind_player_wait(&p, 60000000);
	assert_string_equal(p.log.text, "alarm@1000 trouble:chatter@1160 restore@4907 "
					"trouble-restore:chatter@14995");
	kind_player_end(&p);
}

static void a_real_hold_alarms_during_chatter(void **state)
{
	struct kind_player p;

	(void)state;
	kind_player_begin(&p, &pp_button_ops, &panic);
	kind_player_act(&p, START_OFF, 100000);
	for (uint64_t i = 0; i < 100; i++) /* interference: 0.3 ms on, 20 ms off */
		kind_player_act(&p, i % 2 ? OFF : ON, 1000000 + i / 2 * 20000 + i % 2 * 300);
	kind_player_act(&p, ON, 2100000);
	kind_player_act(&p, OFF, 2250000);
	kind_player_wait(&p, 3000000);
	assert_string_equal(p.log.text, "trouble:chatter@1400 alarm@2100 restore@2250");
	kind_player_end(&p);
}

static void its_state_is_what_a_person_should_see(void **state)
{
	static const struct {
		uint64_t at_us;
		enum kind_act act;
		enum pp_point_state want;
		const char *detail;
	} rows[] = {
		{ 100000, START_OFF, PP_POINT_NORMAL, NULL },
		{ 1000000, ON, PP_POINT_NORMAL, NULL },
		{ 1005000, WAIT, PP_POINT_ALARM, NULL },
		{ 61000000, WAIT, PP_POINT_TROUBLE, "stuck" },
		{ 62000000, OFF, PP_POINT_TROUBLE, "stuck" },
		{ 62050000, WAIT, PP_POINT_NORMAL, NULL },
	};
	struct kind_player p;
	struct pp_kind_view view;

	(void)state;
	kind_player_begin(&p, &pp_button_ops, &panic);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		kind_player_act(&p, rows[i].act, rows[i].at_us);
		p.ops->view(p.k, &view);
		assert_int_equal(view.state, rows[i].want);
		assert_ptr_equal(view.detail == NULL, rows[i].detail == NULL);
		if (view.detail)
			assert_string_equal(view.detail, rows[i].detail);
		assert_false(view.pre_alarm);
	}
	kind_player_end(&p);
}

/* Bounces from *at_us on for at most 20 ms and ends on level. */
static void bounce(struct kind_player *p, uint64_t *seed, bool level, uint64_t *at_us)
{
	uint64_t end_us = *at_us + kind_random(seed, 1000, 20000);

	while (*at_us < end_us) {
		kind_player_act(p, kind_random(seed, 0, 1) ? ON : OFF, *at_us);
		*at_us += kind_random(seed, 1, 4000);
	}
	*at_us = end_us;
	kind_player_act(p, level ? ON : OFF, *at_us);
}

static void every_one_of_10000_bouncing_presses_is_one_alarm(void **state)
{
	uint64_t seed = 0x20180817, at_us = 1000000;
	struct kind_player p;

	(void)state;
	kind_player_begin(&p, &pp_button_ops, &panic);
	kind_player_act(&p, START_OFF, 100000);
	for (unsigned press = 1; press <= 10000; press++) {
		uint64_t hold_us = kind_random(&seed, 10000, press % 100 ? 400000 : 59000000);
		uint64_t first_us = at_us;

		kind_player_act(&p, ON, at_us);
		bounce(&p, &seed, true, &at_us);
		at_us += hold_us; /* held still: the press is at least 10 ms of it, with up to 20 ms
				     of bounce before and after */
		kind_player_wait(&p, at_us);
		if (p.log.alarms != press || at_us - first_us < 10000)
			fail_msg("press %u, held %ju us: %u alarms", press, (uintmax_t)hold_us,
				p.log.alarms);
		kind_player_act(&p, OFF, at_us);
		bounce(&p, &seed, false, &at_us);
		at_us += kind_random(&seed, 50000, 900000);
		kind_player_wait(&p, at_us);
		if (p.log.alarms != press || p.log.restores != press)
			fail_msg("press %u released: %u alarms, %u restores", press, p.log.alarms,
				p.log.restores);
	}
	assert_int_equal(p.log.troubles, 0);
	kind_player_end(&p);
}

static void settings_that_could_miss_a_press_are_refused(void **state)
{
	static const struct pp_sensor_config bad[] = {
		{ .kind = PP_KIND_PANIC, .debounce_us = 50001 },
		{ .kind = PP_KIND_PANIC, .debounce_us = 999 },
		{ .kind = PP_KIND_PANIC, .stuck_us = 999999 },
		{ .kind = PP_KIND_PANIC, .stuck_us = 3600000001 },
		{ .kind = PP_KIND_PANIC, .chatter_edges = 1 },
	};
	void *k = NULL;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_int_equal(pp_button_ops.new(&bad[i], &k), -EINVAL);
	assert_null(k);
	assert_null(pp_button_ops.free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_press_is_an_alarm_and_its_release_a_restore),
		cmocka_unit_test(a_press_of_50_ms_that_bounces_20_ms_at_both_ends_is_taken_once),
		cmocka_unit_test(interference_under_a_millisecond_is_ignored),
		cmocka_unit_test(a_release_arms_it_only_after_50_ms_of_calm),
		cmocka_unit_test(a_batch_that_is_read_late_is_judged_by_its_own_times),
		cmocka_unit_test(edges_that_repeat_a_level_are_legal),
		cmocka_unit_test(held_too_long_is_stuck_after_its_one_alarm),
		cmocka_unit_test(on_at_start_is_told_once_and_flagged_then_stuck_as_usual),
		cmocka_unit_test(a_line_that_is_back_does_not_repeat_its_press),
		cmocka_unit_test(chatter_alarms_once_is_trouble_and_ends_after_calm),
		cmocka_unit_test(a_real_hold_alarms_during_chatter),
		cmocka_unit_test(its_state_is_what_a_person_should_see),
		cmocka_unit_test(every_one_of_10000_bouncing_presses_is_one_alarm),
		cmocka_unit_test(settings_that_could_miss_a_press_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
