/* SPDX-License-Identifier: Apache-2.0 */
/* rows_test.c -- damaged rows are reported by signed troubles, lost ones too, and a server that
 * went back gets its rows. */
#include "outbox_rig.h"

#include "db/db.h"

static struct pp_outbox *o;

static int begin(void **state)
{
	struct pp_outbox_options options;

	rig_begin(state);
	options = rig_options();
	assert_int_equal(pp_outbox_open(&options, &o), 0);
	return 0;
}

static int end(void **state)
{
	o = pp_outbox_close(o);
	return rig_end(state);
}

static void append(unsigned count)
{
	assert_int_equal(pp_outbox_begin(o), 0);
	for (unsigned i = 1; i <= count; i++) {
		struct pp_draft draft = rig_draft(i, PP_SIGNAL_ALARM);
		struct pp_parcel *parcel;

		assert_int_equal(pp_outbox_append(o, &draft, &now, &parcel), 0);
		pp_parcel_free(parcel);
	}
	assert_int_equal(pp_outbox_commit(o), 0);
}

static void reopen(void)
{
	struct pp_outbox_options options = rig_options();

	o = pp_outbox_close(o);
	assert_int_equal(pp_outbox_open(&options, &o), 0);
}

/* What a bad card would do, behind the outbox's back. */
static void spoil(const char *sql)
{
	struct pp_db *db;

	o = pp_outbox_close(o);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_exec(db, sql), 0);
	pp_db_close(db);
	reopen();
}

struct seen {
	size_t count, troubles;
	size_t again; /* that the server has had before */
	struct pp_signal last_trouble;
	int64_t seqs[256];
};

static void see(void *user, struct pp_parcel *parcel, const struct pp_signal *signal)
{
	struct seen *seen = user;

	seen->seqs[seen->count++] = parcel->seq;
	seen->again += parcel->again;
	if (signal->type == PP_SIGNAL_TROUBLE) {
		seen->troubles++;
		seen->last_trouble = *signal;
	}
	pp_parcel_free(parcel);
}

static size_t portion = 7;

/* Everything above after, in portions. */
static int load(int64_t after, struct seen *seen)
{
	struct pp_outbox_reader reader = {
		.after = after, .limit = portion, .fn = see, .user = seen
	};
	int r;

	while ((r = pp_outbox_load(o, &reader, &now)) > 0)
		;
	return r;
}

static void a_damaged_row_is_set_aside_and_told_once(void **state)
{
	static const char *const damages[] = {
		"UPDATE signal SET payload = x'7b7d' WHERE seq = 2",
		"UPDATE signal SET signature = zeroblob(64) WHERE seq = 2",
		"UPDATE signal SET signature = x'00' WHERE seq = 2",
		"UPDATE signal SET payload = (SELECT payload FROM signal WHERE seq = 1),"
		" signature = (SELECT signature FROM signal WHERE seq = 1) WHERE seq = 2",
	};

	for (size_t i = 0; i < PP_COUNT(damages); i++) {
		struct seen seen = { 0 }, again = { 0 };

		end(state);
		begin(state);
		append(3);
		spoil(damages[i]);
		assert_int_equal(load(0, &seen), 0);
		if (seen.count != 3 || seen.troubles != 1 || seen.last_trouble.lost_count != 1 ||
			seen.last_trouble.lost[0] != 2)
			fail_msg(
				"damage %zu: %zu rows, %zu troubles", i, seen.count, seen.troubles);
		assert_string_equal(seen.last_trouble.detail, "outbox-damaged");
		assert_int_equal(seen.last_trouble.seq, 4);
		assert_int_equal(load(0, &again), 0);
		assert_int_equal(again.count, 3);
		assert_int_equal(again.troubles, 1);
	}
}

/* A post whose key was replaced while it had unsent signals. */
static void rows_that_an_earlier_key_has_signed_are_not_damaged(void **state)
{
	struct pp_outbox_reader reader = { .limit = 10, .fn = see };
	struct pp_outbox_options options = rig_options();
	struct pp_key_list signers = { .count = 1 };
	struct pp_key *before = key;
	struct seen seen = { 0 };

	(void)state;
	append(2);
	o = pp_outbox_close(o);
	pp_key_public(before, signers.keys[0]);
	assert_int_equal(pp_key_new(&key), 0);
	options.key = key;
	options.signers = &signers;
	assert_int_equal(pp_outbox_open(&options, &o), 0);
	append(1);
	reader.user = &seen;
	assert_int_equal(pp_outbox_load(o, &reader, &now), 3);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.troubles, 0);
	pp_outbox_rekey(o, before);
	append(1);
	reader.after = 0;
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(pp_outbox_load(o, &reader, &now), 4);
	assert_int_equal(seen.troubles, 0);
	/* Without the list they would all be lost. */
	o = pp_outbox_close(o);
	options.signers = NULL;
	assert_int_equal(pp_outbox_open(&options, &o), 0);
	reader.after = 0;
	memset(&seen, 0, sizeof(seen));
	assert_true(pp_outbox_load(o, &reader, &now) >= 0);
	assert_int_equal(seen.count, 1);
	pp_key_free(before);
}

