/* SPDX-License-Identifier: Apache-2.0 */
/* states_test.c -- liveness: I8 and I14 of the contract, and what beats tell. */
#include "fixture.h"

#include "store/incidents.h"

static struct pp_item silence_apply(struct pp_test_record *r)
{
	struct pp_item *item = pp_item_new(PP_ITEM_SILENCE), answers;

	snprintf(item->tenant, sizeof(item->tenant), "%s", "kendal");
	snprintf(item->post, sizeof(item->post), "%s", "boja-01");
	item->arrived_ms = PP_TEST_NOW;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	answers = *item;
	pp_item_free(item);
	return answers;
}

static void a_state_is_believed_once_also_after_a_restart(void **state)
{
	static const struct {
		int64_t boot, mono;
		bool stale;
	} steps[] = { { 17, 500, false }, { 17, 500, true }, { 17, 499, true }, { 16, 9000, true },
		{ 17, 501, false }, { 18, 1, false }, { 17, 9000, true } };
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_item got =
			state_apply(r, state_item(steps[i].boot, steps[i].mono, PP_TEST_NOW));

		if (got.out.duplicate != steps[i].stale)
			fail_msg("step %zu: stale %d", i, got.out.duplicate);
		pp_test_record_reopen(r);
	}
}

static void a_replayed_state_keeps_nobody_alive(void **state)
{
	struct pp_test_record *r = *state;

	state_apply(r, state_item(17, 500, PP_TEST_NOW));
	silence_apply(r);
	assert_true(state_apply(r, state_item(17, 500, PP_TEST_NOW + 1)).out.duplicate);
	assert_int_equal(pp_test_number(r, "SELECT supervised FROM post_state"), 0);
	assert_true(state_apply(r, state_item(17, 600, PP_TEST_NOW + 2)).out.supervised_again);
	assert_int_equal(pp_test_number(r, "SELECT supervised FROM post_state"), 1);
}

static void silence_is_a_trouble_with_one_event_until_it_ends(void **state)
{
	struct pp_test_record *r = *state;

	silence_apply(r); /* never heard yet: it cannot be lost */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM trouble"), 0);
	state_apply(r, state_item(17, 500, PP_TEST_NOW));
	silence_apply(r);
	silence_apply(r);
	pp_test_text_is(r, "SELECT kind FROM trouble", "unsupervised");
	state_apply(r, state_item(17, 600, PP_TEST_NOW + 60000));
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM trouble"), 0);
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE kind LIKE"
		" 'post.%'"
		" ORDER BY event_id)",
		"post.unsupervised post.supervised");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 0);
}

static void a_beat_echoes_and_tells_what_is_recorded_and_open(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_beat beat;

	for (int64_t seq = 1; seq <= 4; seq++) {
		struct pp_signal s = pp_test_alarm(seq == 3 ? 9 : seq);

		s.class = seq == 2 ? PP_CLASS_FIRE : PP_CLASS_CRIME;
		signal_apply(r, &s, PP_TEST_NOW);
	}
	action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000002" });
	beat = state_apply(r, state_item(17, 200000, PP_TEST_NOW)).out.beat;
	assert_true(beat.epoch == 0x9f3c2a77d01b44e2);
	assert_int_equal(beat.boot, 17);
	assert_int_equal(beat.mono_ms, 200000);
	assert_int_equal(beat.n, 7);
	assert_int_equal(beat.high, 2);
	assert_int_equal(beat.count, 4);
	assert_int_equal(beat.open[0].seq, 9);
	assert_int_equal(beat.open[0].step, PP_STEP_RECEIVED);
	assert_int_equal(beat.open[2].seq, 2);
	assert_int_equal(beat.open[2].step, PP_STEP_ACKNOWLEDGED);
	assert_int_equal(beat.open[2].rev, 2);
	assert_int_equal(beat.head_height, pp_test_number(r, "SELECT max(height) FROM event"));
	assert_int_equal(strlen(beat.head_hash), 64);
}

