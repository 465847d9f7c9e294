/* SPDX-License-Identifier: Apache-2.0 */
/* merges_test.c -- two incidents become one, and one becomes two: nothing is lost on the way. */
#include "store/places.h"

#include "record.h"

#include "incidents/trust.h"

static int64_t number(struct record *r, const char *sql)
{
	int64_t value;

	assert_int_equal(pp_store_number(r->db, sql, PP_NO_ARGS, &value), 0);
	return value;
}

/* An incident of that post with one alarm. */
static struct pp_incident incident_of(struct record *r, const char *post, int64_t seq)
{
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, seq);
	struct pp_incident_post row = { .signals = 1, .first_ms = 900, .newest_ms = 900 };
	char sql[400];

	snprintf(i.post, sizeof(i.post), "%s", post);
	snprintf(sql, sizeof(sql),
		"DELETE FROM incident_post WHERE incident_id = %d;"
		"UPDATE incident SET post = '%s' WHERE incident_id = %d;"
		"UPDATE signal SET post = '%s' WHERE incident_id = %d;"
		"INSERT INTO signal_key SELECT tenant, post, epoch, seq, x'00', incident_id"
		" FROM signal WHERE incident_id = %d",
		(int)i.incident_id, post, (int)i.incident_id, post, (int)i.incident_id,
		(int)i.incident_id);
	record_exec(r, sql);
	assert_int_equal(pp_store_incident_post_put(r->db, &i, post, &row), 0);
	return i;
}

static void everything_of_one_becomes_that_of_the_other(void **state)
{
	struct record *r = *state;
	struct pp_incident a = incident_of(r, "boja-01", 1), b = incident_of(r, "boja-02", 2),
			   c = incident_of(r, "boja-02", 3);

	assert_int_equal(pp_store_link_put(r->db, a.incident_id, b.incident_id, "report"), 1);
	assert_int_equal(pp_store_link_put(r->db, a.incident_id, c.incident_id, "class"), 1);
	record_exec(r, "UPDATE incident SET occurred = 700, silent = 1 WHERE incident_id = 1");
	assert_int_equal(pp_store_incident_pour(r->db, a.incident_id, &b), 0);
	assert_int_equal(pp_store_incident_merged(r->db, &a, b.incident_id, "user:siti", 50), 0);
	assert_int_equal(b.signals, 2);
	assert_int_equal(b.occurred_ms, 700);
	assert_true(b.silent); /* whoever pressed in silence stays so */
	assert_int_equal(a.state, PP_INCIDENT_CLOSED);
	assert_int_equal(number(r, "SELECT count(*) FROM signal WHERE incident_id = 2"), 2);
	assert_int_equal(number(r, "SELECT count(*) FROM signal_key WHERE incident_id = 2"), 2);
	assert_int_equal(number(r, "SELECT count(*) FROM incident_post WHERE incident_id = 2"), 2);
	assert_int_equal(number(r, "SELECT count(*) FROM incident_post WHERE incident_id = 1"), 0);
	assert_int_equal(number(r, "SELECT signals FROM incident WHERE incident_id = 1"), 0);
	assert_int_equal(number(r, "SELECT merged_into FROM incident WHERE incident_id = 1"), 2);
	assert_int_equal(number(r, "SELECT count(*) FROM incident_link"), 2);
	assert_int_equal(number(r, "SELECT other_id FROM incident_link WHERE incident_id = 2"), 3);
}

static void a_post_takes_its_own_signals_with_it(void **state)
{
	struct record *r = *state;
	struct pp_incident a = incident_of(r, "boja-01", 1), b = incident_of(r, "boja-02", 2),
			   n = a;

	assert_int_equal(pp_store_incident_pour(r->db, b.incident_id, &a), 0);
	assert_int_equal(pp_store_incident_weigh(r->db, &a), 0);
	assert_int_equal(a.trust, 3);
	snprintf(n.post, sizeof(n.post), "%s", "boja-01");
	assert_int_equal(pp_store_incident_number(r->db, "kendal", 2026, n.number), 0);
	assert_int_equal(pp_store_incident_add(r->db, &n), 0);
	assert_int_equal(pp_store_incident_part(r->db, &a, "boja-01", &n), 0);
	assert_string_equal(a.post, "boja-02"); /* its first post has left */
	assert_int_equal(a.signals, 1);
	assert_int_equal(n.signals, 1);
	assert_int_equal(a.posts, 1);
	assert_int_equal(a.trust, 1);
	assert_true(n.facts & PP_TRUST_PRESS);
	assert_int_equal(number(r, "SELECT count(*) FROM signal_key k JOIN signal s USING"
				   " (tenant, post, epoch, seq) WHERE k.incident_id <>"
				   " s.incident_id"),
		0);
	assert_int_equal(number(r, "SELECT count(*) FROM incident_post"), 2);
}

static void what_was_done_is_taken_over(void **state)
{
	struct record *r = *state;
	struct pp_incident a = incident_of(r, "boja-01", 1), b = incident_of(r, "boja-02", 2);

	assert_int_equal(
		pp_store_incident_move(r->db, &a, PP_MOVE_ACKNOWLEDGE, "user:siti", NULL, 20), 0);
	assert_int_equal(
		pp_store_incident_move(r->db, &a, PP_MOVE_DISPATCH, "user:siti", NULL, 30), 0);
	assert_int_equal(pp_store_incident_inherit(r->db, &b, &a), 0);
	assert_int_equal(b.state, PP_INCIDENT_DISPATCHED);
	assert_int_equal(b.rev, 2);
	assert_string_equal(b.acknowledged_by, "user:siti");
	assert_int_equal(number(r, "SELECT dispatched FROM incident WHERE incident_id = 2"), 30);
}

static void a_drill_becomes_real_and_counts_from_then_on(void **state)
{
	struct record *r = *state;
	struct pp_incident a = incident_of(r, "boja-01", 1);

	a.facts = PP_TRUST_PRESS | PP_TRUST_HELD | PP_TRUST_EXERCISE;
	record_exec(r, "UPDATE incident SET drill = 1");
	assert_int_equal(pp_store_incident_convert(r->db, &a, 40), 0);
	assert_int_equal(a.trust, 2);
	assert_int_equal(number(r, "SELECT drill FROM incident"), 0);
	assert_int_equal(number(r, "SELECT converted FROM incident"), 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(everything_of_one_becomes_that_of_the_other),
		RECORD_TEST(a_post_takes_its_own_signals_with_it),
		RECORD_TEST(what_was_done_is_taken_over),
		RECORD_TEST(a_drill_becomes_real_and_counts_from_then_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
