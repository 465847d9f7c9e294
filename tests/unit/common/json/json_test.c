/* SPDX-License-Identifier: Apache-2.0 */
/* json_test.c -- what the strict reader refuses, what it reads, and how builders fail. */
#include "json/json.h"

#include "memory_fails.h"
#include "pospin_test.h"

#include <errno.h>
#include <math.h>

static struct pp_json *parsed(const char *text)
{
	struct pp_json *v = NULL;
	char where[160] = "";

	if (pp_json_parse(text, strlen(text), &v, where))
		fail_msg("%s: %s", text, where);
	return v;
}

static void ambiguous_or_broken_text_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		size_t length; /* 0: of the text */
		const char *why;
	} rows[] = {
		{ "", 0, "line 1, column 0" },
		{ "{\"a\":1,\"a\":2}", 0, "duplicate" },
		{ "{\"a\":{\"b\":1,\"b\":1}}", 0, "duplicate" },
		{ "{\"a\":NaN}", 0, "line 1, column" },
		{ "{\"a\":Infinity}", 0, "line 1, column" },
		{ "{\"a\":1e999}", 0, "overflow" },
		{ "{\"a\":9223372036854775808}", 0, "integer" },
		{ "{\"a\":01}", 0, "line 1, column" },
		{ "{\"a\":\"\\u0000\"}", 0, "\\u0000" },
		{ "{\"a\\u0000b\":1}", 0, "NUL" },
		{ "{\"a\":\"\\ud800\"}", 0, "Unicode" },
		{ "{\"a\":\"\\udc00\\ud800\"}", 0, "Unicode" },
		{ "{\"a\":\"\xed\xa0\x80\"}", 0, "unable to decode byte" },
		{ "{\"a\":\"\xff\"}", 0, "unable to decode byte" },
		{ "{\"a\":\"\xc0\xaf\"}", 0, "unable to decode byte" },
		{ "{\"a\":\"x\0y\"}", 11, "byte 7: NUL" },
		{ "{\"a\":1\0}", 8, "byte 6: NUL" },
		{ "{} {}", 0, "end of file" },
		{ "{}\0", 3, "byte 2: NUL" },
		{ "17", 0, "line 1, column" },
		{ "\"text\"", 0, "line 1, column" },
		{ "{\"a\":1,}", 0, "line 1, column" },
		{ "{'a':1}", 0, "line 1, column" },
		{ "{\"a\":1}/**/", 0, "end of file" },
		{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 0, "byte 16: more than 16 levels" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		size_t length = rows[i].length ? rows[i].length : strlen(rows[i].text);
		struct pp_json *v = NULL;
		char where[160] = "";

		if (pp_json_parse(rows[i].text, length, &v, where) != -EBADMSG)
			fail_msg("row %zu: %s was taken", i, rows[i].text);
		if (!strstr(where, rows[i].why))
			fail_msg("row %zu: got \"%s\", want \"%s\"", i, where, rows[i].why);
		assert_null(v);
		assert_int_equal(pp_json_parse(rows[i].text, length, &v, NULL), -EBADMSG);
	}
}

static void a_reason_never_quotes_the_text(void **state)
{
	struct pp_json *v;
	char where[160];

	(void)state;
	assert_int_equal(pp_json_parse("{\"a\":secret}", 12, &v, where), -EBADMSG);
	assert_null(strstr(where, "secret"));
}

static void sixteen_levels_are_fine_and_brackets_in_texts_do_not_count(void **state)
{
	static const char *const texts[] = {
		"[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
		"{\"a\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}",
		"[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]",
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(texts); i++)
		pp_json_free(parsed(texts[i]));
}

