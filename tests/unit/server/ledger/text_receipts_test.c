/* SPDX-License-Identifier: Apache-2.0 */
/* text_receipts_test.c -- the receipt of what came by text message goes back as one, if the record
 * has it, so many times and no more. */
#include "fixture.h"

#include "ledger/text_receipts.h"
#include "protocol/compact.h"
#include "protocol/seal.h"

#define NUMBER "+6281234567890"

/* The signal, as it comes by text from that number. */
static struct pp_item by_text(
	struct pp_test_record *r, const struct pp_signal *s, const char *number, int64_t now_ms)
{
	struct pp_item *item = pp_test_signal_item(s, now_ms), answers;

	item->in.signal.by_text = true;
	item->in.signal.back.key = r->key;
	snprintf(item->in.signal.back.number, sizeof(item->in.signal.back.number), "%s", number);
	snprintf(item->in.signal.back.via, sizeof(item->in.signal.back.via), "modem");
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, now_ms), 0);
	assert_int_equal(pp_ledger_heads_write(r->ledger), 0);
	assert_int_equal(item->error, 0);
	answers = *item;
	answers.in.signal.payload = NULL;
	pp_item_free(item);
	return answers;
}

#define RECEIPTS "SELECT count(*) FROM notification WHERE purpose = 'receipt'"

/* As the provider says of the newest. */
static void is_now(struct pp_test_record *r, const char *state)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		"UPDATE notification SET state = '%s' WHERE notification_id ="
		" (SELECT max(notification_id) FROM notification WHERE purpose = 'receipt')",
		state);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), sql), 0);
}

static void it_is_queued_with_the_signal_and_says_what_the_broker_would_say(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got = by_text(r, &s, NUMBER, PP_TEST_NOW);
	struct pp_compact_receipt c;
	struct pp_stmt *row;
	const char *text;

	assert_true(got.out.texted && !got.out.untexted);
	pp_test_text_is(r,
		"SELECT channel || ' ' || target || ' ' || address || ' ' || via || ' ' || state"
		" || ' ' || (incident_id IS NOT NULL) || contact FROM notification"
		" WHERE purpose = 'receipt'",
		"sms boja-01 " NUMBER " modem queued 1");
	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger),
				 "SELECT text FROM notification WHERE purpose = 'receipt'", &row),
		0);
	assert_int_equal(pp_stmt_step(row), 1);
	text = pp_column_text(row, 0);
	assert_true(strlen(text) <= PP_COMPACT_RECEIPT_MAX);
	assert_int_equal(pp_compact_receipt_read(text, strlen(text), &c), 0);
	pp_stmt_reset(row);
	assert_int_equal(c.receipt.epoch, s.epoch);
	assert_int_equal(c.receipt.seq, 1);
	assert_string_equal(c.receipt.incident, got.out.incident);
	assert_int_equal(
		pp_seal_check((const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1,
			"pospin/v1/kendal/boja-01/receipt", c.payload, c.length, c.signature),
		0);
	free(c.payload);
	/* On the timeline of its incident; the number stands apart, where it can be erased. */
	pp_test_text_is(r,
		"SELECT actor || ' ' || (body ->> 'seq') || ' ' || (body ->> 'via') || ' ' ||"
		" (incident_id IS NOT NULL) FROM event WHERE kind = 'receipt.texted'",
		"server 1 modem 1");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE body LIKE '%81234567890%'"), 0);
	pp_test_text_is(r, "SELECT value FROM personal WHERE field = 'to'", NUMBER);
}

static void what_belongs_to_no_incident_is_receipted_all_the_same(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	s.type = PP_SIGNAL_TEST;
	assert_true(by_text(r, &s, NUMBER, PP_TEST_NOW).out.texted);
	pp_test_text_is(r,
		"SELECT coalesce(incident_id, 'none') FROM notification WHERE purpose = 'receipt'",
		"none");
}

static void a_conflict_and_a_sender_without_number_are_sent_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got = by_text(r, &s, "", PP_TEST_NOW);

	assert_true(got.out.untexted && !got.out.texted);
	assert_true(got.out.incident[0] != '\0');
	s.mono_ms++;
	got = by_text(r, &s, NUMBER, PP_TEST_NOW);
	assert_true(got.out.conflict && !got.out.texted && !got.out.untexted);
	assert_int_equal(pp_test_number(r, RECEIPTS), 0);
}

/* What a post that is not answered does, and whoever plays a text again and again. */
static void each_try_is_answered_once_and_a_replay_makes_no_bill(void **state)
{
	static const struct {
		const char *what;
		int64_t after_ms;
		const char *was; /* what has become of the one before; NULL: it waits still */
		bool want;
	} steps[] = {
		{ "the first", 0, NULL, true },
		{ "the same at once", 0, NULL, false },
		{ "the next try, while the first waits to be sent", 600000, NULL, false },
		{ "the same, when the first was sent", 0, "sent", true },
		{ "at once", 1000, "sent", false },
		{ "a moment before the pause is over", PP_TEXT_RECEIPT_PAUSE_MS - 1001, NULL,
			false },
		{ "then", 1, NULL, true },
		{ "one whose answer could not be sent", 600000, "failed", true },
		{ "and again", 600000, "sent", true },
		{ "the sixth", 600000, "delivered", true },
		{ "a seventh there is not", 600000, "sent", false },
		{ "not a day later", 86400000, NULL, false },
	};
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	int64_t now_ms = PP_TEST_NOW, want = 0;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_item got;

		now_ms += steps[i].after_ms;
		if (steps[i].was)
			is_now(r, steps[i].was);
		got = by_text(r, &s, NUMBER, now_ms);
		want += steps[i].want;
		if (got.out.texted != steps[i].want || got.out.untexted == steps[i].want ||
			got.out.duplicate != (i > 0) || pp_test_number(r, RECEIPTS) != want)
			fail_msg("%s", steps[i].what);
	}
	assert_int_equal(want, PP_TEXT_RECEIPTS_OF_SIGNAL);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 1);
}

