/* SPDX-License-Identifier: Apache-2.0 */
/* agent_test.c -- from sensor events to signals, and what the outbox and receipts do to a press. */
#include "agent_rig.h"

#include <errno.h>

#include "memory_fails.h"

static struct rig rig;

static int begin(void **state)
{
	(void)state;
	rig_start(&rig);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pp_agent_free(rig.agent);
	return 0;
}

static void a_press_becomes_a_signal_with_the_kernels_time(void **state)
{
	const struct pp_effect *e;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = CRIME,
			       .event = { .type = PP_SIGNAL_ALARM,
				       .at_us = rig.now.mono_us - 20000,
				       .flags = PP_FLAG_AT_START } });
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_non_null(e);
	assert_string_equal(e->signal.point, "panic-crime");
	assert_int_equal(e->signal.kind, PP_KIND_PANIC);
	assert_int_equal(e->signal.type, PP_SIGNAL_ALARM);
	assert_int_equal(e->signal.class, PP_CLASS_CRIME);
	assert_int_equal(e->signal.flags, PP_FLAG_AT_START);
	assert_int_equal(e->signal.mono_ms, 999980);
	assert_int_equal(e->signal.at_ms, 1763750399980);
}

static void without_a_synchronised_clock_there_is_no_wall_time(void **state)
{
	(void)state;
	rig.now.synchronised = false;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = CRIME,
			       .event = { .type = PP_SIGNAL_ALARM, .at_us = rig.now.mono_us } });
	assert_true(rig.effects[0].signal.at_ms == PP_AT_UNKNOWN);
}

static void a_restore_names_its_alarm_by_ticket_and_then_by_number(void **state)
{
	const struct pp_effect *e;
	uint64_t ticket = rig_sense(&rig, SMOKE, PP_SIGNAL_ALARM);

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = SMOKE,
			       .event = { .type = PP_SIGNAL_RESTORE, .at_us = rig.now.mono_us } });
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->cause_ticket, ticket);
	assert_int_equal(e->signal.cause, 0);
	rig_appended(&rig, ticket, 7, true);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = SMOKE,
			       .event = { .type = PP_SIGNAL_RESTORE, .at_us = rig.now.mono_us } });
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->signal.cause, 7);
	assert_int_equal(e->cause_epoch, EPOCH);
	assert_int_equal(e->signal.class, PP_CLASS_UNSPECIFIED);
}

static void a_silent_point_is_marked_and_shown_as_silent(void **state)
{
	struct pp_view view;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = SILENT,
			       .event = { .type = PP_SIGNAL_ALARM, .at_us = rig.now.mono_us } });
	assert_int_equal(rig.effects[0].signal.flags, PP_FLAG_SILENT);
	view = rig_view(&rig);
	assert_int_equal(view.count, 1);
	assert_true(view.presses[0].silent);
	assert_false(view.presses[0].sounds);
}

static void the_ladder_follows_what_is_true(void **state)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);

	(void)state;
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_NONE);
	rig_appended(&rig, ticket, 1, true);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
	rig_kept(&rig, 1, PP_RECEIPT_RECORDED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_RECEIVED);
}

static void without_a_store_taken_is_skipped_and_received_is_not(void **state)
{
	uint64_t ticket;

	(void)state;
	rig_outbox(&rig, EPOCH, false);
	rig.count = 0;
	ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);
	rig_appended(&rig, ticket, 1, false);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_NONE);
	rig_kept(&rig, 1, PP_RECEIPT_RECORDED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_RECEIVED);
	assert_false(rig_view(&rig).presses[0].durable);
}

static void the_loss_of_the_store_is_told_once_and_so_is_its_return(void **state)
{
	const struct pp_effect *e;

	(void)state;
	rig_outbox(&rig, 0x2222, false);
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->signal.kind, PP_KIND_POST);
	assert_int_equal(e->signal.type, PP_SIGNAL_TROUBLE);
	assert_string_equal(e->signal.detail, "storage");
	assert_true(rig_view(&rig).trouble);
	rig_outbox(&rig, 0x3333, false);
	assert_null(rig_take(&rig, PP_EFFECT_APPEND));
	rig_outbox(&rig, EPOCH, true);
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->signal.type, PP_SIGNAL_TROUBLE_RESTORE);
	assert_false(rig_view(&rig).trouble);
}

