/* SPDX-License-Identifier: Apache-2.0 */
/* query_incidents_test.c -- incidents in the shape of the HTTP API. */
#include "store/query.h"

#include "record.h"
#include "json_text.h"

#include <errno.h>

#define INCIDENT                                                                                   \
	"\"id\":1,\"number\":\"KDL-26-000001\",\"tenant\":\"kendal\",\"class\":\"crime\","         \
	"\"state\":\"open\",\"rev\":1,\"silent\":false,\"late\":false,\"drill\":false,"            \
	"\"occurred\":900,\"opened\":1000,\"acknowledged\":null,\"acknowledged_by\":null,"         \
	"\"dispatched\":null,\"on_scene\":null,\"closed\":null,\"closing_code\":null,"             \
	"\"signals\":1,\"restored\":false,\"storm\":null,\"post\":{\"id\":\"boja-01\","            \
	"\"name\":\"Poskamling Boja\",\"desa\":\"Bebengan\",\"kecamatan\":\"Boja\",\"rw\":\"01\"," \
	"\"latitude\":-7.1,\"longitude\":110.2,\"contact_name\":\"Pak Budi\","                     \
	"\"contact_phone\":null,\"contact_masked\":false},\"escalates_in\":null,"                  \
	"\"offered_to\":null,\"own_call\":null,\"mark\":\"\",\"reported\":false,"                  \
	"\"converted\":null,\"merged_into\":null,\"trust\":{\"level\":1,\"reasons\":[]},"          \
	"\"posts\":[{\"id\":\"boja-01\",\"name\":\"Poskamling Boja\",\"rw\":\"01\",\"signals\":0," \
	"\"first\":900,\"newest\":900}],\"links\":[],\"units\":[\"Damkar 1\"]"

static void a_list_has_the_newest_first_and_says_where_to_follow(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	const struct pp_incident_page page = { .open_only = true, .limit = 10 };
	struct pp_json *json;

	record_event(r, &i, "incident.dispatched", "{\"unit\":\"Damkar 1\"}");
	assert_int_equal(pp_query_incidents(r->db, PP_SCOPE_ALL("kendal"), &page, &json), 0);
	assert_json(json, "{\"incidents\":[{" INCIDENT "}],\"event\":1}");
}

static void pages_hold_what_they_are_asked_for(void **state)
{
	static const struct {
		struct pp_incident_page page;
		const char *tenant;
		size_t want;
	} cases[] = { { { false, 0, 10 }, "kendal", 3 }, { { true, 0, 10 }, "kendal", 2 },
		{ { false, 3, 10 }, "kendal", 2 }, { { false, 0, 1 }, "kendal", 1 },
		{ { false, 0, 10 }, "serang", 0 } };
	struct record *r = *state;

	record_incident(r, PP_CLASS_CRIME, 1);
	record_incident(r, PP_CLASS_FIRE, 2);
	record_incident(r, PP_CLASS_MEDICAL, 3);
	record_exec(r, "UPDATE incident SET state = 'closed' WHERE class = 'fire'");
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		const struct pp_json *list;
		struct pp_json *json;

		assert_int_equal(pp_query_incidents(r->db, PP_SCOPE_ALL(cases[i].tenant),
					 &cases[i].page, &json),
			0);
		assert_int_equal(pp_json_get_list(json, "incidents", &list), 0);
		if (pp_json_count(list) != cases[i].want)
			fail_msg("case %zu: %zu, want %zu", i, pp_json_count(list), cases[i].want);
		pp_json_free(json);
	}
}

static void one_incident_comes_with_timeline_notifications_and_points(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_json *json;

	record_event(r, &i, "incident.dispatched", "{\"unit\":\"Damkar 1\"}");
	record_exec(r,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key,"
		" body, state, attempts, created, next, changed, detail) VALUES"
		" ('kendal', 1, 1, 'webhook', 'bot', 'k', '{}', 'sent', 2, 5, 5, 6, '200')");
	record_exec(r, "UPDATE signal SET flags = 6");
	assert_int_equal(
		pp_query_incident(r->db, PP_SCOPE_ALL("kendal"), "KDL-26-000001", &json), 0);
	assert_json(json,
		"{" INCIDENT ",\"timeline\":[{\"id\":1,\"height\":1,\"at\":1000,"
		"\"kind\":\"incident.dispatched\","
		"\"actor\":\"user:budi\",\"tenant\":\"kendal\",\"incident\":\"KDL-26-000001\","
		"\"post\":\"boja-01\",\"point\":null,\"body\":{\"unit\":\"Damkar 1\"}}],"
		"\"calls\":[],\"ladder\":[],"
		"\"notifications\":[{\"id\":1,\"channel\":\"webhook\",\"target\":\"bot\","
		"\"state\":\"sent\",\"attempts\":2,\"changed\":6,\"detail\":\"200\","
		"\"contact\":\"\",\"purpose\":\"alarm\",\"call\":null}],"
		"\"points\":[{\"point\":\"panic-crime\",\"label_id\":\"Tombol\","
		"\"label_en\":\"Button\",\"kind\":\"panic\",\"signal\":\"alarm\",\"occurred\":900,"
		"\"occurred_by\":\"mono\",\"late\":false,\"flags\":[\"silent\",\"drill\"]}]}");
	assert_int_equal(
		pp_query_incident(r->db, PP_SCOPE_ALL("serang"), "KDL-26-000001", &json), -ENOENT);
	assert_int_equal(
		pp_query_incident(r->db, PP_SCOPE_ALL("kendal"), "KDL-26-000009", &json), -ENOENT);
}

/* A storm has more than anybody can look at: the answer has a bound, and its first and last. */
static void of_thousands_of_signals_and_events_the_first_and_the_last_are_shown(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	const struct pp_json *list;
	struct pp_json *json;

	assert_int_equal(i.incident_id, 1);
	record_exec(r,
		"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
		" INSERT INTO signal (tenant, post, epoch, seq, boot, mono, point, kind, signal,"
		" class, flags, cause, detail, occurred, occurred_by, arrived, late, incident_id,"
		" payload, sig)"
		" SELECT tenant, post, epoch, i, boot, mono + i, point, kind, signal, class,"
		" flags, 0, '', i, occurred_by, arrived, late, 1, payload, sig"
		" FROM signal, n WHERE seq = 1");
	record_exec(r,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
		" INSERT INTO event (tenant, height, at, kind, actor, incident_id, body, previous,"
		" hash) SELECT 'kendal', 1000 + i, i, 'incident.storm', 'server', 1, '{}', x'',"
		" x'' FROM n");
	assert_int_equal(pp_query_incident(r->db, PP_SCOPE_ALL("kendal"), i.number, &json), 0);
	assert_int_equal(pp_json_get_list(json, "points", &list), 0);
	assert_int_equal(pp_json_count(list), 200);
	assert_int_equal(pp_json_get_list(json, "timeline", &list), 0);
	assert_int_equal(pp_json_count(list), 1000);
	pp_json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(of_thousands_of_signals_and_events_the_first_and_the_last_are_shown),
		RECORD_TEST(a_list_has_the_newest_first_and_says_where_to_follow),
		RECORD_TEST(pages_hold_what_they_are_asked_for),
		RECORD_TEST(one_incident_comes_with_timeline_notifications_and_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
