/* SPDX-License-Identifier: Apache-2.0 */
/* places_test.c -- neighbours, posts of incidents and links, as the record has them. */
#include "store/places.h"

#include "record.h"

#include "incidents/trust.h"

struct seen {
	size_t count;
	int64_t ids[8];
	bool open[8], reported[8];
};

static int note(void *user, int64_t incident_id, const struct pp_place_incident *c)
{
	struct seen *s = user;

	assert_true(s->count < PP_COUNT(s->ids));
	s->open[s->count] = c->open;
	s->reported[s->count] = c->reported;
	s->ids[s->count++] = incident_id;
	return 0;
}

static struct seen look(struct record *r, const char *post, int64_t occurred_ms)
{
	struct pp_store_place place = { .post = "" };
	struct pp_place_alarm alarm = { .occurred_ms = occurred_ms };
	struct seen seen = { 0 };

	assert_int_equal(pp_store_place(r->db, "kendal", post, &place), 1);
	alarm.place = pp_store_place_view(&place);
	assert_int_equal(pp_store_each_candidate(r->db, "kendal", &alarm, note, &seen), 0);
	return seen;
}

static void a_neighbour_sees_what_is_near_and_lately_and_others_nothing(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_incident_post row = { .signals = 1, .first_ms = 900, .newest_ms = 900 };
	struct seen seen;

	record_exec(r, "INSERT INTO post VALUES"
		       " ('kendal', 'rw', 'RW', 'd1', '01', -7.5, 110.5, NULL, NULL, 1),"
		       " ('kendal', 'near', 'Dekat', 'd1', '09', -7.101, 110.2, NULL, NULL, 1)");
	assert_int_equal(pp_store_incident_post_put(r->db, &i, "boja-01", &row), 0);
	assert_true(look(r, "boja-01", 900).count >= 1);
	assert_true(look(r, "boja-01", 900 + 100 * PP_PLACE_WINDOW_MS).count >= 1); /* its own */
	assert_int_equal(look(r, "rw", 900).count, 1);
	assert_int_equal(look(r, "near", 900).count, 1);
	assert_int_equal(look(r, "boja-02", 900).count, 0);
	assert_int_equal(look(r, "rw", 900 + PP_PLACE_WINDOW_MS).count, 1);
	assert_int_equal(look(r, "rw", 901 + PP_PLACE_WINDOW_MS).count, 0);
	assert_int_equal(look(r, "rw", 900 - PP_PLACE_WINDOW_MS).count, 1);
	assert_int_equal(look(r, "rw", 899 - PP_PLACE_WINDOW_MS).count, 0);
	record_exec(r, "UPDATE incident SET state = 'closed', closed = 1000");
	seen = look(r, "rw", 900);
	assert_int_equal(seen.count, 1);
	assert_false(seen.open[0]);
	assert_int_equal(look(r, "boja-01", 900 + 100 * PP_PLACE_WINDOW_MS).count, 0);
}

static void a_place_that_people_named_is_found_by_its_rw(void **state)
{
	struct record *r = *state;
	struct pp_incident i = { .tenant = "kendal",
		.class = PP_CLASS_FIRE,
		.occurred_ms = 900,
		.opened_ms = 1000,
		.reported = true,
		.desa = "d1",
		.rw = "01",
		.number = "KDL-26-000009" };
	struct seen seen;

	assert_int_equal(pp_store_incident_add(r->db, &i), 0);
	seen = look(r, "boja-01", 1000);
	assert_int_equal(seen.count, 1);
	assert_true(seen.ids[0] == i.incident_id);
	assert_true(seen.reported[0]);
	assert_int_equal(look(r, "boja-02", 1000).count, 0);
	assert_int_equal(pp_store_desa_exists(r->db, "kendal", "d1"), 1);
	assert_int_equal(pp_store_desa_exists(r->db, "kendal", "d9"), 0);
}

static int join(void *user, const char *post)
{
	char *names = user;

	snprintf(names + strlen(names), 64 - strlen(names), "%s ", post);
	return 0;
}

