/* SPDX-License-Identifier: Apache-2.0 */
/* collecting_test.c -- when troubles are due, and what waits until one carries it. */
#include "store/collecting.h"

#include "record.h"
#include "store/notifications.h"

static const struct pp_trouble_row mains = { "kendal", "boja-01", "", "mains", "low", 50 };
static const struct pp_trouble_row tamper = { "kendal", "boja-02", "", "tamper", "", 60 };

static void a_trouble_is_due_when_its_time_has_come_and_told_once(void **state)
{
	struct record *r = *state;
	struct pp_trouble_state t;

	assert_int_equal(pp_store_trouble_raise(r->db, &mains), 1);
	assert_int_equal(pp_store_trouble_raise(r->db, &tamper), 1);
	assert_int_equal(pp_store_trouble_due(r->db, INT64_MAX - 1, &t), 0);
	assert_int_equal(pp_store_trouble_date(r->db, &mains, 100, 400), 0);
	assert_int_equal(pp_store_trouble_date(r->db, &tamper, 100, 300), 0);
	assert_int_equal(pp_store_trouble_due(r->db, 299, &t), 0);
	assert_int_equal(pp_store_trouble_due(r->db, 400, &t), 1);
	assert_string_equal(t.kind, "tamper");
	assert_int_equal(pp_store_trouble_told(r->db, &t), 0);
	assert_int_equal(pp_store_trouble_due(r->db, 400, &t), 1);
	assert_string_equal(t.kind, "mains");
	assert_string_equal(t.detail, "low");
	assert_true(t.since_ms == 50 && t.raised_ms == 100 && t.due_ms == 400);
	assert_int_equal(pp_store_trouble_told(r->db, &t), 0);
	assert_int_equal(pp_store_trouble_due(r->db, 400, &t), 0);
	assert_int_equal(pp_store_trouble_state(r->db, &mains, &t), 1);
	assert_true(t.due_ms == PP_TROUBLE_TOLD);
	assert_int_equal(pp_store_trouble_end(r->db, &mains, &(int64_t){ 0 }), 1);
	assert_int_equal(pp_store_trouble_state(r->db, &mains, &t), 0);
}

static void a_clock_that_was_set_back_holds_nothing_up(void **state)
{
	struct record *r = *state;
	struct pp_trouble_state t;

	assert_int_equal(pp_store_trouble_raise(r->db, &mains), 1);
	assert_int_equal(pp_store_trouble_date(r->db, &mains, 5000, 9000), 0);
	assert_int_equal(pp_store_trouble_due(r->db, 6000, &t), 0);
	assert_int_equal(pp_store_trouble_due(r->db, 1000, &t), 1);
}

static void what_nobody_was_told_of_is_dated_anew(void **state)
{
	struct record *r = *state;
	struct pp_trouble_state t;
	char kind[PP_TROUBLE_SIZE];

	assert_int_equal(pp_store_trouble_raise(r->db, &mains), 1);
	assert_int_equal(pp_store_trouble_raise(r->db, &tamper), 1);
	assert_int_equal(pp_store_trouble_date(r->db, &mains, 100, PP_TROUBLE_NEVER), 0);
	assert_int_equal(pp_store_trouble_date(r->db, &tamper, 100, PP_TROUBLE_TOLD), 0);
	assert_int_equal(pp_store_trouble_kind(r->db, "kendal", "", kind), 1);
	assert_string_equal(kind, "mains");
	assert_int_equal(pp_store_trouble_kind(r->db, "kendal", kind, kind), 0);
	assert_int_equal(pp_store_trouble_kind(r->db, "serang", "", kind), 0);
	assert_int_equal(pp_store_troubles_redate(r->db, "kendal", "mains", 200), 0);
	assert_int_equal(pp_store_troubles_redate(r->db, "kendal", "tamper", 200), 0);
	assert_int_equal(pp_store_trouble_due(r->db, 300, &t), 1);
	assert_string_equal(t.kind, "mains");
	assert_int_equal(pp_store_troubles_redate(r->db, "kendal", "mains", -1), 0);
	assert_int_equal(pp_store_trouble_due(r->db, INT64_MAX - 1, &t), 0);
}

/* ---- what waits ---- */

static const struct pp_recipient ani = { "kendal", "sms", "ani", "+6281", 0 };