static void members_are_read_only_as_what_they_are(void **state)
{
	static const struct {
		const char *key;
		int i64, flag, real, text, object, list;
	} rows[] = {
		{ "absent", -ENOENT, -ENOENT, -ENOENT, -ENOENT, -ENOENT, -ENOENT },
		{ "null", -ENOENT, -ENOENT, -ENOENT, -ENOENT, -ENOENT, -ENOENT },
		{ "int", 0, -EINVAL, 0, -EINVAL, -EINVAL, -EINVAL },
		{ "big", -ERANGE, -EINVAL, 0, -EINVAL, -EINVAL, -EINVAL },
		{ "one", -EINVAL, -EINVAL, 0, -EINVAL, -EINVAL, -EINVAL },
		{ "true", -EINVAL, 0, -EINVAL, -EINVAL, -EINVAL, -EINVAL },
		{ "text", -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL, -EINVAL },
		{ "long", -EINVAL, -EINVAL, -EINVAL, -ERANGE, -EINVAL, -EINVAL },
		{ "object", -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, -EINVAL },
		{ "list", -EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0 },
	};
	struct pp_json *v = parsed("{\"null\":null,\"int\":7,\"big\":8,\"one\":1.0,\"true\":true,"
				   "\"text\":\"abc\",\"long\":\"abcd\",\"object\":{},\"list\":[]}");

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		const char *key = rows[i].key;
		const struct pp_json *child;
		const char *text;
		int64_t number;
		double real;
		bool flag;

		assert_int_equal(pp_json_get_i64(v, key, 0, 7, &number), rows[i].i64);
		assert_int_equal(pp_json_get_bool(v, key, &flag), rows[i].flag);
		assert_int_equal(pp_json_get_real(v, key, &real), rows[i].real);
		assert_int_equal(pp_json_get_text(v, key, 3, &text), rows[i].text);
		assert_int_equal(pp_json_get_object(v, key, &child), rows[i].object);
		assert_int_equal(pp_json_get_list(v, key, &child), rows[i].list);
		assert_int_equal(pp_json_has(v, key), i > 0);
	}
	pp_json_free(v);
}

static void a_real_that_could_not_be_written_again_is_out_of_range(void **state)
{
	struct pp_json *v =
		parsed("{\"most\":1.79769313486231e308,\"more\":-1.7976931348623157e308}");
	double real = 0;

	(void)state;
	assert_int_equal(pp_json_get_real(v, "most", &real), 0);
	assert_true(real > 1e308);
	assert_int_equal(pp_json_get_real(v, "more", &real), -ERANGE);
	pp_json_free(v);
}

static void items_and_members_are_walked_in_order(void **state)
{
	struct pp_json *v = parsed("{\"z\":1,\"a\":[\"x\",2,3.5],\"m\":null}");
	const char *const want[] = { "z", "a", "m" };
	const struct pp_json *list, *member = NULL;
	const char *key = NULL;
	int64_t number = 0;
	size_t seen = 0;

	(void)state;
	while ((key = pp_json_next(v, key, &member)))
		assert_string_equal(key, want[seen++]);
	assert_int_equal(seen, 3);
	assert_int_equal(pp_json_count(v), 3);
	assert_true(pp_json_is_object(v));
	assert_int_equal(pp_json_get_list(v, "a", &list), 0);
	assert_true(pp_json_is_list(list));
	assert_int_equal(pp_json_count(list), 3);
	assert_string_equal(pp_json_item_text(list, 0), "x");
	assert_null(pp_json_item_text(list, 1));
	assert_int_equal(pp_json_item_i64(list, 1, &number), 0);
	assert_int_equal(number, 2);
	assert_int_equal(pp_json_item_i64(list, 2, &number), -EINVAL);
	assert_int_equal(pp_json_item_i64(list, 3, &number), -ENOENT);
	assert_null(pp_json_item(list, 3));
	assert_int_equal(pp_json_get_i64(list, "a", 0, 1, &number), -EINVAL);
	pp_json_free(v);
}

static void a_built_value_prints_compactly_in_the_order_of_setting(void **state)
{
	struct pp_json *v = pp_json_object();
	struct pp_json *list = pp_json_list();
	struct pp_json *copy;
	char *text;
	size_t length;

	(void)state;
	pp_json_add_i64(list, INT64_MIN);
	pp_json_add_text(list, "a/b \"c\"\n\xc3\xa9");
	pp_json_set_real(v, "z", 48.7);
	pp_json_set_real(v, "y", 3);
	pp_json_set_real(v, "nan", NAN);
	pp_json_set_real(v, "inf", -INFINITY);
	pp_json_set_real(v, "max", 1.7976931348623157e308);
	pp_json_set(v, "list", list);
	pp_json_set_bool(v, "b", false);
	pp_json_set_null(v, "n");
	pp_json_set_text(v, "t", NULL);
	copy = pp_json_copy(v);
	pp_json_set_i64(copy, "z", 1);
	assert_int_equal(pp_json_print(v, &text, &length), 0);
	assert_string_equal(text,
		"{\"z\":48.7,\"y\":3.0,\"nan\":null,\"inf\":null,\"max\":null,\"list\":[-"
		"9223372036854775808,"
		"\"a/b \\\"c\\\"\\n\xc3\xa9\"],\"b\":false,\"n\":null,\"t\":null}");
	assert_int_equal(length, strlen(text));
	free(text);
	pp_json_free(copy);
	pp_json_free(v);
}

