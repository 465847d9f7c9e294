/* SPDX-License-Identifier: Apache-2.0 */
/* db_test.c -- common/db on the simulated disk: a shared file as the server's record is, whose
 * making fails at each sync and write in turn. */
#include "db/db.h"

#include "inside.h"
#include "rig.h"

#define PATH "/var/record.db"
#define ROWS 4

static struct {
	int64_t durable, found;
	int result; /* of opening again; 1: not yet */
} self;

static const char *const schema[] = { "CREATE TABLE t(id INTEGER PRIMARY KEY) STRICT" };

static int row_add(struct pp_db *db)
{
	int r = pp_db_begin(db);

	if (r == 0 && (r = pp_db_exec(db, "INSERT INTO t DEFAULT VALUES")) < 0)
		pp_db_rollback(db);
	return r < 0 ? r : pp_db_commit(db);
}

static int make(void *user)
{
	struct pp_db *db;

	(void)user;
	if (pp_db_open(PATH, PP_DB_WRITE, &db) < 0 || pp_db_migrate(db, schema, 1) < 0)
		return 0;
	while (self.durable < ROWS && row_add(db) == 0)
		self.durable++;
	world_process_kill(world_process_current());
	return 0;
}

static int open_again(void *user)
{
	struct pp_stmt *s;
	struct pp_db *db;

	(void)user;
	self.result = pp_db_open(PATH, PP_DB_WRITE, &db);
	CHECK(self.result == 0);
	CHECK(pp_db_migrate(db, schema, 1) == 0);
	CHECK(pp_db_prepare(db, "SELECT count(*) FROM t", &s) == 0);
	CHECK(pp_stmt_step(s) == 1);
	self.found = pp_column_i64(s, 0);
	pp_db_close(db);
	return 0;
}

static void make_and_open(void *user)
{
	struct world_node *n = world_node_new("n");

	(void)user;
	self.result = 1;
	world_disk_put(n, "/var/.keep", "", 0);
	world_node_boot(n, NULL, NULL);
	world_run_until(0);
	world_process_start(n, "first", make, NULL);
	world_run_until(60 * WORLD_S);
	world_node_cut(n);
	world_heal();
	world_node_boot(n, NULL, NULL);
	world_run_until(61 * WORLD_S);
	world_process_start(n, "second", open_again, NULL);
	world_run_until(120 * WORLD_S);
	CHECK(self.result == 0);
	CHECK(self.found >= self.durable);
}

static void a_file_whose_making_failed_somewhere_loses_no_later_commit(void **state)
{
	static const enum world_kind kinds[] = { WORLD_CHOICE_disk_sync, WORLD_CHOICE_disk_write };

	(void)state;
	for (size_t k = 0; k < PP_COUNT(kinds); k++)
		for (uint32_t i = 0; i < 30; i++) {
			const struct world_choice list[] = {
				{ kinds[k], i, 2, 1 },
				{ WORLD_CHOICE_survive, 0, 3, 1 }, /* nothing of the rest */
			};

			in_world_with(list, PP_COUNT(list), make_and_open, NULL);
		}
}

/* ---- a sync of the log that failed, a program that takes over, a power cut ---- */

#define ROUNDS 4

static const char *const pairs[] = { "CREATE TABLE a(alone INTEGER, both INTEGER) STRICT;"
				     "CREATE TABLE b(both INTEGER) STRICT;"
				     "INSERT INTO a VALUES (0, 0); INSERT INTO b VALUES (0)" };

static int change(struct pp_db *db, const char *sql)
{
	int r = pp_db_begin(db);

	if (r == 0 && (r = pp_db_exec(db, sql)) < 0)
		pp_db_rollback(db);
	return r < 0 ? r : pp_db_commit(db);
}

/* Ends at the first failure, as a program does whose commit has failed. */
static int change_pages(void *user)
{
	struct pp_db *db;

	(void)user;
	if (pp_db_open(PATH, PP_DB_WRITE, &db) < 0 || pp_db_migrate(db, pairs, 1) < 0)
		return 0;
	/* The log has one page first, then both. */
	for (int i = 0; i < ROUNDS && pp_db_settle(db) == 0; i++) {
		if (change(db, "UPDATE a SET alone = alone + 1") < 0 ||
			change(db, "UPDATE a SET both = both + 1; UPDATE b SET both = both + 1") <
				0)
			break;
		self.durable++;
	}
	world_process_kill(world_process_current());
	return 0;
}

