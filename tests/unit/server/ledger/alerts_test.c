/* SPDX-License-Identifier: Apache-2.0 */
/* alerts_test.c -- what webhooks are told, and under which key. */
#include "by_plan.h"

#include "core/text.h"
#include "json/json.h"

static void every_active_webhook_is_told_what_and_where(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	const struct pp_json *part;
	struct pp_json *body;
	struct pp_stmt *row;
	const char *text, *key;

	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(
		pp_db_prepare(pp_ledger_db(r->ledger),
			"SELECT body, key, target, state FROM notification ORDER BY target", &row),
		0);
	assert_int_equal(pp_stmt_step(row), 1);
	text = pp_column_text(row, 0);
	assert_int_equal(pp_json_parse(text, strlen(text), &body, NULL), 0);
	assert_int_equal(pp_json_get_text(body, "id", 64, &key), 0);
	assert_string_equal(key, pp_column_text(row, 1));
	assert_string_equal(pp_column_text(row, 2), "bot");
	assert_string_equal(pp_column_text(row, 3), "queued");
	assert_int_equal(pp_json_get_text(body, "kind", 64, &text), 0);
	assert_string_equal(text, "incident.opened");
	assert_int_equal(pp_json_get_object(body, "incident", &part), 0);
	assert_int_equal(pp_json_get_text(part, "number", 64, &text), 0);
	assert_string_equal(text, "KDL-25-000001");
	assert_int_equal(pp_json_get_object(body, "post", &part), 0);
	assert_int_equal(pp_json_get_text(part, "kecamatan", 64, &text), 0);
	assert_string_equal(text, "Boja");
	assert_int_equal(pp_json_get_object(body, "point", &part), 0);
	assert_int_equal(pp_json_get_text(part, "label_id", 64, &text), 0);
	assert_string_equal(text, "Tombol");
	pp_json_free(body);
	assert_int_equal(pp_stmt_step(row), 1);
	assert_string_equal(pp_column_text(row, 2), "siren");
	assert_int_equal(pp_stmt_step(row), 0);
}

static void keys_differ_between_events_and_webhooks(void **state)
{
	struct pp_test_record *r = *state;

	for (int64_t seq = 1; seq <= 3; seq++) {
		struct pp_signal s = pp_test_alarm(seq);

		signal_apply(r, &s, PP_TEST_NOW);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(DISTINCT key) FROM notification"), 6);
	assert_int_equal(pp_test_number(r, "SELECT min(length(key)) FROM notification"), 32);
}

static void an_inactive_webhook_is_told_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), "UPDATE webhook SET active = 0"), 0);
	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 0);
}

static void a_key_is_made_of_its_event_and_its_webhook_alone(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_stmt *row;
	int rows = 0;

	signal_apply(r, &s, PP_TEST_NOW);
	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger),
				 "SELECT hash, target, key FROM notification JOIN event"
				 " USING (event_id)",
				 &row),
		0);
	for (; pp_stmt_step(row) == 1; rows++) {
		const char *name = pp_column_text(row, 1);
		uint8_t mac[PP_SHA256_SIZE];
		char hex[2 * PP_SHA256_SIZE + 1];
		size_t length;
		const void *hash = pp_column_blob(row, 0, &length);

		pp_hmac_sha256(hash, length, name, strlen(name), mac);
		pp_text_hex(mac, sizeof(mac), hex);
		assert_memory_equal(hex, pp_column_text(row, 2), 32);
	}
	assert_int_equal(rows, 2);
}

static void what_waits_for_a_group_when_it_is_over_does_not_ring_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal again = pp_test_alarm(2);

	night_begin(r, PEOPLE PLAN DESK FALLBACK("webhook:all"));
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = iif(target = 'bot', 'sent',"
				 " 'queued'), attempts = iif(target = 'bot', 1, 0)"),
		0);
	night_taken(r);
	(void)signal_apply(r, &again, PP_TEST_NOW + 1000); /* bot is down from now on */
	night_told(r, "again", "webhook bot queued, webhook siren queued");
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'collecting'"
				 " WHERE target = 'siren' AND purpose = 'again'"),
		0);
	night_tick(r, 60000);
	night_over(r);
	night_told(r, "alarm", "webhook bot sent, webhook siren withdrawn");
	night_told(r, "again", "webhook bot withdrawn, webhook siren withdrawn");
	night_told(r, "stop", "");
}

static void a_group_that_may_have_heard_of_it_hears_that_it_is_over(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_action sent = { .type = PP_ACTION_NOTIFICATION,
		.actor = "server",
		.state = "sent",
		.text = "200" };

	night_begin(r, PEOPLE PLAN DESK FALLBACK("webhook:all"));
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), /* the answer was lost */
				 "UPDATE notification SET attempts = 1 WHERE target = 'bot'"),
		0);
	night_taken(r);
	night_over(r);
	night_told(r, "alarm", "webhook bot withdrawn, webhook siren withdrawn");
	night_told(r, "stop", "webhook bot queued");
	sent.notification_id = pp_test_number(
		r, "SELECT notification_id FROM notification WHERE target = 'siren'");
	(void)action_apply(r, sent); /* was under way when it was closed */
	night_told(r, "alarm", "webhook bot withdrawn, webhook siren sent");
	night_told(r, "stop", "webhook bot queued, webhook siren queued");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(every_active_webhook_is_told_what_and_where),
		RECORD_TEST(keys_differ_between_events_and_webhooks),
		RECORD_TEST(an_inactive_webhook_is_told_nothing),
		RECORD_TEST(a_key_is_made_of_its_event_and_its_webhook_alone),
		RECORD_TEST(what_waits_for_a_group_when_it_is_over_does_not_ring_it),
		RECORD_TEST(a_group_that_may_have_heard_of_it_hears_that_it_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
