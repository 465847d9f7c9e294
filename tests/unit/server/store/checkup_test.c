/* SPDX-License-Identifier: Apache-2.0 */
/* checkup_test.c -- figures and lists, each after the rows that must move it. */
#include "store/checkup.h"

#include <errno.h>

#include "record.h"

#include "json_text.h"

static void expect(struct record *r, enum pp_checkup_list list, int64_t arg, const char *want)
{
	struct pp_json *rows = NULL;
	int got = pp_query_checkup(r->db, list, arg, 100, &rows);

	if (got < 0)
		fail_msg("list %d: %d %s", list, got, pp_db_error(r->db));
	assert_json(rows, want);
}

static void every_post_is_in_one_of_four_states(void **state)
{
	struct record *r = *state;
	struct pp_figures f;

	assert_int_equal(pp_query_figures(r->db, &f), 0);
	assert_int_equal(f.posts_never, 3);
	assert_int_equal(f.posts_heard + f.posts_silent + f.posts_inactive, 0);
	assert_int_equal(f.unacknowledged_since_ms + f.silent_since_ms + f.events, 0);
	record_exec(r,
		"INSERT INTO post_state (tenant, post, arrived, supervised, config, version, "
		"oldest) VALUES ('kendal', 'boja-01', 77, 1, 'c', '0.1', 0),"
		" ('kendal', 'boja-02', 66, 0, 'c', '0.2', 0)");
	record_exec(r, "UPDATE post SET active = 0 WHERE tenant = 'serang'");
	assert_int_equal(pp_query_figures(r->db, &f), 0);
	assert_int_equal(f.posts_heard, 1);
	assert_int_equal(f.posts_silent, 1);
	assert_int_equal(f.silent_since_ms, 66);
	assert_int_equal(f.posts_never, 0);
	assert_int_equal(f.posts_inactive, 1);
	expect(r, PP_LIST_SILENT, 0, "[{\"tenant\":\"kendal\",\"post\":\"boja-02\",\"since\":66}]");
	expect(r, PP_LIST_VERSIONS, 0,
		"[{\"version\":\"0.1\",\"posts\":1,\"example\":\"kendal/boja-01\"},"
		"{\"version\":\"0.2\",\"posts\":1,\"example\":\"kendal/boja-02\"}]");
	/* All its keys are revoked: it may be silent. */
	record_exec(r, "INSERT INTO post_key VALUES ('kendal', 'boja-02', x'02', 7, 8)");
	assert_int_equal(pp_query_figures(r->db, &f), 0);
	assert_int_equal(f.posts_silent, 0);
	assert_int_equal(f.posts_inactive, 2);
	expect(r, PP_LIST_SILENT, 0, "[]");
}

static void the_oldest_alarm_that_nobody_has_taken_is_known(void **state)
{
	struct record *r = *state;
	struct pp_figures f;

	record_exec(r,
		"INSERT INTO incident (tenant, number, post, class, state, rev, silent, late, "
		"drill,"
		" occurred, opened, acknowledged, signals, restored) VALUES"
		" ('kendal', 'K1', 'boja-01', 'crime', 'open', 1, 0, 0, 0, 1, 30, NULL, 1, 0),"
		" ('kendal', 'K2', 'boja-01', 'fire', 'open', 1, 0, 0, 0, 1, 20, NULL, 1, 0),"
		" ('kendal', 'K3', 'boja-02', 'fire', 'dispatched', 1, 0, 0, 0, 1, 10, 11, 1, 0),"
		" ('kendal', 'K4', 'boja-02', 'fire', 'closed', 1, 0, 0, 0, 1, 5, NULL, 1, 0)");
	assert_int_equal(pp_query_figures(r->db, &f), 0);
	assert_int_equal(f.incidents_open, 3);
	assert_int_equal(f.incidents_unacknowledged, 2);
	assert_int_equal(f.unacknowledged_since_ms, 20);
}

