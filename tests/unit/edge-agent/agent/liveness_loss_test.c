/* SPDX-License-Identifier: Apache-2.0 */
/* liveness_loss_test.c -- what a restart, a restored server or a lost receipt makes the post ask
 * and offer. */
#include "agent_rig.h"

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

/* A press whose receipt has been kept. */
static void received_press(int64_t seq)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);

	rig_appended(&rig, ticket, seq, true);
	rig_kept(&rig, seq, PP_RECEIPT_RECORDED);
}

static void a_receipt_that_was_missed_is_asked_for_when_a_beat_shows_it(void **state)
{
	const struct pp_effect *e;
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	rig_appended(&rig, ticket, 5, true);
	s = rig_state(&rig, 5, 5);
	beat = rig_echo(&s, 5);
	beat.count = 1;
	beat.open[0] = (struct pp_open_press){
		.seq = 5, .incident = "KDL-26-000009", .step = PP_STEP_DISPATCHED
	};
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
	/* Not by the beat's word: number 5 may be another's there. */
	e = rig_take(&rig, PP_EFFECT_AGAIN);
	assert_true(e && e->seq == 5);
	rig_kept(&rig, 5, PP_RECEIPT_RECORDED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_DISPATCHED);
}

static void a_press_below_high_is_sent_again_and_over_if_nobody_lists_it_then(void **state)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);
	const struct pp_effect *e;
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	rig_appended(&rig, ticket, 5, true);
	s = rig_state(&rig, 5, 5);
	beat = rig_echo(&s, 5);
	rig_beat(&rig, &beat);
	e = rig_take(&rig, PP_EFFECT_AGAIN);
	assert_true(e && e->seq == 5);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
	rig_kept(&rig, 5, PP_RECEIPT_RECORDED);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_RECEIVED);
	s = rig_state(&rig, 0, 5);
	beat = rig_echo(&s, 5);
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).count, 0);
}

static void what_an_answered_state_came_after_and_is_not_recorded_is_sent_again(void **state)
{
	const struct pp_effect *e;
	struct pp_state s, before;
	struct pp_beat beat;
	uint64_t made_us;

	(void)state;
	rig_appended(&rig, rig_sense(&rig, CRIME, PP_SIGNAL_ALARM), 5, true);
	before = rig_state(&rig, 5, 5);
	rig_wait(&rig, 3 * SECOND);
	made_us = rig.now.mono_us;
	s = rig_state(&rig, 5, 5);
	rig_wait(&rig, SECOND);
	beat = rig_echo(&before, 4); /* not of the newest state */
	rig_beat(&rig, &beat);
	assert_null(rig_take(&rig, PP_EFFECT_UNHEARD));
	beat = rig_echo(&s, 4);
	rig_beat(&rig, &beat);
	e = rig_take(&rig, PP_EFFECT_UNHEARD);
	assert_non_null(e);
	assert_int_equal(e->before_us, made_us); /* what was sent since then may be on its way */
	rig_beat(&rig, &beat);                   /* said before */
	assert_null(rig_take(&rig, PP_EFFECT_UNHEARD));
}

static void what_an_outbox_left_behind_is_sent_again_too(void **state)
{
	static const bool waiting[] = { true, false };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(waiting); i++) {
		struct pp_agent_outbox outbox = { .boot = 3, .last = 7, .waiting = waiting[i] };
		struct pp_state s;
		struct pp_beat beat;

		pp_agent_state_make(rig.agent, &outbox, rig.now.mono_us, &s);
		beat = rig_echo(&s, 7);
		rig_beat(&rig, &beat);
		assert_int_equal(rig_take(&rig, PP_EFFECT_UNHEARD) != NULL, waiting[i]);
	}
}

static void a_server_that_has_gone_back_gets_its_signals_again_but_not_at_every_beat(void **state)
{
	struct pp_state s;
	struct pp_beat beat;
	const struct pp_effect *e;

	(void)state;
	received_press(7);
	s = rig_state(&rig, 0, 7);
	beat = rig_echo(&s, 3);
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).count, 1);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
	e = rig_take(&rig, PP_EFFECT_REOFFER);
	assert_non_null(e);
	assert_int_equal(e->seq, 3);
	s = rig_state(&rig, 0, 7);
	beat = rig_echo(&s, 3);
	rig_beat(&rig, &beat);
	assert_null(rig_take(&rig, PP_EFFECT_REOFFER));
	rig_wait(&rig, 601 * SECOND);
	s = rig_state(&rig, 0, 7);
	beat = rig_echo(&s, 3);
	rig_beat(&rig, &beat);
	assert_non_null(rig_take(&rig, PP_EFFECT_REOFFER));
}