static int64_t put(struct record *r, const struct pp_recipient *to, const char *purpose,
	bool collecting, int64_t now_ms)
{
	char key[40];
	int64_t id = 0;
	struct pp_notification_new n = { .tenant = to->tenant,
		.channel = to->channel,
		.target = to->target,
		.contact = to->target,
		.address = to->address,
		.key = key,
		.body = "{}",
		.text = purpose,
		.incident_id = to->incident_id,
		.event_id = 1,
		.now_ms = now_ms,
		.purpose = purpose,
		.collecting = collecting,
		.about = "boja-01//mains@100" };

	assert_int_equal(pp_store_number(r->db,
				 "SELECT coalesce(max(notification_id), 0) + 1 FROM notification",
				 PP_NO_ARGS, &id),
		0);
	snprintf(key, sizeof(key), "key-%lld", (long long)id);
	assert_int_equal(pp_store_notification_add(r->db, &n), 0);
	return id;
}

static void text_is(struct record *r, const char *sql, const char *want)
{
	struct pp_stmt *s;

	assert_int_equal(pp_store_first(r->db, sql, PP_NO_ARGS, &s), 1);
	assert_string_equal(pp_column_text(s, 0), want);
	pp_stmt_reset(s);
}

static void the_window_is_counted_by_recipient_and_by_what_it_is(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_recipient other = ani;
	struct pp_pace_query q = { &ani, true, 2, 100, 150 };
	int64_t ms = -7;

	(void)record_event(r, &i, "incident.opened", "{}");
	(void)put(r, &ani, "trouble", false, 50); /* has left the window */
	(void)put(r, &ani, "trouble", false, 51);
	record_exec(r, "UPDATE notification SET state = 'sent'");
	(void)put(r, &ani, "alarm", false, 60);
	(void)put(r, &ani, "mended", true, 70); /* waits itself */
	snprintf(other.address, sizeof(other.address), "+6282");
	(void)put(r, &other, "trouble", false, 80);
	assert_int_equal(pp_store_pace(r->db, &q, &ms), 0);
	q.nth = 1;
	assert_int_equal(pp_store_pace(r->db, &q, &ms), 1);
	assert_int_equal(ms, 51);
	q.troubles = false;
	assert_int_equal(pp_store_pace(r->db, &q, &ms), 1);
	assert_int_equal(ms, 60);
	q.now_ms = 59; /* the clock was set back: what is to come does not count */
	assert_int_equal(pp_store_pace(r->db, &q, &ms), 0);
}

static void an_incident_is_known_to_whoever_was_told_of_it(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_recipient bot = { "kendal", "webhook", "bot", "", i.incident_id }, other = bot;

	(void)record_event(r, &i, "incident.opened", "{}");
	assert_int_equal(pp_store_is_told(r->db, &bot), 0);
	(void)put(r, &bot, "again", true, 10);
	assert_int_equal(pp_store_is_told(r->db, &bot), 0);
	assert_int_equal(pp_store_is_collecting(r->db, &bot), 1);
	(void)put(r, &bot, "alarm", false, 10);
	assert_int_equal(pp_store_is_told(r->db, &bot), 1);
	other.incident_id = 99;
	assert_int_equal(pp_store_is_told(r->db, &other), 0);
	snprintf(other.target, sizeof(other.target), "old");
	assert_int_equal(pp_store_is_collecting(r->db, &other), 0);
	record_exec(r, "UPDATE notification SET state = 'failed' WHERE purpose = 'alarm'");
	assert_int_equal(pp_store_is_told(r->db, &bot), 0);
}

static int ids_join(void *user, const struct pp_collected *row)
{
	char *ids = user;

	snprintf(ids + strlen(ids), 100 - strlen(ids), "%lld %s %s;",
		(long long)row->notification_id, row->purpose, row->about);
	return 0;
}

