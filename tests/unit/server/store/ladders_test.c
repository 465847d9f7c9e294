/* SPDX-License-Identifier: Apache-2.0 */
/* ladders_test.c -- deadlines that are kept, and claims that are found. */
#include "store/ladders.h"

#include "record.h"

static struct pp_ladder_row row_of(const struct pp_incident *i)
{
	struct pp_ladder_row row = { .incident_id = i->incident_id, .tenant = "kendal" };

	row.ladder.rings[PP_RING_DESK] = (struct pp_ladder_ring){
		.state = PP_LADDER_RUNNING, .step = 1, .called = 2, .accepted = 0, .due_ms = 15000
	};
	row.ladder.rings[PP_RING_FALLBACK] = (struct pp_ladder_ring){
		.state = PP_LADDER_RUNNING, .step = 7, .called = 0, .accepted = 1, .due_ms = 9000
	};
	return row;
}

static void a_ladder_is_read_back_as_it_was_written(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_ladder_row row = row_of(&i), back;

	assert_int_equal(pp_store_ladder(r->db, i.incident_id, &back), 0);
	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	snprintf(row.plan, sizeof(row.plan), "fire-kendal");
	row.ladder.taken = true;
	row.ladder.rings[PP_RING_DESK].state = PP_LADDER_ENDED;
	row.ladder.rings[PP_RING_FALLBACK] = (struct pp_ladder_ring){ 0 }; /* as if untouched */
	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	memset(&back, 0xff, sizeof(back));
	assert_int_equal(pp_store_ladder(r->db, i.incident_id, &back), 1);
	assert_memory_equal(&back.ladder, &row.ladder, sizeof(row.ladder));
	assert_string_equal(back.plan, "fire-kendal");
	assert_string_equal(back.tenant, "kendal");
}

static void the_first_deadline_is_found_and_only_of_what_runs(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_ladder_row row = row_of(&i);
	int64_t found = 0;

	assert_int_equal(pp_store_ladder_next(r->db, &found), 0);
	assert_true(found == PP_LADDER_NEVER);
	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	assert_int_equal(pp_store_ladder_next(r->db, &found), 0);
	assert_int_equal(found, 9000);
	assert_int_equal(pp_store_ladder_due(r->db, 8999, &found), 0);
	assert_int_equal(pp_store_ladder_due(r->db, 9000, &found), 1);
	assert_int_equal(found, i.incident_id);
	row.ladder.rings[PP_RING_FALLBACK].state = PP_LADDER_ENDED;
	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	assert_int_equal(pp_store_ladder_due(r->db, 14999, &found), 0);
	assert_int_equal(pp_store_ladder_next(r->db, &found), 0);
	assert_int_equal(found, 15000);
}

static void what_remained_at_a_reboot_remains_from_the_boot_on(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_ladder_row row = row_of(&i);
	struct pp_uptime uptime = { 0, 0 };

	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	assert_int_equal(pp_store_uptime(r->db, &uptime), 0);
	assert_int_equal(pp_store_uptime_put(r->db, &(struct pp_uptime){ 77, 10000 }), 0);
	assert_int_equal(pp_store_uptime_put(r->db, &(struct pp_uptime){ 78, 10000 }), 0);
	assert_int_equal(pp_store_uptime(r->db, &uptime), 1);
	assert_int_equal(uptime.boot, 78);
	assert_int_equal(uptime.ms, 10000);
	assert_int_equal(pp_store_ladders_rebase(r->db, uptime.ms), 0);
	assert_int_equal(pp_store_ladder(r->db, i.incident_id, &row), 1);
	assert_int_equal(row.ladder.rings[PP_RING_DESK].due_ms, 5000);
	assert_int_equal(row.ladder.rings[PP_RING_FALLBACK].due_ms, 0); /* overdue */
}

