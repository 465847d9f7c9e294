/* SPDX-License-Identifier: Apache-2.0 */
/* liveness_test.c -- when a state goes out, which beats count, and what they do to the lamps. */
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

static void link_up(bool connected)
{
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_LINK, .connected = connected });
}

/* A press whose receipt has been kept. */
static void received_press(int64_t seq)
{
	uint64_t ticket = rig_sense(&rig, CRIME, PP_SIGNAL_ALARM);

	rig_appended(&rig, ticket, seq, true);
	rig_kept(&rig, seq, PP_RECEIPT_RECORDED);
}

static void states_go_out_at_connect_and_every_ten_seconds(void **state)
{
	(void)state;
	rig_wait(&rig, 20 * SECOND);
	assert_null(rig_take(&rig, PP_EFFECT_STATE));
	link_up(true);
	assert_non_null(rig_take(&rig, PP_EFFECT_STATE));
	rig_wait(&rig, 10 * SECOND - 1);
	assert_null(rig_take(&rig, PP_EFFECT_STATE));
	rig_wait(&rig, 1);
	assert_non_null(rig_take(&rig, PP_EFFECT_STATE));
	link_up(false);
	rig_wait(&rig, 60 * SECOND);
	assert_null(rig_take(&rig, PP_EFFECT_STATE));
}

static void the_state_of_a_new_epoch_goes_out_at_once_and_first_until_it_is_answered(void **state)
{
	const struct pp_effect *e;
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	link_up(true);
	e = rig_take(&rig, PP_EFFECT_STATE);
	assert_true(e && e->first);
	s = rig_state(&rig, 0, 0);
	beat = rig_echo(&s, 0);
	rig_beat(&rig, &beat);
	link_up(true);
	e = rig_take(&rig, PP_EFFECT_STATE);
	assert_true(e && !e->first);
	rig_outbox(&rig, EPOCH + 1, false);
	e = rig_take(&rig, PP_EFFECT_STATE);
	assert_true(e && e->first);
	rig_outbox(&rig, EPOCH + 1, true); /* the same is no reason */
	assert_null(rig_take(&rig, PP_EFFECT_STATE));
}

static void progress_asks_again_but_never_overtakes_an_answer(void **state)
{
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	link_up(true);
	rig.count = 0;
	s = rig_state(&rig, 0, 0);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_PROGRESS });
	assert_null(rig_take(&rig, PP_EFFECT_STATE));
	assert_int_equal(pp_agent_deadline(rig.agent), rig.now.mono_us + 2 * SECOND);
	beat = rig_echo(&s, 0);
	rig_beat(&rig, &beat);
	assert_non_null(rig_take(&rig, PP_EFFECT_STATE));
	s = rig_state(&rig, 0, 0);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_PROGRESS });
	rig_wait(&rig, 2 * SECOND);
	assert_non_null(rig_take(&rig, PP_EFFECT_STATE));
}

static void a_state_says_everything_and_never_the_same_time_twice(void **state)
{
	struct pp_state a, b;

	(void)state;
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_POINT,
			       .point = MEDICAL,
			       .state = PP_POINT_TROUBLE,
			       .detail = "chatter" });
	a = rig_state(&rig, 4, 9);
	b = rig_state(&rig, 4, 9);
	assert_int_equal(a.epoch, EPOCH);
	assert_int_equal(a.boot, 3);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.oldest, 4);
	assert_int_equal(a.count, PP_COUNT(points));
	assert_string_equal(a.points[MEDICAL].point, "panic-medical");
	assert_int_equal(a.points[MEDICAL].state, PP_POINT_TROUBLE);
	assert_string_equal(a.points[MEDICAL].detail, "chatter");
	assert_string_equal(a.config, "0123456789abcdef");
	assert_int_equal(b.n, 2);
	assert_true(b.mono_ms > a.mono_ms);
}

