/* SPDX-License-Identifier: Apache-2.0 */
/* query_gathered_test.c -- what an incident consists of, in JSON. */
#include "store/query.h"

#include "record.h"

#include "json/json.h"
#include "store/places.h"
#include "store/scope.h"

static void posts_links_and_reasons_come_with_every_incident(void **state)
{
	struct record *r = *state;
	struct pp_incident a = record_incident(r, PP_CLASS_CRIME, 1),
			   b = record_incident(r, PP_CLASS_FIRE, 2);
	struct pp_incident_post row = { .signals = 1, .first_ms = 900, .newest_ms = 950 };
	struct pp_json *json;
	size_t length;
	char *text;

	a.facts = 1; /* press */
	assert_int_equal(pp_store_incident_post_put(r->db, &a, "boja-01", &row), 0);
	assert_int_equal(pp_store_incident_post_put(r->db, &a, "boja-02", &row), 0);
	assert_int_equal(pp_store_incident_weigh(r->db, &a), 0);
	assert_int_equal(pp_store_link_put(r->db, a.incident_id, b.incident_id, "report"), 1);
	assert_int_equal(
		pp_query_incident(r->db, PP_SCOPE_ALL("kendal"), "KDL-26-000001", &json), 0);
	assert_int_equal(pp_json_print(json, &text, &length), 0);
	pp_json_free(json);
	if (!strstr(text, "\"trust\":{\"level\":3,\"reasons\":[{\"code\":\"press\",\"id\":"
			  "\"tombol ditekan\",\"en\":\"a button was pressed\"},{\"code\":"
			  "\"neighbour\"") ||
		!strstr(text, "\"posts\":[{\"id\":\"boja-01\",\"name\":\"Poskamling Boja\"") ||
		!strstr(text, "\"links\":[{\"number\":\"KDL-26-000002\",\"class\":\"fire\","
			      "\"state\":\"open\",\"why\":\"report\",\"suggested\":true}]") ||
		!strstr(text, "\"mark\":\"\",\"reported\":false,\"converted\":null,"
			      "\"merged_into\":null"))
		fail_msg("%s", text);
	free(text);
}

static void a_desa_is_seen_by_who_sees_its_kecamatan(void **state)
{
	struct record *r = *state;
	struct pp_scope here = *PP_SCOPE_ALL("kendal"), there = here;

	here.kecamatan = ",k1,";
	there.kecamatan = ",k9,";
	assert_int_equal(pp_query_sees_desa(r->db, PP_SCOPE_ALL("kendal"), "d1"), 1);
	assert_int_equal(pp_query_sees_desa(r->db, &here, "d1"), 1);
	assert_int_equal(pp_query_sees_desa(r->db, &there, "d1"), 0);
	assert_int_equal(pp_query_sees_desa(r->db, PP_SCOPE_ALL("kendal"), "d9"), 0);
}

static void an_incident_is_seen_in_the_region_of_each_of_its_posts(void **state)
{
	struct record *r = *state;
	struct pp_incident a = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_incident_post row = { .signals = 1 };
	struct pp_scope there = *PP_SCOPE_ALL("kendal");

	record_exec(r, "INSERT INTO kecamatan VALUES ('kendal', 'k2', 'Weleri');"
		       "INSERT INTO desa VALUES ('kendal', 'd2', 'k2', 'Weleri');"
		       "UPDATE post SET desa = 'd2' WHERE tenant = 'kendal' AND post = 'boja-02'");
	there.kecamatan = ",k2,";
	assert_int_equal(pp_query_sees_incident(r->db, &there, a.number), 0);
	assert_int_equal(pp_store_incident_post_put(r->db, &a, "boja-02", &row), 0);
	assert_int_equal(pp_query_sees_incident(r->db, &there, a.number), 1);
}

static void what_stands_beside_it_elsewhere_is_not_there(void **state)
{
	struct record *r = *state;
	struct pp_incident here = record_incident(r, PP_CLASS_CRIME, 1),
			   there = record_incident(r, PP_CLASS_FIRE, 2);
	static const struct {
		const char *kecamatan, *unit;
		size_t links;
	} cases[] = { { "", "", 1 }, { ",k1,", "", 0 }, { ",k1,k2,", "", 1 }, { "", "damkar", 0 } };

	record_exec(r, "INSERT INTO kecamatan VALUES ('kendal', 'k2', 'Weleri');"
		       "INSERT INTO desa VALUES ('kendal', 'd2', 'k2', 'Weleri');"
		       "UPDATE post SET desa = 'd2' WHERE tenant = 'kendal' AND post = 'boja-02';"
		       "UPDATE incident SET post = 'boja-02' WHERE class = 'fire';"
		       "UPDATE incident_post SET post = 'boja-02' WHERE incident_id = 2");
	record_event(r, &here, "incident.dispatched", "{\"unit\":\"damkar\"}");
	assert_int_equal(
		pp_store_link_put(r->db, here.incident_id, there.incident_id, "class"), 1);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_scope scope = *PP_SCOPE_ALL("kendal");
		const struct pp_json *links;
		struct pp_json *json;

		scope.kecamatan = cases[i].kecamatan;
		scope.unit = cases[i].unit;
		assert_int_equal(pp_query_incident(r->db, &scope, here.number, &json), 0);
		assert_int_equal(pp_json_get_list(json, "links", &links), 0);
		if (pp_json_count(links) != cases[i].links)
			fail_msg("case %zu: %zu links", i, pp_json_count(links));
		pp_json_free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(what_stands_beside_it_elsewhere_is_not_there),
		RECORD_TEST(a_desa_is_seen_by_who_sees_its_kecamatan),
		RECORD_TEST(an_incident_is_seen_in_the_region_of_each_of_its_posts),
		RECORD_TEST(posts_links_and_reasons_come_with_every_incident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
