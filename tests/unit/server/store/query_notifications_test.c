/* SPDX-License-Identifier: Apache-2.0 */
/* query_notifications_test.c -- what waits for being sent, and that nobody's queue hides another's.
 */
#include "store/query.h"

#include "record.h"

#include <errno.h>

static int due(struct record *r, int64_t now_ms, size_t size, struct pp_notification_row *rows,
	size_t *ret_count)
{
	return pp_query_notifications(r->db, "webhook", now_ms, size, rows, ret_count);
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
	assert_int_equal(due(r, 100, PP_COUNT(rows), rows, &count), 0);
	assert_int_equal(count, 5);
	for (size_t k = 0; k < count; k++) {
		of_bot += strcmp(rows[k].target, "bot") == 0;
		assert_int_equal(rows[k].created_ms, 5);
		pp_notification_row_done(&rows[k]);
	}
	assert_int_equal(of_bot, 4);
	assert_string_equal(rows[4].key, "o");
	assert_string_equal(rows[4].url, ""); /* retired: its target is gone */
	assert_int_equal(due(r, 100, 2, rows, &count), 0);
	assert_int_equal(count, 2);
	pp_notification_row_done(&rows[0]);
	pp_notification_row_done(&rows[1]);
	/* The clock was set back: to before all of them were made. */
	assert_int_equal(due(r, 4, PP_COUNT(rows), rows, &count), 0);
	assert_int_equal(count, 6);
	for (size_t k = 0; k < count; k++)
		pp_notification_row_done(&rows[k]);
}

static void each_recipient_has_a_lane_of_his_own_and_each_channel_its_queue(void **state)
{
	struct record *r = *state;
	struct pp_notification_row rows[16];
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	size_t count;

	record_event(r, &i, "incident.opened", "{}");
	record_exec(r,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key,"
		" body, state, attempts, created, next, changed, detail, contact, address, text)"
		" WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 17)"
		" SELECT 'kendal', iif(i % 2, 1, NULL), 1, 'sms', 'rt', 'k' || i, '{}', 'queued',"
		" 0, 5, 10 + i, 5, '', 'rt', '+62' || (i / 6), 'Halo' FROM n");
	assert_int_equal(
		pp_query_notifications(r->db, "mail", 100, PP_COUNT(rows), rows, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(
		pp_query_notifications(r->db, "sms", 100, PP_COUNT(rows), rows, &count), 0);
	assert_int_equal(count, 12);
	for (size_t k = 0; k < count; k++) {
		assert_int_equal(rows[k].address[3], '0' + (char)(k / 4));
		assert_string_equal(rows[k].text, "Halo");
		assert_string_equal(rows[k].url, "");
		pp_notification_row_done(&rows[k]);
	}
}

static void a_reference_leads_to_the_newest_that_the_provider_calls_so(void **state)
{
	struct record *r = *state;
	char tenant[24];
	int64_t id;

	record_event(r, NULL, "notification.test", "{}");
	record_exec(r,
		"INSERT INTO notification (tenant, event_id, channel, target, key, body, state,"
		" attempts, created, next, changed, detail, reference) VALUES"
		" ('kendal', 1, 'sms', 'rt', 'a', '{}', 'sent', 1, 5, 5, 5, '', 'm1'),"
		" ('kendal', 1, 'sms', 'rt', 'b', '{}', 'sent', 1, 5, 5, 5, '', 'm1'),"
		" ('kendal', 1, 'mail', 'rt', 'c', '{}', 'sent', 1, 5, 5, 5, '', '')");
	assert_int_equal(pp_query_notification_of(r->db, "sms", "m1", tenant, &id), 0);
	assert_string_equal(tenant, "kendal");
	assert_int_equal(id, 2);
	assert_int_equal(pp_query_notification_of(r->db, "mail", "m1", tenant, &id), -ENOENT);
	assert_int_equal(pp_query_notification_of(r->db, "mail", "", tenant, &id), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_dead_target_does_not_hide_the_others),
		RECORD_TEST(each_recipient_has_a_lane_of_his_own_and_each_channel_its_queue),
		RECORD_TEST(a_reference_leads_to_the_newest_that_the_provider_calls_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
