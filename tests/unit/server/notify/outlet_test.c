/* SPDX-License-Identifier: Apache-2.0 */
/* outlet_test.c -- rows of a real record through a channel that is not there; what is sent for real
 * is in notifier_test.c. */
#include "notify/outlet.h"

#include "pospin_test.h"

#include "store/schema.h"

struct heard {
	struct pp_outlet *outlet;
	int count, failed;
	char detail[160];
};

static void on_report(void *user, const struct pp_outlet_report *report)
{
	struct heard *h = user;

	h->count++;
	h->failed += report->verdict->state == PP_NOTIFY_FAILED;
	snprintf(h->detail, sizeof(h->detail), "%s", report->verdict->detail);
}

static struct pp_db *record_make(const char *folder)
{
	struct pp_db *db = NULL;
	char path[600];

	snprintf(path, sizeof(path), "%s/record.db", folder);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, pp_store_script_count), 0);
	assert_int_equal(
		pp_db_exec(db,
			"INSERT INTO tenant VALUES ('kendal', 'Kendal', 'KDL', 'Asia/Jakarta', 1);"
			"INSERT INTO event (tenant, height, at, kind, actor, body, previous, hash)"
			" VALUES ('kendal', 1, 1, 'x', 'server', '{}', zeroblob(32),"
			" zeroblob(32));"
			"INSERT INTO notification (tenant, event_id, channel, target, key, body,"
			" state, attempts, created, next, changed, detail, contact, address)"
			" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
			" WHERE i < 6) SELECT 'kendal', 1, 'pigeon', 'rt', 'k' || i, '{}',"
			" 'queued', 0, 1, 1, 1, '', 'rt', 'roof' FROM n;"),
		0);
	return db;
}

static void what_is_queued_for_a_channel_that_is_not_set_up_fails_at_once(void **state)
{
	char *folder = pp_test_folder();
	struct pp_db *db = record_make(folder);
	struct pp_channel_host host = { .settings = NULL };
	struct heard h = { .count = 0 };
	struct pp_outlet_options options = {
		.name = "pigeon", .host = &host, .report = on_report, .user = &h
	};

	(void)state;
	assert_int_equal(pp_outlet_new(&options, &h.outlet), 0);
	assert_int_equal(pp_outlet_scan(h.outlet, db, 100), 0);
	/* Four of one recipient are read; until they are reported they are under way. */
	assert_int_equal(h.count, 4);
	assert_int_equal(h.failed, 4);
	assert_string_equal(h.detail, "pigeon is not set up at this server");
	assert_int_equal(pp_outlet_scan(h.outlet, db, 100), 0);
	assert_int_equal(h.count, 4);
	assert_int_equal(
		pp_db_exec(db, "UPDATE notification SET state = 'failed'"
			       " WHERE notification_id = 1"),
		0);
	pp_outlet_reported(h.outlet, 0);
	assert_int_equal(pp_outlet_scan(h.outlet, db, 100), 0);
	assert_int_equal(h.count, 5);
	pp_outlet_free(h.outlet);
	pp_db_close(db);
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_queued_for_a_channel_that_is_not_set_up_fails_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
