/* SPDX-License-Identifier: Apache-2.0 */
/* ladders_test.c -- what the record says of an incident that nobody takes, and of one that is. */
#include "fixture.h"

#include "plan_put.h"
#include "store/notifications.h"

#define BOOT 77

static void tick(struct pp_test_record *r, int64_t uptime_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_LADDERS);

	pp_ledger_set_uptime(r->ledger, uptime_ms);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + uptime_ms), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static void opened_at(struct pp_test_record *r, int64_t uptime_ms)
{
	struct pp_signal s = pp_test_alarm(1);

	assert_int_equal(pp_ledger_boot(r->ledger, BOOT, uptime_ms), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
}

/* "step desk 1, ended desk spent": what the timeline says of the ladder. */
static void ladder_is(struct pp_test_record *r, const char *want)
{
	pp_test_text_is(r,
		"SELECT group_concat(substr(kind, 8) || ' ' || json_extract(body, '$.ring') || ' '"
		" || coalesce(json_extract(body, '$.step'), json_extract(body, '$.why')), ', ')"
		" FROM (SELECT * FROM event WHERE kind LIKE 'ladder.%' ORDER BY event_id)",
		want);
}

static void an_incident_that_nobody_takes_rings_the_webhooks_again_each_minute(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	ladder_is(r, "step desk 1");
	tick(r, 15999);
	ladder_is(r, "step desk 1");
	tick(r, 16000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
	tick(r, 75999);
	tick(r, 76000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1, step fallback 2");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE purpose = 'alarm'"),
		2);
	assert_int_equal(pp_test_number(r, "SELECT count(DISTINCT key) FROM notification"
					   " WHERE purpose = 'again'"
					   " AND body LIKE '%incident.escalated%'"),
		4);
}

static void taking_it_ends_the_calling_and_says_so(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	tick(r, 16000);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent'"),
		0);
	(void)action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	tick(r, 999000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1, ended desk taken,"
		     " ended fallback taken");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"
					   " WHERE purpose = 'stop'"
					   " AND body LIKE '%incident.taken%'"),
		2);
}

static void taken_in_time_nobody_else_is_told(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	(void)action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	tick(r, 16000);
	ladder_is(r, "step desk 1, ended desk taken");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 2);
}

/* The disk did not answer for twelve seconds: the desk was rung at 13 s. */
static void a_step_that_was_told_late_has_its_whole_time(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	assert_int_equal(pp_ledger_told(r->ledger, 13000), 1);
	assert_int_equal(pp_ledger_told(r->ledger, 14000), 0);
	tick(r, 27999);
	ladder_is(r, "step desk 1");
	tick(r, 28000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
	assert_int_equal(pp_ledger_told(r->ledger, 31000), 1);
	tick(r, 90999);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
	tick(r, 91000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1, step fallback 2");
}

static void a_step_that_was_told_in_time_keeps_its_deadline(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	assert_int_equal(pp_ledger_told(r->ledger, 3000), 0);
	tick(r, 16000);
	/* Fired 1.5 s late, and then told late by 0.6 s: it is 2.1 s together. */
	assert_int_equal(pp_ledger_told(r->ledger, 16000), 0);
	tick(r, 77500);
	assert_int_equal(pp_ledger_told(r->ledger, 78100), 1);
	tick(r, 138099);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1, step fallback 2");
	tick(r, 138100);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1, step fallback 2,"
		     " step fallback 3");
}

/* What the batch before has fired is no more of this one's. */
static void a_slow_commit_moves_no_deadline_of_before(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	tick(r, 2000);
	assert_int_equal(pp_ledger_told(r->ledger, 9000), 0);
	tick(r, 16000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
}

static void a_deadline_outlives_a_restart_of_the_program(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_boot(r->ledger, BOOT, 9000), 0);
	tick(r, 15999);
	ladder_is(r, "step desk 1");
	tick(r, 16000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
}

/* Written down at 6 s of the old boot with 10 s to go: 10 s after the new boot, whatever the wall
 * clock says. */
static void what_remained_at_a_reboot_runs_from_the_boot_on(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	tick(r, 6000);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_boot(r->ledger, BOOT + 1, 4000), 0);
	tick(r, 9999);
	ladder_is(r, "step desk 1");
	tick(r, 10000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
}

/* The disk did not answer for twelve seconds, and then the power went: the desk still has 15 s. */
static void a_step_that_was_told_late_has_no_more_than_its_time_after_a_reboot(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	assert_int_equal(pp_ledger_told(r->ledger, 13000), 1);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_boot(r->ledger, BOOT + 1, 4000), 0);
	tick(r, 14999);
	ladder_is(r, "step desk 1");
	tick(r, 15000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
}

static void a_reboot_during_which_all_time_went_by_fires_at_once(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	tick(r, 6000);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_boot(r->ledger, BOOT + 1, 40000), 0);
	tick(r, 40000);
	ladder_is(r, "step desk 1, ended desk spent, step fallback 1");
}

/* Such a plan is refused now; one of before is in force. */
static void a_silent_alarm_whose_fallback_is_a_station_calls_somebody(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	plan_put(r, "tenant: kendal\n"
		    "agencies: {sirene: {name: S, kind: damkar, station: boja-02, area: [all]}}\n"
		    "plans:\n"
		    "  all:\n"
		    "    classes: [all]\n"
		    "    area: [all]\n"
		    "    rings:\n"
		    "      desk: {until: taken, steps: [{call: [\"role:operator\"], wait: 15s}]}\n"
		    "    fallback: {call: [\"agency:sirene\"], every: 60s}\n");
	assert_int_equal(pp_ledger_boot(r->ledger, BOOT, 1000), 0);
	s.flags = PP_FLAG_SILENT;
	(void)signal_apply(r, &s, PP_TEST_NOW);
	tick(r, 16000);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM call"), 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE purpose = 'again'"), 2);
}

