/* SPDX-License-Identifier: Apache-2.0 */
/* log_test.c -- what a program left in the log stays there until it is settled. */
#include "pospin_test.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"

static const char *const schema[] = { "CREATE TABLE post (name TEXT) STRICT;" };

static char *folder;
static char path[512], log_path[520];

static int begin(void **state)
{
	(void)state;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/test.db", folder);
	snprintf(log_path, sizeof(log_path), "%s-wal", path);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pp_test_folder_remove(folder);
	return 0;
}

static struct pp_db *opened(enum pp_db_mode mode)
{
	struct pp_db *db;

	assert_int_equal(pp_db_open(path, mode, &db), 0);
	return db;
}

/* Bytes in the log; 0: there is none. */
static long log_bytes(void)
{
	struct stat st;

	return stat(log_path, &st) == 0 ? (long)st.st_size : 0;
}

static void write_one(struct pp_db *db)
{
	assert_int_equal(pp_db_migrate(db, schema, 1), 0);
	assert_int_equal(pp_db_exec(db, "INSERT INTO post VALUES ('boja-01')"), 0);
}

/* A program that ends without closing: its log stays. */
static void leave_a_log(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct pp_db *db;

		if (pp_db_open(path, PP_DB_WRITE, &db) < 0 || pp_db_migrate(db, schema, 1) < 0 ||
			pp_db_exec(db, "INSERT INTO post VALUES ('boja-01')") < 0)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(log_bytes() > 0);
}

static void a_log_that_was_left_behind_is_not_carried_by_who_closes(void **state)
{
	static const enum pp_db_mode modes[] = { PP_DB_READ, PP_DB_WRITE, PP_DB_ALONE };
	long left;

	(void)state;
	leave_a_log();
	left = log_bytes();
	for (size_t i = 0; i < PP_COUNT(modes); i++) {
		pp_db_close(opened(modes[i]));
		assert_int_equal(log_bytes(), left);
	}
}

static void what_was_settled_is_carried(void **state)
{
	struct pp_db *db;

	(void)state;
	leave_a_log();
	db = opened(PP_DB_WRITE);
	assert_int_equal(pp_db_settle(db), 0);
	assert_int_equal(log_bytes(), 0);
	assert_int_equal(pp_db_exec(db, "INSERT INTO post VALUES ('boja-02')"), 0);
	pp_db_close(db);
	assert_int_equal(log_bytes(), 0);
}

static void a_log_of_ones_own_is_carried(void **state)
{
	struct pp_db *db;

	(void)state;
	db = opened(PP_DB_WRITE);
	write_one(db);
	assert_true(log_bytes() > 0);
	pp_db_close(db);
	assert_int_equal(log_bytes(), 0);
	db = opened(PP_DB_WRITE);
	assert_int_equal(pp_db_exec(db, "INSERT INTO post VALUES ('boja-02')"), 0);
	pp_db_close(db);
	assert_int_equal(log_bytes(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_log_that_was_left_behind_is_not_carried_by_who_closes),
		TEST(what_was_settled_is_carried),
		TEST(a_log_of_ones_own_is_carried),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
