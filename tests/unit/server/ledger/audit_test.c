/* SPDX-License-Identifier: Apache-2.0 */
/* audit_test.c -- every way of improving an exported chain must show, without the record. */
#include "exported.h"

#include "core/text.h"

static struct pp_audit_report check(const struct exported *x, const struct pp_audit_keys *keys)
{
	struct pp_audit_report report;
	struct pp_audit *a;

	assert_int_equal(pp_audit_new(keys, &a), 0);
	for (size_t i = 0; i < x->count; i++) {
		if (x->lines[i])
			assert_int_equal(pp_audit_feed(a, x->lines[i], strlen(x->lines[i])), 0);
	}
	pp_audit_end(a, &report);
	pp_audit_free(a);
	return report;
}

static struct pp_audit_keys keys_of(struct pp_test_record *r)
{
	return (struct pp_audit_keys){ (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1 };
}

static void what_was_exported_is_as_it_was_written(void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_audit_keys keys = keys_of(r), none = { .count = 0 };
	struct pp_audit_report report;
	struct exported x;

	exported_fill(r);
	exported_make(&x, r, 0, INT64_MAX);
	report = check(&x, &keys);
	assert_string_equal(report.problem, "");
	assert_string_equal(report.tenant, "kendal");
	assert_int_equal(report.events, 4);
	assert_int_equal(report.first, 1);
	assert_int_equal(report.last, 4);
	assert_int_equal(report.sealed, 4);
	assert_int_equal(report.unchecked, 0);
	report = check(&x, &none);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.sealed, 0);
	assert_true(report.unchecked > 0);
	exported_done(&x);
}

/* The nth line (from 0) that holds `word`. */
static size_t line_find(const struct exported *x, const char *word, int nth)
{
	for (size_t i = 0; i < x->count; i++) {
		if (strstr(x->lines[i], word) && nth-- == 0)
			return i;
	}
	fail_msg("no line with %s", word);
	return 0;
}

static void replace(struct exported *x, size_t line, const char *from, const char *to)
{
	const char *at = strstr(x->lines[line], from);
	struct pp_buf b = { 0 };
	size_t length;

	assert_non_null(at);
	pp_buf_add(&b, x->lines[line], (size_t)(at - x->lines[line]));
	pp_buf_addf(&b, "%s%s", to, at + strlen(from));
	free(x->lines[line]);
	assert_int_equal(pp_buf_take(&b, &x->lines[line], &length), 0);
}

static void drop(struct exported *x, size_t line)
{
	free(x->lines[line]);
	x->lines[line] = NULL;
}

static void what_was_changed_is_found_and_named(void **state)
{
	static const struct {
		const char *word, *from, *to, *want;
		int nth;
	} cases[] = {
		{ "\"height\":2",
			"\"actor\":\"post:", "\"actor\":\"past:", "event 2 has been changed", 0 },
		{ "\"height\":4", "\"at\":1", "\"at\":2", "event 4 has been changed", 0 },
		{ "\"height\":4", "\"kind\":\"incident.note\"", "\"kind\":\"incident.nota\"",
			"event 4 has been changed", 0 },
		{ "\"height\":2", "\"incident\":\"KDL-25-000001\"",
			"\"incident\":\"KDL-25-000002\"", "event 2 has been changed", 0 },
		{ "\"height\":2", "\"point\":", "\"paint\":", "line 4: no event of a chain", 0 },
		{ "\"height\":4", "{\"height\":4", "{\"height\":5", "event 5 follows event 3", 0 },
		{ "\"height\":3", "\"previous\":\"", "\"previous\":\"00",
			"line 5: no event of a chain", 0 },
		{ "\"height\":1", "\"previous\":\"00", "\"previous\":\"01",
			"event 1 names one before it", 0 },
		{ "\"head\"", "kendal 1 ", "kendal 2 ",
			"line 3: a head that no known key has signed", 0 },
		{ "\"head\"", "\"kendal 1 ", "\"", "line 3: no head of this chain", 0 },
		{ "\"audit\"", "pospin-audit-1", "pospin-audit-2",
			"line 1: this is no exported audit chain", 0 },
		{ "\"audit\"", "\"kendal\"", "\"serang\"", "no head of this chain", 0 },
		{ "\"end\"", "\"events\":4", "\"events\":5", "the end tells of 5 events", 0 },
		{ "\"end\"", "\"events\":4", "\"events\":\"\"", "the end cannot be read", 0 },
		{ "\"end\"", "{", "[", "cannot be read", 0 },
	};
	struct pp_test_record *r = *state;
	const struct pp_audit_keys keys = keys_of(r);

	exported_fill(r);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_audit_report report;
		struct exported x;

		exported_make(&x, r, 0, INT64_MAX);
		replace(&x, line_find(&x, cases[i].word, cases[i].nth), cases[i].from, cases[i].to);
		report = check(&x, &keys);
		if (report.problems == 0 || !strstr(report.problem, cases[i].want))
			fail_msg("case %zu: '%s', want '%s'", i, report.problem, cases[i].want);
		exported_done(&x);
	}
}

