/* SPDX-License-Identifier: Apache-2.0 */
/* query_posts_test.c -- the health of posts as it is shown. */
#include "store/query.h"

#include "record.h"
#include "json_text.h"

#define HEARD "INSERT INTO post_state (tenant, post, arrived, supervised, config, version, oldest) "

static void posts_come_with_points_troubles_and_incidents(void **state)
{
	struct record *r = *state;
	struct pp_json *json;

	record_exec(r, "UPDATE post SET contact_phone = '0294' WHERE tenant = 'serang'");
	record_exec(r,
		"INSERT INTO point VALUES"
		" ('serang', 'boja-01', 'mains', 'mains', 'unspecified', 0, 'Listrik', 'Mains')");
	record_exec(r, HEARD "VALUES ('serang', 'boja-01', 77, 1, 'c', '0.1', 0)");
	record_exec(r, "INSERT INTO point_state VALUES"
		       " ('serang', 'boja-01', 'mains', 'trouble', 'mains', 70)");
	record_exec(r,
		"INSERT INTO trouble (tenant, post, point, kind, since, detail)"
		" VALUES ('serang', 'boja-01', 'mains', 'mains', 70, 'x')");
	assert_int_equal(pp_query_posts(r->db, PP_SCOPE_ALL("serang"), &json), 0);
	assert_json(json,
		"{\"posts\":[{\"id\":\"boja-01\",\"name\":\"Pos Serang\",\"desa\":\"Cipare\","
		"\"kecamatan\":\"Serang\",\"rw\":\"01\",\"latitude\":-6.1,\"longitude\":106.1,"
		"\"contact_name\":null,\"contact_phone\":\"0294\",\"active\":true,"
		"\"revoked\":false,"
		"\"state\":\"trouble\",\"last_state\":77,\"version\":\"0.1\","
		"\"contact_masked\":false,"
		"\"points\":[{\"id\":\"mains\",\"kind\":\"mains\",\"class\":\"unspecified\","
		"\"silent\":false,\"label_id\":\"Listrik\",\"label_en\":\"Mains\","
		"\"state\":\"trouble\",\"detail\":\"mains\"}],"
		"\"troubles\":[{\"point\":\"mains\",\"kind\":\"mains\",\"since\":70,"
		"\"detail\":\"x\"}],\"incidents\":[],\"modes\":[]}]}");
	assert_int_equal(pp_query_troubles(r->db, PP_SCOPE_ALL("serang"), &json), 0);
	assert_json(json, "{\"troubles\":[{\"post\":\"boja-01\",\"point\":\"mains\","
			  "\"kind\":\"mains\",\"since\":70,\"detail\":\"x\",\"told\":0,"
			  "\"due\":null}]}");
}

static void a_post_without_a_valid_key_is_revoked_and_inactive(void **state)
{
	static const struct {
		const char *sql;
		bool active, revoked;
	} steps[] = {
		{ "SELECT 1", true, false },
		{ "INSERT INTO post_key VALUES ('kendal', 'boja-01', x'01', 5, NULL)", true,
			false },
		{ "UPDATE post_key SET revoked = 6", false, true },
		{ "INSERT INTO post_key VALUES ('kendal', 'boja-01', x'02', 7, NULL)", true,
			false },
		{ "UPDATE post SET active = 0", false, false },
	};
	struct record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		const struct pp_json *list;
		struct pp_json *json;
		bool active, revoked;

		record_exec(r, steps[i].sql);
		assert_int_equal(pp_query_posts(r->db, PP_SCOPE_ALL("kendal"), &json), 0);
		assert_int_equal(pp_json_get_list(json, "posts", &list), 0);
		assert_int_equal(pp_json_get_bool(pp_json_item(list, 0), "active", &active), 0);
		assert_int_equal(pp_json_get_bool(pp_json_item(list, 0), "revoked", &revoked), 0);
		assert_int_equal(active, steps[i].active);
		assert_int_equal(revoked, steps[i].revoked);
		pp_json_free(json);
	}
}

static void a_post_shows_the_gravest_of_its_states(void **state)
{
	static const struct {
		const char *sql, *want;
	} steps[] = {
		{ "SELECT 1", "unknown" },
		{ HEARD "VALUES ('kendal', 'boja-01', 77, 1, 'c', '0.1', 0)", "normal" },
		{ "INSERT INTO trouble (tenant, post, point, kind, since, detail)"
		" VALUES ('kendal', 'boja-01', 'tamper', 'tamper', 70, '')",
			"trouble" },
		{ "INSERT INTO point_state"
		  " VALUES ('kendal', 'boja-01', 'panic-crime', 'alarm', '', 1)",
			"alarm" },
		{ "UPDATE post_state SET supervised = 0", "unsupervised" },
	};
	struct record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		const struct pp_json *list;
		struct pp_json *json;
		const char *got;

		record_exec(r, steps[i].sql);
		assert_int_equal(pp_query_posts(r->db, PP_SCOPE_ALL("kendal"), &json), 0);
		assert_int_equal(pp_json_get_list(json, "posts", &list), 0);
		assert_int_equal(pp_json_count(list), 2);
		assert_int_equal(pp_json_get_text(pp_json_item(list, 0), "state", 20, &got), 0);
		assert_string_equal(got, steps[i].want);
		pp_json_free(json);
	}
}

static void an_open_incident_is_an_alarm_of_its_post(void **state)
{
	struct record *r = *state;
	const struct pp_json *list;
	struct pp_json *json;
	const char *got;

	record_exec(r, HEARD "VALUES ('kendal', 'boja-01', 77, 1, 'c', '0.1', 0)");
	record_incident(r, PP_CLASS_FIRE, 1);
	assert_int_equal(pp_query_posts(r->db, PP_SCOPE_ALL("kendal"), &json), 0);
	assert_int_equal(pp_json_get_list(json, "posts", &list), 0);
	assert_int_equal(pp_json_get_text(pp_json_item(list, 0), "state", 20, &got), 0);
	assert_string_equal(got, "alarm");
	assert_int_equal(pp_json_get_list(pp_json_item(list, 0), "incidents", &list), 0);
	assert_int_equal(pp_json_count(list), 1);
	pp_json_free(json);
}

static void tenants_are_listed(void **state)
{
	struct record *r = *state;
	struct pp_json *json;

	assert_int_equal(pp_query_tenants(r->db, &json), 0);
	assert_json(json, "[{\"id\":\"kendal\",\"name\":\"Kabupaten Kendal\",\"prefix\":\"KDL\","
			  "\"timezone\":\"Asia/Jakarta\",\"sample\":true},{\"id\":\"serang\","
			  "\"name\":\"Kota Serang\",\"prefix\":\"SRG\","
			  "\"timezone\":\"Asia/Jakarta\",\"sample\":false}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(posts_come_with_points_troubles_and_incidents),
		RECORD_TEST(a_post_without_a_valid_key_is_revoked_and_inactive),
		RECORD_TEST(a_post_shows_the_gravest_of_its_states),
		RECORD_TEST(an_open_incident_is_an_alarm_of_its_post),
		RECORD_TEST(tenants_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
