/* SPDX-License-Identifier: Apache-2.0 */
/* query_people_test.c -- who a cookie belongs to, and what waits for being sent. */
#include "store/query.h"

#include "record.h"

#include <errno.h>

static void users_and_sessions_are_found_while_they_are_valid(void **state)
{
	struct record *r = *state;
	uint8_t token[32] = { 7 };
	struct pp_user_row u;
	int64_t count;

	record_exec(r, "INSERT INTO user VALUES"
		       " (1, 'kendal', 'siti', 'Bu Siti', 'hash', 'operator', 1, 0)");
	record_exec(r, "INSERT INTO session VALUES (x'07' || zeroblob(31), 1, 0, 100)");
	assert_int_equal(pp_query_user(r->db, "kendal", "siti", &u), 0);
	assert_string_equal(u.display, "Bu Siti");
	assert_string_equal(u.password, "hash");
	assert_int_equal(pp_query_user(r->db, "serang", "siti", &u), -ENOENT);
	assert_int_equal(pp_query_user_count(r->db, NULL, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(pp_query_user_count(r->db, "serang", &count), 0);
	assert_int_equal(count, 0);
	record_exec(r, "UPDATE session SET token = CAST(token AS BLOB)");
	assert_int_equal(pp_query_session(r->db, token, 99, &u), 0);
	assert_string_equal(u.name, "siti");
	assert_int_equal(pp_query_session(r->db, token, 100, &u), -ENOENT);
	record_exec(r, "UPDATE user SET active = 0");
	assert_int_equal(pp_query_session(r->db, token, 99, &u), -ENOENT);
	assert_int_equal(pp_query_user(r->db, "kendal", "siti", &u), -ENOENT);
}

static void a_dead_target_does_not_hide_the_others(void **state)
{
	struct record *r = *state;
	struct pp_notification_row rows[16];
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	size_t count, of_bot = 0;
	int64_t next;

	assert_int_equal(pp_query_next_notification(r->db, 0, &next), 0);
	assert_true(next == INT64_MAX);
	record_event(r, &i, "incident.opened", "{}");
	record_exec(r,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key,"
		" body, state, attempts, created, next, changed, detail)"
		" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
		" SELECT 'kendal', 1, 1, 'webhook', 'bot', 'b' || i, '{\"a\":1}', 'queued', 0,"
		" 5, 10 + i, 5, '' FROM n");
	record_exec(r,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key,"
		" body, state, attempts, created, next, changed, detail) VALUES"
		" ('kendal', 1, 1, 'webhook', 'old', 'o', '{}', 'queued', 2, 5, 90, 5, ''),"
		" ('kendal', 1, 1, 'webhook', 'old', 'p', '{}', 'sent', 2, 5, 90, 5, ''),"
		" ('kendal', 1, 1, 'webhook', 'old', 'q', '{}', 'queued', 2, 5, 900, 5, '')");
	assert_int_equal(pp_query_next_notification(r->db, 0, &next), 0);
	assert_int_equal(next, 11);
	assert_int_equal(pp_query_notifications(r->db, 100, PP_COUNT(rows), rows, &count), 0);
	assert_int_equal(count, 5);
	for (size_t k = 0; k < count; k++) {
		of_bot += strcmp(rows[k].target, "bot") == 0;
		assert_int_equal(rows[k].created_ms, 5);
		pp_notification_row_done(&rows[k]);
	}
	assert_int_equal(of_bot, 4);
	assert_string_equal(rows[4].key, "o");
	assert_string_equal(rows[4].url, "https://old/");
	assert_int_equal(pp_query_notifications(r->db, 100, 2, rows, &count), 0);
	assert_int_equal(count, 2);
	pp_notification_row_done(&rows[0]);
	pp_notification_row_done(&rows[1]);
	/* The clock was set back: to before all of them were made. */
	assert_int_equal(pp_query_notifications(r->db, 4, PP_COUNT(rows), rows, &count), 0);
	assert_int_equal(count, 6);
	for (size_t k = 0; k < count; k++)
		pp_notification_row_done(&rows[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(users_and_sessions_are_found_while_they_are_valid),
		RECORD_TEST(a_dead_target_does_not_hide_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