static void the_newest_carries_all_and_each_says_which(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_recipient due;
	char ids[100] = "";
	int64_t count, mended;

	(void)record_event(r, &i, "incident.opened", "{}");
	(void)put(r, &ani, "trouble", true, 10);
	(void)put(r, &ani, "mended", true, 20);
	(void)put(r, &ani, "trouble", true, 30);
	assert_int_equal(pp_store_collected_wait(r->db, 1, 500, 15), 0);
	assert_int_equal(pp_store_collected_due(r->db, 9, &due), 1); /* set back */
	assert_int_equal(pp_store_collected_due(r->db, 30, &due), 1);
	assert_string_equal(due.target, "ani");
	assert_int_equal(pp_store_each_collected(r->db, &due, 30, ids_join, ids), 0);
	assert_string_equal(ids, "3 trouble boja-01//mains@100;2 mended boja-01//mains@100;");
	assert_int_equal(pp_store_collected_count(r->db, &due, 600, &count, &mended), 0);
	assert_true(count == 3 && mended == 1);
	assert_int_equal(pp_store_collapse(r->db, &due, 3, 600), 0);
	assert_int_equal(
		pp_store_carry(r->db, &(struct pp_carrier){ 3, 2, 600, NULL, "three" }), 0);
	text_is(r,
		"SELECT group_concat(state || into_id || text || gathered || created, ' ') FROM"
		" (SELECT * FROM notification ORDER BY notification_id)",
		"collapsed3trouble010 collapsed3mended020 queued0three2600");
	text_is(r, "SELECT detail FROM notification WHERE notification_id = 1",
		"sent as a part of key-3");
	assert_int_equal(pp_store_collected_due(r->db, 9999, &due), 0);
	/* What does not wait is left alone. */
	assert_int_equal(pp_store_collected_end(r->db, 3, "mended", 700), 0);
	assert_int_equal(pp_store_carry(r->db, &(struct pp_carrier){ 1, 0, 700, "x", "x" }), 0);
	text_is(r, "SELECT group_concat(state, ' ') FROM notification",
		"collapsed collapsed queued");
}

static int heard_join(void *user, const struct pp_trouble_heard *h)
{
	char *text = user;

	snprintf(text + strlen(text), 100 - strlen(text), "%s%lld%c;", h->contact,
		(long long)h->notification_id, h->collecting ? '?' : '!');
	return 0;
}

static void whoever_was_told_of_a_trouble_is_found_by_it(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_trouble_state t = { .post = "boja-01", .kind = "mains", .raised_ms = 100 };
	char about[PP_ABOUT_SIZE], text[100] = "";

	(void)record_event(r, &i, "incident.opened", "{}");
	pp_trouble_about(&t, about);
	assert_string_equal(about, "boja-01//mains@100");
	(void)put(r, &ani, "trouble", true, 10);
	(void)put(r, &ani, "mended", false, 10);
	(void)put(r, &ani, "trouble", false, 10);
	assert_int_equal(pp_store_each_heard(r->db, "kendal", about, heard_join, text), 0);
	assert_string_equal(text, "ani3!;ani1?;");
	assert_int_equal(pp_store_each_heard(r->db, "serang", about, heard_join, text), 0);
	assert_int_equal(pp_store_each_heard(r->db, "kendal", "", heard_join, text), 0);
	assert_string_equal(text, "ani3!;ani1?;");
	assert_int_equal(pp_store_collected_end(r->db, 1, "mended before", 20), 0);
	text_is(r, "SELECT state || ' ' || detail FROM notification WHERE notification_id = 1",
		"withdrawn mended before");
}

static void what_waits_for_a_webhook_that_is_gone_fails(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_recipient bot = { "kendal", "webhook", "bot", "", i.incident_id };

	(void)record_event(r, &i, "incident.opened", "{}");
	(void)put(r, &bot, "again", true, 10);
	record_exec(r, "UPDATE notification SET contact = ''");
	assert_int_equal(pp_store_notifications_fail(r->db, "kendal", "bot", 30), 0);
	text_is(r, "SELECT state FROM notification", "failed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(a_trouble_is_due_when_its_time_has_come_and_told_once),
		TEST(a_clock_that_was_set_back_holds_nothing_up),
		TEST(what_nobody_was_told_of_is_dated_anew),
		TEST(the_window_is_counted_by_recipient_and_by_what_it_is),
		TEST(an_incident_is_known_to_whoever_was_told_of_it),
		TEST(the_newest_carries_all_and_each_says_which),
		TEST(whoever_was_told_of_a_trouble_is_found_by_it),
		TEST(what_waits_for_a_webhook_that_is_gone_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