static int settle(void *user)
{
	struct pp_db *db;

	(void)user;
	if (pp_db_open(PATH, PP_DB_WRITE, &db) == 0)
		(void)pp_db_settle(db);
	world_sleep(60 * WORLD_S); /* the power goes before */
	return 0;
}

static int64_t number(struct pp_db *db, const char *sql)
{
	struct pp_stmt *s;
	int64_t value;

	CHECK(pp_db_prepare(db, sql, &s) == 0);
	CHECK(pp_stmt_step(s) == 1);
	value = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return value;
}

static int look(void *user)
{
	struct pp_stmt *s;
	struct pp_db *db;

	(void)user;
	self.result = pp_db_open(PATH, PP_DB_WRITE, &db);
	CHECK(self.result == 0 && pp_db_migrate(db, pairs, 1) == 0);
	CHECK(pp_db_prepare(db, "PRAGMA integrity_check(1)", &s) == 0 && pp_stmt_step(s) == 1);
	CHECK(strcmp(pp_column_text(s, 0), "ok") == 0);
	pp_stmt_reset(s);
	CHECK(number(db, "SELECT both FROM a") >= self.durable);
	CHECK(number(db, "SELECT a.both = b.both FROM a, b") == 1);
	pp_db_close(db);
	return 0;
}

static void take_over_and_cut(void *user)
{
	struct world_node *n = world_node_new("n");

	(void)user;
	self.result = 1;
	world_disk_put(n, "/var/.keep", "", 0);
	world_node_boot(n, NULL, NULL);
	world_run_until(0);
	world_process_start(n, "first", change_pages, NULL);
	world_run_until(10 * WORLD_S);
	world_process_start(n, "second", settle, NULL);
	world_run_until(60 * WORLD_S);
	world_node_cut(n);
	world_heal();
	world_node_boot(n, NULL, NULL);
	world_run_until(61 * WORLD_S);
	world_process_start(n, "third", look, NULL);
	world_run_until(120 * WORLD_S);
	CHECK(self.result == 0);
}

static void a_log_whose_sync_failed_puts_no_old_pages_over_new_ones(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		for (uint32_t how = 0; how < 3; how++) {
			const struct world_choice list[] = {
				{ WORLD_CHOICE_disk_sync, i, 2, 1 },
				{ WORLD_CHOICE_survive, 0, 3, how },
			};

			in_world_with(list, PP_COUNT(list), take_over_and_cut, NULL);
		}
}

/* ---- the same, and a program that ends before it has settled anything ---- */

static int open_and_close(void *user)
{
	struct pp_db *db;

	(void)user;
	if (pp_db_open(PATH, PP_DB_WRITE, &db) == 0)
		pp_db_close(db);
	return 0;
}

static void end_early_and_cut(void *user)
{
	struct world_node *n = world_node_new("n");
	uint64_t cut_us = 10 * WORLD_S + *(const uint64_t *)user;

	self.result = 1;
	world_disk_put(n, "/var/.keep", "", 0);
	world_node_boot(n, NULL, NULL);
	world_run_until(0);
	world_process_start(n, "first", change_pages, NULL);
	world_run_until(10 * WORLD_S);
	world_process_start(n, "second", open_and_close, NULL);
	world_run_until(cut_us);
	world_node_cut(n);
	world_heal();
	world_node_boot(n, NULL, NULL);
	world_run_until(61 * WORLD_S);
	world_process_start(n, "third", look, NULL);
	world_run_until(120 * WORLD_S);
	CHECK(self.result == 0);
}

static void a_program_that_ends_early_carries_nothing_over_that_the_log_may_lack(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 20; i++)
		for (uint64_t ms = 1; ms < 12; ms++) {
			const struct world_choice list[] = {
				{ WORLD_CHOICE_disk_sync, i, 2, 1 },
				{ WORLD_CHOICE_survive, 0, 3, 0 },
			};

			in_world_with(list, PP_COUNT(list), end_early_and_cut,
				&(uint64_t){ ms * WORLD_MS });
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_whose_making_failed_somewhere_loses_no_later_commit),
		cmocka_unit_test(a_log_whose_sync_failed_puts_no_old_pages_over_new_ones),
		cmocka_unit_test(
			a_program_that_ends_early_carries_nothing_over_that_the_log_may_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