static void only_the_echo_of_the_newest_state_counts_and_only_once(void **state)
{
	struct pp_state old, s;
	struct pp_beat beat;

	(void)state;
	old = rig_state(&rig, 0, 0);
	s = rig_state(&rig, 0, 0);
	struct pp_beat wrong[] = { rig_echo(&old, 0), rig_echo(&s, 0), rig_echo(&s, 0),
		rig_echo(&s, 0) };
	wrong[1].epoch++;
	wrong[2].boot++;
	wrong[3].n++;
	rig_wait(&rig, SECOND);
	for (size_t i = 0; i < PP_COUNT(wrong); i++)
		rig_beat(&rig, &wrong[i]);
	assert_int_equal(pp_agent_last_beat_us(rig.agent), 0);
	beat = rig_echo(&s, 0);
	rig_beat(&rig, &beat);
	assert_int_equal(pp_agent_last_beat_us(rig.agent), rig.now.mono_us);
	assert_int_equal(pp_agent_round_trip_us(rig.agent), SECOND);
	rig_wait(&rig, SECOND);
	rig_beat(&rig, &beat);
	assert_int_equal(pp_agent_last_beat_us(rig.agent), rig.now.mono_us - SECOND);
	struct pp_agent_counts counts;
	pp_agent_counts(rig.agent, &counts);
	assert_int_equal(counts.beats, 1);
	assert_int_equal(counts.beats_stale, 5);
}

static void the_newest_beat_says_whether_it_is_a_drill(void **state)
{
	static const bool drill[] = { false, true, true, false };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(drill); i++) {
		struct pp_state s = rig_state(&rig, 0, 0);
		struct pp_beat beat = rig_echo(&s, 0);

		beat.drill = drill[i];
		rig_beat(&rig, &beat);
		assert_int_equal(rig_view(&rig).drill, drill[i]);
	}
}

static void the_server_is_away_after_25_seconds_without_a_beat(void **state)
{
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	assert_int_equal(pp_agent_deadline(rig.agent), rig.now.mono_us + 25 * SECOND);
	rig_wait(&rig, 25 * SECOND - 1);
	assert_false(rig_view(&rig).server_away);
	rig_wait(&rig, 1);
	assert_true(rig_view(&rig).server_away);
	assert_true(pp_agent_deadline(rig.agent) == UINT64_MAX);
	s = rig_state(&rig, 0, 0);
	beat = rig_echo(&s, 0);
	rig_beat(&rig, &beat);
	assert_false(rig_view(&rig).server_away);
}

static void on_a_metered_link_the_silence_may_be_longer(void **state)
{
	(void)state;
	pp_agent_free(rig.agent);
	rig_init(&rig, 60 * SECOND);
	rig_wait(&rig, 149 * SECOND);
	assert_false(rig_view(&rig).server_away);
	rig_wait(&rig, SECOND);
	assert_true(rig_view(&rig).server_away);
}

static void a_beat_moves_the_lamps_and_closes_them(void **state)
{
	static const struct {
		enum pp_step step;
		enum pp_rung want;
	} rows[] = { { PP_STEP_RECEIVED, PP_RUNG_RECEIVED },
		{ PP_STEP_ACKNOWLEDGED, PP_RUNG_ACKNOWLEDGED },
		{ PP_STEP_DISPATCHED, PP_RUNG_DISPATCHED }, { PP_STEP_ON_SCENE, PP_RUNG_ON_SCENE },
		{ PP_STEP_ACKNOWLEDGED, PP_RUNG_ACKNOWLEDGED },
		{ PP_STEP_UNKNOWN, PP_RUNG_RECEIVED } };

	(void)state;
	received_press(1);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_state s = rig_state(&rig, 0, 1);
		struct pp_beat beat = rig_echo(&s, 1);

		beat.count = 1;
		beat.open[0] = (struct pp_open_press){ .seq = 1, .step = rows[i].step };
		rig_beat(&rig, &beat);
		if (rig_view(&rig).presses[0].rung != rows[i].want)
			fail_msg("row %zu: got %d, want %d", i, (int)rig_view(&rig).presses[0].rung,
				(int)rows[i].want);
	}
	struct pp_state s = rig_state(&rig, 0, 1);
	struct pp_beat beat = rig_echo(&s, 1);
	beat.count = 1;
	beat.open[0] = (struct pp_open_press){ .seq = 1, .step = PP_STEP_CLOSED };
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).count, 0);
}

