/* SPDX-License-Identifier: Apache-2.0 */
/* desk_test.c -- the engine's work in simulated time: from signed messages to sealed answers. */
#include "post.h"

#include <errno.h>

static void nothing_is_told_before_the_commit(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_receipt receipt;
	size_t count;

	post_presses(f, &s);
	assert_int_equal(f->count, 0);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->heard[0].topic, "pospin/v1/kendal/boja-01/receipt");
	assert_int_equal(
		pp_receipts_decode(f->heard[0].text, f->heard[0].length, &receipt, 1, &count, NULL),
		0);
	assert_int_equal(receipt.result, PP_RECEIPT_RECORDED);
	assert_int_equal(receipt.seq, 1);
	assert_string_equal(receipt.incident, "KDL-25-000001");
	assert_int_equal(f->counts.signals, 1);
	assert_int_equal(desk_turn(f), 0);
}

static void a_record_that_fails_lets_nothing_be_told(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_db *db = pp_ledger_db(f->record.ledger);
	struct pp_signal s = pp_test_alarm(1);
	int r = 1;

	assert_int_equal(pp_db_exec(db, "PRAGMA max_page_count = 1"), 0);
	while (r == 1) {
		f->count = 0;
		post_presses(f, &s);
		r = desk_turn(f);
		s.seq++;
		assert_true(s.seq < 10000);
	}
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(f->count, 0);
}

static void one_message_brings_up_to_32_receipts(void **state)
{
	struct desk_fixture *f = *state;

	for (int64_t seq = 1; seq <= 70; seq++) {
		struct pp_signal s = pp_test_alarm(seq);

		post_presses(f, &s);
	}
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(heard_on(f, "receipt"), 3);
	assert_int_equal(f->counts.commits, 1);
	assert_int_equal(pp_test_number(&f->record, "SELECT high FROM epoch"), 70);
}

static void a_duplicate_gets_its_receipt_again(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);

	for (int i = 0; i < 3; i++) {
		post_presses(f, &s);
		assert_int_equal(desk_turn(f), 1);
	}
	assert_int_equal(f->count, 3);
	assert_string_equal(f->heard[0].text, f->heard[2].text);
	assert_int_equal(f->counts.duplicates, 2);
}

static void a_conflict_is_refused_and_a_security_event_of_the_next_batch(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_receipt receipt;
	size_t count;

	post_presses(f, &s);
	assert_int_equal(desk_turn(f), 1);
	s.class = PP_CLASS_FIRE;
	for (int i = 0; i < 5; i++) {
		post_presses(f, &s);
		assert_int_equal(desk_turn(f), 1);
	}
	assert_int_equal(
		pp_receipts_decode(f->heard[1].text, f->heard[1].length, &receipt, 1, &count, NULL),
		0);
	assert_int_equal(receipt.result, PP_RECEIPT_REFUSED);
	assert_int_equal(f->counts.conflicts, 5);
	assert_int_equal(
		pp_test_number(&f->record, "SELECT count(*) FROM event WHERE kind = 'security'"),
		1);
	pp_test_text_is(&f->record,
		"SELECT json_extract(body, '$.kind') FROM event WHERE kind = 'security'",
		"conflict");
}

static void a_state_is_answered_with_a_beat_and_a_replay_with_silence(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_beat beat;

	post_lives(f, 17, 5000);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(heard_on(f, "beat"), 1);
	assert_int_equal(pp_beat_decode(f->heard[0].text, f->heard[0].length, &beat, NULL), 0);
	assert_int_equal(beat.n, 5000);
	assert_int_equal(beat.mono_ms, 5000);
	post_lives(f, 17, 5000);
	post_lives(f, 16, 9000);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(heard_on(f, "beat"), 1);
	assert_int_equal(f->counts.states_stale, 2);
}

