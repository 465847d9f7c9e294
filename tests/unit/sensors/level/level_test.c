/* SPDX-License-Identifier: Apache-2.0 */
/* level_test.c -- analogue levels as tables of readings and times. */
#include "level/level.h"

#include <errno.h>
#include <math.h>

#include "kind_play.h"

struct reading {
	double at_s, value;
	const char *want; /* as in kind_play.h */
};

#define SMOKE                                                                                      \
	{                                                                                          \
		.kind = PP_KIND_SMOKE, .level = {                                                  \
			.alarm = 1,                                                                \
			.clean = 0.5,                                                              \
			.hysteresis = 0.2,                                                         \
			.drift = 0.5,                                                              \
			.min = 0.1,                                                                \
			.max = 3,                                                                  \
			.hold_us = 2000000                                                         \
		}                                                                                  \
	}

static void read_at(struct kind_player *p, double at_s, double value)
{
	uint64_t at_us = (uint64_t)(at_s * 1e6 + 0.5);

	p->log.text[p->log.length = 0] = '\0';
	kind_player_wait(p, at_us);
	p->ops->value(p->k, value, at_us, &p->out);
}

static void play(const struct pp_sensor_config *config, const struct reading *rows, size_t count)
{
	struct kind_player p;

	kind_player_begin(&p, &pp_level_ops, config);
	for (size_t i = 0; i < count; i++) {
		read_at(&p, rows[i].at_s, rows[i].value);
		if (strcmp(p.log.text, rows[i].want) != 0)
			fail_msg("reading %zu at %g s: got \"%s\", want \"%s\"", i, rows[i].at_s,
				p.log.text, rows[i].want);
	}
	kind_player_end(&p);
}

static void smoke_that_stays_over_is_one_alarm_dated_at_its_first_reading(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	static const struct reading rows[] = {
		{ 1, 0.5, "" },
		{ 2, 1.4, "" },
		{ 3, 1.6, "" }, /* over */
		{ 4, 1.4, "" }, /* within the hysteresis */
		{ 5, 1.6, "" }, /* held; the wire behind wants its calm */
		{ 6, 1.6, "alarm@3000" },
		{ 7, 1.35, "" },
		{ 8, 1.2, "" }, /* below the hysteresis: rest */
		{ 9, 0.5, "" },
		{ 14, 0.5, "restore@8000" },
	};

	(void)state;
	play(&smoke, rows, PP_COUNT(rows));
}

static void a_puff_shorter_than_the_hold_is_nothing(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	static const struct reading rows[] = {
		{ 1, 0.5, "" },
		{ 2, 2.0, "" },
		{ 3, 2.0, "" },
		{ 3.5, 1.0, "" },
		{ 4, 2.0, "" },
		{ 5, 1.0, "" },
		{ 60, 0.5, "" },
	};

	(void)state;
	play(&smoke, rows, PP_COUNT(rows));
}

static void smoke_is_verified_by_the_detector_behind(void **state)
{
	struct pp_sensor_config smoke = SMOKE;
	struct kind_player p;
	struct pp_kind_view view;

	(void)state;
	smoke.verify_us = 10000000;
	kind_player_begin(&p, &pp_level_ops, &smoke);
	read_at(&p, 1, 0.5);
	read_at(&p, 2, 2);
	read_at(&p, 4, 2);
	read_at(&p, 5, 2);
	p.ops->view(p.k, &view);
	assert_true(view.pre_alarm);
	assert_string_equal(p.log.text, "");
	for (double at_s = 6; at_s < 14; at_s++)
		read_at(&p, at_s, 2);
	read_at(&p, 15, 2);
	assert_string_equal(p.log.text, "alarm@2000!verified");
	p.ops->view(p.k, &view);
	assert_false(view.pre_alarm);
	assert_int_equal(view.state, PP_POINT_ALARM);
	kind_player_end(&p);
}

static void a_level_over_at_its_first_reading_is_told_as_such(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	static const struct reading rows[] = {
		{ 1, 2, "" },
		{ 2, 2, "alarm@1000!at-start" },
		{ 3, 0.5, "" },
		{ 9, 0.5, "restore@3000" },
		{ 10, 2, "" },
		{ 11, 2, "" },
		{ 12, 2, "" },
		{ 13, 2, "alarm@10000" },
	};

	(void)state;
	play(&smoke, rows, PP_COUNT(rows));
}

