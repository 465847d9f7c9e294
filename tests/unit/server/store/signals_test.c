/* SPDX-License-Identifier: Apache-2.0 */
/* signals_test.c -- keys, gaps, waiting facts, boot clocks, states. */
#include "store/signals.h"

#include "record.h"

static struct pp_origin origin(void)
{
	struct pp_origin o;

	pp_origin_init(&o, "kendal", "boja-01", 0xabc);
	return o;
}

static void high_stands_below_the_first_gap(void **state)
{
	static const struct {
		int64_t seq;
		bool lost;
		int64_t want;
	} steps[] = { { 1, false, 1 }, { 3, false, 1 }, { 5, false, 1 }, { 2, false, 3 },
		{ 4, true, 5 }, { 4, false, 5 }, { 6, false, 6 } };
	struct record *r = *state;
	struct pp_origin o = origin();
	uint8_t digest[32] = "digest";

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_epoch_row row;

		assert_int_equal(pp_store_signal_key_put(
					 r->db, &o, steps[i].seq, steps[i].lost ? NULL : digest, 1),
			0);
		assert_int_equal(pp_store_epoch(r->db, &o, &row), 0);
		if (row.high != steps[i].want)
			fail_msg(
				"step %zu: high %d, want %d", i, (int)row.high, (int)steps[i].want);
	}
}

static void a_lost_key_gives_way_to_a_real_one_and_a_real_one_to_none(void **state)
{
	struct record *r = *state;
	struct pp_origin o = origin();
	struct pp_signal_key key;
	uint8_t first[32] = "first", second[32] = "second";

	assert_int_equal(pp_store_signal_key(r->db, &o, 1, &key), 0);
	assert_int_equal(pp_store_signal_key_put(r->db, &o, 1, NULL, 1), 0);
	assert_int_equal(pp_store_signal_key(r->db, &o, 1, &key), 1);
	assert_true(key.lost);
	assert_int_equal(pp_store_signal_key_put(r->db, &o, 1, first, 1), 0);
	assert_int_equal(pp_store_signal_key_put(r->db, &o, 1, second, 1), 0);
	assert_int_equal(pp_store_signal_key_put(r->db, &o, 1, NULL, 1), 0);
	assert_int_equal(pp_store_signal_key(r->db, &o, 1, &key), 1);
	assert_false(key.lost);
	assert_memory_equal(key.digest, first, 32);
}

static int64_t signal_add(struct record *r, const struct pp_signal *s)
{
	struct pp_origin o = origin();
	uint8_t sig[PP_SIGNATURE_SIZE] = { 0 };
	struct pp_signal_row row = { .origin = &o,
		.signal = s,
		.occurred_ms = 5,
		.arrived_ms = 6,
		.occurred_by = "at",
		.payload = "{}",
		.length = 2,
		.sig = sig };
	int64_t id;

	assert_int_equal(pp_store_signal_add(r->db, &row, &id), 0);
	return id;
}

static void a_fact_waits_for_its_alarm_until_it_is_attached(void **state)
{
	struct record *r = *state;
	struct pp_origin o = origin();
	struct pp_waiting_signal w;
	struct pp_signal restore = {
		.seq = 8, .at_ms = 5, .point = "panic-crime", .type = PP_SIGNAL_RESTORE, .cause = 7
	};
	int64_t id = signal_add(r, &restore);
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 7);

	assert_int_equal(pp_store_signal_waiting(r->db, &o, 6, &w), 0);
	assert_int_equal(pp_store_signal_waiting(r->db, &o, 7, &w), 1);
	assert_int_equal(w.signal_id, id);
	assert_string_equal(w.signal, "restore");
	assert_int_equal(pp_store_signal_attach(r->db, id, i.incident_id), 0);
	assert_int_equal(pp_store_signal_waiting(r->db, &o, 7, &w), 0);
}

static void the_alarm_before_a_fact_is_the_newest_of_its_point(void **state)
{
	struct record *r = *state;
	struct pp_origin o = origin();
	int64_t seq;

	record_incident(r, PP_CLASS_CRIME, 3);
	record_incident(r, PP_CLASS_CRIME, 5);
	assert_int_equal(pp_store_alarm_before(r->db, &o, "panic-crime", 6, &seq), 0);
	assert_int_equal(seq, 5);
	assert_int_equal(pp_store_alarm_before(r->db, &o, "panic-crime", 5, &seq), 0);
	assert_int_equal(seq, 3);
	assert_int_equal(pp_store_alarm_before(r->db, &o, "panic-silent", 9, &seq), 0);
	assert_int_equal(seq, 0);
}

static void the_same_moment_of_a_point_is_found_under_another_epoch_only(void **state)
{
	static const struct {
		const char *epoch;
		int64_t mono_ms, later_ms;
		bool want;
	} steps[] = {
		{ "0000000000000005", 0, 0, true },
		{ "0000000000000005", 0, 10000, true },
		{ "0000000000000005", 0, 10001, false },
		{ "0000000000000005", 1, 0, false },
		{ NULL, 0, 0, false },
	};
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 3);
	int64_t mono_ms, occurred_ms, found;

	assert_int_equal(
		pp_store_number(r->db, "SELECT mono FROM signal", PP_NO_ARGS, &mono_ms), 0);
	assert_int_equal(
		pp_store_number(r->db, "SELECT occurred FROM signal", PP_NO_ARGS, &occurred_ms), 0);
	for (size_t n = 0; n < PP_COUNT(steps); n++) {
		struct pp_origin o = origin();
		struct pp_signal s = { .type = PP_SIGNAL_ALARM,
			.point = "panic-crime",
			.mono_ms = mono_ms + steps[n].mono_ms };
		struct pp_signal_row row = {
			.origin = &o, .signal = &s, .occurred_ms = occurred_ms + steps[n].later_ms
		};

		if (steps[n].epoch)
			memcpy(o.epoch, steps[n].epoch, sizeof(o.epoch));
		assert_int_equal(pp_store_signal_twin(r->db, &row, &found), 0);
		assert_int_equal(found, steps[n].want ? i.incident_id : 0);
	}
}

