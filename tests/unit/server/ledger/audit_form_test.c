/* SPDX-License-Identifier: Apache-2.0 */
/* audit_form_test.c -- an event goes into a line and comes back the same. */
#include "audit_form.h"

#include "pospin_test.h"

#include <errno.h>

static struct pp_event_row sample(void)
{
	struct pp_event_row row = { .height = 7,
		.at_ms = 1763750400123,
		.kind = "incident.note",
		.actor = "user:siti",
		.number = "KDL-26-000001",
		.post = "boja-01",
		.body = "{\"text\":\"\\u001b \\\" \xe2\x80\xae\"}" };

	memset(row.previous, 0xab, sizeof(row.previous));
	memset(row.hash, 0x01, sizeof(row.hash));
	return row;
}

static void what_was_written_is_read(void **state)
{
	const struct pp_event_row row = sample();
	struct pp_json *json = pp_audit_event_json(&row), *again;
	struct pp_event_row read = { .height = 0 };
	size_t length;
	char *text;

	(void)state;
	assert_int_equal(pp_json_print(json, &text, &length), 0);
	pp_json_free(json);
	assert_null(strchr(text, '\n'));
	assert_int_equal(pp_json_parse(text, length, &again, NULL), 0);
	assert_int_equal(pp_audit_event_read(again, &read), 0);
	assert_int_equal(read.height, row.height);
	assert_int_equal(read.at_ms, row.at_ms);
	assert_string_equal(read.kind, row.kind);
	assert_string_equal(read.actor, row.actor);
	assert_string_equal(read.number, row.number);
	assert_string_equal(read.post, row.post);
	assert_null(read.point);
	assert_string_equal(read.body, row.body);
	assert_memory_equal(read.previous, row.previous, sizeof(row.previous));
	assert_memory_equal(read.hash, row.hash, sizeof(row.hash));
	pp_json_free(again);
	free(text);
}

static void what_lacks_a_member_or_has_another_in_its_place_is_no_event(void **state)
{
	static const char *const names[] = { "height", "at", "kind", "actor", "incident", "post",
		"point", "body", "previous", "hash" };
	const struct pp_event_row row = sample();

	(void)state;
	for (size_t i = 0; i < PP_COUNT(names); i++) {
		for (int how = 0; how < 2; how++) {
			struct pp_json *whole = pp_audit_event_json(&row), *part = pp_json_object();
			struct pp_event_row read = { .height = 0 };
			const struct pp_json *member;
			const char *key = NULL;

			while ((key = pp_json_next(whole, key, &member))) {
				if (strcmp(key, names[i]) != 0)
					pp_json_set(part, key, pp_json_copy(member));
				else if (how == 1)
					pp_json_set_bool(part, key, true);
			}
			if (pp_audit_event_read(part, &read) != -EBADMSG)
				fail_msg("%s %d", names[i], how);
			pp_json_free(whole);
			pp_json_free(part);
		}
	}
}

static void only_zeroes_are_zero(void **state)
{
	uint8_t hash[32] = { 0 };

	(void)state;
	assert_true(pp_audit_is_zero(hash));
	hash[31] = 1;
	assert_false(pp_audit_is_zero(hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(what_lacks_a_member_or_has_another_in_its_place_is_no_event),
		cmocka_unit_test(only_zeroes_are_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