static void posts_count_once_they_have_sent_something(void **state)
{
	struct record *r = *state;
	struct pp_incident i = record_incident(r, PP_CLASS_CRIME, 1);
	struct pp_incident_post row = { .signals = 1, .point = "panic-crime" }, got;
	char names[64] = "";

	assert_int_equal(pp_store_incident_post(r->db, i.incident_id, "boja-01", &got), 1);
	assert_int_equal(got.signals, 0);
	assert_int_equal(pp_store_incident_post(r->db, i.incident_id, "boja-02", &got), 0);
	assert_int_equal(pp_store_incident_post_put(r->db, &i, "boja-01", &row), 0);
	assert_int_equal(pp_store_incident_weigh(r->db, &i), 0);
	assert_int_equal(i.posts, 1);
	assert_int_equal(pp_store_incident_post_put(r->db, &i, "boja-02", &row), 0);
	assert_int_equal(pp_store_incident_weigh(r->db, &i), 0);
	assert_int_equal(i.posts, 2);
	assert_int_equal(i.trust, 3);
	assert_int_equal(pp_store_incident_post(r->db, i.incident_id, "boja-02", &got), 1);
	assert_string_equal(got.point, "panic-crime");
	assert_int_equal(pp_store_each_incident_post(r->db, i.incident_id, join, names), 0);
	assert_string_equal(names, "boja-01 boja-02 ");
}

static void links_have_two_directions_and_are_made_once(void **state)
{
	struct record *r = *state;
	struct pp_incident a = record_incident(r, PP_CLASS_CRIME, 1),
			   b = record_incident(r, PP_CLASS_FIRE, 2);
	int64_t count;

	assert_int_equal(pp_store_link_put(r->db, a.incident_id, b.incident_id, "class"), 1);
	assert_int_equal(pp_store_link_put(r->db, b.incident_id, a.incident_id, "person"), 0);
	assert_int_equal(
		pp_store_number(r->db, "SELECT count(*) FROM incident_link", PP_NO_ARGS, &count),
		0);
	assert_int_equal(count, 2);
	assert_int_equal(pp_store_link_remove(r->db, b.incident_id, a.incident_id), 1);
	assert_int_equal(pp_store_link_remove(r->db, a.incident_id, b.incident_id), 0);
}

static void history_counts_how_the_last_ones_were_closed(void **state)
{
	static const char *const codes[] = { "prank", "nuisance", "fault", "unfounded", "test" };
	struct record *r = *state;
	struct pp_incident like = { 0 };
	int64_t bad, real;
	char sql[160];

	for (size_t n = 0; n < PP_COUNT(codes); n++) {
		like = record_incident(r, PP_CLASS_CRIME, (int64_t)n + 1);
		snprintf(sql, sizeof(sql),
			"UPDATE incident SET state = 'closed', closed = 5000, closing_code = '%s'"
			" WHERE incident_id = %d",
			codes[n], (int)like.incident_id);
		record_exec(r, sql);
	}
	assert_int_equal(pp_store_incident_history(r->db, &like, 5000, &bad, &real), 0);
	assert_int_equal(bad, 4);
	assert_int_equal(real, 0);
	assert_int_equal(pp_store_incident_history(r->db, &like, 5001, &bad, &real), 0);
	assert_int_equal(bad, 0);
	record_exec(r, "UPDATE incident SET closing_code = 'real' WHERE incident_id = 1");
	record_exec(r, "UPDATE incident SET drill = 1 WHERE incident_id = 2");
	assert_int_equal(pp_store_incident_history(r->db, &like, 0, &bad, &real), 0);
	assert_int_equal(bad, 2);
	assert_int_equal(real, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_neighbour_sees_what_is_near_and_lately_and_others_nothing),
		RECORD_TEST(a_place_that_people_named_is_found_by_its_rw),
		RECORD_TEST(posts_count_once_they_have_sent_something),
		RECORD_TEST(links_have_two_directions_and_are_made_once),
		RECORD_TEST(history_counts_how_the_last_ones_were_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
