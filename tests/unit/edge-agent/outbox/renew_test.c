/* SPDX-License-Identifier: Apache-2.0 */
/* renew_test.c -- an old copy of an outbox goes on under a new epoch and loses nothing unsent. */
#include "outbox_rig.h"

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

static void append(struct pp_draft draft)
{
	struct pp_parcel *parcel;

	assert_int_equal(pp_outbox_append(o, &draft, &now, &parcel), 0);
	pp_parcel_free(parcel);
}

struct seen {
	size_t count;
	struct pp_signal signals[8];
};

static void see(void *user, struct pp_parcel *parcel, const struct pp_signal *signal)
{
	struct seen *seen = user;

	assert_true(seen->count < PP_COUNT(seen->signals));
	seen->signals[seen->count++] = *signal;
	pp_parcel_free(parcel);
}

static void reopen(const char *boot_id)
{
	struct pp_outbox_options options = rig_options();

	o = pp_outbox_close(o);
	options.boot_id = boot_id;
	assert_int_equal(pp_outbox_open(&options, &o), 0);
}

static void unreceipted_rows_are_numbered_anew_and_everything_else_goes(void **state)
{
	struct pp_draft restore = rig_draft(4, PP_SIGNAL_RESTORE);
	struct pp_receipt receipt = { .seq = 2, .result = PP_RECEIPT_RECORDED };
	struct seen seen = { 0 };
	struct pp_outbox_reader reader = { .limit = 8, .fn = see, .user = &seen };
	struct pp_outbox_facts before, facts;

	(void)state;
	restore.cause_ticket = 3;
	assert_int_equal(pp_outbox_begin(o), 0);
	append(rig_draft(1, PP_SIGNAL_ALARM));
	append(rig_draft(2, PP_SIGNAL_ALARM));
	append(rig_draft(3, PP_SIGNAL_ALARM));
	append(restore);
	pp_outbox_facts(o, &before);
	receipt.epoch = before.epoch;
	assert_int_equal(pp_outbox_receipt(o, &receipt, &now), 0);
	receipt.seq = 3;
	receipt.result = PP_RECEIPT_REFUSED;
	assert_int_equal(pp_outbox_receipt(o, &receipt, &now), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	reopen("00000000000000000000000000000002");
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_renew(o), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	reopen("00000000000000000000000000000002");
	pp_outbox_facts(o, &facts);
	assert_true(facts.epoch != before.epoch);
	assert_int_equal(facts.last_seq, 3);
	assert_int_equal(facts.rows, 3);
	assert_int_equal(facts.unreceipted, 3);
	assert_int_equal(facts.boot, 2);
	assert_int_equal(pp_outbox_load(o, &reader, &now), 3);
	assert_int_equal(seen.count, 3);
	for (int i = 0; i < 3; i++) {
		assert_true(seen.signals[i].epoch == facts.epoch);
		assert_int_equal(seen.signals[i].seq, i + 1);
		assert_int_equal(seen.signals[i].boot, 1);
	}
	assert_int_equal(seen.signals[0].mono_ms, 1001);
	assert_int_equal(seen.signals[1].mono_ms, 1003);
	assert_int_equal(seen.signals[2].mono_ms, 1004);
	assert_int_equal(seen.signals[2].cause, 2);
}

static void an_empty_outbox_only_gets_its_epoch(void **state)
{
	struct pp_outbox_facts before, facts;

	(void)state;
	pp_outbox_facts(o, &before);
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_outbox_renew(o), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
	reopen(BOOT_ID);
	pp_outbox_facts(o, &facts);
	assert_true(facts.epoch != before.epoch);
	assert_int_equal(facts.last_seq, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unreceipted_rows_are_numbered_anew_and_everything_else_goes),
		TEST(an_empty_outbox_only_gets_its_epoch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
