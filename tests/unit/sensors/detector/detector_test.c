/* SPDX-License-Identifier: Apache-2.0 */
/* detector_test.c -- smoke at once, smoke verified, smoke that was none. */
#include "detector/detector.h"

#include <errno.h>

#include "kind_play.h"

static const struct pp_sensor_config at_once = { .kind = PP_KIND_SMOKE };
static const struct pp_sensor_config verified = { .kind = PP_KIND_SMOKE, .verify_us = 30000000 };

#define PLAY(config, steps) kind_play(&pp_detector_ops, &(config), steps, PP_COUNT(steps))

static void without_verification_it_alarms_after_the_debounce(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1005, OFF, "" },
		{ 1006, ON, "" },
		{ 1025.999, WAIT, "" },
		{ 1026, WAIT, "alarm@1000" },
		{ 3000, OFF, "" },
		{ 7999, WAIT, "" },
		{ 8000, WAIT, "restore@3000" },
	};

	(void)state;
	PLAY(at_once, steps);
}

static void it_restores_only_after_five_seconds_of_calm(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 3000, OFF, "alarm@1000" },
		{ 7000, ON, "" },
		{ 8000, OFF, "" },
		{ 12999, WAIT, "" },
		{ 13000, WAIT, "restore@8000" },
		{ 20000, ON, "" },
		{ 20100, WAIT, "alarm@20000" },
	};

	(void)state;
	PLAY(at_once, steps);
}

static void smoke_that_stays_is_verified_at_the_end_of_the_window(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 30999, WAIT, "" },
		{ 31000, WAIT, "alarm@1000!verified" },
		{ 40000, OFF, "" },
		{ 45000, WAIT, "restore@40000" },
	};

	(void)state;
	PLAY(verified, steps);
}

static void smoke_that_goes_away_and_stays_away_is_no_alarm(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 6000, OFF, "" },
		{ 100000, WAIT, "" },
		{ 200000, ON, "" },
		{ 201000, OFF, "" },
		{ 300000, WAIT, "" },
	};

	(void)state;
	PLAY(verified, steps);
}

static void smoke_that_comes_back_within_the_window_is_an_alarm(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 3000, OFF, "" },
		{ 9000, ON, "" },
		{ 31000, WAIT, "alarm@1000!verified" },
		{ 32000, OFF, "" },
		{ 37000, WAIT, "restore@32000" },
	};

	(void)state;
	PLAY(verified, steps);
}

static void a_flicker_is_neither_absence_nor_return(void **state)
{
	static const struct kind_step gone[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1100, OFF, "" },
		{ 1200, ON, "" },
		{ 1300, OFF, "" },
		{ 1500, ON, "" },
		{ 2000, OFF, "" },
		{ 90000, WAIT, "" },
	};
	static const struct kind_step there[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 30500, OFF, "" },
		{ 30999, WAIT, "" },
		{ 31000, WAIT, "alarm@1000!verified" },
	};

	(void)state;
	PLAY(verified, gone);
	PLAY(verified, there);
}

static void a_short_window_has_a_short_absence(void **state)
{
	static const struct pp_sensor_config config = { .kind = PP_KIND_HEAT,
		.verify_us = 2000000 };
	static const struct kind_step gone[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 2500, OFF, "" },
		{ 60000, WAIT, "" },
	};
	static const struct kind_step back[] = {
		{ 100, START_OFF, "" },
		{ 1000, ON, "" },
		{ 1500, OFF, "" },
		{ 2500, ON, "" },
		{ 2520, WAIT, "alarm@1000!verified" },
	};

	(void)state;
	PLAY(config, gone);
	PLAY(config, back);
}

static void smoke_at_start_is_verified_and_flagged(void **state)
{
	static const struct kind_step steps[] = {
		{ 100, START_ON, "" },
		{ 30099, WAIT, "" },
		{ 30100, WAIT, "alarm@100!at-start!verified" },
	};
	static const struct kind_step now[] = { { 100, START_ON, "" },
		{ 120, WAIT, "alarm@100!at-start" } };

	(void)state;
	PLAY(verified, steps);
	PLAY(at_once, now);
}

