/* SPDX-License-Identifier: Apache-2.0 */
/* guesses_test.c -- wrong codes are counted in windows, and whose number a call went to. */
#include "store/guesses.h"

#include "record.h"

static int64_t counted(struct record *r, const char *who, int64_t now_ms)
{
	int64_t count = -1;

	assert_int_equal(
		pp_store_guesses(r->db, &(struct pp_guesses){ who, now_ms, 1000 }, &count), 0);
	return count;
}

static int64_t wrong(struct record *r, const char *who, int64_t now_ms)
{
	int64_t count = -1;

	assert_int_equal(
		pp_store_guess_add(r->db, &(struct pp_guesses){ who, now_ms, 1000 }, &count), 0);
	return count;
}

static void a_window_begins_with_the_first_and_is_over_in_its_time(void **state)
{
	struct record *r = *state;

	assert_int_equal(counted(r, "a", 5000), 0);
	assert_int_equal(wrong(r, "a", 5000), 1);
	assert_int_equal(wrong(r, "a", 5900), 2);
	assert_int_equal(wrong(r, "", 5900), 1);
	assert_int_equal(counted(r, "a", 5999), 2);
	assert_int_equal(counted(r, "a", 6000), 0);
	assert_int_equal(wrong(r, "a", 6000), 1);
	assert_int_equal(counted(r, "", 6000), 1);
}

static void what_is_over_is_forgotten_also_by_a_clock_that_was_set_back(void **state)
{
	struct record *r = *state;
	int64_t rows;

	(void)wrong(r, "a", 5000);
	(void)wrong(r, "b", 5500);
	assert_int_equal(counted(r, "a", 4000), 0);
	assert_int_equal(wrong(r, "c", 4000), 1);
	assert_int_equal(
		pp_store_number(r->db, "SELECT count(*) FROM guess", PP_NO_ARGS, &rows), 0);
	assert_int_equal(rows, 1);
}

#define ALL_SIZE 200

static int join(void *user, const char *number)
{
	char *all = user;
	size_t used = strlen(all);

	assert_true((size_t)snprintf(all + used, ALL_SIZE - used, "%s;", number) <
		    ALL_SIZE - used);
	return 0;
}

static void the_numbers_of_a_call_and_of_a_test_are_those_of_their_text_messages(void **state)
{
	struct record *r = *state;
	char all[ALL_SIZE] = "";
	const uint8_t code[32] = { 7 }, other[32] = { 8 };

	record_exec(r, "PRAGMA foreign_keys = OFF");
	record_exec(r,
		"INSERT INTO incident (incident_id, tenant, post, class, number, state, silent,"
		" late, drill, occurred, opened, signals, restored, rev) VALUES (1, 'kendal',"
		" 'boja-01', 'fire', 'K-1', 'closed', 0, 0, 0, 1, 1, 1, 0, 1);"
		"INSERT INTO call (call_id, tenant, incident_id, ring, step, agency, contact,"
		" state, said_by, reason, notified, code) VALUES (7, 'kendal', 1, 'desk', 0, '',"
		" 'rt', 'notified', '', '', 1,"
		" x'0700000000000000000000000000000000000000000000000000000000000000')");
	record_exec(r,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key,"
		" body, state, attempts, created, next, changed, detail, contact, address, text,"
		" purpose, call_id) VALUES"
		" ('kendal', 1, 1, 'sms', 'rt', 'a', '', 'sent', 1, 1, 1, 1, '', 'rt', '+621', '',"
		" 'alarm', 7),"
		" ('kendal', 1, 1, 'sms', 'rt', 'b', '', 'held', 1, 1, 1, 1, '', 'rt', '+622', '',"
		" 'alarm', 7),"
		" ('kendal', 1, 1, 'mail', 'rt', 'c', '', 'sent', 1, 1, 1, 1, '', 'rt', 'a@b', '',"
		" 'alarm', 7),"
		" ('kendal', 1, 1, 'sms', 'rt', 'd', '', 'sent', 1, 1, 1, 1, '', 'rt', '+623', '',"
		" 'alarm', 8),"
		" ('kendal', NULL, 1, 'sms', 'rt', 'e', '', 'sent', 1, 1, 1, 1, '', 'rt', '+624',"
		" '', 'test', 0)");
	assert_int_equal(pp_store_each_call_number(r->db, 1, 7, join, all), 0);
	assert_string_equal(all, "+621;+622;");
	all[0] = '\0';
	assert_int_equal(pp_store_each_test_number(r->db, "kendal", "rt", join, all), 0);
	assert_string_equal(all, "+624;");
	assert_int_equal(pp_store_code_is_known(r->db, code), 1); /* of a call that is over, too */
	assert_int_equal(pp_store_code_is_known(r->db, other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_window_begins_with_the_first_and_is_over_in_its_time),
		RECORD_TEST(what_is_over_is_forgotten_also_by_a_clock_that_was_set_back),
		RECORD_TEST(the_numbers_of_a_call_and_of_a_test_are_those_of_their_text_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