static void a_later_end_of_a_trouble_is_found_by_its_word(void **state)
{
	static const struct {
		int64_t seq;
		const char *word;
		int want;
	} cases[] = { { 3, "stuck", 1 }, { 4, "stuck", 0 }, { 3, "stu", 0 }, { 3, "", 1 },
		{ 3, "chatter", 0 } };
	struct record *r = *state;
	struct pp_origin o = origin();
	struct pp_signal end = { .seq = 4,
		.at_ms = PP_AT_UNKNOWN,
		.point = "panic-crime",
		.type = PP_SIGNAL_TROUBLE_RESTORE,
		.detail = "stuck: released" };

	signal_add(r, &end);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_signal s = { .seq = cases[i].seq, .point = "panic-crime" };
		struct pp_signal_row row = { .origin = &o, .signal = &s };
		int got = pp_store_signal_after(
			r->db, &row, PP_SIGNAL_TROUBLE_RESTORE, cases[i].word);

		if (got != cases[i].want)
			fail_msg("case %zu: %d, want %d", i, got, cases[i].want);
	}
}

static void boot_clocks_and_newest_states_are_kept(void **state)
{
	struct record *r = *state;
	struct pp_origin o = origin();
	struct pp_boot_clock_row clock = { 1, 2, 3 }, got;
	struct pp_epoch_row epoch;
	int64_t boot;

	assert_int_equal(pp_store_newest_boot(r->db, &o, &boot), 0);
	assert_int_equal(boot, 0);
	assert_int_equal(pp_store_boot_clock(r->db, &o, 17, &got), 0);
	assert_int_equal(pp_store_boot_clock_put(r->db, &o, 17, &clock), 0);
	clock.states = 4;
	assert_int_equal(pp_store_boot_clock_put(r->db, &o, 17, &clock), 0);
	assert_int_equal(pp_store_boot_clock(r->db, &o, 17, &got), 1);
	assert_memory_equal(&got, &clock, sizeof(got));
	assert_int_equal(pp_store_newest_boot(r->db, &o, &boot), 0);
	assert_int_equal(boot, 17);
	assert_int_equal(pp_store_epoch_heard(r->db, &o, 17, 500, 1), 0);
	assert_int_equal(pp_store_epoch(r->db, &o, &epoch), 0);
	assert_int_equal(epoch.boot, 17);
	assert_int_equal(epoch.mono, 500);
	assert_int_equal(epoch.high, 0);
}

static void a_state_supervises_and_only_registered_points_are_kept(void **state)
{
	struct record *r = *state;
	struct pp_origin o = origin();
	struct pp_state s = { .count = 2,
		.points = { { "panic-crime", PP_POINT_ALARM, "" },
			{ "invented", PP_POINT_NORMAL, "" } } };
	int64_t points;
	bool again;

	assert_int_equal(pp_store_state_put(r->db, &o, &s, 10, &again), 0);
	assert_false(again);
	assert_int_equal(pp_store_state_lost(r->db, "kendal", "boja-01"), 1);
	assert_int_equal(pp_store_state_lost(r->db, "kendal", "boja-01"), 0);
	assert_int_equal(pp_store_state_put(r->db, &o, &s, 20, &again), 0);
	assert_true(again);
	assert_int_equal(
		pp_store_number(r->db, "SELECT count(*) FROM point_state", PP_NO_ARGS, &points), 0);
	assert_int_equal(points, 1);
}

/* A gap closed below many numbers moves `high` in steps, and every later signal moves it on. */
static void a_gap_below_thousands_is_closed_in_bounded_steps(void **state)
{
	const uint8_t digest[32] = { 1 };
	struct record *r = *state;
	struct pp_epoch_row row;
	struct pp_origin o;

	pp_origin_init(&o, "kendal", "boja-01", 77);
	record_exec(r, "BEGIN");
	for (int64_t seq = 2; seq <= 10000; seq++)
		assert_int_equal(pp_store_signal_key_put(r->db, &o, seq, digest, 1000), 0);
	assert_int_equal(pp_store_epoch(r->db, &o, &row), 0);
	assert_int_equal(row.high, 0);
	assert_int_equal(pp_store_signal_key_put(r->db, &o, 1, digest, 1000), 0);
	assert_int_equal(pp_store_epoch(r->db, &o, &row), 0);
	assert_in_range(row.high, 1000, 5000);
	for (int64_t seq = 20001; seq <= 20003; seq++)
		assert_int_equal(pp_store_signal_key_put(r->db, &o, seq, digest, 1000), 0);
	assert_int_equal(pp_store_epoch(r->db, &o, &row), 0);
	assert_int_equal(row.high, 10000);
	record_exec(r, "COMMIT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_gap_below_thousands_is_closed_in_bounded_steps),
		RECORD_TEST(high_stands_below_the_first_gap),
		RECORD_TEST(a_lost_key_gives_way_to_a_real_one_and_a_real_one_to_none),
		RECORD_TEST(a_fact_waits_for_its_alarm_until_it_is_attached),
		RECORD_TEST(the_alarm_before_a_fact_is_the_newest_of_its_point),
		RECORD_TEST(the_same_moment_of_a_point_is_found_under_another_epoch_only),
		RECORD_TEST(a_later_end_of_a_trouble_is_found_by_its_word),
		RECORD_TEST(boot_clocks_and_newest_states_are_kept),
		RECORD_TEST(a_state_supervises_and_only_registered_points_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
