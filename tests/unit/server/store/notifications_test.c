/* SPDX-License-Identifier: Apache-2.0 */
/* notifications_test.c -- rows of the queue: once a key, way after way, and withdrawn. */
#include "store/notifications.h"

#include "record.h"

enum { NAMES_SIZE = 100 };

static int names_join(void *user, const char *name)
{
	char *names = user;
	size_t length = strlen(names);

	snprintf(names + length, NAMES_SIZE - length, "%s", name);
	return 0;
}

static void notifications_are_queued_once_a_key_and_count_their_tries(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	int64_t event = record_event(r, &i, "incident.opened", "{}"), count;
	struct pp_notification_new n = { .tenant = "kendal",
		.target = "bot",
		.key = "key-1",
		.body = "{}",
		.incident_id = i.incident_id,
		.event_id = event,
		.now_ms = 10 };
	struct pp_notification_try t = { 1, 20, 79, "kendal", "queued", "503", NULL };
	struct pp_notification_about about;
	char names[NAMES_SIZE] = "";

	assert_int_equal(pp_store_each_webhook(r->db, "kendal", names_join, names), 0);
	assert_string_equal(names, "bot");
	assert_int_equal(pp_store_notification_add(r->db, &n), 0);
	assert_int_equal(pp_store_notification_add(r->db, &n), 0);
	assert_int_equal(
		pp_store_number(r->db, "SELECT count(*) FROM notification", PP_NO_ARGS, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(pp_store_notification_tried(r->db, &t), 1);
	assert_int_equal(pp_store_notification_about(r->db, 1, &about), 1);
	assert_int_equal(about.attempts, 1);
	assert_string_equal(about.number, i.number);
	assert_int_equal(pp_store_notifications_fail(r->db, "kendal", "bot", 30), 0);
	assert_int_equal(
		pp_store_number(r->db, "SELECT count(*) FROM notification WHERE state = 'failed'",
			PP_NO_ARGS, &count),
		0);
	assert_int_equal(count, 1);
	t.tenant = "serang";
	assert_int_equal(pp_store_notification_tried(r->db, &t), 0);
}

static void receipts_of_a_signal_and_of_a_post_are_counted(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	int64_t event = record_event(r, &i, "receipt.texted", "{}");
	static const struct {
		const char *key, *tenant, *target, *purpose;
		int64_t at_ms;
	} rows[] = {
		{ "receipt-a-1", "kendal", "boja-01", "receipt", 10 },
		{ "receipt-a-2", "kendal", "boja-01", "receipt", 20 },
		{ "receipt-b-1", "kendal", "boja-01", "receipt", 30 },
		{ "receipt-c-1", "kendal", "boja-02", "receipt", 30 },
		{ "receipt-d-1", "serang", "boja-01", "receipt", 30 },
		{ "k", "kendal", "boja-01", "alarm", 30 },
	};
	struct pp_text_receipts_of of = { "receipt-a-", "kendal", "boja-01", 10, 30 };
	struct pp_text_receipts got;

	for (size_t n = 0; n < PP_COUNT(rows); n++)
		assert_int_equal(pp_store_notification_add(r->db,
					 &(struct pp_notification_new){ .tenant = rows[n].tenant,
						 .target = rows[n].target,
						 .key = rows[n].key,
						 .body = "{}",
						 .event_id = event,
						 .purpose = rows[n].purpose,
						 .via = "modem",
						 .now_ms = rows[n].at_ms }),
			0);
	assert_int_equal(pp_store_text_receipts(r->db, &of, &got), 0);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.newest_ms, 20);
	assert_true(got.queued);
	assert_int_equal(got.of_post, 2); /* after 10, up to 30: a-2 and b-1 */
	of.now_ms = 29;
	assert_int_equal(pp_store_text_receipts(r->db, &of, &got), 0);
	assert_int_equal(got.of_post, 1);
	assert_int_equal(
		pp_store_text_receipts_withdraw(r->db, "receipt-a-", 40, "receipted"), 0);
	assert_int_equal(pp_store_text_receipts(r->db, &of, &got), 0);
	assert_int_equal(got.count, 2);
	assert_false(got.queued);
	of.key = "receipt-b-";
	assert_int_equal(pp_store_text_receipts(r->db, &of, &got), 0);
	assert_true(got.queued);
	of.key = "receipt-e-";
	assert_int_equal(pp_store_text_receipts(r->db, &of, &got), 0);
	assert_int_equal(got.count + got.newest_ms + got.queued, 0);
}

static void way_put(struct record *r, int64_t way, const char *channel, const char *address)
{
	struct pp_notification_new n = { .tenant = "kendal",
		.target = "rt-boja-03",
		.key = address,
		.body = "{}",
		.incident_id = 1,
		.event_id = 1,
		.now_ms = 10,
		.channel = channel,
		.contact = "rt-boja-03",
		.address = address,
		.text = "Alarm",
		.call_id = 7,
		.way = way };

	assert_int_equal(pp_store_notification_add(r->db, &n), 0);
}

static void tried(struct record *r, int64_t id, const char *to)
{
	struct pp_notification_try t = { id, 20, 79, "kendal", to, "said so", "ref" };

	assert_int_equal(pp_store_notification_tried(r->db, &t), 1);
}

static void state_is(struct record *r, int64_t id, const char *want)
{
	struct pp_notification_about about;

	assert_int_equal(pp_store_notification_about(r->db, id, &about), 1);
	assert_string_equal(about.state, want);
}

static void the_next_way_of_a_contact_waits_until_the_one_before_has_failed(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	char channel[24];

	record_event(r, &i, "incident.opened", "{}");
	way_put(r, 0, "sms", "+621");
	way_put(r, 1, "mail", "a@b.example");
	way_put(r, 2, "sms", "+622");
	state_is(r, 2, "held");
	tried(r, 1, "queued");
	assert_int_equal(pp_store_notification_next_way(r->db, 1, 20, channel), 0);
	tried(r, 1, "failed");
	assert_int_equal(pp_store_notification_next_way(r->db, 1, 20, channel), 1);
	assert_string_equal(channel, "mail");
	state_is(r, 2, "queued");
	state_is(r, 3, "held");
	tried(r, 2, "failed");
	assert_int_equal(pp_store_notification_next_way(r->db, 2, 20, channel), 1);
	tried(r, 3, "failed");
	assert_int_equal(pp_store_notification_next_way(r->db, 3, 20, channel), 0);
}

static int told_join(void *user, const struct pp_told *told)
{
	char *all = user;
	size_t length = strlen(all);

	snprintf(all + length, 100 - length, "%s %s %d;", told->channel, told->address,
		(int)told->call_id);
	return 0;
}

static void what_is_taken_is_withdrawn_and_those_who_heard_of_it_are_named(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	char all[100] = "";

	record_event(r, &i, "incident.opened", "{}");
	way_put(r, 0, "sms", "+621");
	way_put(r, 1, "mail", "a@b.example");
	way_put(r, 0, "sms", "+623");
	way_put(r, 0, "sms", "+624");
	tried(r, 1, "sent");
	tried(r, 4, "queued");
	assert_int_equal(pp_store_notifications_withdraw(r->db,
				 &(struct pp_withdrawal){ 1, 8, 30, "taken" }),
		0);
	state_is(r, 2, "held");
	assert_int_equal(pp_store_notifications_withdraw(r->db,
				 &(struct pp_withdrawal){ 1, 0, 30, "taken" }),
		0);
	state_is(r, 1, "sent");
	state_is(r, 2, "withdrawn");
	state_is(r, 3, "withdrawn");
	/* A try that was under way when it was taken. */
	tried(r, 4, "queued");
	state_is(r, 4, "withdrawn");
	tried(r, 1, "delivered");
	tried(r, 1, "sent");
	state_is(r, 1, "delivered");
	record_exec(r,
		"INSERT INTO call (call_id, tenant, incident_id, ring, step, agency, contact,"
		" state, said_by, reason, notified) VALUES (7, 'kendal', 1, 'desk', 0, '', 'rt',"
		" 'accepted', '', '', 1)");
	/* Whoever comes is not told to stay. */
	assert_int_equal(pp_store_each_told(r->db, 1, told_join, all), 0);
	assert_string_equal(all, "");
	record_exec(r, "UPDATE call SET state = 'stopped'");
	assert_int_equal(pp_store_each_told(r->db, 1, told_join, all), 0);
	assert_string_equal(all, "sms +621 7;sms +624 7;");
	all[0] = '\0';
	record_exec(r,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key,"
		" body, state, attempts, created, next, changed, detail, contact, address, text,"
		" purpose, call_id, way) SELECT tenant, incident_id, event_id, channel, target,"
		" 'again', body, 'queued', 0, 1, 1, 1, '', contact, address, text, 'stop', 7, 0"
		" FROM notification WHERE address = '+621'");
	assert_int_equal(pp_store_word_said(r->db, 1, 1, false), 0);
	assert_int_equal(pp_store_each_told(r->db, 1, told_join, all), 0);
	assert_string_equal(all, "sms +624 7;");
	/* A word to stay that waits to be sent calls nobody. */
	record_exec(r,
		"INSERT INTO call (call_id, tenant, incident_id, ring, step, agency, contact,"
		" state, said_by, reason, notified) VALUES (8, 'kendal', 1, 'desk', 0, '', 'rt',"
		" 'expired', '', '', 1);"
		"UPDATE notification SET call_id = 8 WHERE purpose = 'stop'");
	all[0] = '\0';
	assert_int_equal(pp_store_each_told(r->db, 1, told_join, all), 0);
	assert_string_equal(all, "sms +624 7;");
}

static void words_are(struct record *r, const char *want)
{
	struct pp_stmt *s;

	assert_int_equal(pp_store_first(r->db,
				 "SELECT group_concat(address || ' ' || word, ', ') FROM (SELECT *"
				 " FROM notification WHERE purpose = 'alarm' ORDER BY"
				 " notification_id)",
				 PP_NO_ARGS, &s),
		1);
	assert_string_equal(pp_column_text(s, 0), want);
	pp_stmt_reset(s);
}

static void word_put(struct record *r, const char *key, const char *address, const char *purpose)
{
	struct pp_notification_new n = { .tenant = "kendal",
		.target = "rt-boja-03",
		.key = key,
		.body = "{}",
		.incident_id = 1,
		.event_id = 2,
		.now_ms = 20,
		.channel = "sms",
		.contact = "rt-boja-03",
		.address = address,
		.text = "Terima kasih",
		.purpose = purpose,
		.call_id = 7 };

	assert_int_equal(pp_store_notification_add(r->db, &n), 0);
}

static void a_word_is_about_all_that_was_told_there_before_it(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);

	(void)record_incident(r, PP_CLASS_CRIME, 2);
	record_event(r, &i, "incident.opened", "{}");
	record_event(r, &i, "call.stopped", "{}");
	way_put(r, 0, "sms", "+621");
	way_put(r, 0, "sms", "+622");
	way_put(r, 0, "sms", "+623");
	record_exec(r, "UPDATE notification SET incident_id = 2 WHERE address = '+623'");
	word_put(r, "w1", "+621", "stop");
	word_put(r, "w3", "+623", "stop");
	assert_int_equal(pp_store_word_said(r->db, 1, 1, false), 0);
	words_are(r, "+621 0, +622 0, +623 0"); /* of another event */
	assert_int_equal(pp_store_word_said(r->db, 1, 2, true), 0);
	words_are(r, "+621 0, +622 0, +623 0"); /* it was another word */
	assert_int_equal(pp_store_word_said(r->db, 1, 2, false), 0);
	words_are(r, "+621 1, +622 0, +623 0"); /* the third is another's */
	word_put(r, "c1", "+621", "closed");
	assert_int_equal(pp_store_word_said(r->db, 1, 2, true), 0);
	assert_int_equal(pp_store_word_said(r->db, 1, 2, false), 0);
	words_are(r, "+621 2, +622 0, +623 0"); /* the last word */
}

