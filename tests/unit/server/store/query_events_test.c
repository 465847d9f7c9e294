/* SPDX-License-Identifier: Apache-2.0 */
/* query_events_test.c -- tailing the timeline. */
#include "store/query.h"

#include "record.h"
#include "json_text.h"

static void events_come_oldest_first_with_personal_texts_in_clear(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	uint8_t salt[PP_SALT_SIZE] = { 0 };
	struct pp_json *json;
	int64_t last;

	record_event(r, &i, "incident.opened", "{\"late\":false}");
	assert_int_equal(pp_store_personal_add(r->db,
				 record_event(r, &i, "incident.note", "{\"text\":\"5eb6\"}"),
				 "text", salt, "Pak Budi"),
		0);
	assert_int_equal(pp_query_events(r->db, PP_SCOPE_ALL("kendal"), 0, 10, &json), 0);
	assert_json(json,
		"[{\"id\":1,\"height\":1,\"at\":1000,\"kind\":\"incident.opened\","
		"\"actor\":\"user:budi\",\"tenant\":\"kendal\",\"incident\":\"KDL-26-000001\","
		"\"post\":\"boja-01\",\"point\":null,\"body\":{\"late\":false}},"
		"{\"id\":2,\"height\":2,\"at\":1000,\"kind\":\"incident.note\","
		"\"actor\":\"user:budi\",\"tenant\":\"kendal\",\"incident\":\"KDL-26-000001\","
		"\"post\":\"boja-01\",\"point\":null,\"body\":{\"text\":\"Pak Budi\"}}]");
	assert_int_equal(pp_query_last_event(r->db, "kendal", &last), 0);
	assert_int_equal(last, 2);
	assert_int_equal(pp_query_last_event(r->db, NULL, &last), 0);
	assert_int_equal(last, 2);
	assert_int_equal(pp_query_last_event(r->db, "serang", &last), 0);
	assert_int_equal(last, 0);
}

static void after_limit_and_tenant_are_kept(void **state)
{
	static const struct {
		const char *tenant;
		int64_t after, limit;
		size_t want;
	} cases[] = { { NULL, 0, 10, 3 }, { "kendal", 1, 10, 2 }, { "kendal", 0, 2, 2 },
		{ "serang", 0, 10, 0 }, { NULL, 3, 10, 0 } };
	struct record *r = *state;
	struct pp_json *json;

	for (int i = 0; i < 3; i++)
		record_event(r, NULL, "security", "{}");
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		assert_int_equal(pp_query_events(r->db, PP_SCOPE_ALL(cases[i].tenant),
					 cases[i].after, cases[i].limit, &json),
			0);
		assert_int_equal(pp_json_count(json), cases[i].want);
		pp_json_free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(events_come_oldest_first_with_personal_texts_in_clear),
		RECORD_TEST(after_limit_and_tenant_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
