/* SPDX-License-Identifier: Apache-2.0 */
/* standing_test.c -- what was told before the start is not told twice, and is taken back when it is
 * over. */
#include "agent_rig.h"

static struct rig rig;

static int begin(void **state)
{
	(void)state;
	rig_init(&rig, 10 * SECOND);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pp_agent_free(rig.agent);
	return 0;
}

static void stands(size_t point, const char *detail, int64_t seq, bool this_boot)
{
	struct pp_agent_input in = { .type = PP_AGENT_STANDS,
		.event = { .type = detail ? PP_SIGNAL_TROUBLE : PP_SIGNAL_ALARM, .detail = detail },
		.row = { .epoch = EPOCH, .seq = seq, .pressed_us = this_boot ? SECOND : 0 } };

	memcpy(in.row.point, points[point].id, sizeof(in.row.point));
	rig_step(&rig, in);
}

static void sense(size_t point, enum pp_signal_type type, const char *detail, uint32_t flags)
{
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = point,
			       .event = { .type = type,
				       .at_us = rig.now.mono_us,
				       .flags = flags,
				       .detail = detail } });
}

static void show(size_t point, enum pp_point_state state, const char *detail)
{
	rig_step(&rig,
		(struct pp_agent_input){
			.type = PP_AGENT_POINT, .point = point, .state = state, .detail = detail });
}

static size_t appended(void)
{
	size_t count = 0;

	for (size_t i = 0; i < rig.count; i++)
		count += rig.effects[i].type == PP_EFFECT_APPEND;
	return count;
}

static void a_button_that_is_still_held_after_a_restart_is_not_told_again(void **state)
{
	const struct pp_effect *e;

	(void)state;
	sense(CRIME, PP_SIGNAL_ALARM, NULL, PP_FLAG_AT_START);
	show(CRIME, PP_POINT_ALARM, NULL);
	assert_int_equal(appended(), 0); /* the outbox has not said what it knows */
	stands(CRIME, NULL, 41, true);
	rig_outbox(&rig, EPOCH, true);
	rig_wait(&rig, 5 * SECOND);
	assert_int_equal(appended(), 0);
	sense(CRIME, PP_SIGNAL_RESTORE, NULL, 0);
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->signal.type, PP_SIGNAL_RESTORE);
	assert_int_equal(e->signal.cause, 41);
	assert_int_equal(e->cause_epoch, EPOCH);
	sense(CRIME, PP_SIGNAL_ALARM, NULL, 0);
	assert_int_equal(rig_take(&rig, PP_EFFECT_APPEND)->signal.type, PP_SIGNAL_ALARM);
}

static void a_line_that_is_active_at_start_is_told_where_no_alarm_of_this_boot_stands(void **state)
{
	(void)state;
	stands(MEDICAL, NULL, 5, false); /* told before the power was cut */
	stands(SMOKE, NULL, 6, true);
	rig_outbox(&rig, EPOCH, true);
	sense(CRIME, PP_SIGNAL_ALARM, NULL, PP_FLAG_AT_START);
	sense(MEDICAL, PP_SIGNAL_ALARM, NULL, PP_FLAG_AT_START);
	assert_int_equal(appended(), 2);
	assert_int_equal(rig.effects[0].signal.flags, PP_FLAG_AT_START);
	show(MEDICAL, PP_POINT_ALARM, NULL);
	show(SMOKE, PP_POINT_ALARM, NULL);
	rig_wait(&rig, 5 * SECOND);
	assert_int_equal(appended(), 2);
	show(MEDICAL, PP_POINT_NORMAL, NULL); /* its own restore is the sensor's */
	assert_int_equal(appended(), 2);
}