static void a_press_that_a_later_beat_leaves_out_is_over_and_an_earlier_one_says_nothing(
	void **state)
{
	struct pp_state s = rig_state(&rig, 0, 0);
	struct pp_beat beat = rig_echo(&s, 0);

	(void)state;
	received_press(1); /* after the state that this beat answers */
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).count, 1);
	s = rig_state(&rig, 0, 1);
	beat = rig_echo(&s, 1);
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).count, 0);
}

static void new_keys_of_the_server_are_handed_on(void **state)
{
	struct pp_state s = rig_state(&rig, 0, 0);
	struct pp_beat beat = rig_echo(&s, 0);

	(void)state;
	beat.key_count = 2;
	rig_beat(&rig, &beat);
	assert_non_null(rig_take(&rig, PP_EFFECT_KEYS));
}

static void a_beat_that_differs_in_anything_from_the_newest_state_is_stale(void **state)
{
	struct pp_state s = rig_state(&rig, 0, 0);
	struct pp_beat good = rig_echo(&s, 0), beats[4] = { good, good, good, good };
	struct pp_agent_counts counts;

	(void)state;
	beats[0].epoch++;
	beats[1].boot++;
	beats[2].mono_ms++;
	beats[3].n++;
	for (size_t i = 0; i < PP_COUNT(beats); i++) {
		rig_beat(&rig, &beats[i]);
		pp_agent_counts(rig.agent, &counts);
		assert_int_equal(counts.beats_stale, i + 1);
	}
	rig_beat(&rig, &good);
	pp_agent_counts(rig.agent, &counts);
	assert_int_equal(counts.beats, 1);
}

static void what_a_full_beat_has_no_room_for_is_not_over(void **state)
{
	struct pp_state s;
	struct pp_beat beat;

	(void)state;
	received_press(1);
	s = rig_state(&rig, 0, 100);
	beat = rig_echo(&s, 100);
	for (size_t i = 0; i < PP_OPEN_MAX; i++)
		beat.open[i] =
			(struct pp_open_press){ .seq = 50 + (int64_t)i, .step = PP_STEP_CLOSED };
	beat.count = PP_OPEN_MAX;
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).count, 1); /* older than all that could be told */
	beat.open[3].seq = 0;
	s = rig_state(&rig, 0, 100);
	beat.mono_ms = s.mono_ms;
	beat.n = s.n;
	rig_beat(&rig, &beat);
	assert_int_equal(rig_view(&rig).count, 0);
}

static void an_agent_that_is_not_connected_wakes_for_the_silence_of_the_server_alone(void **state)
{
	uint64_t silence_us;

	(void)state;
	link_up(false);
	silence_us = pp_agent_deadline(rig.agent);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_PROGRESS });
	assert_int_equal(pp_agent_deadline(rig.agent), silence_us);
	link_up(true);
	(void)rig_state(&rig, 0, 0);
	rig_step(&rig, (struct pp_agent_input){ .type = PP_AGENT_PROGRESS });
	assert_true(pp_agent_deadline(rig.agent) <= rig.now.mono_us + 2 * SECOND);
	rig_wait(&rig, 30 * SECOND);
	assert_true(rig_view(&rig).server_away);
	assert_true(pp_agent_deadline(rig.agent) > rig.now.mono_us);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(states_go_out_at_connect_and_every_ten_seconds),
		TEST(the_state_of_a_new_epoch_goes_out_at_once_and_first_until_it_is_answered),
		TEST(progress_asks_again_but_never_overtakes_an_answer),
		TEST(a_state_says_everything_and_never_the_same_time_twice),
		TEST(only_the_echo_of_the_newest_state_counts_and_only_once),
		TEST(the_newest_beat_says_whether_it_is_a_drill),
		TEST(the_server_is_away_after_25_seconds_without_a_beat),
		TEST(on_a_metered_link_the_silence_may_be_longer),
		TEST(a_beat_moves_the_lamps_and_closes_them),
		TEST(a_press_that_a_later_beat_leaves_out_is_over_and_an_earlier_one_says_nothing),
		TEST(new_keys_of_the_server_are_handed_on),
		TEST(a_beat_that_differs_in_anything_from_the_newest_state_is_stale),
		TEST(what_a_full_beat_has_no_room_for_is_not_over),
		TEST(an_agent_that_is_not_connected_wakes_for_the_silence_of_the_server_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