static void a_falling_battery_is_trouble_low_until_it_has_recovered(void **state)
{
	static const struct pp_sensor_config battery = { .kind = PP_KIND_BATTERY,
		.level = { .alarm = -1.4, .clean = 12.6, .hysteresis = 0.5, .min = 6, .max = 16 } };
	static const struct reading rows[] = {
		{ 1, 12.6, "" },
		{ 2, 11.3, "" },
		{ 3, 11.1, "" },
		{ 4, 11.5, "trouble:low@3000" },
		{ 5, 11.8, "" },
		{ 6, 11.8, "trouble-restore:low@5000" },
	};

	(void)state;
	play(&battery, rows, PP_COUNT(rows));
}

static void a_reading_out_of_range_is_trouble_after_three_seconds_and_never_smoke(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	static const struct reading rows[] = {
		{ 1, 0.5, "" },
		{ 2, 5, "" },
		{ 3, 5, "" },
		{ 5, 5, "trouble:over-range@2000" },
		{ 9, 0, "" },
		{ 12, 0, "trouble-restore:over-range@12000 trouble:under-range@9000" },
		{ 13, 0.5, "" },
		{ 14, 0, "" }, /* a glitch begins it anew */
		{ 15, 0.5, "" },
		{ 18, 0.5, "trouble-restore:under-range@18000" },
		{ 30, NAN, "" },
		{ 33, NAN, "trouble:under-range@30000" },
	};

	(void)state;
	play(&smoke, rows, PP_COUNT(rows));
}

static void a_wire_that_is_cut_at_start_is_told_at_once(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	static const struct reading rows[] = {
		{ 1, 0, "trouble:under-range@1000" },
		{ 2, 0.5, "" },
		{ 5, 0.5, "trouble-restore:under-range@5000" },
	};

	(void)state;
	play(&smoke, rows, PP_COUNT(rows));
}

static void smoke_that_saturates_its_sensor_is_still_smoke(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	static const struct reading rows[] = {
		{ 1, 0.5, "" },
		{ 2, 2.5, "" },
		{ 3, 5, "" },
		{ 4, 5, "" },
		{ 5, 5, "alarm@2000" },
		{ 6, 5, "trouble:over-range@3000" },
	};

	(void)state;
	play(&smoke, rows, PP_COUNT(rows));
}

static void the_baseline_follows_dust_and_the_threshold_with_it(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	struct kind_player p;
	struct pp_kind_view view;
	double at_s = 1;

	(void)state;
	kind_player_begin(&p, &pp_level_ops, &smoke);
	/* 0.3 above clean, at 1/12 an hour: reached after 3.6 hours. */
	for (; at_s < 3600; at_s += 5)
		read_at(&p, at_s, 0.8);
	p.ops->view(p.k, &view);
	assert_true(fabs(view.baseline - (0.5 + 1.0 / 12)) < 0.001);
	for (; at_s < 5 * 3600; at_s += 5)
		read_at(&p, at_s, 0.8);
	p.ops->view(p.k, &view);
	assert_true(fabs(view.baseline - 0.8) < 1e-9);
	/* Over for clean air's baseline, not for this one. */
	for (double end_s = at_s + 10; at_s < end_s; at_s += 1)
		read_at(&p, at_s, 1.6);
	p.ops->view(p.k, &view);
	assert_int_equal(view.state, PP_POINT_NORMAL);
	for (double end_s = at_s + 5; at_s < end_s; at_s += 1)
		read_at(&p, at_s, 1.9);
	p.ops->view(p.k, &view);
	assert_int_equal(view.state, PP_POINT_ALARM);
	assert_true(view.baseline < 0.81); /* smoke is not learnt */
	kind_player_end(&p);
}

static void a_pause_between_readings_moves_the_baseline_by_ten_seconds_at_most(void **state)
{
	static const struct pp_sensor_config smoke = SMOKE;
	struct kind_player p;
	struct pp_kind_view view;

	(void)state;
	kind_player_begin(&p, &pp_level_ops, &smoke);
	read_at(&p, 1, 1.0);
	read_at(&p, 100000, 1.0);
	p.ops->view(p.k, &view);
	assert_true(view.baseline < 0.5003);
	kind_player_end(&p);
}

