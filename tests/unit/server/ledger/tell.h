/* SPDX-License-Identifier: Apache-2.0 */
/* tell.h -- an alarm of boja-01 by a plan of all rings, and what has become of who was called. */
#ifndef TEST_LEDGER_TELL_H
#define TEST_LEDGER_TELL_H

#include "fixture.h"

#include "plan_put.h"

#define NUMBER "KDL-25-000001"

static const char book[] =
	"tenant: kendal\n"
	"agencies:\n"
	"  weleri: {name: Damkar Weleri, kind: damkar, station: boja-02, contacts: [rt, piket],"
	" area: [all]}\n"
	"  boja: {name: Damkar Boja, kind: damkar, contacts: [siti], area: [all]}\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, verified: 2025-11-01, ways: [{sms:"
	" \"+6281234567890\"}, {mail: budi@example.id}]}\n"
	"  piket: {name: Pak Piket, role: piket, ways: [{mail: piket@example.id}]}\n"
	"  siti: {name: Bu Siti, role: piket, language: en, ways: [{mail: siti@example.id}]}\n"
	"plans:\n"
	"  all:\n"
	"    classes: [all]\n"
	"    area: [all]\n"
	"    rings:\n"
	"      desk: {until: taken, steps: [{call: [\"role:operator\"], wait: 15s}]}\n"
	"      neighbours: {until: taken, steps: [{call: [\"contact:siti\"], wait: 60s}]}\n"
	"      agencies: {until: accepted, steps: [{call: [\"agency:weleri\"], wait: 60s},"
	" {call: [\"agency:boja\"], wait: 60s}]}\n"
	"    fallback: {call: [\"contact:rt\"], every: 60s}\n";

static inline void night_begins(struct pp_test_record *r, bool silent)
{
	struct pp_signal s = pp_test_alarm(1);

	plan_put(r, book);
	if (silent)
		s.flags |= PP_FLAG_SILENT;
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
}

static inline void tick(struct pp_test_record *r, int64_t uptime_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_LADDERS);

	pp_ledger_set_uptime(r->ledger, uptime_ms);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + uptime_ms), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static inline void calls_are(struct pp_test_record *r, const char *want)
{
	pp_test_text_is(r,
		"SELECT group_concat(agency || contact || ' ' || state, ', ') FROM"
		" (SELECT * FROM call ORDER BY call_id)",
		want);
}

static inline void rows_are(struct pp_test_record *r, const char *where, const char *want)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
		"SELECT coalesce(group_concat(channel || ' ' || target || ' ' || address || ' ' ||"
		" state, ', '), '') FROM (SELECT * FROM notification WHERE contact <> '' AND %s"
		" ORDER BY notification_id)",
		where);
	pp_test_text_is(r, sql, want);
}

static inline struct pp_action_result say(
	struct pp_test_record *r, int64_t call_id, const char *state)
{
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL,
				       .incident = NUMBER,
				       .call_id = call_id,
				       .state = state })
		.out.action;
}

static inline void acknowledge(struct pp_test_record *r)
{
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NUMBER });
}

static inline void everything_is_sent(struct pp_test_record *r, const char *where)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
		"UPDATE notification SET state = 'sent', attempts = 1 WHERE state = 'queued'"
		" AND %s",
		where);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), sql), 0);
}

#endif