static void what_was_taken_out_or_cut_off_is_found(void **state)
{
	static const struct {
		const char *word, *want;
	} cases[] = {
		{ "\"height\":1", "event 1 is missing, but its head was signed" },
		{ "\"height\":2", "event 3 follows event 1" },
		{ "\"height\":4", "event 4 is missing, but its head was signed" },
		{ "\"head\"", "the end tells of 4 events and" },
		{ "\"end\"", "it was cut off behind line" },
		{ "\"audit\"", "line 1: this is no exported audit chain" },
	};
	struct pp_test_record *r = *state;
	const struct pp_audit_keys keys = keys_of(r);
	struct exported x = { .count = 0 };

	assert_string_equal(check(&x, &keys).problem, "it is empty");
	exported_fill(r);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_audit_report report;

		exported_make(&x, r, 0, INT64_MAX);
		drop(&x, line_find(&x, cases[i].word, 0));
		report = check(&x, &keys);
		if (!strstr(report.problem, cases[i].want))
			fail_msg("case %zu: '%s', want '%s'", i, report.problem, cases[i].want);
		exported_done(&x);
	}
}

/* A whole history that somebody has made up, with hashes that are right. */
static void a_chain_that_was_written_anew_has_no_signature(void **state)
{
	struct pp_test_record *r = *state;
	uint8_t other[1][PP_PUBLIC_KEY_SIZE];
	const struct pp_audit_keys keys = { (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])other, 1 };
	struct pp_key *key;
	struct exported x;

	assert_int_equal(pp_key_new(&key), 0);
	pp_key_public(key, other[0]);
	pp_key_free(key);
	exported_fill(r);
	exported_make(&x, r, 0, INT64_MAX);
	assert_non_null(strstr(check(&x, &keys).problem, "a head that no known key has signed"));
	assert_int_equal(check(&x, &keys).sealed, 0);
	exported_done(&x);
}

static void lines_behind_the_end_are_found(void **state)
{
	struct pp_test_record *r = *state;
	const struct pp_audit_keys keys = keys_of(r);
	struct exported x;

	exported_fill(r);
	exported_make(&x, r, 0, INT64_MAX);
	x.lines[x.count] = strdup(x.lines[1]);
	x.count++;
	assert_non_null(strstr(check(&x, &keys).problem, "stands behind the end"));
	exported_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(what_was_exported_is_as_it_was_written),
		RECORD_TEST(what_was_changed_is_found_and_named),
		RECORD_TEST(what_was_taken_out_or_cut_off_is_found),
		RECORD_TEST(a_chain_that_was_written_anew_has_no_signature),
		RECORD_TEST(lines_behind_the_end_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