static void outputs_that_are_away_are_a_trouble_of_the_post(void **state)
{
	const struct pp_effect *e;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){
			       .type = PP_AGENT_OUTPUTS, .lost = true, .detail = "outputs siren" });
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->signal.kind, PP_KIND_POST);
	assert_int_equal(e->signal.type, PP_SIGNAL_TROUBLE);
	assert_string_equal(e->signal.detail, "outputs siren");
	assert_true(rig_view(&rig).trouble);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_OUTPUTS, .detail = "outputs" });
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_int_equal(e->signal.type, PP_SIGNAL_TROUBLE_RESTORE);
	assert_false(rig_view(&rig).trouble);
}

static void outputs_that_came_back_while_no_agent_ran_end_their_trouble(void **state)
{
	const struct pp_effect *e;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_OUTPUTS, .detail = "outputs" });
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_STANDS,
			       .event = { .type = PP_SIGNAL_TROUBLE, .detail = "outputs siren" } });
	rig_outbox(&rig, EPOCH, true);
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_non_null(e);
	assert_int_equal(e->signal.type, PP_SIGNAL_TROUBLE_RESTORE);
	assert_string_equal(e->signal.detail, "outputs");
}

static void no_receipt_in_ten_seconds_is_doubt_and_a_receipt_ends_it(void **state)
{
	static const struct {
		uint64_t wait_ms;
		bool want;
	} steps[] = { { 0, false }, { 9999, false }, { 1, true }, { 5000, true } };
	uint64_t ticket = rig_sense(&rig, MEDICAL, PP_SIGNAL_ALARM), pressed_us = rig.now.mono_us;

	(void)state;
	rig_appended(&rig, ticket, 1, true);
	assert_int_equal(pp_agent_deadline(rig.agent), pressed_us + 10 * SECOND);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		rig_wait(&rig, steps[i].wait_ms * 1000);
		if (rig_view(&rig).presses[0].doubt != steps[i].want)
			fail_msg("step %zu: want doubt %d", i, steps[i].want);
	}
	assert_int_equal(rig_view(&rig).presses[0].doubt_us, pressed_us + 10 * SECOND);
	rig_kept(&rig, 1, PP_RECEIPT_RECORDED);
	assert_false(rig_view(&rig).presses[0].doubt);
}

static void a_refused_press_stays_visible_and_in_doubt_until_it_is_recorded(void **state)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);

	(void)state;
	rig_appended(&rig, ticket, 1, true);
	rig_kept(&rig, 1, PP_RECEIPT_REFUSED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
	assert_true(rig_view(&rig).presses[0].doubt);
	rig_kept(&rig, 1, PP_RECEIPT_RECORDED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_RECEIVED);
	assert_false(rig_view(&rig).presses[0].doubt);
}

static void a_full_outbox_is_doubt_at_once_and_a_trouble_until_there_is_room(void **state)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_FULL, .ticket = ticket });
	assert_true(rig_view(&rig).presses[0].doubt);
	assert_string_equal(rig_take(&rig, PP_EFFECT_APPEND)->signal.detail, "outbox-full");
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_ROOM });
	assert_int_equal(rig_take(&rig, PP_EFFECT_APPEND)->signal.type, PP_SIGNAL_TROUBLE_RESTORE);
}

static void points_in_trouble_and_verifying_detectors_show_in_the_view(void **state)
{
	const char *detail;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_POINT,
			       .point = CRIME,
			       .state = PP_POINT_TROUBLE,
			       .detail = "stuck" });
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_POINT,
			       .point = SMOKE,
			       .state = PP_POINT_NORMAL,
			       .pre_alarm = true });
	assert_true(rig_view(&rig).trouble);
	assert_true(rig_view(&rig).pre_alarm);
	assert_int_equal(pp_agent_point_state(rig.agent, CRIME, &detail), PP_POINT_TROUBLE);
	assert_string_equal(detail, "stuck");
	rig_step(&rig, (struct pp_agent_input){
			       .type = PP_AGENT_POINT, .point = CRIME, .state = PP_POINT_NORMAL });
	assert_false(rig_view(&rig).trouble);
}

static void a_receipt_is_kept_before_it_is_believed(void **state)
{
	struct pp_receipt receipt = { .epoch = EPOCH, .seq = 1, .result = PP_RECEIPT_RECORDED };
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);

	(void)state;
	rig_appended(&rig, ticket, 1, true);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_RECEIPT, .receipt = &receipt });
	assert_int_equal(rig_take(&rig, PP_EFFECT_KEEP)->receipt.seq, 1);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
}

static void settings_that_are_none_make_no_agent(void **state)
{
	struct pp_agent_config config = { .points = points,
		.point_count = PP_POINTS_MAX + 1,
		.config_hash = "0123456789abcdef" };
	struct pp_agent *agent = NULL;

	(void)state;
	assert_int_equal(pp_agent_new(&config, 0, &agent), -EINVAL);
	config.point_count = 1;
	config.config_hash = "";
	assert_int_equal(pp_agent_new(&config, 0, &agent), -EINVAL);
	config.config_hash = "0123456789abcdef";
	memory_fail(1);
	assert_int_equal(pp_agent_new(&config, 0, &agent), -ENOMEM);
	assert_true(memory_has_failed());
	assert_null(agent);
}

