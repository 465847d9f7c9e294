/* SPDX-License-Identifier: Apache-2.0 */
/* node_test.c -- texts, times, areas and addresses, right and wrong. */
#include "node.h"

#include "sample_file.h"

static void texts_are_bounded_and_without_tricks(void **state)
{
	static const struct refusal rows[] = {
		{ "Pak Budi", "Pak 'Budi' <b>", NULL },
		{ "Pak Budi", "\"\"", "p.yaml:4:14: 'name': expected 1 to 120 bytes, got 0" },
		{ "Pak Budi", "\"a\\nb\"",
			"p.yaml:4:14: 'name': control characters, or marks that turn the writing" },
		{ "Pak Budi", "\"\\u202eiduB\"",
			"p.yaml:4:14: 'name': control characters, or marks that turn the writing" },
		{ "Pak Budi", "\"a\\u2028b\"",
			"p.yaml:4:14: 'name': control characters, or marks that turn the writing" },
		{ "Pak Budi", "\"a\\u2067b\"",
			"p.yaml:4:14: 'name': control characters, or marks that turn the writing" },
		{ "Pak Budi", "\"a\\u200fb\"",
			"p.yaml:4:14: 'name': control characters, or marks that turn the writing" },
		{ "Pak Budi", "\"a\\u061cb\"",
			"p.yaml:4:14: 'name': control characters, or marks that turn the writing" },
		{ "Pak Budi", "\"a\\x85b\"",
			"p.yaml:4:14: 'name': control characters, or marks that turn the writing" },
		{ "Pak Budi", "[a]", "p.yaml:4:14: 'name': expected a text" },
		{ "ketua-rt", "Ketua RT",
			"p.yaml:4:30: 'role': expected lower-case letters, digits and '-', got "
			"'Ketua RT'" },
		{ "role: ketua-rt", "rank: x", "p.yaml:4:24: unknown key 'rank'" },
		{ "name: Pak Budi, ", "", "p.yaml:4:7: 'name' is missing" },
		{ "{name: Piket, role: piket, language: en, ways: [{webhook: bot}]}", "x",
			"p.yaml:6:10: expected a map with 'name:' and so on" },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void addresses_are_of_their_kind(void **state)
{
	static const char number[] =
		"p.yaml:5:18: 'sms': expected a number with its country, such as "
		"\"+6281234567890\"";
	static const char mail[] = "p.yaml:5:44: 'mail': expected an address such as "
				   "piket@example.id";
	static const struct refusal rows[] = {
		{ "\"+6281234567890\"", "\"081234567890\"", number },
		{ "\"+6281234567890\"", "\"+0281234567890\"", number },
		{ "\"+6281234567890\"", "\"+62 81234567\"", number },
		{ "\"+6281234567890\"", "\"+6281234\"", number },
		{ "\"+6281234567890\"", "\"+6281234567890123\"", number },
		{ "budi@example.id", "budi", mail },
		{ "budi@example.id", "\"@example.id\"", mail },
		{ "budi@example.id", "budi@", mail },
		{ "budi@example.id", "a@b@c", mail },
		{ "budi@example.id", "\"a b@c\"", mail },
		{ "budi@example.id", "\"a@b,c@d\"", mail },
		{ "budi@example.id", "-oX@b", mail },
		{ "budi@example.id", "b\xc3\xa9@c", mail },
		{ "webhook: bot", "webhook: 'https://x'",
			"p.yaml:6:68: 'webhook': expected the name of a webhook of the site file" },
		{ "{webhook: bot}", "{fax: '1'}", "p.yaml:6:59: expected sms, mail or webhook" },
		{ "{webhook: bot}", "bot",
			"p.yaml:6:58: a way: expected one of {sms: NUMBER}, {mail: ADDRESS}, "
			"{webhook: NAME}" },
		{ "[{webhook: bot}]", "[]", "p.yaml:6:57: 'ways' is empty" },
		{ "[{webhook: bot}]", "bot", "p.yaml:6:57: 'ways': expected a list" },
		{ "[{webhook: bot}]",
			"[{sms: \"+6281100001\"}, {sms: \"+6281100002\"}, {sms: \"+6281100003\"},"
			" {sms: \"+6281100004\"}, {sms: \"+6281100005\"}]",
			"p.yaml:6:57: 'ways': 5 entries, at most 4 are possible" },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void days_and_times_are_those_that_exist(void **state)
{
	static const char day[] = "p.yaml:4:50: 'verified': expected a day such as 2026-11-01";
	static const char clock[] =
		"p.yaml:11:36: expected a time of day such as \"22:00\", in quotes";
	static const char wait[] =
		"p.yaml:17:66: 'wait': expected a time from 5s to 1h, such as 30s";
	static const struct refusal rows[] = {
		{ "2025-11-01", "2024-02-29", NULL },
		{ "2025-11-01", "2000-02-29", NULL },
		{ "2025-11-01", "2025-02-29", day },
		{ "2025-11-01", "2100-02-29", day },
		{ "2025-11-01", "2025-13-01", day },
		{ "2025-11-01", "2025-00-01", day },
		{ "2025-11-01", "2025-11-31", day },
		{ "2025-11-01", "2025-11-00", day },
		{ "2025-11-01", "1969-11-01", day },
		{ "2025-11-01", "2025-11-1", day },
		{ "2025-11-01", "01/11/2025", day },
		{ "2025-11-01", "[2025]", day },
		{ "\"22:00\"", "\"24:00\"", "p.yaml:11:36: 'from': 24:00 is the next day's 00:00" },
		{ "\"22:00\"", "22", clock },
		{ "from: \"22:00\", ", "", "p.yaml:11:11: 'from' is missing" },
		{ "to: \"04:00\", ", "", "p.yaml:11:11: 'to' is missing" },
		{ "[sat, sun]", "[sabtu]",
			"p.yaml:11:19: expected mon, tue, wed, thu, fri, sat or sun" },
		{ "[sat, sun]", "[]", "p.yaml:11:18: 'days' is empty" },
		{ "days: [sat, sun], ", "", NULL },
		{ "wait: 15s", "wait: 1h", NULL },
		{ "wait: 15s", "wait: 4s", wait },
		{ "wait: 15s", "wait: 61min", wait },
		{ "wait: 15s", "wait: 15", wait },
		{ "wait: 15s", "wait: 5000001us", wait },
		{ "wait: 15s", "wait: {}", wait },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void areas_are_one_of_four_kinds(void **state)
{
	static const struct refusal rows[] = {
		{ "[\"kecamatan:k1\"]", "[all]", NULL },
		{ "[\"kecamatan:k1\"]", "[]", "p.yaml:9:71: 'area' is empty" },
		{ "[\"kecamatan:k1\"]", "[\"all:k1\"]",
			"p.yaml:9:72: 'area': expected all, kecamatan:CODE, desa:CODE or post:ID, "
			"got 'all:k1'" },
		{ "[\"kecamatan:k1\"]", "[desa]",
			"p.yaml:9:72: 'area': expected all, kecamatan:CODE, desa:CODE or post:ID, "
			"got 'desa'" },
		{ "[\"kecamatan:k1\"]", "[\"desa:\"]",
			"p.yaml:9:72: 'area': expected all, kecamatan:CODE, desa:CODE or post:ID, "
			"got 'desa:'" },
		{ "[\"kecamatan:k1\"]", "[\"kabupaten-dan-kota:k1\"]",
			"p.yaml:9:72: 'area': expected all, kecamatan:CODE, desa:CODE or post:ID, "
			"got 'kabupaten-dan-kota:k1'" },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void a_day_is_written_as_it_is_read(void **state)
{
	char text[11];

	(void)state;
	date_text(INT64_C(1761955200000), text);
	assert_string_equal(text, "2025-11-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_bounded_and_without_tricks),
		cmocka_unit_test(addresses_are_of_their_kind),
		cmocka_unit_test(days_and_times_are_those_that_exist),
		cmocka_unit_test(areas_are_one_of_four_kinds),
		cmocka_unit_test(a_day_is_written_as_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
