/* SPDX-License-Identifier: Apache-2.0 */
/* timeline_test.c -- the chain's rows, troubles. */
#include "store/timeline.h"

#include "record.h"

static int heights_join(void *user, const struct pp_event_row *row)
{
	char *all = user;

	snprintf(all + strlen(all), 100 - strlen(all), "%d:%s:%s;", (int)row->height, row->kind,
		row->number ? row->number : "-");
	return 0;
}

static void events_come_back_by_height_with_their_incidents_number(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	uint8_t hash[32], want[32];
	char all[100] = "";
	int64_t height;

	assert_int_equal(pp_store_head(r->db, "kendal", &height, hash), 0);
	assert_int_equal(height, 0);
	record_event(r, &i, "incident.opened", "{}");
	record_event(r, NULL, "security", "{}");
	assert_int_equal(pp_store_head(r->db, "kendal", &height, hash), 0);
	memset(want, 2, sizeof(want));
	assert_int_equal(height, 2);
	assert_memory_equal(hash, want, 32);
	assert_int_equal(pp_store_each_event(r->db, NULL, heights_join, all), 0);
	assert_string_equal(all, "1:incident.opened:KDL-26-000001;2:security:-;");
	all[0] = '\0';
	assert_int_equal(pp_store_each_event(r->db, "serang", heights_join, all), 0);
	assert_string_equal(all, "");
}

static int personal_join(void *user, const struct pp_personal_row *row)
{
	char *all = user;

	snprintf(all + strlen(all), 100 - strlen(all), "%s=%s;", row->field,
		row->value ? row->value : "-");
	return 0;
}

static void personal_texts_lie_apart_and_can_be_erased(void **state)
{
	struct record *r = *state;
	uint8_t salt[PP_SALT_SIZE] = { 1 };
	char all[100] = "";
	int64_t id = record_event(r, NULL, "incident.note", "{\"text\":\"hash\"}");

	assert_int_equal(pp_store_personal_add(r->db, id, "text", salt, "Pak Budi"), 0);
	assert_int_equal(pp_store_each_personal(r->db, "kendal", personal_join, all), 0);
	record_exec(r, "UPDATE personal SET value = NULL");
	assert_int_equal(pp_store_each_personal(r->db, NULL, personal_join, all), 0);
	assert_string_equal(all, "text=Pak Budi;text=-;");
}

static void a_trouble_is_raised_and_ended_once(void **state)
{
	struct record *r = *state;
	struct pp_trouble_row row = { "kendal", "boja-01", "panic-crime", "stuck", "", 50 };
	int64_t since;

	assert_int_equal(pp_store_trouble_end(r->db, &row, &since), 0);
	assert_int_equal(pp_store_trouble_raise(r->db, &row), 1);
	row.since_ms = 60;
	assert_int_equal(pp_store_trouble_raise(r->db, &row), 0);
	assert_int_equal(pp_store_trouble_end(r->db, &row, &since), 1);
	assert_int_equal(since, 50);
	assert_int_equal(pp_store_trouble_end(r->db, &row, &since), 0);
}

static void the_servers_own_troubles_are_none_of_the_points(void **state)
{
	static const char *const kinds[] = { "unknown-point", "clock", "unsupervised", "stuck",
		"chatter" };
	struct record *r = *state;
	struct pp_trouble_row row = { "kendal", "boja-01", "", "", "", 50 };
	char kind[PP_TROUBLE_SIZE];

	for (size_t i = 0; i < PP_COUNT(kinds); i++) {
		row.kind = kinds[i];
		assert_int_equal(pp_store_trouble_raise(r->db, &row), 1);
	}
	row.kind = "";
	assert_int_equal(pp_store_trouble_next(r->db, &row, PP_TROUBLES_OF_SIGNALS, kind), 1);
	assert_string_equal(kind, "chatter");
	row.kind = kind;
	assert_int_equal(pp_store_trouble_next(r->db, &row, PP_TROUBLES_OF_SIGNALS, kind), 1);
	assert_string_equal(kind, "stuck");
	assert_int_equal(pp_store_trouble_next(r->db, &row, PP_TROUBLES_OF_SIGNALS, kind), 0);
	assert_int_equal(pp_store_trouble_next(r->db, &row, PP_TROUBLES_UNKNOWN, kind), 1);
	assert_string_equal(kind, "unknown-point");
	assert_int_equal(pp_store_trouble_next(r->db, &row, PP_TROUBLES_UNKNOWN, kind), 0);
	row.kind = "";
	assert_int_equal(pp_store_trouble_next(r->db, &row, PP_TROUBLES_ALL, kind), 1);
	assert_string_equal(kind, "chatter");
}

static void what_is_told_of_a_post_is_its_place(void **state)
{
	struct record *r = *state;
	struct pp_post_about about;

	assert_int_equal(pp_store_post_about(r->db, "kendal", "boja-01", &about), 1);
	assert_string_equal(about.desa, "Bebengan");
	assert_string_equal(about.kecamatan, "Boja");
	assert_int_equal(pp_store_post_about(r->db, "kendal", "nowhere", &about), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(events_come_back_by_height_with_their_incidents_number),
		RECORD_TEST(personal_texts_lie_apart_and_can_be_erased),
		RECORD_TEST(a_trouble_is_raised_and_ended_once),
		RECORD_TEST(the_servers_own_troubles_are_none_of_the_points),
		RECORD_TEST(what_is_told_of_a_post_is_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