static void a_chattering_detector_is_trouble_and_still_alarms(void **state)
{
	struct kind_player p;

	(void)state;
	kind_player_begin(&p, &pp_detector_ops, &verified);
	kind_player_act(&p, START_OFF, 100000);
	for (uint64_t i = 0; i < 4000; i++) /* 10 ms on, 10 ms off, for 40 s */
		kind_player_act(&p, i % 2 ? OFF : ON, 1000000 + i * 10000);
	kind_player_wait(&p, 90000000);
	assert_string_equal(p.log.text, "trouble:chatter@1400 alarm@1000!verified "
					"restore@40890 trouble-restore:chatter@50990");
	kind_player_end(&p);
}

static void its_pre_alarm_is_lit_while_it_verifies_and_dismissals_are_counted(void **state)
{
	static const struct {
		uint64_t at_us;
		enum kind_act act;
		bool pre_alarm;
		enum pp_point_state want;
		uint64_t dismissed;
	} rows[] = {
		{ 100000, START_OFF, false, PP_POINT_NORMAL, 0 },
		{ 1000000, ON, false, PP_POINT_NORMAL, 0 },
		{ 1020000, WAIT, true, PP_POINT_NORMAL, 0 },
		{ 6000000, OFF, true, PP_POINT_NORMAL, 0 },
		{ 31000000, WAIT, false, PP_POINT_NORMAL, 1 },
		{ 40000000, ON, false, PP_POINT_NORMAL, 1 },
		{ 41000000, WAIT, true, PP_POINT_NORMAL, 1 },
		{ 70000000, WAIT, false, PP_POINT_ALARM, 1 },
	};
	struct kind_player p;
	struct pp_kind_view view;

	(void)state;
	kind_player_begin(&p, &pp_detector_ops, &verified);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		kind_player_act(&p, rows[i].act, rows[i].at_us);
		p.ops->view(p.k, &view);
		if (view.pre_alarm != rows[i].pre_alarm || view.state != rows[i].want ||
			view.dismissed != rows[i].dismissed)
			fail_msg("row %zu: pre-alarm %d, state %d, dismissed %ju", i,
				view.pre_alarm, view.state, (uintmax_t)view.dismissed);
	}
	kind_player_end(&p);
}

static void no_smoke_is_verified_for_longer_than_its_window(void **state)
{
	uint64_t seed = 0x114, at_us = 1000000;
	unsigned alarms = 0;

	(void)state;
	for (unsigned run = 0; run < 1000; run++) {
		struct kind_player p;
		uint64_t first_us = at_us;

		kind_player_begin(&p, &pp_detector_ops, &verified);
		kind_player_act(&p, START_OFF, at_us - 1000);
		do { /* on and off at random, but on at the end of the window */
			kind_player_act(&p, ON, at_us);
			at_us += kind_random(&seed, 30000, 6000000);
			kind_player_act(&p, OFF, at_us);
			at_us += kind_random(&seed, 1000, 3000000);
		} while (at_us < first_us + 20000000);
		kind_player_act(&p, ON, at_us);
		kind_player_wait(&p, first_us + 30000000);
		alarms += p.log.alarms == 1;
		at_us += 60000000;
		kind_player_end(&p);
	}
	assert_int_equal(alarms, 1000);
}

static void settings_out_of_range_are_refused(void **state)
{
	static const struct pp_sensor_config bad[] = {
		{ .kind = PP_KIND_SMOKE, .verify_us = 30000001 },
		{ .kind = PP_KIND_SMOKE, .debounce_us = 1 },
		{ .kind = PP_KIND_SMOKE, .chatter_us = 1 },
	};
	void *k = NULL;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(bad); i++)
		assert_int_equal(pp_detector_ops.new(&bad[i], &k), -EINVAL);
	assert_null(k);
	assert_null(pp_detector_ops.free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_verification_it_alarms_after_the_debounce),
		cmocka_unit_test(it_restores_only_after_five_seconds_of_calm),
		cmocka_unit_test(smoke_that_stays_is_verified_at_the_end_of_the_window),
		cmocka_unit_test(smoke_that_goes_away_and_stays_away_is_no_alarm),
		cmocka_unit_test(smoke_that_comes_back_within_the_window_is_an_alarm),
		cmocka_unit_test(a_flicker_is_neither_absence_nor_return),
		cmocka_unit_test(a_short_window_has_a_short_absence),
		cmocka_unit_test(smoke_at_start_is_verified_and_flagged),
		cmocka_unit_test(a_chattering_detector_is_trouble_and_still_alarms),
		cmocka_unit_test(its_pre_alarm_is_lit_while_it_verifies_and_dismissals_are_counted),
		cmocka_unit_test(no_smoke_is_verified_for_longer_than_its_window),
		cmocka_unit_test(settings_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