static void what_the_store_lost_with_itself_is_asked_for_again(void **state)
{
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	received_press(7);
	for (int i = 0; i < 2; i++) {
		s = rig_state(&rig, 0, 7);
		beat = rig_echo(&s, 3);
		rig_beat(&rig, &beat);
		assert_non_null(rig_take(&rig, PP_EFFECT_REOFFER));
		rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_OUTBOX,
				       .epoch = EPOCH,
				       .durable = true });
	}
}

static void a_gap_below_is_not_a_server_that_has_gone_back(void **state)
{
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	received_press(7);
	s = rig_state(&rig, 4,
		7); /* 4 is not receipted: the server cannot have more than 3 without a gap */
	beat = rig_echo(&s, 3);
	beat.count = 1;
	beat.open[0] = (struct pp_open_press){ .seq = 7, .step = PP_STEP_RECEIVED };
	rig_beat(&rig, &beat);
	assert_null(rig_take(&rig, PP_EFFECT_REOFFER));
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_RECEIVED);
}

static void a_server_that_has_more_than_was_ever_numbered_here_asks_for_a_new_epoch(void **state)
{
	struct pp_state s;
	struct pp_beat beat;
	const struct pp_effect *e;

	(void)state;
	rig_appended(&rig, rig_sense(&rig, CRIME, PP_SIGNAL_ALARM), 1, true);
	s = rig_state(&rig, 1, 1);
	beat = rig_echo(&s, 6);
	beat.count = 1;
	beat.open[0] = (struct pp_open_press){ .seq = 1, .step = PP_STEP_ACKNOWLEDGED };
	rig_beat(&rig, &beat);
	assert_int_equal(
		rig.count, 0); /* neither believed nor acted upon before it is said again */
	s = rig_state(&rig, 1, 1);
	beat = rig_echo(&s, 6);
	rig_beat(&rig, &beat);
	e = rig_take(&rig, PP_EFFECT_RENEW);
	assert_non_null(e);
	assert_int_equal(e->epoch, EPOCH);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_RENEWED, .epoch = EPOCH });
	assert_int_equal(rig_view(&rig).count, 0);
	e = rig_take(&rig, PP_EFFECT_APPEND);
	assert_non_null(e);
	assert_string_equal(e->signal.detail, "outbox-old");
}

static void a_signal_that_overtakes_its_state_is_no_reason_for_a_new_epoch(void **state)
{
	struct pp_state s = rig_state(&rig, 0, 4);
	struct pp_beat beat = rig_echo(&s, 5);

	(void)state;
	rig_beat(&rig, &beat);
	s = rig_state(&rig, 0, 5);
	beat = rig_echo(&s, 5);
	rig_beat(&rig, &beat);
	assert_null(rig_take(&rig, PP_EFFECT_RENEW));
}

static void resume(uint64_t pressed_us, bool refused)
{
	struct pp_agent_input in = { .type = PP_AGENT_RESUMED,
		.row = { .epoch = EPOCH,
			.seq = 4,
			.found = true,
			.point = "panic-crime",
			.class = PP_CLASS_CRIME,
			.pressed_us = pressed_us,
			.refused = refused } };

	rig_step(&rig, in);
}

static void receipt(int64_t seq, const char *reason)
{
	struct pp_receipt r = { .epoch = EPOCH, .seq = seq, .result = PP_RECEIPT_REFUSED };

	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_RECEIPT, .receipt = &r });
}

