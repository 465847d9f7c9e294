/* SPDX-License-Identifier: Apache-2.0 */
/* redact_test.c -- what must go, and what an engineer still needs. */
#include "checkup/redact.h"

#include "pospin_test.h"

static void expect(const char *text, const char *const *words, const char *want)
{
	char *got;
	size_t length;

	assert_int_equal(pp_redact(text, strlen(text), words, &got, &length), 0);
	assert_int_equal(length, strlen(got));
	if (strcmp(got, want) != 0)
		fail_msg("of '%s'\n got '%s'\nwant '%s'", text, got, want);
	free(got);
}

static void what_is_secret_or_personal_by_its_form_goes(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "url: http://u:pw@store:8086/x?db=1#y\n",
			"url: http://[removed]@store:8086/[removed]\n" },
		{ "  http://127.0.0.1:8480/#setup=0011", "  http://127.0.0.1:8480/[removed]" },
		{ "https://hooks.example/T0/B1/abc", "https://hooks.example/[removed]" },
		{ "why=\"http://127.0.0.1:8086\" x", "why=\"http://127.0.0.1:8086\" x" },
		{ "password=hunter2 x", "password=[removed] x" },
		{ "{\"secret\": \"abc\",\"n\":1}", "{\"secret\": \"[removed]\",\"n\":1}" },
		{ "Authorization: Bearer abcdef", "Authorization: Bearer [removed]" },
		{ "Cookie: pospin_session=12", "Cookie: [removed]" },
		{ "h 00112233445566778899aabbccddeeff x", "h [key] x" },
		{ "sig=q2mT7bq0q2mT7bq0q2mT7bq0q2mT7bq0q2mT7bq0==", "[key]" },
		{ "call +62 812-3456-7890 now", "call [number] now" },
		{ "call 081234567890.", "call [number]." },
		{ "-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----\nx",
			"[private key] PRIVATE KEY-----\nx" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		expect(rows[i].text, NULL, rows[i].want);
}

static void what_an_engineer_needs_stays(void **state)
{
	static const char *const rows[] = {
		"",
		"data: /var/lib/pospin/server\nsigning_key: /etc/pospin/pki/server-signing.key\n",
		"metrics_token: /etc/pospin/metrics.token\ntoken: \"\"\n",
		"2026-11-22T08:12:33.123Z <5>pospin-server: server.started version=0.1.0 "
		"port=8480\n",
		"uplink.receipt seq=4711 incident=KDL-26-000123 epoch=9f3c2a77d01b44e2\n",
		"pospin_server_receipt_seconds_bucket{le=\"0.0025\"} 1763750400123\n",
		"CREATE TABLE notification (notification_id INTEGER PRIMARY KEY AUTOINCREMENT);\n",
		"file=/usr/share/pospin/console/index.html why=\"no such file\"\n",
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		expect(rows[i], NULL, rows[i]);
}

static void words_that_are_known_go_wherever_they_stand(void **state)
{
	static const char *const words[] = { "Budi", "Budi Santoso", "ab", "hook-secret", NULL };

	(void)state;
	expect("Budi Santoso, Budi; (hook-secret) abab", words,
		"[removed], [removed]; ([removed]) abab");
}

static void a_text_may_hold_any_byte(void **state)
{
	static const char text[] = "a\0b\xff password=\0x";
	char *got;
	size_t length;

	(void)state;
	assert_int_equal(pp_redact(text, sizeof(text) - 1, NULL, &got, &length), 0);
	assert_int_equal(length, sizeof(text) - 1);
	assert_memory_equal(got, text, length);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_secret_or_personal_by_its_form_goes),
		cmocka_unit_test(what_an_engineer_needs_stays),
		cmocka_unit_test(words_that_are_known_go_wherever_they_stand),
		cmocka_unit_test(a_text_may_hold_any_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