static void what_ended_while_nobody_looked_is_taken_back(void **state)
{
	(void)state;
	stands(CRIME, NULL, 41, false);
	stands(CRIME, "stuck", 42, false);
	stands(MEDICAL, "chatter", 43, true);
	stands(SMOKE, NULL, 44, true);
	rig_outbox(&rig, EPOCH, true);
	show(SMOKE, PP_POINT_ALARM, NULL);
	rig.count = 0;
	rig_wait(&rig, SECOND);
	assert_int_equal(appended(), 0);
	assert_int_equal(
		pp_agent_deadline(rig.agent), 1002 * SECOND); /* levels are decided by then */
	rig_wait(&rig, SECOND);
	assert_int_equal(appended(), 3);
	for (size_t i = 0; i < rig.count; i++) {
		const struct pp_signal *s = &rig.effects[i].signal;

		assert_int_equal(s->mono_ms, 1002000);
		if (s->type == PP_SIGNAL_RESTORE) {
			assert_string_equal(s->point, "panic-crime");
			assert_int_equal(s->cause, 41);
			continue;
		}
		assert_int_equal(s->type, PP_SIGNAL_TROUBLE_RESTORE);
		assert_string_equal(
			s->detail, strcmp(s->point, "panic-crime") == 0 ? "stuck" : "chatter");
	}
	rig.count = 0;
	show(SMOKE, PP_POINT_NORMAL, NULL);
	assert_int_equal(appended(), 1);
	assert_int_equal(rig.effects[0].signal.cause, 44);
}

static void a_press_takes_back_the_one_before_the_start_first(void **state)
{
	(void)state;
	stands(CRIME, NULL, 41, true);
	rig_outbox(&rig, EPOCH, true);
	sense(CRIME, PP_SIGNAL_ALARM, NULL, 0);
	assert_int_equal(appended(), 2);
	assert_int_equal(rig.effects[0].signal.type, PP_SIGNAL_RESTORE);
	assert_int_equal(rig.effects[0].signal.cause, 41);
	assert_int_equal(rig.effects[1].signal.type, PP_SIGNAL_ALARM);
}

static void is_over(size_t point, int64_t seq, uint64_t at_us)
{
	struct pp_agent_input in = { .type = PP_AGENT_STANDS,
		.event = { .type = PP_SIGNAL_ALARM, .at_us = at_us },
		.row = { .epoch = EPOCH, .seq = seq, .pressed_us = SECOND } };

	memcpy(in.row.point, points[point].id, sizeof(in.row.point));
	rig_step(&rig, in);
}

/* Its end is all that the disk does not know: the button was let go before the start. */
static void a_button_that_was_let_go_before_the_start_and_is_down_again_is_pressed(void **state)
{
	(void)state;
	sense(CRIME, PP_SIGNAL_ALARM, NULL, PP_FLAG_AT_START);
	show(CRIME, PP_POINT_ALARM, NULL);
	is_over(CRIME, 41, 900 * SECOND);
	is_over(SMOKE, 42, 901 * SECOND);
	rig_outbox(&rig, EPOCH, true);
	assert_int_equal(appended(), 2);
	assert_int_equal(rig.effects[0].signal.type, PP_SIGNAL_RESTORE);
	assert_int_equal(rig.effects[0].signal.cause, 41);
	assert_int_equal(rig.effects[0].signal.mono_ms, 900000);
	assert_int_equal(rig.effects[1].signal.type, PP_SIGNAL_ALARM);
	rig.count = 0;
	rig_wait(&rig, 2 * SECOND);
	assert_int_equal(appended(), 1); /* what is up stays up, and is told with its moment */
	assert_int_equal(rig.effects[0].signal.type, PP_SIGNAL_RESTORE);
	assert_int_equal(rig.effects[0].signal.cause, 42);
	assert_int_equal(rig.effects[0].signal.mono_ms, 901000);
}

static void a_trouble_that_still_stands_is_not_told_again(void **state)
{
	(void)state;
	stands(CRIME, "unreadable: no such device", 7, false);
	rig_outbox(&rig, EPOCH, true);
	sense(CRIME, PP_SIGNAL_TROUBLE, "unreadable", 0);
	show(CRIME, PP_POINT_TROUBLE, "unreadable");
	sense(CRIME, PP_SIGNAL_TROUBLE, "chatter", 0);
	rig_wait(&rig, 5 * SECOND);
	assert_int_equal(appended(), 1);
	assert_string_equal(rig.effects[0].signal.detail, "chatter");
	sense(CRIME, PP_SIGNAL_TROUBLE_RESTORE, "unreadable", 0);
	assert_int_equal(appended(), 2);
}