static void a_number_with_other_content_asks_for_a_new_epoch_and_no_beat_is_believed(void **state)
{
	struct pp_state sent;
	struct pp_beat beat;
	uint64_t ticket;

	(void)state;
	ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);
	rig_appended(&rig, ticket, 11, true);
	receipt(11, "no such point");
	assert_null(rig_take(&rig, PP_EFFECT_RENEW));
	receipt(11, PP_REASON_CONFLICT);
	assert_non_null(rig_take(&rig, PP_EFFECT_RENEW));
	sent = rig_state(&rig, 11, 15);
	beat = rig_echo(&sent, 15);
	rig_beat(&rig, &beat);
	assert_null(rig_take(&rig, PP_EFFECT_AGAIN));
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
	/* The store was lost before it had a new epoch, and came back with the old one. */
	rig_outbox(&rig, EPOCH + 9, false);
	assert_null(rig_take(&rig, PP_EFFECT_RENEW));
	rig_outbox(&rig, EPOCH, true);
	assert_non_null(rig_take(&rig, PP_EFFECT_RENEW));
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_RENEWED, .epoch = EPOCH });
	rig_outbox(&rig, EPOCH + 1, true);
	assert_null(rig_take(&rig, PP_EFFECT_RENEW));
}

static void a_server_that_has_what_was_never_sent_has_it_from_an_older_self(void **state)
{
	struct pp_state sent;
	struct pp_beat beat;
	uint64_t ticket;

	(void)state;
	ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);
	rig_appended(&rig, ticket, 11, true);
	sent = rig_state(&rig, 11, 15);
	beat = rig_echo(&sent, 13);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_BEAT, .beat = &beat, .seq = 14 });
	assert_null(rig_take(&rig, PP_EFFECT_RENEW));
	sent = rig_state(&rig, 11, 15);
	beat = rig_echo(&sent, 13);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_BEAT, .beat = &beat, .seq = 13 });
	assert_non_null(rig_take(&rig, PP_EFFECT_RENEW));
}

static void an_unreceipted_press_is_taken_again_after_a_restart(void **state)
{
	static const struct {
		uint64_t ago_s; /* 0: in an earlier boot */
		bool refused, doubt, sounds;
	} rows[] = { { 3, false, false, true }, { 15, false, true, true },
		{ 119, false, true, true }, { 121, false, true, false }, { 0, false, true, false },
		{ 3, true, true, true } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_view view;

		end(NULL);
		begin(NULL);
		resume(rows[i].ago_s ? rig.now.mono_us - rows[i].ago_s * SECOND : 0,
			rows[i].refused);
		view = rig_view(&rig);
		if (view.count != 1 || view.presses[0].rung != PP_RUNG_TAKEN ||
			view.presses[0].doubt != rows[i].doubt ||
			view.presses[0].sounds != rows[i].sounds)
			fail_msg("row %zu: rung %d doubt %d sounds %d", i,
				(int)view.presses[0].rung, view.presses[0].doubt,
				view.presses[0].sounds);
	}
}

static void a_press_that_only_the_server_remembers_is_looked_up_once(void **state)
{
	struct pp_state s = rig_state(&rig, 0, 4);
	struct pp_beat beat = rig_echo(&s, 4);
	struct pp_agent_input found = { .type = PP_AGENT_FOUND,
		.row = { .epoch = EPOCH,
			.seq = 4,
			.found = true,
			.point = "panic-crime",
			.class = PP_CLASS_CRIME } };

	(void)state;
	beat.count = 1;
	beat.open[0] = (struct pp_open_press){ .seq = 4, .step = PP_STEP_ACKNOWLEDGED };
	rig_beat(&rig, &beat);
	assert_int_equal(rig_take(&rig, PP_EFFECT_LOOKUP)->seq, 4);
	assert_int_equal(rig_view(&rig).count, 0);
	s = rig_state(&rig, 0, 4);
	beat.n = s.n;
	beat.mono_ms = s.mono_ms;
	beat.open[0].step = PP_STEP_DISPATCHED;
	rig_beat(&rig, &beat);
	assert_null(rig_take(&rig, PP_EFFECT_LOOKUP));
	rig_step(&rig, found);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_DISPATCHED);
	assert_int_equal(rig_view(&rig).presses[0].class, PP_CLASS_CRIME);
	assert_false(rig_view(&rig).presses[0].sounds);
}

