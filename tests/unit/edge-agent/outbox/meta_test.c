/* SPDX-License-Identifier: Apache-2.0 */
/* meta_test.c -- what the file says of its own numbers is believed only as it was written. */
#include "outbox_rig.h"

#include "db/db.h"

static struct pp_outbox *o;

static int try_open(const struct pp_outbox_options *options)
{
	int r = pp_outbox_open(options, &o);

	if (r == 0)
		o = pp_outbox_close(o);
	return r;
}

static void run_sql(const char *sql)
{
	struct pp_db *db;

	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	if (pp_db_exec(db, sql) < 0)
		fail_msg("%s: %s", sql, pp_db_error(db));
	pp_db_close(db);
}

static void every_column_is_sealed(void **state)
{
	static const char *const changes[] = { "epoch = '00112233445566ff'", "seq = 1", "boot = 2",
		"boot_id = 'x'", "receipted_alarms = 1", "seal = x'00'" };
	struct pp_outbox_options options = rig_options();

	for (size_t i = 0; i < PP_COUNT(changes); i++) {
		char sql[200];

		rig_end(state);
		rig_begin(state);
		options = rig_options();
		assert_int_equal(try_open(&options), 0);
		snprintf(sql, sizeof(sql), "UPDATE meta SET %s", changes[i]);
		run_sql(sql);
		if (try_open(&options) != -EBADMSG)
			fail_msg("%s was believed", changes[i]);
	}
}

static void the_outbox_of_another_post_is_not_ours(void **state)
{
	struct pp_outbox_options options = rig_options();

	(void)state;
	assert_int_equal(try_open(&options), 0);
	options.topic = "pospin/v1/kendal/boja-02/signal";
	assert_int_equal(try_open(&options), -EBADMSG);
}

static void a_file_of_the_version_before_is_taken_on_and_sealed(void **state)
{
	struct pp_outbox_options options = rig_options();

	(void)state;
	assert_int_equal(try_open(&options), 0);
	run_sql("ALTER TABLE meta DROP COLUMN seal; DROP TABLE salvage; DROP TABLE searched;"
		" PRAGMA user_version = 2");
	assert_int_equal(try_open(&options), 0);
	run_sql("UPDATE meta SET seq = 7");
	assert_int_equal(try_open(&options), -EBADMSG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_column_is_sealed),
		TEST(the_outbox_of_another_post_is_not_ours),
		TEST(a_file_of_the_version_before_is_taken_on_and_sealed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