static void a_press_after_the_start_waits_for_no_disk(void **state)
{
	(void)state;
	sense(CRIME, PP_SIGNAL_ALARM, NULL, 0);
	show(CRIME, PP_POINT_ALARM, NULL);
	assert_int_equal(appended(), 1);
	sense(MEDICAL, PP_SIGNAL_ALARM, NULL, PP_FLAG_AT_START);
	sense(MEDICAL, PP_SIGNAL_RESTORE, NULL, 0);
	sense(MEDICAL, PP_SIGNAL_ALARM, NULL, 0); /* comes after what is held of its point */
	assert_int_equal(appended(), 1);
	stands(CRIME, NULL, 41, true);
	rig_outbox(&rig, EPOCH, true);
	assert_int_equal(appended(), 4);
	for (size_t i = 1; i < 4; i++) {
		assert_string_equal(rig.effects[i].signal.point, "panic-medical");
		assert_int_equal(
			rig.effects[i].signal.type, i == 2 ? PP_SIGNAL_RESTORE : PP_SIGNAL_ALARM);
	}
	rig.count = 0;
	sense(CRIME, PP_SIGNAL_RESTORE, NULL, 0);
	show(CRIME, PP_POINT_NORMAL, NULL);
	rig_wait(&rig, 5 * SECOND);
	assert_int_equal(appended(), 1); /* the end of both */
}

static void a_disk_that_says_nothing_holds_an_alarm_back_for_five_seconds_only(void **state)
{
	(void)state;
	sense(CRIME, PP_SIGNAL_ALARM, NULL, PP_FLAG_AT_START);
	sense(MEDICAL, PP_SIGNAL_TROUBLE, "chatter", 0);
	assert_int_equal(pp_agent_deadline(rig.agent), 1005 * SECOND);
	rig_wait(&rig, 5 * SECOND - 1);
	assert_int_equal(appended(), 0);
	rig_wait(&rig, 1);
	assert_int_equal(appended(), 2);
	assert_string_equal(rig.effects[0].signal.point, "panic-crime");
	assert_int_equal(rig.effects[0].signal.mono_ms, 1000000);
	assert_string_equal(rig.effects[1].signal.detail, "chatter");
	show(CRIME, PP_POINT_ALARM, NULL);
	stands(CRIME, NULL, 41, true); /* too late: it is told, and its own restore follows */
	rig_outbox(&rig, EPOCH, true);
	rig_wait(&rig, 5 * SECOND);
	show(CRIME, PP_POINT_NORMAL, NULL);
	assert_int_equal(appended(), 2);
}

static void what_is_held_back_comes_in_order(void **state)
{
	static const enum pp_signal_type types[] = { PP_SIGNAL_ALARM, PP_SIGNAL_RESTORE };

	(void)state;
	for (int i = 0; i < 60; i++)
		sense(CRIME, types[i % 2], NULL, i == 0 ? PP_FLAG_AT_START : 0);
	assert_int_equal(appended(), 0);
	rig_outbox(&rig, EPOCH, true);
	assert_int_equal(appended(), 60);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(rig.effects[i].signal.type, types[i % 2]);
}

static void a_full_outbox_of_before_ends_when_there_is_room(void **state)
{
	const struct pp_effect *e;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_STANDS,
			       .event = { .type = PP_SIGNAL_TROUBLE, .detail = "outbox-full" } });
	rig_outbox(&rig, EPOCH, true);
	assert_int_equal(appended(), 0);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_ROOM });
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->signal.type, PP_SIGNAL_TROUBLE_RESTORE);
	assert_string_equal(e->signal.detail, "outbox-full");
}

static void a_point_that_is_no_more_is_passed_over(void **state)
{
	struct pp_agent_input in = { .type = PP_AGENT_STANDS,
		.event = { .type = PP_SIGNAL_ALARM },
		.row = { .seq = 3, .point = "panic-gone" } };

	(void)state;
	rig_step(&rig, in);
	rig_outbox(&rig, EPOCH, true);
	rig_wait(&rig, 5 * SECOND);
	assert_int_equal(appended(), 0);
}

