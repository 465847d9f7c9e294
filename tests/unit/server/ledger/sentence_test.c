/* SPDX-License-Identifier: Apache-2.0 */
/* sentence_test.c -- what the record knows stands in the sentence. */
#include "sentence.h"

#include "fixture.h"

static void place_and_local_time_stand_in_the_sentence(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_ledger l = { .db = pp_ledger_db(r->ledger) };
	/* 15:04 UTC is 22:04 in Jakarta */
	struct pp_incident i = { .tenant = "kendal",
		.post = "boja-01",
		.number = "KDL-26-000001",
		.class = PP_CLASS_FIRE,
		.occurred_ms = (15 * 60 + 4) * 60000,
		.opened_ms = (15 * 60 + 14) * 60000,
		.late = true };
	struct pp_sentence w = { .purpose = PP_TEXTS_ALARM,
		.shape = PP_TEXTS_SHORT,
		.incident = &i,
		.point = "panic-crime",
		.code = "1234567" };
	char text[PP_TEXTS_MAX];

	assert_int_equal(pp_sentence_make(&l, &w, text), 0);
	assert_non_null(strstr(text, "KEBAKARAN KDL-26-000001: "));
	assert_non_null(strstr(text, " 22:04 (10 menit lalu)."));
	assert_non_null(strstr(text, "YA 1234567"));
	w.english = true;
	w.shape = PP_TEXTS_LONG;
	i.late = false;
	assert_int_equal(pp_sentence_make(&l, &w, text), 0);
	assert_non_null(strstr(text, "FIRE KDL-26-000001: "));
	assert_non_null(strstr(text, "\nSensor: "));
	w.post = "nowhere";
	w.point = NULL;
	assert_int_equal(pp_sentence_make(&l, &w, text), 0);
	assert_non_null(strstr(text, "FIRE KDL-26-000001: "));
}

static void whoever_need_not_come_hears_which_agency_has_it_and_of_nobody_at_the_desk(void **state)
{
	static const struct {
		const char *by, *said;
	} cases[] = { { "agency:damkar-boja", "(damkar-boja)" }, { "user:siti", NULL },
		{ "contact:rw-02", NULL }, { "ctl:root", NULL }, { "", NULL }, { NULL, NULL } };
	struct pp_test_record *r = *state;
	struct pp_ledger l = { .db = pp_ledger_db(r->ledger) };
	struct pp_incident i = { .tenant = "kendal", .number = "KDL-26-000001" };

	for (size_t k = 0; k < PP_COUNT(cases); k++) {
		const struct pp_sentence w = {
			.purpose = PP_TEXTS_STOP, .incident = &i, .by = cases[k].by
		};
		char text[PP_TEXTS_MAX];

		assert_int_equal(pp_sentence_make(&l, &w, text), 0);
		assert_non_null(strstr(text, "KDL-26-000001: sudah ditangani."));
		if (cases[k].said)
			assert_non_null(strstr(text, cases[k].said));
		else
			assert_null(strchr(text, '('));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(
			whoever_need_not_come_hears_which_agency_has_it_and_of_nobody_at_the_desk),
		RECORD_TEST(place_and_local_time_stand_in_the_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
