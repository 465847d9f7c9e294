/* SPDX-License-Identifier: Apache-2.0 */
/* alerts_test.c -- what webhooks are told, and under which key. */
#include "fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(every_active_webhook_is_told_what_and_where),
		RECORD_TEST(keys_differ_between_events_and_webhooks),
		RECORD_TEST(an_inactive_webhook_is_told_nothing),
		RECORD_TEST(a_key_is_made_of_its_event_and_its_webhook_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
