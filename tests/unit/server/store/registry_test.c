/* SPDX-License-Identifier: Apache-2.0 */
/* registry_test.c -- putting, retiring and listing what a site file says. */
#include "store/registry.h"

#include "record.h"

#include <errno.h>

static int id_join(void *user, const char *id)
{
	char *all = user;

	snprintf(all + strlen(all), 100 - strlen(all), "%s,", id);
	return 0;
}

static void putting_tells_whether_it_changed_anything(void **state)
{
	struct record *r = *state;
	static const struct {
		enum pp_registry_table table;
		struct pp_arg args[11];
	} cases[] = {
		{ PP_TABLE_TENANT, { PP_TEXT("kediri"), PP_TEXT("Kediri"), PP_TEXT("KDR"),
					   PP_TEXT("Asia/Jakarta"), PP_I64(0) } },
		{ PP_TABLE_KECAMATAN, { PP_TEXT("kendal"), PP_TEXT("k2"), PP_TEXT("Weleri") } },
		{ PP_TABLE_DESA, { PP_TEXT("kendal"), PP_TEXT("d2"), PP_TEXT("k1"),
					 PP_TEXT("Penyangkringan") } },
		{ PP_TABLE_POST,
			{ PP_TEXT("kendal"), PP_TEXT("weleri-01"), PP_TEXT("Weleri"), PP_TEXT("d1"),
				PP_TEXT("03"), PP_REAL(-6.9), PP_REAL(110.1), PP_TEXT("Bu Siti"),
				PP_TEXT(NULL), PP_I64(1) } },
		{ PP_TABLE_POINT,
			{ PP_TEXT("kendal"), PP_TEXT("boja-02"), PP_TEXT("smoke"), PP_TEXT("smoke"),
				PP_TEXT("fire"), PP_I64(0), PP_TEXT("Asap"), PP_TEXT("Smoke") } },
		{ PP_TABLE_WEBHOOK, { PP_TEXT("kendal"), PP_TEXT("new"), PP_TEXT("https://x/"),
					    PP_TEXT("secret"), PP_TEXT("{}"), PP_TEXT("json"),
					    PP_TEXT("Bearer t"), PP_TEXT("ok=true") } },
	};

	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		assert_int_equal(pp_store_put(r->db, cases[i].table, cases[i].args), 1);
		assert_int_equal(pp_store_put(r->db, cases[i].table, cases[i].args), 0);
	}
	assert_int_equal(pp_store_put(r->db, PP_TABLE_KECAMATAN,
				 PP_ARGS(PP_TEXT("kendal"), PP_TEXT("k2"), PP_TEXT("Weleri Baru"))),
		1);
}

static void a_row_without_its_parent_is_refused(void **state)
{
	struct record *r = *state;

	assert_int_equal(pp_store_put(r->db, PP_TABLE_DESA,
				 PP_ARGS(PP_TEXT("kendal"), PP_TEXT("d9"), PP_TEXT("nowhere"),
					 PP_TEXT("x"))),
		-EINVAL);
}

static void what_is_retired_is_no_longer_listed(void **state)
{
	struct record *r = *state;
	char posts[100] = "", points[100] = "", hooks[100] = "";

	assert_int_equal(pp_store_retire(r->db, PP_TABLE_POST, "kendal", NULL, "boja-02"), 1);
	assert_int_equal(pp_store_retire(r->db, PP_TABLE_POST, "kendal", NULL, "boja-02"), 0);
	assert_int_equal(
		pp_store_retire(r->db, PP_TABLE_POINT, "kendal", "boja-01", "panic-silent"), 1);
	assert_int_equal(pp_store_each_id(r->db, PP_TABLE_POST, "kendal", NULL, id_join, posts), 0);
	assert_int_equal(
		pp_store_each_id(r->db, PP_TABLE_POINT, "kendal", "boja-01", id_join, points), 0);
	assert_int_equal(
		pp_store_each_id(r->db, PP_TABLE_WEBHOOK, "kendal", NULL, id_join, hooks), 0);
	assert_string_equal(posts, "boja-01,");
	assert_string_equal(points, "panic-crime,");
	assert_string_equal(hooks, "bot,");
}

static int keys_join(void *user, const struct pp_store_key *k)
{
	char *all = user;

	snprintf(all + strlen(all), 200 - strlen(all), "%s/%s %c%c;", k->tenant, k->post,
		k->key ? (char)k->key[0] : '-', k->revoked ? 'r' : '.');
	return 0;
}

static void keys_are_listed_newest_first_and_posts_without_keys_too(void **state)
{
	struct record *r = *state;
	uint8_t a[32] = "A", b[32] = "B";
	struct pp_store_key_owner owner;
	char all[200] = "";

	assert_int_equal(pp_store_key_add(r->db, "kendal", "boja-01", a, 10), 0);
	assert_int_equal(pp_store_keys_revoke(r->db, "kendal", "boja-01", NULL, 15), 1);
	assert_int_equal(pp_store_keys_revoke(r->db, "kendal", "boja-01", NULL, 16), 0);
	assert_int_equal(pp_store_key_add(r->db, "kendal", "boja-01", b, 20), 0);
	assert_int_equal(pp_store_key_add(r->db, "kendal", "boja-02", b, 20), -EEXIST);
	assert_int_equal(pp_store_each_key(r->db, keys_join, all), 0);
	assert_string_equal(all, "kendal/boja-01 B.;kendal/boja-01 Ar;kendal/boja-02 -.;"
				 "serang/boja-01 -.;");
	assert_int_equal(pp_store_key_owner(r->db, a, &owner), 1);
	assert_string_equal(owner.post, "boja-01");
	assert_true(owner.revoked);
}

static void points_posts_and_the_revision_are_looked_up(void **state)
{
	struct record *r = *state;
	struct pp_store_point point;
	int64_t before, after;

	assert_int_equal(pp_store_point(r->db, "kendal", "boja-01", "panic-silent", &point), 1);
	assert_true(point.silent);
	assert_string_equal(point.label_id, "Senyap");
	assert_int_equal(pp_store_point(r->db, "serang", "boja-01", "panic-silent", &point), 0);
	assert_int_equal(pp_store_post_exists(r->db, "kendal", "boja-02"), 1);
	assert_int_equal(pp_store_post_exists(r->db, "serang", "boja-02"), 0);
	assert_int_equal(pp_store_tenant_exists(r->db, "serang"), 1);
	assert_int_equal(pp_store_registry_rev(r->db, &before), 0);
	assert_int_equal(pp_store_registry_bump(r->db), 0);
	assert_int_equal(pp_store_registry_rev(r->db, &after), 0);
	assert_int_equal(after, before + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(putting_tells_whether_it_changed_anything),
		RECORD_TEST(a_row_without_its_parent_is_refused),
		RECORD_TEST(what_is_retired_is_no_longer_listed),
		RECORD_TEST(keys_are_listed_newest_first_and_posts_without_keys_too),
		RECORD_TEST(points_posts_and_the_revision_are_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
