/* SPDX-License-Identifier: Apache-2.0 */
/* liveness_test.c -- states, beats, and presses that outlive a restart. */
#include "agent_rig.h"

static struct rig rig;

static int begin(void **state)
{
	(void)state;
	rig_init(&rig, 10 * SECOND);
	rig_outbox(&rig, EPOCH, true);
	rig.count = 0;
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

/* Presses of the outbox that the beat tells of, numbers 1 to count. */
static void beat_lists(struct pp_beat *beat, size_t count, enum pp_step step)
{
	for (size_t i = 0; i < count; i++)
		beat->open[i] = (struct pp_open_press){ .seq = (int64_t)i + 1, .step = step };
	beat->count = count;
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

static void presses_that_nobody_here_knows_are_asked_for_in_bounds(void **state)
{
	size_t asked = 0;

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct pp_state s = rig_state(&rig, 0, 1000);
		struct pp_beat beat = rig_echo(&s, 1000);

		beat_lists(&beat, PP_OPEN_MAX, PP_STEP_RECEIVED);
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
	beat_lists(&beat, 2, PP_STEP_ACKNOWLEDGED);
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
		TEST(states_go_out_at_connect_and_every_ten_seconds),
		TEST(the_state_of_a_new_epoch_goes_out_at_once_and_first_until_it_is_answered),
		TEST(progress_asks_again_but_never_overtakes_an_answer),
		TEST(a_state_says_everything_and_never_the_same_time_twice),
		TEST(only_the_echo_of_the_newest_state_counts_and_only_once),
		TEST(the_server_is_away_after_25_seconds_without_a_beat),
		TEST(on_a_metered_link_the_silence_may_be_longer),
		TEST(a_beat_moves_the_lamps_and_closes_them),
		TEST(a_press_that_a_later_beat_leaves_out_is_over_and_an_earlier_one_says_nothing),
		TEST(a_receipt_that_was_missed_is_asked_for_when_a_beat_shows_it),
		TEST(a_press_below_high_is_sent_again_and_over_if_nobody_lists_it_then),
		TEST(a_server_that_has_gone_back_gets_its_signals_again_but_not_at_every_beat),
		TEST(a_gap_below_is_not_a_server_that_has_gone_back),
		TEST(a_server_that_has_more_than_was_ever_numbered_here_asks_for_a_new_epoch),
		TEST(a_signal_that_overtakes_its_state_is_no_reason_for_a_new_epoch),
		TEST(a_number_with_other_content_asks_for_a_new_epoch_and_no_beat_is_believed),
		TEST(a_server_that_has_what_was_never_sent_has_it_from_an_older_self),
		TEST(an_unreceipted_press_is_taken_again_after_a_restart),
		TEST(a_press_that_only_the_server_remembers_is_looked_up_once),
		TEST(a_press_that_nobody_knows_is_not_asked_for_again),
		TEST(new_keys_of_the_server_are_handed_on),
		TEST(a_beat_that_differs_in_anything_from_the_newest_state_is_stale),
		TEST(what_a_full_beat_has_no_room_for_is_not_over),
		TEST(presses_that_nobody_here_knows_are_asked_for_in_bounds),
		TEST(an_answer_that_nobody_waits_for_and_one_that_comes_twice_add_no_press),
		TEST(a_press_of_another_epoch_is_shown_for_ten_minutes),
		TEST(a_renewed_epoch_keeps_what_was_received_and_forgets_the_rest),
		TEST(an_agent_that_is_not_connected_wakes_for_the_silence_of_the_server_alone),
		TEST(only_what_the_server_has_really_lost_goes_dark),
		TEST(an_alarm_of_before_sounds_again_only_while_it_is_fresh),
		TEST(a_press_that_the_disk_gave_back_meanwhile_is_not_doubled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