static void a_delay_moves_the_deadline_that_it_names_and_no_other(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_ladder_row row = row_of(&i);
	struct pp_ladder_delay delay = { i.incident_id, PP_RING_DESK, 15000, 4000 };

	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	assert_int_equal(pp_store_ladder_delay(r->db, &delay), 0);
	assert_int_equal(pp_store_ladder_delay(r->db, &delay), 0); /* it is not that one any more */
	assert_int_equal(pp_store_ladder(r->db, i.incident_id, &row), 1);
	assert_int_equal(row.ladder.rings[PP_RING_DESK].due_ms, 19000);
	assert_int_equal(row.ladder.rings[PP_RING_FALLBACK].due_ms, 9000);
	row.ladder.rings[PP_RING_DESK].state = PP_LADDER_ENDED;
	assert_int_equal(pp_store_ladder_put(r->db, &row), 0);
	delay.due_ms = 19000;
	assert_int_equal(pp_store_ladder_delay(r->db, &delay), 0);
	assert_int_equal(pp_store_ladder(r->db, i.incident_id, &row), 1);
	assert_int_equal(row.ladder.rings[PP_RING_DESK].due_ms, 19000);
}

static void an_offer_is_kept_until_it_is_over(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_hand_over offer = { "user:budi", "user:siti" }, back;

	assert_int_equal(pp_store_hand_over(r->db, i.incident_id, &back), 0);
	assert_int_equal(pp_store_hand_over_put(r->db, i.incident_id, &offer, 5), 0);
	snprintf(offer.to, sizeof(offer.to), "user:andi");
	assert_int_equal(pp_store_hand_over_put(r->db, i.incident_id, &offer, 6), 0);
	assert_int_equal(pp_store_hand_over(r->db, i.incident_id, &back), 1);
	assert_string_equal(back.from, "user:budi");
	assert_string_equal(back.to, "user:andi");
	assert_int_equal(pp_store_hand_over_end(r->db, i.incident_id), 0);
	assert_int_equal(pp_store_hand_over(r->db, i.incident_id, &back), 0);
}

static int claimer_note(void *user, const char *tenant, const char *actor)
{
	char *names = user;
	size_t used = strlen(names);

	snprintf(names + used, 200 - used, "%s/%s ", tenant, actor);
	return 0;
}

static void who_holds_open_incidents_is_found_and_what_he_holds(void **state)
{
	struct record *r = *state;
	struct pp_incident i[4] = { record_incident(r, PP_CLASS_CRIME, 1),
		record_incident(r, PP_CLASS_FIRE, 2), record_incident(r, PP_CLASS_MEDICAL, 3),
		record_incident(r, PP_CLASS_DISASTER, 4) };
	static const char *const who[] = { "user:budi", "user:budi", "ctl:root", "user:siti" };
	char names[200] = "";
	int64_t id = 0;

	for (size_t n = 0; n < 4; n++)
		assert_int_equal(
			pp_store_incident_move(r->db, &i[n], PP_MOVE_ACKNOWLEDGE, who[n], NULL, 10),
			0);
	assert_int_equal(
		pp_store_incident_move(r->db, &i[3], PP_MOVE_CLOSE, who[3], "real", 10), 0);
	assert_int_equal(pp_store_each_claimer(r->db, claimer_note, names), 0);
	assert_string_equal(names, "kendal/user:budi ");
	assert_int_equal(pp_store_claim_next(r->db, "kendal", "user:budi", id, &id), 1);
	assert_int_equal(id, i[0].incident_id);
	assert_int_equal(pp_store_claim_next(r->db, "kendal", "user:budi", id, &id), 1);
	assert_int_equal(id, i[1].incident_id);
	assert_int_equal(pp_store_claim_next(r->db, "kendal", "user:budi", id, &id), 0);
	assert_int_equal(pp_store_claim_next(r->db, "serang", "user:budi", 0, &id), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_ladder_is_read_back_as_it_was_written),
		RECORD_TEST(the_first_deadline_is_found_and_only_of_what_runs),
		RECORD_TEST(what_remained_at_a_reboot_remains_from_the_boot_on),
		RECORD_TEST(a_delay_moves_the_deadline_that_it_names_and_no_other),
		RECORD_TEST(an_offer_is_kept_until_it_is_over),
		RECORD_TEST(who_holds_open_incidents_is_found_and_what_he_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
