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
		"\"contact\":\"\",\"purpose\":\"alarm\",\"call\":null,"
		"\"into\":null,\"gathered\":0}],"
		"\"points\":[{\"point\":\"panic-crime\",\"label_id\":\"Tombol\","
		"\"label_en\":\"Button\",\"kind\":\"panic\",\"signal\":\"alarm\",\"occurred\":900,"
		"\"occurred_by\":\"mono\",\"late\":false,\"flags\":[\"silent\",\"drill\"]}]}");
	assert_int_equal(
		pp_query_incident(r->db, PP_SCOPE_ALL("serang"), "KDL-26-000001", &json), -ENOENT);
	assert_int_equal(
		pp_query_incident(r->db, PP_SCOPE_ALL("kendal"), "KDL-26-000009", &json), -ENOENT);
}

/* Who called is a contact; what was said is a note. */
static void who_called_is_seen_with_the_contacts_and_what_was_said_with_the_notes(void **state)
{
	static const uint8_t salt[PP_SALT_SIZE];
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	int64_t opened = record_event(r, &i, "incident.opened", "{\"caller\":\"h\"}"),
		note = record_event(r, &i, "incident.note", "{\"text\":\"h\"}");

	assert_int_equal(pp_store_personal_add(r->db, opened, "caller", salt, "Bu Kanari"), 0);
	assert_int_equal(pp_store_personal_add(r->db, note, "text", salt, "ada asap"), 0);
	for (int sees = 0; sees < 4; sees++) {
		struct pp_scope scope = *PP_SCOPE_ALL("kendal");
		struct pp_json *json;
		size_t length;
		char *text;

		scope.contacts = sees & 1;
		scope.notes = sees & 2;
		assert_int_equal(pp_query_incident(r->db, &scope, i.number, &json), 0);
		assert_int_equal(pp_json_print(json, &text, &length), 0);
		pp_json_free(json);
		assert_int_equal(strstr(text, "Bu Kanari") != NULL, scope.contacts);
		assert_int_equal(strstr(text, "Pak Budi") != NULL, scope.contacts);
		assert_int_equal(strstr(text, "ada asap") != NULL, scope.notes);
		free(text);
	}
}

static void a_unit_is_sent_until_it_refuses_or_others_have_it(void **state)
{
	static const struct {
		const char *sql;
		int sent;
	} cases[] = {
		{ "INSERT INTO call (incident_id, tenant, ring, step, agency, contact, state,"
		  " said_by, reason, notified) VALUES (1, 'kendal', '', 0, 'damkar', '',"
		  " 'notified', '', '', 5)",
			1 },
		{ "UPDATE call SET state = 'refused'", 0 },
		{ "UPDATE call SET state = 'accepted'", 1 },
		{ "UPDATE call SET state = 'en-route'", 1 },
		{ "UPDATE call SET state = 'stopped'", 0 },
		{ "UPDATE call SET state = 'expired'", 0 },
		{ "UPDATE call SET state = 'done'", 1 },
		{ "UPDATE call SET agency = 'other'", 0 },
	};
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_FIRE, 1);
	struct pp_scope scope = *PP_SCOPE_ALL("kendal");

	scope.unit = "damkar";
	assert_int_equal(pp_query_unit_is_sent(r->db, &scope, i.number), 0);
	for (size_t k = 0; k < PP_COUNT(cases); k++) {
		record_exec(r, cases[k].sql);
		if (pp_query_unit_is_sent(r->db, &scope, i.number) != cases[k].sent)
			fail_msg("after '%s'", cases[k].sql);
	}
	/* Records of before there were calls have the dispatch alone. */
	record_event(r, &i, "incident.dispatched", "{\"unit\":\"damkar\"}");
	assert_int_equal(pp_query_unit_is_sent(r->db, &scope, i.number), 1);
	assert_int_equal(pp_query_unit_is_sent(r->db, &scope, "KDL-26-000009"), 0);
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
		RECORD_TEST(who_called_is_seen_with_the_contacts_and_what_was_said_with_the_notes),
		RECORD_TEST(a_unit_is_sent_until_it_refuses_or_others_have_it),
		RECORD_TEST(of_thousands_of_signals_and_events_the_first_and_the_last_are_shown),
		RECORD_TEST(a_list_has_the_newest_first_and_says_where_to_follow),
		RECORD_TEST(pages_hold_what_they_are_asked_for),
		RECORD_TEST(one_incident_comes_with_timeline_notifications_and_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