static void a_press_that_nobody_knows_is_not_asked_for_again(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct pp_state s = rig_state(&rig, 0, 4);
		struct pp_beat beat = rig_echo(&s, 4);

		beat.count = 1;
		beat.open[0] = (struct pp_open_press){ .seq = 3, .step = PP_STEP_RECEIVED };
		rig_beat(&rig, &beat);
		assert_int_equal(rig_take(&rig, PP_EFFECT_LOOKUP) != NULL, i == 0);
		rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_FOUND,
				       .row = { .epoch = EPOCH, .seq = 3 } });
	}
	assert_int_equal(rig_view(&rig).count, 0);
}

static void presses_that_nobody_here_knows_are_asked_for_in_bounds(void **state)
{
	size_t asked = 0;

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct pp_state s = rig_state(&rig, 0, 1000);
		struct pp_beat beat = rig_echo(&s, 1000);

		rig_beat_lists(&beat, PP_OPEN_MAX, PP_STEP_RECEIVED);
		for (size_t i = 0; i < PP_OPEN_MAX; i++)
			beat.open[i].seq += 100 * turn;
		rig.count = 0;
		rig_beat(&rig, &beat);
		for (size_t i = 0; i < rig.count; i++)
			asked += rig.effects[i].type == PP_EFFECT_LOOKUP;
		rig.count = 0;
	}
	assert_int_equal(asked, 2 * PP_OPEN_MAX);
}

static void found(int64_t seq, bool there)
{
	struct pp_agent_input in = { .type = PP_AGENT_FOUND,
		.row = { .epoch = EPOCH, .seq = seq, .found = there, .class = PP_CLASS_CRIME } };

	memcpy(in.row.point, "panic-crime", 12);
	rig_step(&rig, in);
}

static void an_answer_that_nobody_waits_for_and_one_that_comes_twice_add_no_press(void **state)
{
	struct pp_state s = rig_state(&rig, 0, 9);
	struct pp_beat beat = rig_echo(&s, 9);
	struct pp_agent_counts counts;

	(void)state;
	found(3, true);
	assert_int_equal(rig_view(&rig).count, 0);
	rig_beat_lists(&beat, 2, PP_STEP_ACKNOWLEDGED);
	rig_beat(&rig, &beat);
	found(2, true);
	found(2, true);
	assert_int_equal(rig_view(&rig).count, 1);
	found(1, false);
	found(1, false);
	pp_agent_counts(rig.agent, &counts);
	assert_int_equal(counts.lookups_failed, 1);
	resume(0, false);
	resume(0, false);
	assert_true(rig_view(&rig).count <= 2);
}

static void a_press_of_another_epoch_is_shown_for_ten_minutes(void **state)
{
	struct pp_receipt r = { .epoch = EPOCH + 1, .seq = 5, .incident = "KDL-26-000001" };
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_APPENDED,
			       .ticket = ticket,
			       .epoch = EPOCH + 1,
			       .seq = 5,
			       .durable = true });
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_KEPT, .receipt = &r });
	for (int minutes = 0; minutes <= 10; minutes += 5) {
		s = rig_state(&rig, 0, 9);
		beat = rig_echo(&s, 9);
		rig_beat(&rig, &beat);
		assert_int_equal(rig_view(&rig).count, minutes < 10);
		rig_wait(&rig, 300 * SECOND);
		rig.count = 0;
	}
}

static void a_renewed_epoch_keeps_what_was_received_and_forgets_the_rest(void **state)
{
	struct pp_agent_input renewed = { .type = PP_AGENT_RENEWED, .epoch = EPOCH };
	uint64_t ticket;

	(void)state;
	received_press(1);
	ticket = rig_sense(&rig, MEDICAL, PP_SIGNAL_ALARM);
	rig_appended(&rig, ticket, 2, true);
	rig_step(&rig, renewed);
	assert_int_equal(rig_view(&rig).count, 1);
	renewed.epoch = EPOCH + 7;
	rig_step(&rig, renewed);
	assert_int_equal(rig_view(&rig).count, 1);
}