static void a_point_is_tested_by_an_alarm_or_a_test_and_by_nothing_else(void **state)
{
	static const char signal[] =
		"INSERT INTO signal (tenant, post, epoch, seq, boot, mono, point, kind, signal, "
		"class,"
		" flags, cause, detail, occurred, occurred_by, arrived, late, payload, sig) VALUES"
		" ('kendal', 'boja-01', 'e', %d, 1, 1, 'panic-crime', 'panic', '%s', 'crime', 0, "
		"0, "
		"'', 1, 'at', %d, 0, x'', x'')";
	struct record *r = *state;
	char sql[600];

	expect(r, PP_LIST_UNTESTED, 100,
		"[{\"tenant\":\"kendal\",\"post\":\"boja-01\",\"point\":\"panic-crime\","
		"\"last\":null},"
		"{\"tenant\":\"kendal\",\"post\":\"boja-01\",\"point\":\"panic-silent\","
		"\"last\":null}]");
	snprintf(sql, sizeof(sql), signal, 1, "alarm", 50);
	record_exec(r, sql);
	snprintf(sql, sizeof(sql), signal, 2, "trouble", 500);
	record_exec(r, sql);
	expect(r, PP_LIST_UNTESTED, 100,
		"[{\"tenant\":\"kendal\",\"post\":\"boja-01\",\"point\":\"panic-silent\","
		"\"last\":null},"
		"{\"tenant\":\"kendal\",\"post\":\"boja-01\",\"point\":\"panic-crime\","
		"\"last\":50}]");
	snprintf(sql, sizeof(sql), signal, 3, "test", 200);
	record_exec(r, sql);
	expect(r, PP_LIST_UNTESTED, 100,
		"[{\"tenant\":\"kendal\",\"post\":\"boja-01\",\"point\":\"panic-silent\","
		"\"last\":null}]");
}

static void webhooks_that_fail_are_named_and_those_that_work_are_not(void **state)
{
	struct record *r = *state;
	struct pp_figures f;

	record_exec(r,
		"INSERT INTO incident (tenant, number, post, class, state, rev, silent, late,"
		" drill, occurred, opened, signals, restored) VALUES"
		" ('kendal', 'K1', 'boja-01', 'crime', 'open', 1, 0, 0, 0, 1, 30, 1, 0)");
	record_exec(r, "INSERT INTO event (tenant, height, at, kind, actor, body, previous, hash)"
		       " VALUES ('kendal', 1, 1, 'x', 'server', '{}', x'00', x'AB')");
	record_exec(r,
		"INSERT INTO notification (tenant, incident_id, event_id, channel, target, key, "
		"body,"
		" state, attempts, created, next, changed, detail) VALUES"
		" ('kendal', 1, 1, 'webhook', 'bot', 'a', '', 'queued', 3, 10, 0, 20, 'HTTP 500'),"
		" ('kendal', 1, 1, 'webhook', 'bot', 'b', '', 'failed', 9, 5, 0, 90, 'HTTP 404'),"
		" ('kendal', 1, 1, 'webhook', 'bot', 'c', '', 'failed', 9, 1, 0, 9, 'old'),"
		" ('kendal', 1, 1, 'webhook', 'new', 'd', '', 'queued', 0, 1, 0, 9, ''),"
		" ('kendal', 1, 1, 'webhook', 'good', 'e', '', 'sent', 1, 1, 0, 99, '')");
	expect(r, PP_LIST_WEBHOOKS, 50,
		"[{\"tenant\":\"kendal\",\"name\":\"bot\",\"waiting\":1,\"failed\":1,\"since\":5,"
		"\"detail\":\"HTTP 500\"}]");
	assert_int_equal(pp_query_figures(r->db, &f), 0);
	assert_int_equal(f.notifications_queued, 2);
	assert_int_equal(f.notifications_retried, 1);
}