static void a_silent_post_is_lost_once_and_found_again(void **state)
{
	static const struct {
		int64_t at_s;
		bool lives;
		int64_t want; /* events unsupervised and supervised */
	} steps[] = { { 0, true, 0 }, { 44, false, 0 }, { 45, false, 1 }, { 50, false, 1 },
		{ 60, true, 2 }, { 104, false, 2 }, { 105, false, 3 } };
	struct desk_fixture *f = *state;
	struct pp_desk_now start = f->now;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		int64_t got;

		f->now.mono_ms = start.mono_ms + steps[i].at_s * 1000;
		f->now.wall_ms = start.wall_ms + steps[i].at_s * 1000;
		if (steps[i].lives)
			post_lives(f, 17, f->now.mono_ms);
		assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
		assert_true(desk_turn(f) >= 0);
		got = pp_test_number(&f->record,
			"SELECT count(*) FROM event WHERE kind LIKE 'post.%supervised'");
		if (got != steps[i].want)
			fail_msg("step %zu: %d events, want %d", i, (int)got, (int)steps[i].want);
	}
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 0);
}

static void a_step_of_the_servers_clock_makes_no_alarm_late(void **state)
{
	static const int64_t steps_ms[] = { 600000, -600000, 3600000 };
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);

	s.boot = 17;
	s.at_ms = PP_AT_UNKNOWN;
	for (size_t i = 0; i < PP_COUNT(steps_ms); i++) {
		for (int half = 0; half < 2; half++) {
			f->now.mono_ms += 10000;
			f->now.wall_ms += 10000 + (half ? steps_ms[i] : 0);
			post_lives(f, 17, f->now.mono_ms);
			assert_int_equal(desk_turn(f), 1);
			s.mono_ms = f->now.mono_ms;
			post_presses(f, &s);
			assert_int_equal(desk_turn(f), 1);
			s.seq++;
		}
	}
	assert_int_equal(f->counts.signals, 6);
	assert_int_equal(f->counts.late, 0);
}

static void a_will_hastens_and_a_restart_gives_full_time(void **state)
{
	struct desk_fixture *f = *state;
	const struct sent will = { "boja-01", PP_CHANNEL_WILL, NULL, "", 0, false };

	post_lives(f, 17, 5000);
	assert_int_equal(desk_turn(f), 1);
	desk_open(f);
	f->now.mono_ms += 44000;
	assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	assert_int_equal(desk_turn(f), 0);
	desk_open(f);
	post_sends(f, &will);
	assert_int_equal(f->counts.wills, 1);
	f->now.mono_ms += 15000;
	assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	assert_int_equal(desk_turn(f), 1);
	pp_test_text_is(&f->record, "SELECT kind FROM trouble", "unsupervised");
}

static void a_flood_of_forgeries_makes_two_events_in_two_minutes(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_key *foreign;
	const char *text = "{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":1}";

	assert_int_equal(pp_key_new(&foreign), 0);
	for (int i = 0; i < 110; i++) {
		const struct sent forged = { "boja-01", PP_CHANNEL_SIGNAL, foreign, text,
			strlen(text), false };

		post_sends(f, &forged);
		f->now.mono_ms += 1000;
		assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
		assert_true(desk_turn(f) >= 0);
	}
	assert_int_equal(f->counts.refused_signature, 110);
	assert_int_equal(f->count, 0);
	pp_test_text_is(&f->record,
		"SELECT group_concat(json_extract(body, '$.count'), ' ') FROM event"
		" WHERE kind = 'security'",
		"1 59");
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM signal"), 0);
	pp_key_free(foreign);
}

static void invented_names_are_one_kind_of_refusal(void **state)
{
	struct desk_fixture *f = *state;

	for (int i = 0; i < 300; i++) {
		char post[16];
		struct sent s = { post, PP_CHANNEL_SIGNAL, f->post, "{}", 2, false };

		snprintf(post, sizeof(post), "p%d", i);
		post_sends(f, &s);
		assert_true(desk_turn(f) >= 0);
	}
	assert_int_equal(f->counts.refused_unknown_post, 300);
	assert_int_equal(
		pp_test_number(&f->record, "SELECT count(*) FROM event WHERE kind = 'security'"),
		1);
}

static void a_post_that_was_enrolled_a_moment_ago_is_heard(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_key *key = post_enrol(f, "boja-02");
	struct pp_signal signal = pp_test_alarm(1);
	struct sent s = { "boja-02", PP_CHANNEL_SIGNAL, key, NULL, 0, false };
	char *text;

	assert_int_equal(pp_signal_encode(&signal, &text, &s.length), 0);
	s.text = text;
	post_sends(f, &s);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(f->counts.signals, 1);
	assert_string_equal(f->heard[0].topic, "pospin/v1/kendal/boja-02/receipt");
	free(text);
	pp_key_free(key);
}