static void only_what_the_server_has_really_lost_goes_dark(void **state)
{
	struct pp_state s;
	struct pp_beat beat;
	struct pp_view view;

	(void)state;
	received_press(1);
	received_press(5);
	received_press(6);
	s = rig_state(&rig, 0, 6);
	received_press(7); /* receipted after that state was made */
	beat = rig_echo(&s, 3);
	beat.open[0] = (struct pp_open_press){ .seq = 6, .step = PP_STEP_ACKNOWLEDGED };
	beat.count = 1;
	rig_beat(&rig, &beat);
	view = rig_view(&rig);
	for (size_t i = 0; i < view.count; i++)
		assert_true(view.presses[i].rung >= PP_RUNG_TAKEN);
	assert_int_equal(view.presses[0].rung == PP_RUNG_TAKEN, true);
}

static void an_alarm_of_before_sounds_again_only_while_it_is_fresh(void **state)
{
	static const struct {
		int64_t ago_s;
		uint32_t flags;
		bool sounds;
	} rows[] = { { 10, 0, true }, { 119, 0, true }, { 120, 0, false },
		{ 10, PP_FLAG_SILENT, false }, { -5, 0, false } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_agent_input in = { .type = PP_AGENT_RESUMED,
			.row = { .epoch = EPOCH,
				.seq = 10 + (int64_t)i,
				.class = PP_CLASS_CRIME,
				.flags = rows[i].flags,
				.pressed_us = (uint64_t)((int64_t)rig.now.mono_us -
							 rows[i].ago_s * (int64_t)SECOND) } };

		memcpy(in.row.point, "panic-crime", 12);
		rig_step(&rig, in);
		assert_int_equal(rig_view(&rig).presses[i].sounds, rows[i].sounds);
	}
}

static void a_press_that_the_disk_gave_back_meanwhile_is_not_doubled(void **state)
{
	struct pp_state s = rig_state(&rig, 0, 9);
	struct pp_beat beat = rig_echo(&s, 9);
	struct pp_agent_input in = { .type = PP_AGENT_RESUMED,
		.row = { .epoch = EPOCH, .seq = 3, .class = PP_CLASS_CRIME } };

	(void)state;
	beat.open[0] = (struct pp_open_press){ .seq = 3, .step = PP_STEP_ACKNOWLEDGED };
	beat.count = 1;
	rig_beat(&rig, &beat);
	memcpy(in.row.point, "panic-crime", 12);
	rig_step(&rig, in);
	found(3, true);
	assert_int_equal(rig_view(&rig).count, 1);
	assert_int_equal(rig_view(&rig).presses[0].rung, PP_RUNG_TAKEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_receipt_that_was_missed_is_asked_for_when_a_beat_shows_it),
		TEST(a_press_below_high_is_sent_again_and_over_if_nobody_lists_it_then),
		TEST(what_an_answered_state_came_after_and_is_not_recorded_is_sent_again),
		TEST(what_an_outbox_left_behind_is_sent_again_too),
		TEST(a_server_that_has_gone_back_gets_its_signals_again_but_not_at_every_beat),
		TEST(what_the_store_lost_with_itself_is_asked_for_again),
		TEST(a_gap_below_is_not_a_server_that_has_gone_back),
		TEST(a_server_that_has_more_than_was_ever_numbered_here_asks_for_a_new_epoch),
		TEST(a_signal_that_overtakes_its_state_is_no_reason_for_a_new_epoch),
		TEST(a_number_with_other_content_asks_for_a_new_epoch_and_no_beat_is_believed),
		TEST(a_server_that_has_what_was_never_sent_has_it_from_an_older_self),
		TEST(an_unreceipted_press_is_taken_again_after_a_restart),
		TEST(a_press_that_only_the_server_remembers_is_looked_up_once),
		TEST(a_press_that_nobody_knows_is_not_asked_for_again),
		TEST(presses_that_nobody_here_knows_are_asked_for_in_bounds),
		TEST(an_answer_that_nobody_waits_for_and_one_that_comes_twice_add_no_press),
		TEST(a_press_of_another_epoch_is_shown_for_ten_minutes),
		TEST(a_renewed_epoch_keeps_what_was_received_and_forgets_the_rest),
		TEST(only_what_the_server_has_really_lost_goes_dark),
		TEST(an_alarm_of_before_sounds_again_only_while_it_is_fresh),
		TEST(a_press_that_the_disk_gave_back_meanwhile_is_not_doubled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
