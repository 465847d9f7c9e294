/* SPDX-License-Identifier: Apache-2.0 */
/* backlog_test.c -- parcels are found by their triple and keep their order wherever they have been.
 */
#include "memory_fails.h"
#include "parcel_rig.h"

#include "uplink/backlog.h"

static struct pp_backlog *q;

static int begin(void **state)
{
	(void)state;
	return pp_backlog_new(&q);
}

static int end(void **state)
{
	(void)state;
	q = pp_backlog_free(q);
	return 0;
}

static void add(int64_t seq, bool alarm)
{
	assert_int_equal(pp_backlog_add(q, rig_parcel(seq, alarm), 0), 0);
}

static void a_parcel_is_held_once(void **state)
{
	struct pp_parcel *twin = rig_parcel(1, true);

	(void)state;
	add(1, true);
	assert_int_equal(pp_backlog_add(q, twin, 0), -EEXIST);
	pp_parcel_free(twin);
	assert_int_equal(pp_backlog_total(q), 1);
	assert_non_null(pp_backlog_find(q, EPOCH, 1));
	assert_null(pp_backlog_find(q, EPOCH + 1, 1));
}

static void what_comes_back_stands_where_it_stood(void **state)
{
	static const int64_t want[] = { 1, 2, 3, 4, 5 };
	struct pp_item *item;

	(void)state;
	for (int64_t seq = 1; seq <= 5; seq++)
		add(seq, true);
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 2), PP_ITEM_FLYING, 10);
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 1), PP_ITEM_FLYING, 11);
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 4), PP_ITEM_SENT, 12);
	assert_int_equal(pp_backlog_first(q, PP_ITEM_WAITING, true)->parcel->seq, 3);
	assert_int_equal(pp_backlog_first(q, PP_ITEM_FLYING, true)->parcel->seq, 2);
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 4), PP_ITEM_WAITING, 13);
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 1), PP_ITEM_WAITING, 13);
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 2), PP_ITEM_WAITING, 13);
	item = pp_backlog_first(q, PP_ITEM_WAITING, true);
	for (size_t i = 0; i < PP_COUNT(want); i++, item = item->next)
		assert_int_equal(item->parcel->seq, want[i]);
	assert_null(item);
	assert_int_equal(pp_backlog_count(q, PP_ITEM_WAITING), 5);
}

static void alarms_and_others_are_kept_apart_and_counted_together(void **state)
{
	(void)state;
	add(1, false);
	add(2, true);
	assert_int_equal(pp_backlog_first(q, PP_ITEM_WAITING, true)->parcel->seq, 2);
	assert_int_equal(pp_backlog_first(q, PP_ITEM_WAITING, false)->parcel->seq, 1);
	assert_int_equal(pp_backlog_count(q, PP_ITEM_WAITING), 2);
	assert_int_equal(pp_backlog_oldest(q, EPOCH), 1);
	assert_int_equal(pp_backlog_oldest(q, EPOCH + 1), 0);
}

static void what_was_made_here_and_never_sent_is_known_to_nobody_else(void **state)
{
	struct pp_parcel *fresh = rig_parcel(7, true);

	(void)state;
	add(3, true); /* from before the start: perhaps sent then */
	assert_int_equal(pp_backlog_unseen(q, EPOCH), 0);
	fresh->fresh = true;
	assert_int_equal(pp_backlog_add(q, fresh, 0), 0);
	assert_int_equal(pp_backlog_unseen(q, EPOCH), 7);
	assert_int_equal(pp_backlog_unseen(q, EPOCH + 1), 0);
	pp_backlog_find(q, EPOCH, 7)->tried = true;
	assert_int_equal(pp_backlog_unseen(q, EPOCH), 0);
}

static void thousands_are_removed_up_to_a_number(void **state)
{
	(void)state;
	for (int64_t seq = 1; seq <= 5000; seq++)
		add(seq, seq % 2);
	assert_int_equal(pp_backlog_remove_upto(q, EPOCH + 1, 5000), 0);
	assert_int_equal(pp_backlog_remove_upto(q, EPOCH, 4990), 4990);
	assert_int_equal(pp_backlog_total(q), 10);
	assert_int_equal(pp_backlog_oldest(q, EPOCH), 4991);
	pp_backlog_remove(q, pp_backlog_find(q, EPOCH, 4991));
	assert_int_equal(pp_backlog_oldest(q, EPOCH), 4992);
}

static void a_look_tells_the_oldest_the_alarms_and_what_was_refused(void **state)
{
	struct pp_backlog_facts facts = pp_backlog_look(q);

	(void)state;
	assert_true(facts.oldest_us == UINT64_MAX);
	assert_int_equal(facts.alarms + facts.refused, 0);
	for (int64_t seq = 1; seq <= 4; seq++)
		assert_int_equal(
			pp_backlog_add(q, rig_parcel(seq, seq < 4), 100 - (uint64_t)seq), 0);
	/* Where it has been since then does not make it younger. */
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 3), PP_ITEM_FLYING, 500);
	pp_backlog_move(q, pp_backlog_find(q, EPOCH, 2), PP_ITEM_REFUSED, 600);
	facts = pp_backlog_look(q);
	assert_int_equal(facts.alarms, 3);
	assert_int_equal(facts.refused, 1);
	assert_int_equal(facts.oldest_us, 96);
	pp_backlog_remove(q, pp_backlog_find(q, EPOCH, 4));
	assert_int_equal(pp_backlog_look(q).oldest_us, 97);
}

static void without_memory_nothing_is_added_and_the_parcel_stays_the_callers(void **state)
{
	struct pp_backlog *other = NULL;

	(void)state;
	memory_fail(1);
	assert_int_equal(pp_backlog_new(&other), -ENOMEM);
	assert_true(memory_has_failed());
	assert_null(pp_backlog_free(NULL));
	struct pp_parcel *parcel = rig_parcel(9, true);
	memory_fail(1);
	assert_int_equal(pp_backlog_add(q, parcel, 0), -ENOMEM);
	assert_true(memory_has_failed());
	assert_int_equal(pp_backlog_total(q), 0);
	pp_parcel_free(parcel);
}

static void what_was_refused_waits_among_the_refused_and_another_epoch_is_another(void **state)
{
	struct pp_parcel *refused = rig_parcel(1, true), *foreign = rig_parcel(1, true);

	(void)state;
	refused->refused = true;
	foreign->epoch = EPOCH + 1;
	assert_int_equal(pp_backlog_add(q, refused, 0), 0);
	assert_int_equal(pp_backlog_add(q, foreign, 0), 0);
	assert_int_equal(pp_backlog_count(q, PP_ITEM_REFUSED), 1);
	assert_ptr_equal(pp_backlog_find(q, EPOCH + 1, 1)->parcel, foreign);
	assert_null(pp_backlog_find(q, EPOCH + 1, 2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_parcel_is_held_once),
		TEST(what_comes_back_stands_where_it_stood),
		TEST(alarms_and_others_are_kept_apart_and_counted_together),
		TEST(what_was_made_here_and_never_sent_is_known_to_nobody_else),
		TEST(a_look_tells_the_oldest_the_alarms_and_what_was_refused),
		TEST(thousands_are_removed_up_to_a_number),
		TEST(without_memory_nothing_is_added_and_the_parcel_stays_the_callers),
		TEST(what_was_refused_waits_among_the_refused_and_another_epoch_is_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