static void a_revoked_post_is_refused_at_once_and_told_so(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	const struct pp_ledger_options options = { .record_path = f->record.record_path };
	struct pp_ledger *other;
	struct pp_receipt receipt;
	size_t count;

	assert_int_equal(pp_ledger_open(&options, &other), 0);
	assert_int_equal(
		pp_ledger_revoke(other,
			&(struct pp_key_revocation){ "kendal", "boja-01", "ctl:test", NULL, NULL },
			PP_TEST_NOW),
		0);
	pp_ledger_close(other);
	post_presses(f, &s); /* no tick in between */
	assert_int_equal(f->count, 1);
	assert_int_equal(
		pp_receipts_decode(f->heard[0].text, f->heard[0].length, &receipt, 1, &count, NULL),
		0);
	assert_int_equal(receipt.result, PP_RECEIPT_REFUSED);
	assert_int_equal(f->counts.refused_revoked, 1);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(pp_test_number(&f->record, "SELECT count(*) FROM incident"), 0);
	assert_int_equal(
		pp_test_number(&f->record, "SELECT count(*) FROM event WHERE kind = 'security'"),
		1);
}

/* The batch may wait long for a disk or for another program, which is the one that revokes. */
static void who_is_revoked_while_the_batch_waits_has_not_spoken(void **state)
{
	struct desk_fixture *f = *state;
	const struct pp_ledger_options options = { .record_path = f->record.record_path };
	const struct pp_key_revocation all = {
		.tenant = "kendal", .post = "boja-01", .actor = "ctl:test"
	};
	struct pp_key *key = post_enrol(f, "boja-02");
	struct pp_signal press = pp_test_alarm(1);
	struct sent s = { "boja-02", PP_CHANNEL_SIGNAL, key, NULL, 0, false };
	struct pp_ledger *other;
	char *text;

	assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	assert_int_equal(pp_signal_encode(&press, &text, &s.length), 0);
	s.text = text;
	post_lives(f, 17, 1000);
	post_presses(f, &press);
	post_sends(f, &s);
	assert_int_equal(pp_ledger_open(&options, &other), 0);
	assert_int_equal(pp_ledger_revoke(other, &all, PP_TEST_NOW), 0);
	pp_ledger_close(other);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(heard_on(f, "receipt"), 0);
	assert_int_equal(heard_on(f, "beat"), 0);
	assert_int_equal(f->counts.signals, 1); /* the other post's, which lost no time by it */
	post_presses(f, &press);
	assert_int_equal(f->counts.refused_revoked, 1);
	free(text);
	pp_key_free(key);
}

static void a_revoked_post_may_be_silent(void **state)
{
	struct desk_fixture *f = *state;
	const struct pp_ledger_options options = { .record_path = f->record.record_path };
	struct pp_key_revocation all = { "kendal", "boja-01", "ctl:test", NULL, NULL };
	struct pp_ledger *other;

	post_lives(f, 17, 5000);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(pp_ledger_open(&options, &other), 0);
	assert_int_equal(pp_ledger_revoke(other, &all, PP_TEST_NOW), 0);
	pp_ledger_close(other);
	for (int i = 0; i < 2; i++) {
		f->now.mono_ms += 90000;
		assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
		assert_int_equal(desk_turn(f), 0);
	}
}

static void a_post_that_is_no_longer_active_may_be_silent(void **state)
{
	struct desk_fixture *f = *state;
	const struct pp_ledger_options options = { .record_path = f->record.record_path };
	struct pp_ledger *other;

	post_lives(f, 17, 5000);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(pp_ledger_open(&options, &other), 0);
	pp_test_import(other, "tenants:\n"
			      "  - {id: kendal, name: Kabupaten Kendal, prefix: KDL,\n"
			      "     timezone: Asia/Jakarta, kecamatan: [], posts: []}\n");
	pp_ledger_close(other);
	f->now.mono_ms += 90000;
	assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	assert_int_equal(desk_turn(f), 0);
}