static void troubles_are_told_apart_by_their_first_word(void **state)
{
	(void)state;
	stands(CRIME, "stuck since morning", 0, true);
	rig_outbox(&rig, EPOCH, true);
	rig.count = 0;
	sense(CRIME, PP_SIGNAL_TROUBLE, "stuck", 0); /* the same one */
	sense(CRIME, PP_SIGNAL_TROUBLE, "stubborn", 0);
	sense(CRIME, PP_SIGNAL_TROUBLE, NULL, 0);
	assert_int_equal(appended(), 2);
}

static void what_stood_is_remembered_in_bounds(void **state)
{
	char words[70][16];

	(void)state;
	for (int i = 0; i < 70; i++) {
		snprintf(words[i], sizeof(words[i]), "word-%d", i);
		stands(CRIME, words[i], 0, true);
	}
	rig_outbox(&rig, EPOCH, true);
	rig.count = 0;
	for (int i = 0; i < 70; i++) {
		sense(CRIME, PP_SIGNAL_TROUBLE, words[i], 0);
		if (i == 63)
			assert_int_equal(appended(), 0);
	}
	assert_int_equal(appended(), 6);
}

static void what_is_held_back_is_bounded_too_and_then_told(void **state)
{
	(void)state;
	for (int i = 0; i < 62; i++)
		sense(MEDICAL, PP_SIGNAL_TROUBLE, "chatter", 0);
	assert_int_equal(appended(), 0);
	rig.count = 0;
	sense(SMOKE, PP_SIGNAL_RESTORE, NULL, 0);
	assert_int_equal(appended(), 0);
	rig.count = 0;
	rig_outbox(&rig, EPOCH, true);
	assert_int_equal(appended(), 63);
}

static void an_alarm_that_was_told_anew_is_not_taken_back_for_the_old_one(void **state)
{
	(void)state;
	rig_outbox(&rig, EPOCH, true);
	sense(CRIME, PP_SIGNAL_ALARM, NULL, 0);
	show(CRIME, PP_POINT_ALARM, NULL);
	stands(CRIME, NULL, 41, true); /* the disk answers late */
	show(SMOKE, PP_POINT_TROUBLE, "dirty");
	stands(SMOKE, "dirty", 0, true);
	rig.count = 0;
	show(CRIME, PP_POINT_NORMAL, NULL);
	show(SMOKE, PP_POINT_NORMAL, NULL);
	rig_wait(&rig, 60 * SECOND);
	assert_int_equal(appended(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_button_that_is_still_held_after_a_restart_is_not_told_again, begin, end),
		cmocka_unit_test_setup_teardown(
			a_line_that_is_active_at_start_is_told_where_no_alarm_of_this_boot_stands,
			begin, end),
		cmocka_unit_test_setup_teardown(
			what_ended_while_nobody_looked_is_taken_back, begin, end),
		cmocka_unit_test_setup_teardown(
			a_press_takes_back_the_one_before_the_start_first, begin, end),
		cmocka_unit_test_setup_teardown(
			a_button_that_was_let_go_before_the_start_and_is_down_again_is_pressed,
			begin, end),
		cmocka_unit_test_setup_teardown(
			a_trouble_that_still_stands_is_not_told_again, begin, end),
		cmocka_unit_test_setup_teardown(
			a_disk_that_says_nothing_holds_an_alarm_back_for_five_seconds_only, begin,
			end),
		cmocka_unit_test_setup_teardown(
			a_press_after_the_start_waits_for_no_disk, begin, end),
		cmocka_unit_test_setup_teardown(what_is_held_back_comes_in_order, begin, end),
		cmocka_unit_test_setup_teardown(
			a_full_outbox_of_before_ends_when_there_is_room, begin, end),
		cmocka_unit_test_setup_teardown(a_point_that_is_no_more_is_passed_over, begin, end),
		cmocka_unit_test_setup_teardown(
			troubles_are_told_apart_by_their_first_word, begin, end),
		cmocka_unit_test_setup_teardown(what_stood_is_remembered_in_bounds, begin, end),
		cmocka_unit_test_setup_teardown(
			what_is_held_back_is_bounded_too_and_then_told, begin, end),
		cmocka_unit_test_setup_teardown(
			an_alarm_that_was_told_anew_is_not_taken_back_for_the_old_one, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
