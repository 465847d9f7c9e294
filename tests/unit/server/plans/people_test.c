/* SPDX-License-Identifier: Apache-2.0 */
/* people_test.c -- contacts, agencies and rosters. */
#include "parts.h"

#include "sample_file.h"

static void agencies_and_rosters_name_what_is_there(void **state)
{
	static const struct refusal rows[] = {
		{ "contacts: [piket]", "contacts: [petugas]",
			"p.yaml:8:57: there is no contact 'petugas'" },
		{ "contacts: [piket]", "contacts: [[piket]]",
			"p.yaml:8:57: 'contacts': expected a text" },
		{ "contacts: [rt]", "contacts: [ronda]",
			"p.yaml:11:69: there is no contact 'ronda'" },
		{ "contacts: [rt]", "contacts: []", "p.yaml:11:68: 'contacts' is empty" },
		{ ", contacts: [piket]", "",
			"p.yaml:8:11: agency 'satpol' has neither contacts nor a station: nobody "
			"would hear" },
		{ "station: kendal/boja-02", "station: boja-02", NULL },
		{ "station: kendal/boja-02", "station: serang/boja-02",
			"p.yaml:9:49: 'station': expected the id of a post of tenant 'kendal'" },
		{ "station: kendal/boja-02", "station: kendal/",
			"p.yaml:9:49: 'station': expected the id of a post of tenant 'kendal'" },
		{ "[{days: [sat, sun]", "[{day: [sat]", "p.yaml:11:12: unknown key 'day'" },
		{ "[{days: [sat, sun], from: \"22:00\", to: \"04:00\", contacts: [rt]}]", "[]",
			"p.yaml:11:10: 'rosters' is empty" },
		{ "language: en", "language: jv", "p.yaml:6:47: expected id or en" },
		{ "language: en", "language: [en]", "p.yaml:6:47: expected id or en" },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void people_are_found_by_id_of_their_kind(void **state)
{
	struct pp_problem problem;
	struct pp_plan_book *book = NULL;

	(void)state;
	assert_int_equal(sample_read(sample_file, &book, &problem), 0);
	assert_int_equal(part_find(book, PP_TARGET_CONTACT, "piket"), 0);
	assert_int_equal(part_find(book, PP_TARGET_CONTACT, "rt"), 1);
	assert_int_equal(part_find(book, PP_TARGET_AGENCY, "damkar"), 0);
	assert_int_equal(part_find(book, PP_TARGET_ROSTER, "ronda"), 0);
	assert_int_equal(part_find(book, PP_TARGET_ROSTER, "rt"), -1);
	assert_string_equal(book->agencies[0].station, "boja-02");
	assert_string_equal(book->contacts[1].name, "Pak Budi");
	assert_int_equal(book->contacts[1].verified_ms, INT64_C(1761955200000));
	assert_int_equal(book->contacts[1].language, PP_LANGUAGE_ID);
	assert_int_equal(book->contacts[0].language, PP_LANGUAGE_EN);
	assert_int_equal(book->contacts[1].way_count, 2);
	assert_int_equal(book->contacts[1].ways[1].kind, PP_WAY_MAIL);
	assert_int_equal(book->rosters[0].duties[0].span.days, 0x60);
	pp_plan_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agencies_and_rosters_name_what_is_there),
		cmocka_unit_test(people_are_found_by_id_of_their_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
