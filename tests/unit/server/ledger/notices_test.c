/* SPDX-License-Identifier: Apache-2.0 */
/* notices_test.c -- what becomes of a notification, by its channel's word and by a station's. */
#include "fixture.h"

#include <errno.h>

#include "store/notifications.h"
#include "store/query.h"

static void what_becomes_of_a_notification_is_told_except_that_it_will_be_tried_again(void **state)
{
	static const struct {
		const char *state;
		int want;
	} steps[] = { { "queued", 0 }, { "sent", 0 }, { "delivered", 0 }, { "failed", 0 },
		{ "lost", -EINVAL } };
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_item got =
			action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTIFICATION,
						.actor = "server",
						.notification_id = 1,
						.state = steps[i].state,
						.wait_ms = 77,
						.text = "HTTP 200" });

		assert_int_equal(got.out.action.error, steps[i].want);
	}
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event"
		" WHERE kind LIKE 'notification%' ORDER BY event_id)",
		"notification.sent notification.delivered notification.failed");
	assert_int_equal(
		pp_test_number(r, "SELECT attempts FROM notification WHERE notification_id = 1"),
		3);
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTIFICATION,
						 .notification_id = 99,
						 .state = "sent" })
				 .out.action.error,
		-ENOENT);
}

static bool is_due(struct pp_test_record *r, int64_t notification_id, int64_t now_ms)
{
	struct pp_notification_row rows[4];
	size_t count;
	bool found = false;

	assert_int_equal(pp_query_notifications(
				 pp_ledger_db(r->ledger), "webhook", now_ms, 4, rows, &count),
		0);
	for (size_t i = 0; i < count; i++) {
		found |= rows[i].notification_id == notification_id;
		pp_notification_row_done(&rows[i]);
	}
	return found;
}

/* A try ended while the clock was 23 minutes fast and the disk hung, and the clock was right again
 * when it was written: it waited for the time that the clock had shown. */
static void the_next_try_comes_after_its_pause_whatever_the_clock_showed_at_the_last(void **state)
{
	const int64_t written_ms = PP_TEST_NOW + 5000; /* as action_apply has it */
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, written_ms + 1400000);
	assert_true(is_due(r, 1, written_ms + 1400000));
	action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTIFICATION,
				.actor = "server",
				.notification_id = 1,
				.state = "queued",
				.wait_ms = 2000,
				.text = "HTTP 503, again in 2 s" });
	assert_false(is_due(r, 1, written_ms + 1999));
	assert_true(is_due(r, 1, written_ms + 2000));
}

/* A siren's notification that has sounded boja-01; returns the order. */
static uint64_t station_sound(struct pp_test_record *r)
{
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item ordered;

	state_apply(r, state_item(17, 100000, PP_TEST_NOW + 1000));
	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET channel = 'siren', contact = 'boja-01',"
				 " address = 'kendal/boja-01' WHERE notification_id = 1"),
		0);
	ordered = action_apply(r, (struct pp_action){ .type = PP_ACTION_ORDER,
					  .post = "boja-01",
					  .order = "sound",
					  .class = "fire",
					  .seconds = 60,
					  .notification_id = 1 });
	assert_int_equal(ordered.out.action.error, 0);
	return strtoull(ordered.out.action.reason, NULL, 16);
}

static void sent_report(struct pp_test_record *r)
{
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTIFICATION,
						 .actor = "server",
						 .notification_id = 1,
						 .state = "sent",
						 .text = "ordered" })
				 .out.action.error,
		0);
}

static void answer(struct pp_test_record *r, uint64_t id, enum pp_result result)
{
	struct pp_item *item = pp_item_new(PP_ITEM_REPLY);

	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->post, sizeof(item->post), "boja-01");
	item->in.reply = (struct pp_reply){ .id = id, .result = result };
	if (result == PP_RESULT_REFUSED)
		snprintf(item->in.reply.detail, sizeof(item->in.reply.detail), "no siren");
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 6000), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static void a_stations_answer_says_whether_its_siren_has_sounded(void **state)
{
	static const struct {
		enum pp_result result;
		const char *state, *detail, *events;
	} rows[] = {
		{ PP_RESULT_DONE, "delivered", "the station has sounded",
			"notification.sent notification.delivered" },
		{ PP_RESULT_REFUSED, "failed", "the station: refused, no siren",
			"notification.sent notification.failed" },
		{ PP_RESULT_INTERRUPTED, "sent", "the station: interrupted", "notification.sent" },
		{ PP_RESULT_UNKNOWN, "sent", "the station: unknown", "notification.sent" },
	};

	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_test_record *r;
		uint64_t id;

		record_set_up((void **)&r);
		id = station_sound(r);
		sent_report(r);
		answer(r, id, rows[i].result);
		pp_test_text_is(r, "SELECT state FROM notification WHERE notification_id = 1",
			rows[i].state);
		pp_test_text_is(r, "SELECT detail FROM notification WHERE notification_id = 1",
			rows[i].detail);
		pp_test_text_is(r,
			"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event WHERE kind"
			" LIKE 'notification%' ORDER BY event_id)",
			rows[i].events);
		record_tear_down((void **)&r);
	}
	(void)state;
}

static void an_answer_that_overtakes_the_word_that_it_was_sent_stays(void **state)
{
	static const struct {
		enum pp_result result;
		const char *state;
	} rows[] = { { PP_RESULT_DONE, "delivered" }, { PP_RESULT_REFUSED, "failed" } };

	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_test_record *r;

		record_set_up((void **)&r);
		answer(r, station_sound(r), rows[i].result);
		sent_report(r);
		pp_test_text_is(r, "SELECT state FROM notification WHERE notification_id = 1",
			rows[i].state);
		record_tear_down((void **)&r);
	}
	(void)state;
}

static void a_station_that_does_not_answer_leaves_it_sent_and_says_so(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item *item = pp_item_new(PP_ITEM_EXPIRY);

	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->post, sizeof(item->post), "boja-01");
	item->in.expired = station_sound(r);
	sent_report(r);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 70000), 0);
	pp_test_text_is(r,
		"SELECT state || ': ' || detail FROM notification"
		" WHERE notification_id = 1",
		"sent: no answer of the station in its time");
	/* Late is better than never. */
	answer(r, item->in.expired, PP_RESULT_DONE);
	pp_test_text_is(r, "SELECT state FROM notification WHERE notification_id = 1", "delivered");
	pp_item_free(item);
}

static void an_order_of_the_desk_is_nobodys_notification(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item ordered;

	(void)station_sound(r);
	ordered = action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_ORDER, .post = "boja-01", .order = "silence" });
	answer(r, strtoull(ordered.out.action.reason, NULL, 16), PP_RESULT_REFUSED);
	pp_test_text_is(r, "SELECT state FROM notification WHERE notification_id = 1", "queued");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(what_becomes_of_a_notification_is_told_except_that_it_will_be_tried_again),
		TEST(the_next_try_comes_after_its_pause_whatever_the_clock_showed_at_the_last),
		cmocka_unit_test(a_stations_answer_says_whether_its_siren_has_sounded),
		cmocka_unit_test(an_answer_that_overtakes_the_word_that_it_was_sent_stays),
		TEST(a_station_that_does_not_answer_leaves_it_sent_and_says_so),
		TEST(an_order_of_the_desk_is_nobodys_notification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
