/* SPDX-License-Identifier: Apache-2.0 */
/* schema_test.c -- what the tables themselves forbid. */
#include "record.h"

#include <errno.h>

static void the_timeline_is_append_only(void **state)
{
	struct record *r = *state;

	record_event(r, NULL, "security", "{}");
	assert_int_equal(pp_db_exec(r->db, "UPDATE event SET body = '[]'"), -EINVAL);
	assert_int_equal(pp_db_exec(r->db, "DELETE FROM event"), -EINVAL);
	assert_non_null(strstr(pp_db_error(r->db), "append-only"));
}

static void a_tenants_heights_and_prefixes_are_its_own(void **state)
{
	struct record *r = *state;

	record_event(r, NULL, "security", "{}");
	assert_int_equal(
		pp_db_exec(r->db,
			"INSERT INTO event (tenant, height, at, kind, actor, body, previous,"
			" hash) VALUES ('kendal', 1, 0, 'x', 'y', '{}', x'', x'')"),
		-EEXIST);
	assert_int_equal(pp_db_exec(r->db,
				 "INSERT INTO tenant VALUES ('kediri', 'Kediri', 'KDL', 'UTC', 0)"),
		-EEXIST);
}

static void migrating_again_changes_nothing(void **state)
{
	struct record *r = *state;

	assert_int_equal(pp_db_migrate(r->db, pp_store_scripts, pp_store_script_count), 0);
}

/* A record as version 1 has made it, with a post that has a key. */
static void a_record_of_the_version_before_opens_with_what_it_holds(void **state)
{
	static const char old_key[] =
		"INSERT INTO post_key VALUES ('kendal', 'boja-01', zeroblob(32), 5, NULL)";
	struct record *r = *state;
	struct pp_db *db;
	int64_t count;
	char path[600];

	for (size_t version = 1; version < pp_store_script_count; version++) {
		snprintf(path, sizeof(path), "%s/v%zu.db", r->folder, version);
		assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
		assert_int_equal(pp_db_migrate(db, pp_store_scripts, version), 0);
		assert_int_equal(pp_db_exec(db, record_rows), 0);
		assert_int_equal(pp_db_exec(db, old_key), 0);
		pp_db_close(db);
		assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
		assert_int_equal(pp_db_migrate(db, pp_store_scripts, pp_store_script_count), 0);
		assert_int_equal(
			pp_store_number(db, "SELECT count(*) FROM post_key", PP_NO_ARGS, &count),
			0);
		assert_int_equal(count, 1);
		assert_int_equal(pp_store_number(db, "SELECT count(*) FROM post_certificate",
					 PP_NO_ARGS, &count),
			0);
		assert_int_equal(count, 0);
		pp_db_close(db);
	}
}

static void a_record_of_the_first_version_becomes_one_of_today_with_all_that_it_holds(void **state)
{
	char *folder = pp_test_folder(), path[600];
	struct pp_db *db;
	int64_t found;

	(void)state;
	snprintf(path, sizeof(path), "%s/old.db", folder);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, 1), 0);
	assert_int_equal(
		pp_db_exec(db, "INSERT INTO incident (tenant, number, post, class, state, rev,"
			       " silent, late, drill, occurred, opened, signals, restored) VALUES"
			       " ('kendal', 'KDL-26-000001', 'boja-01', 'crime', 'open', 3, 0, 0,"
			       " 0, 1, 2, 3, 0);"
			       "INSERT INTO epoch VALUES ('kendal', 'boja-01', 'ab', 7, 1, 2, 3)"),
		0);
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, pp_store_script_count), 0);
	assert_int_equal(
		pp_store_number(db, "SELECT count(*) FROM incident WHERE rev = 3 AND storm = ''",
			PP_NO_ARGS, &found),
		0);
	assert_int_equal(found, 1);
	assert_int_equal(pp_store_number(db, "SELECT high FROM epoch", PP_NO_ARGS, &found), 0);
	assert_int_equal(found, 7);
	assert_int_equal(pp_store_number(db, "SELECT count(*) FROM storm", PP_NO_ARGS, &found), 0);
	pp_db_close(db);
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(the_timeline_is_append_only),
		RECORD_TEST(a_tenants_heights_and_prefixes_are_its_own),
		RECORD_TEST(migrating_again_changes_nothing),
		cmocka_unit_test(
			a_record_of_the_first_version_becomes_one_of_today_with_all_that_it_holds),
		RECORD_TEST(a_record_of_the_version_before_opens_with_what_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