static void closing_ends_it(void **state)
{
	struct pp_test_record *r = *state;

	opened_at(r, 1000);
	(void)action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_CLOSE,
				      .incident = "KDL-25-000001",
				      .code = "real",
				      .text = "" });
	tick(r, 999000);
	ladder_is(r, "step desk 1, ended desk taken");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM ladder_ring WHERE state = 'running'"), 0);
}

/* The one incident becomes so many, each with its ladder. */
static void incidents_copy(struct pp_test_record *r, int count)
{
	char sql[1200];

	snprintf(sql, sizeof(sql),
		"CREATE TEMP TABLE n AS WITH RECURSIVE k(i) AS (SELECT 2 UNION ALL SELECT i + 1"
		" FROM k WHERE i < %d) SELECT i FROM k;"
		"CREATE TEMP TABLE a AS SELECT incident.*, n.i FROM incident, n;"
		"UPDATE a SET incident_id = i, number = 'KDL-25-' || (100000 + i);"
		"ALTER TABLE a DROP COLUMN i; INSERT INTO incident SELECT * FROM a;"
		"CREATE TEMP TABLE b AS SELECT l.*, n.i FROM ladder l, n;"
		"UPDATE b SET incident_id = i; ALTER TABLE b DROP COLUMN i;"
		"INSERT INTO ladder SELECT * FROM b;"
		"CREATE TEMP TABLE c AS SELECT l.*, n.i FROM ladder_ring l, n;"
		"UPDATE c SET incident_id = i; ALTER TABLE c DROP COLUMN i;"
		"INSERT INTO ladder_ring SELECT * FROM c",
		count);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), sql), 0);
}

/* Each batch fires some; a disk that did not answer gives all of them their whole time. */
static void of_a_thousand_in_one_second_each_has_its_step_and_its_time(void **state)
{
	struct pp_test_record *r = *state;
	const char *due = "SELECT count(*) FROM ladder_ring WHERE state = 'running'"
			  " AND due <= 16000";
	int64_t left = 1000;

	opened_at(r, 1000);
	incidents_copy(r, 1000);
	assert_int_equal(pp_test_number(r, due), 1000);
	while (left > 0) {
		int64_t before = left;

		tick(r, 16000);
		left = pp_test_number(r, due);
		assert_true(left < before);
		assert_int_equal(pp_ledger_told(r->ledger, 19000), 1);
	}
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'ladder.step'"
				  " AND json_extract(body, '$.ring') = 'fallback'"),
		1000);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM ladder_ring WHERE"
					   " ring = 'fallback' AND due = 79000"),
		1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(an_incident_that_nobody_takes_rings_the_webhooks_again_each_minute),
		TEST(taking_it_ends_the_calling_and_says_so),
		TEST(taken_in_time_nobody_else_is_told),
		TEST(a_step_that_was_told_late_has_its_whole_time),
		TEST(a_step_that_was_told_in_time_keeps_its_deadline),
		TEST(a_slow_commit_moves_no_deadline_of_before),
		TEST(a_deadline_outlives_a_restart_of_the_program),
		TEST(what_remained_at_a_reboot_runs_from_the_boot_on),
		TEST(a_step_that_was_told_late_has_no_more_than_its_time_after_a_reboot),
		TEST(a_reboot_during_which_all_time_went_by_fires_at_once),
		TEST(a_silent_alarm_whose_fallback_is_a_station_calls_somebody),
		TEST(closing_ends_it),
		TEST(of_a_thousand_in_one_second_each_has_its_step_and_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