static void compensation_at_its_limit_is_trouble_dirty(void **state)
{
	struct pp_sensor_config smoke = SMOKE;
	struct kind_player p;
	struct pp_kind_view view;
	double at_s = 1;

	(void)state;
	smoke.level.drift = 0.05;
	kind_player_begin(&p, &pp_level_ops, &smoke);
	while (p.log.troubles == 0 && at_s < 7200)
		read_at(&p, at_s += 10, 1.2);
	assert_true(strncmp(p.log.text, "trouble:dirty@", 14) == 0);
	assert_true(at_s > 0.04 * 12 * 3600 && at_s < 0.06 * 12 * 3600);
	p.ops->view(p.k, &view);
	assert_true(fabs(view.baseline - 0.55) < 1e-9);
	assert_int_equal(view.state, PP_POINT_TROUBLE);
	assert_string_equal(view.detail, "dirty");
	while (p.log.trouble_restores == 0 && at_s < 20000)
		read_at(&p, at_s += 10, 0.5);
	assert_true(strncmp(p.log.text, "trouble-restore:dirty@", 22) == 0);
	assert_int_equal(p.log.alarms, 0);
	kind_player_end(&p);
}

/* EN 54-7: smoke that rises by a quarter of the threshold an hour must be told in at most 1.6 times
 * the time that it would take without compensation. */
static void a_slow_fire_is_not_compensated_away(void **state)
{
	struct pp_sensor_config smoke = SMOKE;
	struct kind_player p;
	double at_s = 1;

	(void)state;
	smoke.level.drift = 0.6;
	kind_player_begin(&p, &pp_level_ops, &smoke);
	for (; p.log.alarms == 0 && at_s < 8 * 3600; at_s += 5)
		read_at(&p, at_s, 0.5 + 0.25 * at_s / 3600);
	assert_int_equal(p.log.alarms, 1);
	assert_true(at_s < 1.6 * 4 * 3600 + 100);
	kind_player_end(&p);
}

static void settings_that_cannot_work_are_refused(void **state)
{
	struct pp_sensor_config rows[] = { SMOKE, SMOKE, SMOKE, SMOKE, SMOKE, SMOKE, SMOKE, SMOKE,
		SMOKE, SMOKE, SMOKE, SMOKE, SMOKE, SMOKE, SMOKE };

	(void)state;
	rows[0].kind = PP_KIND_PANIC;
	rows[1].kind = PP_KIND_TAMPER;
	rows[2].level.alarm = NAN;
	rows[3].level.hysteresis = 1;
	rows[4].level.drift = 0.61;
	rows[5].level.clean = 0.05;
	rows[6].level.max = 1.4;
	rows[7].level.hold_us = 30000001;
	rows[8].verify_us = 28000001;
	rows[9].level.clean = NAN;
	rows[10].level.alarm = INFINITY;
	rows[11].level.drift = NAN;
	rows[12].level.hysteresis = -0.1;
	rows[13].level.drift = -0.1;
	rows[14].level.alarm = -10; /* beyond the range */
	assert_null(pp_level_ops.free(NULL));
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		void *k = NULL;

		if (pp_level_ops.new(&rows[i], &k) != -EINVAL)
			fail_msg("row %zu is accepted", i);
		assert_null(k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smoke_that_stays_over_is_one_alarm_dated_at_its_first_reading),
		cmocka_unit_test(a_puff_shorter_than_the_hold_is_nothing),
		cmocka_unit_test(smoke_is_verified_by_the_detector_behind),
		cmocka_unit_test(a_level_over_at_its_first_reading_is_told_as_such),
		cmocka_unit_test(a_falling_battery_is_trouble_low_until_it_has_recovered),
		cmocka_unit_test(
			a_reading_out_of_range_is_trouble_after_three_seconds_and_never_smoke),
		cmocka_unit_test(a_wire_that_is_cut_at_start_is_told_at_once),
		cmocka_unit_test(smoke_that_saturates_its_sensor_is_still_smoke),
		cmocka_unit_test(the_baseline_follows_dust_and_the_threshold_with_it),
		cmocka_unit_test(
			a_pause_between_readings_moves_the_baseline_by_ten_seconds_at_most),
		cmocka_unit_test(compensation_at_its_limit_is_trouble_dirty),
		cmocka_unit_test(a_slow_fire_is_not_compensated_away),
		cmocka_unit_test(settings_that_cannot_work_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
