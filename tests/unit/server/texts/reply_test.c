/* SPDX-License-Identifier: Apache-2.0 */
/* reply_test.c -- only one verb with one code is an answer. */
#include "texts/reply.h"

#include "pospin_test.h"

#include <errno.h>

static void one_verb_and_one_code_are_an_answer(void **state)
{
	static const struct {
		const char *text, *verb, *code; /* verb NULL: no answer */
	} rows[] = {
		{ "YA 1234567", "accepted", "1234567" },
		{ "ya 123456-7, kami berangkat", "accepted", "1234567" },
		{ "1234567 siap pak", "accepted", "1234567" },
		{ "Tolak 7654321", "refused", "7654321" },
		{ "no 7654321 (KDL-26-000123)", "refused", "7654321" },
		{ "otw 7654321", "en-route", "7654321" },
		{ "TIBA\n7654321", "on-scene", "7654321" },
		{ "selesai 7654321 selesai 7654321", "done", "7654321" },
		{ "TDK.1234567", "refused", "1234567" },
		{ "YA, JALAN 1234567", "accepted", "1234567" },
		{ "[YA] {1234567}", "accepted", "1234567" },
		{ "YA 1234567-", "accepted", "1234567" },
		{ "YA 1234567-a", "accepted", "1234567" },
		{ "YA 1234567 1234567", "accepted", "1234567" },
		{ "YA 1234--567", NULL, NULL },
		{ "YA 1234567-8", NULL, NULL },
		{ "Y@ 1234567", "accepted", "1234567" },
		{ "1", NULL, NULL },
		{ "YA", NULL, NULL },
		{ "1234567", NULL, NULL },
		{ "YA 12345678", NULL, NULL },
		{ "YA 123456", NULL, NULL },
		{ "YA TIDAK 1234567", NULL, NULL },
		{ "ya 1234567 tidak jadi", NULL, NULL },
		{ "Siap 1234567, no HP saya 0812", "accepted", "1234567" },
		{ "YA no 1234567", "accepted", "1234567" },
		{ "Terima. No. 1234567", "accepted", "1234567" },
		{ "Kami otw, no plat H 1234 AB. 1234567", "en-route", "1234567" },
		{ "ya 1234567 tdk lama lagi sampai", "accepted", "1234567" },
		{ "tidak  lama lagi tiba 1234567", "on-scene", "1234567" },
		{ "No. 1234567", "refused", "1234567" },
		{ "no, we cannot go 1234567", NULL, NULL },
		{ "kode no 1234567", NULL, NULL },
		{ "tdk lama", NULL, NULL },
		{ "1234567 tdk", "refused", "1234567" },
		{ "YA 1234567 7654321", NULL, NULL },
		{ "", NULL, NULL },
		{ "YAA 1234567", NULL, NULL },
	};
	struct pp_reply reply;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		int r = pp_reply_parse(rows[i].text, strlen(rows[i].text), &reply);

		if (r != (rows[i].verb ? 0 : -EINVAL))
			fail_msg("'%s': %d", rows[i].text, r);
		if (r < 0)
			continue;
		assert_string_equal(reply.verb, rows[i].verb);
		assert_string_equal(reply.code, rows[i].code);
	}
}

static void what_stands_behind_five_hundred_bytes_is_not_read(void **state)
{
	struct pp_reply reply;
	char text[600];

	(void)state;
	memset(text, '.', sizeof(text));
	memcpy(text, "YA", 2);
	memcpy(text + 560, "1234567", 7);
	assert_int_equal(pp_reply_parse(text, sizeof(text), &reply), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_verb_and_one_code_are_an_answer),
		cmocka_unit_test(what_stands_behind_five_hundred_bytes_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