static void a_beat_tells_of_closed_incidents_for_ten_minutes(void **state)
{
	static const struct {
		int64_t after;
		size_t want;
	} cases[] = { { 1000, 1 }, { 599999, 1 }, { 600000, 0 } };
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_CLOSE, .incident = "KDL-25-000001", .code = "real" });
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		int64_t now = PP_TEST_NOW + 5000 + cases[i].after;
		struct pp_item got = state_apply(r, state_item(17, 200000 + (int64_t)i, now));

		assert_int_equal(got.out.beat.count, cases[i].want);
		if (cases[i].want)
			assert_int_equal(got.out.beat.open[0].step, PP_STEP_CLOSED);
	}
}

static void what_was_refused_is_told_with_its_count(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item *item = pp_item_new(PP_ITEM_SECURITY);

	snprintf(item->tenant, sizeof(item->tenant), "%s", "kendal");
	item->in.security = (struct pp_security){ "forged", "state", 12 };
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	pp_item_free(item);
	pp_test_text_is(r, "SELECT body FROM event WHERE kind = 'security'",
		"{\"kind\":\"forged\",\"detail\":\"state\",\"count\":12}");
}

/* States of so many epochs that were never heard of, in one batch. Returns how many were taken. */
static int epochs_begin(struct pp_test_record *r, uint64_t first, size_t count)
{
	struct pp_item *items[250];
	int taken = 0;

	for (size_t i = 0; i < count; i++) {
		items[i] = state_item(17, 1000, PP_TEST_NOW);
		items[i]->in.state.epoch = first + i;
	}
	assert_int_equal(pp_ledger_apply(r->ledger, items, count, PP_TEST_NOW), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(items[i]->error, 0);
		assert_int_equal(items[i]->out.duplicate, items[i]->out.too_many_epochs);
		taken += !items[i]->out.duplicate;
		pp_item_free(items[i]);
	}
	return taken;
}

static void a_day_has_so_many_new_epochs_and_the_next_keeps_nobody_alive(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal alarm = pp_test_alarm(1);
	struct pp_item *item;
	int taken = 0;

	for (uint64_t i = 0; i < 8; i++)
		taken += epochs_begin(r, 1 + 250 * i, 250);
	assert_int_equal(taken, 1500);
	/* Its alarms are recorded all the same, */
	alarm.epoch = 3001;
	assert_false(signal_apply(r, &alarm, PP_TEST_NOW + 301).out.conflict);
	/* what was known before goes on, */
	item = state_item(17, 2000, PP_TEST_NOW + 302);
	item->in.state.epoch = 1;
	assert_false(state_apply(r, item).out.duplicate);
	/* and another day is another day. */
	item = state_item(17, 1000, PP_TEST_NOW + 86400001 + 302);
	item->in.state.epoch = 9999;
	assert_false(state_apply(r, item).out.duplicate);
}

static void of_the_boots_of_an_epoch_the_newest_are_remembered(void **state)
{
	struct pp_test_record *r = *state;
	int64_t count;

	for (int i = 1; i <= 200; i++)
		assert_false(state_apply(r, state_item(i, 1000, PP_TEST_NOW + i)).out.duplicate);
	assert_int_equal(pp_store_number(pp_ledger_db(r->ledger), "SELECT count(*) FROM boot_clock",
				 PP_NO_ARGS, &count),
		0);
	assert_int_equal(count, PP_BOOTS_MAX);
	assert_int_equal(pp_store_number(pp_ledger_db(r->ledger),
				 "SELECT min(boot) FROM boot_clock", PP_NO_ARGS, &count),
		0);
	assert_int_equal(count, 200 - PP_BOOTS_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_day_has_so_many_new_epochs_and_the_next_keeps_nobody_alive),
		RECORD_TEST(of_the_boots_of_an_epoch_the_newest_are_remembered),
		RECORD_TEST(a_state_is_believed_once_also_after_a_restart),
		RECORD_TEST(a_replayed_state_keeps_nobody_alive),
		RECORD_TEST(silence_is_a_trouble_with_one_event_until_it_ends),
		RECORD_TEST(a_beat_echoes_and_tells_what_is_recorded_and_open),
		RECORD_TEST(a_beat_tells_of_closed_incidents_for_ten_minutes),
		RECORD_TEST(what_was_refused_is_told_with_its_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
