/* SPDX-License-Identifier: Apache-2.0 */
/* plans_test.c -- revisions of plans, contacts and places. */
#include "store/plans.h"

#include "record.h"

#include <errno.h>

static void an_older_revision_stays_as_it_was(void **state)
{
	struct record *r = *state;
	const uint8_t digest[32] = "digest";
	struct pp_plan_row row = { "kendal", "{\"a\":1}", "ctl:root", 1, 10, digest };
	int64_t rev = 0;
	char *body;

	assert_int_equal(pp_store_plan(r->db, "kendal", &rev, &body), 0);
	assert_int_equal(pp_store_plan_add(r->db, &row), 0);
	assert_int_equal(pp_store_plan_add(r->db, &row), -EEXIST);
	row.rev = 2;
	row.body = "{\"a\":2}";
	assert_int_equal(pp_store_plan_add(r->db, &row), 0);

	assert_int_equal(pp_store_plan(r->db, "kendal", &rev, &body), 1);
	assert_int_equal(rev, 2);
	assert_string_equal(body, "{\"a\":2}");
	free(body);
	rev = 1;
	assert_int_equal(pp_store_plan(r->db, "kendal", &rev, &body), 1);
	assert_string_equal(body, "{\"a\":1}");
	free(body);
	rev = 3;
	assert_int_equal(pp_store_plan(r->db, "kendal", &rev, &body), 0);
	rev = 0;
	assert_int_equal(pp_store_plan(r->db, "serang", &rev, &body), 0);
}

static void the_count_of_changes_goes_up(void **state)
{
	struct record *r = *state;
	int64_t before, after;

	assert_int_equal(pp_store_plans_rev(r->db, &before), 0);
	assert_int_equal(pp_store_plans_bump(r->db), 0);
	assert_int_equal(pp_store_plans_rev(r->db, &after), 0);
	assert_int_equal(after, before + 1);
}

static int contact_write(void *user, const struct pp_store_contact *c)
{
	char *text = user;
	size_t used = strlen(text);

	snprintf(text + used, 400 - used, "%s/%s/%s/%s/%lld/%s/%s\n", c->contact, c->name, c->role,
		c->language, (long long)c->verified_ms, c->kind ? c->kind : "-",
		c->address ? c->address : "-");
	return 0;
}

static int contact_stop(void *user, const struct pp_store_contact *c)
{
	(void)user;
	(void)c;
	return -ECANCELED;
}

static void a_contact_is_what_was_put_last_and_is_gone_when_it_is_erased(void **state)
{
	struct record *r = *state;
	char ronda[] = "ronda", rt[] = "rt", budi[] = "Budi", siti[] = "Siti", role[] = "ketua-rt",
	     phone[] = "+62811", mail[] = "a@b";
	struct pp_plan_way ways[] = { { PP_WAY_SMS, phone }, { PP_WAY_MAIL, mail } };
	struct pp_plan_contact c = { rt, budi, role, PP_LANGUAGE_ID, 5, 2, ways };
	char text[400] = "";

	assert_int_equal(pp_store_contact_put(r->db, "kendal", &c), 0);
	c = (struct pp_plan_contact){ ronda, siti, role, PP_LANGUAGE_EN, 0, 0, NULL };
	assert_int_equal(pp_store_contact_put(r->db, "kendal", &c), 0);
	assert_int_equal(pp_store_each_contact(r->db, "kendal", contact_write, text), 0);
	assert_string_equal(text, "ronda/Siti/ketua-rt/en/0/-/-\n"
				  "rt/Budi/ketua-rt/id/5/sms/+62811\n"
				  "rt/Budi/ketua-rt/id/5/mail/a@b\n");
	assert_int_equal(pp_store_each_contact(r->db, "kendal", contact_stop, NULL), -ECANCELED);

	c = (struct pp_plan_contact){ rt, siti, role, PP_LANGUAGE_ID, 7, 1, &ways[1] };
	assert_int_equal(pp_store_contact_put(r->db, "kendal", &c), 0);
	assert_int_equal(pp_store_contact_verify(r->db, "kendal", "rt", 9), 1);
	assert_int_equal(pp_store_contact_verify(r->db, "serang", "rt", 9), 0);
	assert_int_equal(pp_store_contact_remove(r->db, "kendal", "ronda"), 1);
	assert_int_equal(pp_store_contact_remove(r->db, "kendal", "ronda"), 0);
	text[0] = '\0';
	assert_int_equal(pp_store_each_contact(r->db, "kendal", contact_write, text), 0);
	assert_string_equal(text, "rt/Siti/ketua-rt/id/9/mail/a@b\n");
}