static void heads_and_hashes_are_those_of_the_chain(void **state)
{
	struct record *r = *state;
	char hash[65];

	record_exec(r, "INSERT INTO event (tenant, height, at, kind, actor, body, previous, hash)"
		       " VALUES ('kendal', 1, 1, 'x', 'server', '{}', x'00', x'AB'),"
		       " ('kendal', 2, 1, 'x', 'ctl:root', '{}', x'00', x'CD')");
	expect(r, PP_LIST_HEADS, 0, "[{\"tenant\":\"kendal\",\"height\":2,\"served\":1}]");
	assert_int_equal(pp_query_event_hash(r->db, "kendal", 1, hash), 0);
	assert_string_equal(hash, "ab");
	assert_int_equal(pp_query_event_hash(r->db, "kendal", 3, hash), -ENOENT);
}

static void what_is_personal_or_secret_is_listed(void **state)
{
	struct record *r = *state;

	record_exec(r, "INSERT INTO user (tenant, name, display, password, role, active, created)"
		       " VALUES ('kendal', 'siti', 'Siti A', 'hash', 'operator', 1, 1)");
	record_exec(r, "INSERT INTO event (tenant, height, at, kind, actor, body, previous, hash)"
		       " VALUES ('kendal', 1, 1, 'x', 'server', '{}', x'00', x'AB')");
	record_exec(r, "INSERT INTO personal VALUES (1, 'note', x'00', 'catatan rahasia')");
	expect(r, PP_LIST_CONFIDENTIAL, 0,
		"[{\"text\":\"https://bot/\"},{\"text\":\"https://old/\"},{\"text\":\"Siti A\"},"
		"{\"text\":\"hash\"},{\"text\":\"siti\"},{\"text\":\"Pak Budi\"},"
		"{\"text\":\"catatan rahasia\"}]");
}

static void certificates_that_end_soon_are_listed_by_their_newest(void **state)
{
	struct record *r = *state;

	record_exec(r,
		"INSERT INTO post_certificate VALUES ('A', 'kendal', 'boja-01', x'01', 1, 50),"
		" ('B', 'kendal', 'boja-01', x'01', 2, 500),"
		" ('C', 'kendal', 'boja-02', x'02', 1, 60)");
	expect(r, PP_LIST_CERTIFICATES, 100,
		"[{\"tenant\":\"kendal\",\"post\":\"boja-02\",\"until\":60}]");
}

static void tables_come_with_their_rows(void **state)
{
	struct record *r = *state;
	struct pp_json *rows = NULL;
	int64_t count = 0, version = 0;
	const char *name;
	char why[200], mode[16];
	bool found = false;

	assert_int_equal(pp_query_checkup(r->db, PP_LIST_TABLES, 0, 100, &rows), 0);
	for (size_t i = 0; i < pp_json_count(rows); i++)
		if (pp_json_get_text(pp_json_item(rows, i), "name", 80, &name) == 0 &&
			strcmp(name, "post") == 0) {
			found = true;
			assert_int_equal(
				pp_json_get_i64(pp_json_item(rows, i), "rows", 0, 9, &count), 0);
		}
	pp_json_free(rows);
	assert_true(found);
	assert_int_equal(count, 3);
	assert_int_equal(pp_query_quick_check(r->db, why), 0);
	assert_string_equal(why, "ok");
	assert_int_equal(pp_query_journal_mode(r->db, mode), 0);
	assert_string_equal(mode, "wal");
	assert_int_equal(pp_query_schema_version(r->db, &version), 0);
	assert_int_equal(version, pp_store_script_count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(every_post_is_in_one_of_four_states),
		RECORD_TEST(the_oldest_alarm_that_nobody_has_taken_is_known),
		RECORD_TEST(a_point_is_tested_by_an_alarm_or_a_test_and_by_nothing_else),
		RECORD_TEST(webhooks_that_fail_are_named_and_those_that_work_are_not),
		RECORD_TEST(heads_and_hashes_are_those_of_the_chain),
		RECORD_TEST(what_is_personal_or_secret_is_listed),
		RECORD_TEST(certificates_that_end_soon_are_listed_by_their_newest),
		RECORD_TEST(tables_come_with_their_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
