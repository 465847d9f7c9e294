/* SPDX-License-Identifier: Apache-2.0 */
/* directory_test.c -- who may speak, as the record says it. */
#include "registry/directory.h"

#include "../store/record.h"
#include "store/registry.h"

static void posts_are_found_with_valid_keys_before_revoked_ones(void **state)
{
	struct record *r = *state;
	struct pp_directory *d;
	const struct pp_directory_post *p;

	for (uint8_t i = 1; i <= 6; i++) {
		uint8_t key[32] = { i };

		assert_int_equal(pp_store_key_add(r->db, "kendal", "boja-01", key, i), 0);
		if (i == 2)
			assert_int_equal(
				pp_store_keys_revoke(r->db, "kendal", "boja-01", NULL, 9), 1);
	}
	record_exec(r, "UPDATE post SET active = 0 WHERE post = 'boja-02'");
	assert_int_equal(pp_directory_load(r->db, &d), 0);
	assert_int_equal(pp_directory_count(d), 3);
	p = pp_directory_find(d, "kendal", "boja-01");
	assert_non_null(p);
	assert_true(p->active);
	assert_int_equal(p->key_count, 4);
	assert_int_equal(p->revoked_count, 2);
	assert_int_equal(p->keys[0][0], 6);
	assert_int_equal(p->keys[3][0], 3);
	assert_int_equal(p->keys[4][0], 2);
	p = pp_directory_find(d, "kendal", "boja-02");
	assert_false(p->active);
	assert_int_equal(p->key_count, 0);
	assert_null(pp_directory_find(d, "serang", "boja-02"));
	assert_null(pp_directory_find(d, "kendal", "boja-0"));
	assert_true(pp_directory_has_tenant(d, "serang"));
	assert_false(pp_directory_has_tenant(d, "kediri"));
	assert_string_equal(pp_directory_at(d, 2)->tenant, "serang");
	pp_directory_free(d);
}

static void only_the_newest_keys_are_kept(void **state)
{
	struct record *r = *state;
	struct pp_directory *d;
	const struct pp_directory_post *p;

	for (uint8_t i = 1; i <= 7; i++) {
		uint8_t key[32] = { i };

		assert_int_equal(pp_store_key_add(r->db, "kendal", "boja-01", key, i), 0);
	}
	assert_int_equal(pp_directory_load(r->db, &d), 0);
	p = pp_directory_find(d, "kendal", "boja-01");
	assert_int_equal(p->key_count, PP_DIRECTORY_KEYS_MAX);
	assert_int_equal(p->keys[0][0], 7);
	pp_directory_free(d);
}

enum { ALL_SIZE = 200 };

static int serials_join(void *user, const struct pp_directory_certificate *c)
{
	char *all = user;
	size_t length = strlen(all);

	snprintf(all + length, ALL_SIZE - length, "%s%s", c->serial, c->revoked ? "- " : " ");
	return 0;
}

static void certificates_are_told_with_what_became_of_their_keys(void **state)
{
	struct record *r = *state;
	char all[ALL_SIZE] = "";

	record_exec(r, "INSERT INTO post_key VALUES ('kendal', 'boja-01', zeroblob(32), 5, 9),"
		       " ('kendal', 'boja-02', x'01', 5, NULL)");
	record_exec(r, "INSERT INTO post_certificate VALUES"
		       " ('B', 'kendal', 'boja-01', zeroblob(32), 5, 50),"
		       " ('A', 'kendal', 'boja-01', zeroblob(32), 6, 60),"
		       " ('C', 'kendal', 'boja-02', x'01', 4, 40)");
	assert_int_equal(
		pp_directory_certificates(r->db, "kendal", "boja-01", serials_join, all), 0);
	assert_string_equal(all, "B- A- ");
	assert_int_equal(pp_directory_certificates(r->db, NULL, NULL, serials_join, all), 0);
	assert_string_equal(all, "B- A- B- A- C ");
}

static void it_knows_when_the_registry_has_changed(void **state)
{
	struct record *r = *state;
	struct pp_directory *d;

	assert_int_equal(pp_directory_load(r->db, &d), 0);
	assert_int_equal(pp_directory_is_current(d, r->db), 1);
	assert_int_equal(pp_store_registry_bump(r->db), 0);
	assert_int_equal(pp_directory_is_current(d, r->db), 0);
	pp_directory_free(d);
}

static void an_empty_record_has_nobody(void **state)
{
	struct record *r = *state;
	struct pp_directory *d;

	record_exec(r, "DELETE FROM point; DELETE FROM post");
	assert_int_equal(pp_directory_load(r->db, &d), 0);
	assert_null(pp_directory_find(d, "kendal", "boja-01"));
	assert_null(pp_directory_free(d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(posts_are_found_with_valid_keys_before_revoked_ones),
		RECORD_TEST(only_the_newest_keys_are_kept),
		RECORD_TEST(certificates_are_told_with_what_became_of_their_keys),
		RECORD_TEST(it_knows_when_the_registry_has_changed),
		RECORD_TEST(an_empty_record_has_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
