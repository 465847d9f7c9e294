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

/* A record in which words that others have it have been said already. */
static void a_word_that_was_said_before_counts_as_it_did(void **state)
{
	static const char rows[] =
		"INSERT INTO incident (incident_id, tenant, number, post, class, state, rev,"
		" silent, late, drill, occurred, opened, signals, restored)"
		" WITH n(i) AS (VALUES (1), (2), (3)) SELECT i, 'kendal', 'KDL-' || i, 'boja-01',"
		" 'crime', iif(i = 3, 'closed', 'open'), 1, 0, 0, 0, 1, 1, 1, 0 FROM n;"
		"INSERT INTO event (event_id, tenant, height, at, kind, actor, incident_id, body,"
		" previous, hash) WITH n(i) AS (VALUES (1), (2), (3))"
		" SELECT i, 'kendal', i, 1, 'x', 'y', i, '{}', x'', x'' FROM n;"
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key,"
		" body, state, attempts, created, next, changed, detail, contact, address, purpose)"
		" WITH n(i, incident, event, contact, purpose) AS (VALUES"
		" (1, 1, 1, 'a', 'alarm'), (2, 1, 2, 'b', 'alarm'), (3, 1, 1, 'c', 'alarm'),"
		" (4, 3, 3, 'a', 'alarm'), (5, 1, 1, 'a', 'stop'), (6, 1, 1, 'b', 'stop'),"
		" (7, 1, 2, 'c', 'stop'), (8, 3, 3, 'a', 'stop'), (9, 1, 1, 'a', 'alarm'))"
		" SELECT 'kendal', incident, event, 'sms', contact, i, '', 'sent', 1, 1, 1, 1, '',"
		" contact, '+62', purpose FROM n;";
	char *folder = pp_test_folder(), path[600];
	struct pp_stmt *s;
	struct pp_db *db;
	size_t before = 0;

	(void)state;
	while (!strstr(pp_store_scripts[before], "ADD COLUMN word"))
		before++;
	snprintf(path, sizeof(path), "%s/old.db", folder);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, before), 0);
	if (pp_db_exec(db, record_rows) < 0 || pp_db_exec(db, rows) < 0)
		fail_msg("%s", pp_db_error(db));
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, pp_store_script_count), 0);
	assert_int_equal(pp_store_first(db,
				 "SELECT group_concat(key || ' ' || word, ', ') FROM (SELECT *"
				 " FROM notification WHERE purpose = 'alarm' ORDER BY"
				 " notification_id)",
				 PP_NO_ARGS, &s),
		1);
	/* Of one that is closed nobody is told any more; the ninth came after the word. */
	assert_string_equal(pp_column_text(s, 0), "1 1, 2 1, 3 0, 4 0, 9 0");
	pp_stmt_reset(s);
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
		cmocka_unit_test(a_word_that_was_said_before_counts_as_it_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