static void a_post_that_is_active_again_may_not_be_silent(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_db *db = pp_ledger_db(f->record.ledger);

	post_lives(f, 17, 5000);
	assert_int_equal(desk_turn(f), 1);
	for (int active = 0; active <= 1; active++) {
		assert_int_equal(pp_db_exec(db, active ? "UPDATE post SET active = 1"
						       : "UPDATE post SET active = 0"),
			0);
		/* By another process, as pospinctl does it. */
		pp_key_free(post_enrol(f, "boja-02"));
		assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	}
	f->now.mono_ms += PP_STATE_STALE_MS;
	assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(pp_test_number(&f->record, "SELECT supervised FROM post_state"), 0);
}

static void an_action_moves_the_incident_and_the_post_asks_again(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	const struct pp_action a = { .type = PP_ACTION_ACKNOWLEDGE,
		.tenant = "kendal",
		.actor = "user:siti",
		.incident = "KDL-25-000001" };
	const struct pp_item *item;

	post_presses(f, &s);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(pp_desk_action(f->desk, &a, &item), 0);
	assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
	assert_int_equal(item->out.action.error, 0);
	assert_string_equal(item->out.action.state, "acknowledged");
	pp_desk_clear(f->desk);
	assert_int_equal(heard_on(f, "progress"), 1);
	/* A press of an incident that somebody has: its lamp must not stay at "received". */
	s.seq = 2;
	post_presses(f, &s);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(heard_on(f, "progress"), 2);
}

static void retained_and_unreadable_messages_change_nothing(void **state)
{
	static const char alarm[] =
		"{\"epoch\":\"9f3c2a77d01b44e2\",\"seq\":1,\"boot\":1,\"mono\":1,"
		"\"point\":\"panic-crime\",\"kind\":\"panic\","
		"\"signal\":\"alarm\",\"class\":\"crime\"}";
	struct desk_fixture *f = *state;
	const struct sent retained = { "boja-01", PP_CHANNEL_SIGNAL, f->post, alarm, strlen(alarm),
		true };
	const struct sent broken = { "boja-01", PP_CHANNEL_SIGNAL, f->post, "{\"seq\":", 7, false };

	post_sends(f, &retained);
	post_sends(f, &broken);
	assert_int_equal(desk_turn(f), 0);
	assert_int_equal(f->counts.refused_retained, 1);
	assert_int_equal(f->counts.refused_form, 1);
	assert_int_equal(f->count, 0);
}

static void a_full_batch_says_so(void **state)
{
	struct desk_fixture *f = *state;

	for (int64_t seq = 1; seq <= PP_DESK_BATCH_MAX; seq++) {
		struct pp_signal s = pp_test_alarm(seq);

		assert_false(pp_desk_is_full(f->desk));
		post_presses(f, &s);
	}
	assert_true(pp_desk_is_full(f->desk));
	assert_int_equal(desk_turn(f), 1);
	assert_false(pp_desk_is_full(f->desk));
	assert_int_equal(f->counts.signals, PP_DESK_BATCH_MAX);
}

static void the_way_from_arrival_to_receipt_is_measured_for_signals_alone(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_histogram *h = &f->counts.receipt_seconds;

	for (int64_t seq = 1; seq <= 2; seq++) {
		struct pp_signal s = pp_test_alarm(seq);

		post_presses(f, &s);
	}
	post_lives(f, 17, 5000);
	assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
	pp_desk_observe(f->desk, (uint64_t)f->now.mono_ms * 1000 + 2500);
	pp_desk_clear(f->desk);
	assert_int_equal(h->buckets[1], 2); /* above 1 ms, up to 2.5 ms */
	assert_true(h->sum > 0.00499 && h->sum < 0.00501);
	assert_int_equal(f->counts.batch.buckets[2], 1); /* three items */
	/* What goes into the next batch starts anew. */
	post_lives(f, 17, 6000);
	assert_int_equal(pp_desk_commit(f->desk, f->now), 1);
	pp_desk_observe(f->desk, (uint64_t)f->now.mono_ms * 1000 + 9000000);
	assert_int_equal(h->buckets[1], 2);
	assert_int_equal(h->buckets[12] + h->buckets[13], 0);
}