static void a_failed_builder_stays_failed_and_spoils_what_takes_it(void **state)
{
	struct pp_json *inner = pp_json_object();
	struct pp_json *outer = pp_json_list();
	char *text = NULL;
	size_t length;

	(void)state;
	pp_json_set_i64(inner, "a", 1);
	assert_int_equal(pp_json_set_text(inner, "b", "\xff"), -EINVAL);
	assert_int_equal(pp_json_set_i64(inner, "c", 2), -EINVAL);
	assert_int_equal(pp_json_print(inner, &text, &length), -EINVAL);
	assert_int_equal(pp_json_add(outer, inner), -EINVAL);
	assert_int_equal(pp_json_add_i64(outer, 3), -EINVAL);
	assert_int_equal(pp_json_print(outer, &text, &length), -EINVAL);
	assert_null(pp_json_free(outer));
}

static void a_missing_value_counts_as_failed_memory(void **state)
{
	struct pp_json *v = pp_json_object();
	char *text = NULL;
	size_t length;

	(void)state;
	assert_int_equal(pp_json_set(v, "a", NULL), -ENOMEM);
	assert_int_equal(pp_json_set_text(v, "b", "fine"), -ENOMEM);
	assert_int_equal(pp_json_set(v, "c", pp_json_list()), -ENOMEM);
	assert_int_equal(pp_json_print(v, &text, &length), -ENOMEM);
	assert_null(pp_json_copy(v));
	pp_json_free(v);
	assert_int_equal(pp_json_set_i64(NULL, "a", 1), -ENOMEM);
	assert_int_equal(pp_json_add_text(NULL, "a"), -ENOMEM);
	assert_int_equal(pp_json_print(NULL, &text, &length), -ENOMEM);
	assert_null(text);
	assert_null(pp_json_free(NULL));
}

/* Reads a message and builds and prints another; 0 or the first error. */
static int read_and_build(void)
{
	/* (A token that outgrows jansson's buffer, and a number behind it.) */
	static const char text[] = "{\"epoch\":\"9f3c2a77d01b44e2\",\"a\":[1,2.5,\"x\"]}";
	const char *epoch;
	struct pp_json *v, *list;
	char *out = NULL;
	size_t length;
	int error = pp_json_parse(text, sizeof(text) - 1, &v, NULL);

	if (error)
		return error;
	assert_int_equal(pp_json_get_text(v, "epoch", 64, &epoch), 0);
	assert_string_equal(epoch, "9f3c2a77d01b44e2");
	pp_json_free(v);
	v = pp_json_object();
	list = pp_json_list();
	pp_json_add_text(list, "x");
	pp_json_add_i64(list, 1);
	pp_json_set(v, "list", list);
	pp_json_set_real(v, "real", 2.5);
	pp_json_set_text(v, "text", "t");
	error = pp_json_print(v, &out, &length);
	pp_json_free(v);
	free(out);
	return error;
}

static void each_failed_allocation_is_told_as_no_memory_and_never_as_bad_text(void **state)
{
	unsigned long n = 0;
	bool failed;

	(void)state;
	do {
		int error;

		memory_fail(++n);
		error = read_and_build();
		failed = memory_has_failed();
		if (error != (failed ? -ENOMEM : 0))
			fail_msg("allocation %lu: got %d", n, error);
	} while (failed);
	assert_in_range(n, 20, 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ambiguous_or_broken_text_is_refused_with_its_place),
		cmocka_unit_test(a_reason_never_quotes_the_text),
		cmocka_unit_test(sixteen_levels_are_fine_and_brackets_in_texts_do_not_count),
		cmocka_unit_test(members_are_read_only_as_what_they_are),
		cmocka_unit_test(a_real_that_could_not_be_written_again_is_out_of_range),
		cmocka_unit_test(items_and_members_are_walked_in_order),
		cmocka_unit_test(a_built_value_prints_compactly_in_the_order_of_setting),
		cmocka_unit_test(a_failed_builder_stays_failed_and_spoils_what_takes_it),
		cmocka_unit_test(each_failed_allocation_is_told_as_no_memory_and_never_as_bad_text),
		cmocka_unit_test(a_missing_value_counts_as_failed_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