static void an_edge_that_is_dated_ahead_counts_from_now(void **state)
{
	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = CRIME,
			       .event = { .type = PP_SIGNAL_ALARM,
				       .at_us = rig.now.mono_us + 5 * SECOND } });
	assert_int_equal(rig_view(&rig).presses[0].pressed_us, rig.now.mono_us);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = SMOKE,
			       .event = { .type = PP_SIGNAL_ALARM,
				       .at_us = rig.now.mono_us - 9 * SECOND } });
	assert_int_equal(rig_view(&rig).presses[1].pressed_us, rig.now.mono_us);
}

static void a_press_counts_from_its_edge_however_late_it_is_read(void **state)
{
	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_SENSOR,
			       .point = CRIME,
			       .event = { .type = PP_SIGNAL_ALARM,
				       .at_us = rig.now.mono_us - 3 * SECOND } });
	assert_int_equal(rig_view(&rig).presses[0].pressed_us, rig.now.mono_us - 3 * SECOND);
	rig_wait(&rig, 7 * SECOND);
	assert_true(rig_view(&rig).presses[0].doubt);
}

static void answers_about_a_press_that_is_gone_change_nothing(void **state)
{
	(void)state;
	rig_appended(&rig, 77, 7, true);
	rig_kept(&rig, 9, PP_RECEIPT_RECORDED);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_FULL, .ticket = 77 });
	assert_int_equal(rig_view(&rig).count, 0);
}

static void a_receipt_that_comes_before_the_row_is_not_taken_back_by_it(void **state)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);

	(void)state;
	rig_appended(&rig, ticket, 1, false);
	rig_kept(&rig, 1, PP_RECEIPT_RECORDED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_RECEIVED);
	rig_kept(&rig, 1, PP_RECEIPT_RECORDED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_RECEIVED);
}

static void a_second_refusal_is_the_same_doubt(void **state)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM), doubt_us;

	(void)state;
	rig_appended(&rig, ticket, 1, true);
	rig_kept(&rig, 1, PP_RECEIPT_REFUSED);
	doubt_us = rig_view(&rig).presses[0].doubt_us;
	rig_wait(&rig, 3 * SECOND);
	rig_kept(&rig, 1, PP_RECEIPT_REFUSED);
	assert_int_equal(rig_view(&rig).presses[0].doubt_us, doubt_us);
}

static void one_point_that_verifies_is_enough_for_the_pre_alarm(void **state)
{
	static const size_t both[] = { CRIME, SMOKE };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(both); i++) {
		rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_POINT,
				       .point = both[i],
				       .state = PP_POINT_NORMAL,
				       .pre_alarm = true });
		assert_true(rig_view(&rig).pre_alarm);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_press_becomes_a_signal_with_the_kernels_time),
		TEST(without_a_synchronised_clock_there_is_no_wall_time),
		TEST(a_restore_names_its_alarm_by_ticket_and_then_by_number),
		TEST(a_silent_point_is_marked_and_shown_as_silent),
		TEST(the_ladder_follows_what_is_true),
		TEST(without_a_store_taken_is_skipped_and_received_is_not),
		TEST(the_loss_of_the_store_is_told_once_and_so_is_its_return),
		TEST(outputs_that_are_away_are_a_trouble_of_the_post),
		TEST(outputs_that_came_back_while_no_agent_ran_end_their_trouble),
		TEST(no_receipt_in_ten_seconds_is_doubt_and_a_receipt_ends_it),
		TEST(a_refused_press_stays_visible_and_in_doubt_until_it_is_recorded),
		TEST(a_full_outbox_is_doubt_at_once_and_a_trouble_until_there_is_room),
		TEST(points_in_trouble_and_verifying_detectors_show_in_the_view),
		TEST(a_receipt_is_kept_before_it_is_believed),
		TEST(settings_that_are_none_make_no_agent),
		TEST(an_edge_that_is_dated_ahead_counts_from_now),
		TEST(answers_about_a_press_that_is_gone_change_nothing),
		TEST(a_receipt_that_comes_before_the_row_is_not_taken_back_by_it),
		TEST(a_second_refusal_is_the_same_doubt),
		TEST(one_point_that_verifies_is_enough_for_the_pre_alarm),
		TEST(a_press_counts_from_its_edge_however_late_it_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