static void what_was_signed_counts_and_not_the_columns_beside_it(void **state)
{
	static const char *const damages[] = {
		"UPDATE signal SET topic = 'x' WHERE seq = 2",
		"UPDATE signal SET alarm = 7 WHERE seq = 2",
		"UPDATE signal SET status = 3 WHERE seq = 2",
		"UPDATE signal SET status = 4 WHERE seq = 2",
		"UPDATE signal SET status = 128 WHERE seq = 2",
		"UPDATE signal SET status = 2 WHERE seq = 2",
		"UPDATE signal SET seq = 3 WHERE seq = 2",
		"DELETE FROM signal WHERE seq = 1; UPDATE signal SET seq = 1 WHERE seq = 2",
	};

	for (size_t i = 0; i < PP_COUNT(damages); i++) {
		struct seen seen = { 0 };
		bool two = false;

		end(state);
		begin(state);
		append(4);
		if (strstr(damages[i], "seq = 3")) /* there is room for it */
			spoil("DELETE FROM signal WHERE seq = 3");
		spoil(damages[i]);
		reopen();
		assert_int_equal(load(0, &seen), 0);
		for (size_t k = 0; k < seen.count; k++)
			two = two || seen.seqs[k] == 2;
		if (!two || seen.troubles)
			fail_msg("%s: %zu rows, %zu troubles", damages[i], seen.count,
				seen.troubles);
	}
}

static void many_damaged_rows_travel_in_several_troubles(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	portion = 128;
	append(70);
	spoil("UPDATE signal SET payload = x'00'");
	assert_int_equal(load(0, &seen), 0);
	portion = 7;
	assert_int_equal(seen.troubles, 2);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.last_trouble.lost_count, 70 - PP_LOST_MAX);
}

static void one_row_is_found_whatever_its_status(void **state)
{
	struct pp_receipt receipts[] = { { .seq = 1, .result = PP_RECEIPT_RECORDED },
		{ .seq = 2, .result = PP_RECEIPT_REFUSED } };
	struct pp_outbox_facts facts;
	struct pp_signal signal;
	bool refused;

	(void)state;
	append(2);
	pp_outbox_facts(o, &facts);
	assert_int_equal(pp_outbox_begin(o), 0);
	for (size_t i = 0; i < PP_COUNT(receipts); i++) {
		receipts[i].epoch = facts.epoch;
		assert_int_equal(pp_outbox_receipt(o, &receipts[i], &now), 0);
	}
	assert_int_equal(pp_outbox_commit(o), 0);
	assert_int_equal(pp_outbox_find(o, 1, &signal, &refused), 0);
	assert_int_equal(signal.seq, 1);
	assert_false(refused);
	assert_int_equal(pp_outbox_find(o, 2, &signal, &refused), 0);
	assert_true(refused);
	assert_int_equal(pp_outbox_find(o, 3, &signal, &refused), -ENOENT);
}

static void rows_above_high_are_offered_again_and_gone_ones_are_named(void **state)
{
	struct seen seen = { 0 };
	struct pp_outbox_facts facts;

	(void)state;
	append(6);
	pp_outbox_facts(o, &facts);
	assert_int_equal(pp_outbox_begin(o), 0);
	for (int64_t seq = 1; seq <= 6; seq++) {
		struct pp_receipt receipt = { .epoch = facts.epoch, .seq = seq };

		assert_int_equal(pp_outbox_receipt(o, &receipt, &now), 0);
	}
	assert_int_equal(pp_outbox_commit(o), 0);
	spoil("DELETE FROM signal WHERE seq IN (3, 6)");
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_reoffer(o, 1, &now), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	assert_int_equal(load(1, &seen), 0);
	assert_int_equal(seen.count, 4); /* 2, 4, 5 and the trouble */
	assert_int_equal(seen.again, 3);
	assert_int_equal(seen.seqs[0], 2);
	assert_int_equal(seen.last_trouble.lost_count, 2);
	assert_int_equal(seen.last_trouble.lost[0], 3);
	assert_int_equal(seen.last_trouble.lost[1], 6);
	pp_outbox_facts(o, &facts);
	assert_int_equal(facts.unreceipted, 4);
	assert_int_equal(facts.receipted_alarms, 3);
	/* Known after a restart as well, and not said of what was never receipted. */
	reopen();
	seen = (struct seen){ 0 };
	assert_int_equal(load(1, &seen), 0);
	assert_int_equal(seen.count, 4);
	assert_int_equal(seen.again, 3);
}

static void a_refused_row_is_given_again_at_the_next_start(void **state)
{
	struct pp_receipt refused = { .seq = 2, .result = PP_RECEIPT_REFUSED };
	struct pp_outbox_facts facts;
	struct seen seen = { 0 };

	(void)state;
	append(3);
	pp_outbox_facts(o, &facts);
	refused.epoch = facts.epoch;
	snprintf(refused.reason, sizeof(refused.reason), "not active");
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_receipt(o, &refused, &now), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	reopen();
	assert_int_equal(load(0, &seen), 0);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.seqs[1], 2);
	assert_int_equal(seen.again, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_damaged_row_is_set_aside_and_told_once),
		TEST(rows_that_an_earlier_key_has_signed_are_not_damaged),
		TEST(what_was_signed_counts_and_not_the_columns_beside_it),
		TEST(many_damaged_rows_travel_in_several_troubles),
		TEST(one_row_is_found_whatever_its_status),
		TEST(rows_above_high_are_offered_again_and_gone_ones_are_named),
		TEST(a_refused_row_is_given_again_at_the_next_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