static void a_replayed_state_does_not_keep_its_post_alive(void **state)
{
	struct desk_fixture *f = *state;
	int64_t first_ms = f->now.mono_ms;

	post_lives(f, 17, first_ms);
	assert_int_equal(desk_turn(f), 1);
	for (int s = 0; s < 50; s += 10) {
		f->now.mono_ms += 10000;
		f->now.wall_ms += 10000;
		post_lives(f, 17, first_ms);
		assert_int_equal(desk_turn(f), 1);
	}
	assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(pp_test_number(&f->record,
				 "SELECT count(*) FROM event WHERE kind = 'post.unsupervised'"),
		1);
}

static void only_a_full_disk_and_a_lock_are_waited_for(void **state)
{
	(void)state;
	assert_true(pp_desk_may_try_again(-EBUSY));
	assert_true(pp_desk_may_try_again(-ENOSPC));
	assert_false(pp_desk_may_try_again(-EIO)); /* a sync that failed may have lost anything */
	assert_false(pp_desk_may_try_again(-EUCLEAN));
}

static void what_waits_in_the_batch_is_dated_by_the_clock_that_was_set_right(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);
	int64_t occurred;

	s.boot = 17;
	s.at_ms = PP_AT_UNKNOWN;
	post_presses(f, &s);
	f->now.wall_ms += 3600000;
	assert_int_equal(desk_turn(f), 1);
	occurred = pp_test_number(&f->record, "SELECT occurred FROM signal");
	assert_in_range(occurred, f->now.wall_ms - 10000, f->now.wall_ms);
}

static void while_steps_are_due_it_is_behind(void **state)
{
	struct desk_fixture *f = *state;
	struct pp_signal s = pp_test_alarm(1);

	post_presses(f, &s);
	assert_int_equal(desk_turn(f), 1);
	assert_false(pp_desk_is_behind(f->desk, f->now));
	f->now.mono_ms += 16000;
	f->now.uptime_ms += 16000;
	assert_true(pp_desk_is_behind(f->desk, f->now));
	assert_int_equal(pp_desk_tick(f->desk, f->now), 0);
	assert_int_equal(desk_turn(f), 1);
	assert_int_equal(f->counts.steps, 1);
	assert_false(pp_desk_is_behind(f->desk, f->now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(the_way_from_arrival_to_receipt_is_measured_for_signals_alone),
		DESK_TEST(nothing_is_told_before_the_commit),
		DESK_TEST(a_record_that_fails_lets_nothing_be_told),
		DESK_TEST(one_message_brings_up_to_32_receipts),
		DESK_TEST(a_duplicate_gets_its_receipt_again),
		DESK_TEST(a_conflict_is_refused_and_a_security_event_of_the_next_batch),
		DESK_TEST(a_state_is_answered_with_a_beat_and_a_replay_with_silence),
		DESK_TEST(a_silent_post_is_lost_once_and_found_again),
		DESK_TEST(a_step_of_the_servers_clock_makes_no_alarm_late),
		DESK_TEST(a_will_hastens_and_a_restart_gives_full_time),
		DESK_TEST(a_flood_of_forgeries_makes_two_events_in_two_minutes),
		DESK_TEST(invented_names_are_one_kind_of_refusal),
		DESK_TEST(a_post_that_was_enrolled_a_moment_ago_is_heard),
		DESK_TEST(a_revoked_post_is_refused_at_once_and_told_so),
		DESK_TEST(who_is_revoked_while_the_batch_waits_has_not_spoken),
		DESK_TEST(a_revoked_post_may_be_silent),
		DESK_TEST(a_post_that_is_no_longer_active_may_be_silent),
		DESK_TEST(a_post_that_is_active_again_may_not_be_silent),
		DESK_TEST(an_action_moves_the_incident_and_the_post_asks_again),
		DESK_TEST(retained_and_unreadable_messages_change_nothing),
		DESK_TEST(a_full_batch_says_so),
		DESK_TEST(a_replayed_state_does_not_keep_its_post_alive),
		DESK_TEST(only_a_full_disk_and_a_lock_are_waited_for),
		DESK_TEST(while_steps_are_due_it_is_behind),
		DESK_TEST(what_waits_in_the_batch_is_dated_by_the_clock_that_was_set_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
