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

static void on_pause(void *user)
{
	pp_loop_stop(user, 0);
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

/* Neither the gateway nor the bus is there: who was tried is in the words. */
static void the_way_that_a_row_names_is_tried_first_and_then_they_take_turns(void **state)
{
	static const struct {
		const char *via;
		int attempts;
		bool modem;
	} rows[] = {
		{ "", 0, false },
		{ "gateway", 0, false },
		{ "gateway", 1, true },
		{ "modem", 0, true },
		{ "modem", 1, false },
		{ "pigeon", 0, false },
	};
	struct pp_server_settings settings = { .sms = { .modem = true,
						       .bus = "unix:path=/nowhere/bus",
						       .url = "http://127.0.0.1:1/",
						       .template = "{\"to\":\"{{address}}\"}" } };
	char *folder = pp_test_folder(), sql[200];
	struct pp_db *db = record_make(folder);
	struct pp_channel_host host = { .settings = &settings };
	struct heard h = { .count = 0 };
	struct pp_outlet_options options = {
		.name = "sms", .host = &host, .report = on_report, .user = &h
	};
	struct pp_loop_source *timer;

	(void)state;
	assert_int_equal(pp_loop_new(&host.loop), 0);
	assert_int_equal(pp_loop_add_timer(host.loop, 1000, on_pause, host.loop, &timer), 0);
	assert_int_equal(pp_fetcher_new(host.loop, &host.fetcher), 0);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		h.count = 0;
		assert_int_equal(pp_outlet_new(&options, &h.outlet), 0);
		snprintf(sql, sizeof(sql),
			"UPDATE notification SET channel = iif(notification_id = 1, 'sms', 'none'),"
			" text = 'x', address = '+6281234567890', via = '%s', attempts = %d",
			rows[i].via, rows[i].attempts);
		assert_int_equal(pp_db_exec(db, sql), 0);
		assert_int_equal(pp_outlet_scan(h.outlet, db, 100), 0);
		while (h.count == 0) {
			assert_int_equal(
				pp_loop_arm_at(timer, pp_loop_now_us(host.loop) + 10000), 0);
			assert_int_equal(pp_loop_run(host.loop), 0);
		}
		if ((strstr(h.detail, "no bus") != NULL) != rows[i].modem)
			fail_msg("'%s', %d: %s", rows[i].via, rows[i].attempts, h.detail);
		pp_outlet_reported(h.outlet, 0);
		pp_outlet_free(h.outlet);
	}
	pp_fetcher_free(host.fetcher);
	pp_loop_source_free(timer);
	pp_loop_free(host.loop);
	pp_db_close(db);
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_queued_for_a_channel_that_is_not_set_up_fails_at_once),
		cmocka_unit_test(
			the_way_that_a_row_names_is_tried_first_and_then_they_take_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