static int place_write(void *user, const struct pp_store_place *p)
{
	char *text = user;
	size_t used = strlen(text);

	snprintf(text + used, 400 - used, "%s|%s|%s\n", p->kecamatan, p->desa, p->post);
	return 0;
}

static int place_stop(void *user, const struct pp_store_place *p)
{
	(void)user;
	(void)p;
	return -ECANCELED;
}

static void places_are_every_kecamatan_desa_and_active_post(void **state)
{
	struct record *r = *state;
	char text[400] = "", desa[48], kecamatan[48];

	assert_int_equal(pp_store_each_place(r->db, "kendal", place_write, text), 0);
	assert_string_equal(text, "k1||\nk1|d1|\nk1|d1|boja-01\nk1|d1|boja-02\n");
	assert_int_equal(pp_store_each_place(r->db, "kendal", place_stop, NULL), -ECANCELED);
	assert_int_equal(pp_store_place_of(r->db, "kendal", "boja-01", desa, kecamatan), 1);
	assert_string_equal(desa, "d1");
	assert_string_equal(kecamatan, "k1");
	assert_int_equal(pp_store_place_of(r->db, "kendal", "nowhere", desa, kecamatan), 0);
}

static void near_are(struct record *r, const struct pp_store_near *of, const char *want)
{
	char posts[PP_STORE_NEAR_MAX][PP_POST_MAX + 1], text[400] = "";
	int count = pp_store_posts_near(r->db, "kendal", of, posts);

	for (int i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", posts[i]);
	assert_string_equal(text, want);
}

static void the_nearest_posts_come_first_and_no_more_than_eight(void **state)
{
	struct record *r = *state;
	/* A degree of latitude is 111 km: 0.001 are 111 m. */
	static const char *const posts[] = { "'a', 'd9', '7', 0.0026", "'b', 'd9', '7', 0.0010",
		"'c', 'd9', '7', -0.0005", "'far', 'd9', '7', 0.0030",
		"'same-rw', 'd1', '01', 0.5" };
	char sql[400];

	assert_int_equal(pp_db_exec(r->db, "PRAGMA foreign_keys = OFF"), 0);
	assert_int_equal(pp_db_exec(r->db, "DELETE FROM post; INSERT INTO post VALUES ('kendal',"
					   " 'here', '', 'd1', '01', -7, 110, '', '', 1)"),
		0);
	for (size_t i = 0; i < PP_COUNT(posts); i++) {
		snprintf(sql, sizeof(sql),
			"INSERT INTO post SELECT 'kendal', id, '', desa, rw, -7 + north, 110, '',"
			" '', 1 FROM (SELECT column1 AS id, column2 AS desa, column3 AS rw, column4"
			" AS north FROM (VALUES (%s)))",
			posts[i]);
		assert_int_equal(pp_db_exec(r->db, sql), 0);
	}
	assert_int_equal(pp_db_exec(r->db, "INSERT INTO post VALUES ('kendal', 'east', '', 'd9',"
					   " '7', -7, 110.003, '', '', 1)"),
		0);
	near_are(r, &(struct pp_store_near){ "here", "", "" }, "c b a same-rw ");
	near_are(r, &(struct pp_store_near){ "", "d1", "01" }, "here same-rw ");
	near_are(r, &(struct pp_store_near){ "", "d1", "" }, "");
	near_are(r, &(struct pp_store_near){ "nowhere", "", "" }, "");
	assert_int_equal(pp_db_exec(r->db, "UPDATE post SET active = 0 WHERE post = 'b'"), 0);
	near_are(r, &(struct pp_store_near){ "here", "", "" }, "c a same-rw ");
	assert_int_equal(
		pp_db_exec(r->db,
			"WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i <"
			" 9) INSERT INTO post SELECT 'kendal', 'n' || i, '', 'd9', '7', -7 +"
			" 0.0001 * i, 110, '', '', 1 FROM k"),
		0);
	near_are(r, &(struct pp_store_near){ "here", "", "" }, "n1 n2 n3 n4 c n5 n6 n7 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_older_revision_stays_as_it_was),
		RECORD_TEST(the_count_of_changes_goes_up),
		RECORD_TEST(a_contact_is_what_was_put_last_and_is_gone_when_it_is_erased),
		RECORD_TEST(places_are_every_kecamatan_desa_and_active_post),
		RECORD_TEST(the_nearest_posts_come_first_and_no_more_than_eight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