static void a_post_has_its_share_of_an_hour_and_another_post_its_own(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s;

	for (int64_t seq = 1; seq <= PP_TEXT_RECEIPTS_OF_HOUR + 2; seq++) {
		struct pp_item got;

		s = pp_test_alarm(seq);
		got = by_text(r, &s, NUMBER, PP_TEST_NOW + seq);
		assert_int_equal(got.out.texted, seq <= PP_TEXT_RECEIPTS_OF_HOUR);
		assert_true(got.out.incident[0] != '\0'); /* it is recorded all the same */
	}
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET target = 'boja-02' WHERE purpose ="
				 " 'receipt' AND notification_id % 2"),
		0);
	s = pp_test_alarm(100);
	assert_true(by_text(r, &s, NUMBER, PP_TEST_NOW + 1000).out.texted);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET target = 'boja-01' WHERE purpose ="
				 " 'receipt'"),
		0);
	s = pp_test_alarm(101);
	assert_false(by_text(r, &s, NUMBER, PP_TEST_NOW + 2000).out.texted);
	/* The next hour, and a clock that was set back. */
	assert_true(by_text(r, &s, NUMBER, PP_TEST_NOW + 3600000 + 3000).out.texted);
	s = pp_test_alarm(102);
	assert_true(by_text(r, &s, NUMBER, PP_TEST_NOW - 86400000).out.texted);
}

static void old_texts_played_again_leave_new_alarms_their_share(void **state)
{
	struct pp_test_record *r = *state;
	int64_t now_ms = PP_TEST_NOW, seq = 1;
	unsigned again = 0;
	struct pp_signal s;

	for (; seq <= 40; seq++) {
		s = pp_test_alarm(seq);
		(void)signal_apply(r, &s, now_ms); /* over the broker */
	}
	for (int64_t old = 1; old <= 40; old++) {
		s = pp_test_alarm(old);
		again += by_text(r, &s, NUMBER, now_ms + old).out.texted;
	}
	assert_int_equal(again, PP_TEXT_RECEIPTS_AGAIN);
	for (; seq <= 60; seq++) {
		s = pp_test_alarm(seq);
		assert_int_equal(by_text(r, &s, NUMBER, now_ms + seq).out.texted,
			seq <= 40 + PP_TEXT_RECEIPTS_OF_HOUR - PP_TEXT_RECEIPTS_AGAIN);
	}
}

static void what_was_not_sent_is_withdrawn_when_the_broker_brings_the_signal(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal one = pp_test_alarm(1), other = pp_test_alarm(2);

	(void)by_text(r, &one, NUMBER, PP_TEST_NOW);
	is_now(r, "sent");
	(void)by_text(r, &one, NUMBER, PP_TEST_NOW + 600000);
	(void)by_text(r, &other, NUMBER, PP_TEST_NOW + 600000);
	assert_true(signal_apply(r, &one, PP_TEST_NOW + 600000).out.duplicate);
	pp_test_text_is(r,
		"SELECT group_concat(state, ' ') FROM (SELECT state FROM notification"
		" WHERE purpose = 'receipt' ORDER BY notification_id)",
		"sent withdrawn queued");
	/* ... and one that a try has still under way is not queued again. */
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTIFICATION,
				      .actor = "server",
				      .notification_id = pp_test_number(r,
					      "SELECT notification_id FROM notification"
					      " WHERE state = 'withdrawn'"),
				      .state = "queued",
				      .text = "no bus" });
	assert_int_equal(pp_test_number(r, RECEIPTS " AND state = 'queued'"), 1);
}

static void an_alarm_stands_where_its_receipt_cannot_be_queued(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got;

	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "CREATE TRIGGER broken BEFORE INSERT ON notification"
				 " WHEN new.purpose = 'receipt'"
				 " BEGIN SELECT RAISE(ABORT, 'broken'); END"),
		0);
	got = by_text(r, &s, NUMBER, PP_TEST_NOW);
	assert_true(got.out.untexted && !got.out.texted);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 1);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'receipt.texted'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(it_is_queued_with_the_signal_and_says_what_the_broker_would_say),
		RECORD_TEST(what_belongs_to_no_incident_is_receipted_all_the_same),
		RECORD_TEST(a_conflict_and_a_sender_without_number_are_sent_nothing),
		RECORD_TEST(each_try_is_answered_once_and_a_replay_makes_no_bill),
		RECORD_TEST(a_post_has_its_share_of_an_hour_and_another_post_its_own),
		RECORD_TEST(old_texts_played_again_leave_new_alarms_their_share),
		RECORD_TEST(what_was_not_sent_is_withdrawn_when_the_broker_brings_the_signal),
		RECORD_TEST(an_alarm_stands_where_its_receipt_cannot_be_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