static void one_that_belongs_to_no_incident_and_waits_for_the_morning(void **state)
{
	struct record *r = *state;
	struct pp_notification_about about;
	int64_t next;
	int64_t event = record_event(r, NULL, "notification.test", "{}");
	struct pp_notification_new n = { .tenant = "kendal",
		.target = "rt",
		.key = "k",
		.body = "{}",
		.event_id = event,
		.now_ms = 10,
		.channel = "mail",
		.purpose = "trouble",
		.not_before_ms = 500 };

	assert_int_equal(pp_store_notification_add(r->db, &n), 0);
	assert_int_equal(pp_store_notification_about(r->db, 1, &about), 1);
	assert_int_equal(about.incident_id, 0);
	assert_string_equal(about.number, "");
	assert_string_equal(about.purpose, "trouble");
	assert_int_equal(
		pp_store_number(r->db, "SELECT next FROM notification", PP_NO_ARGS, &next), 0);
	assert_int_equal(next, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(notifications_are_queued_once_a_key_and_count_their_tries),
		RECORD_TEST(receipts_of_a_signal_and_of_a_post_are_counted),
		RECORD_TEST(the_next_way_of_a_contact_waits_until_the_one_before_has_failed),
		RECORD_TEST(what_is_taken_is_withdrawn_and_those_who_heard_of_it_are_named),
		RECORD_TEST(a_word_is_about_all_that_was_told_there_before_it),
		RECORD_TEST(one_that_belongs_to_no_incident_and_waits_for_the_morning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
