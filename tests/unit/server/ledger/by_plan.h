/* SPDX-License-Identifier: Apache-2.0 */
/* by_plan.h -- an alarm of boja-01 by a plan of few words, and what people do about it. */
#ifndef TEST_LEDGER_BY_PLAN_H
#define TEST_LEDGER_BY_PLAN_H

#include "by_code.h"
#include "fixture.h"

#include "plan_put.h"

#define NIGHT "KDL-25-000001"
#define PEOPLE                                                                                     \
	"tenant: kendal\n"                                                                         \
	"agencies:\n"                                                                              \
	"  weleri: {name: Damkar Weleri, kind: damkar, contacts: [rt], area: [all]}\n"             \
	"  boja: {name: Damkar Boja, kind: damkar, contacts: [siti], area: [all]}\n"               \
	"  sirene: {name: Sirene, kind: damkar, contacts: [rt, siti], station: boja-02, area:"     \
	" [all]}\n"                                                                                \
	"contacts:\n"                                                                              \
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"              \
	"  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n"
#define PLAN "plans:\n  all:\n    classes: [all]\n    area: [all]\n    rings:\n"
/* Rings; words: what stands in {call: [...], wait: ...}. */
#define DESK "      desk: {until: taken, steps: [{call: [\"role:operator\"], wait: 15s}]}\n"
#define NEIGHBOURS(steps) "      neighbours: {until: taken, steps: [" steps "]}\n"
#define AGENCIES(names)                                                                            \
	"      agencies: {until: accepted, steps: [{call: [" names "], wait: 60s}]}\n"
#define STEP(names, wait) "{call: [" names "], wait: " wait "}"
#define FALLBACK(name) "    fallback: {call: [\"" name "\"], every: 60s}\n"

static inline void night_tick(struct pp_test_record *r, int64_t uptime_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_LADDERS);

	pp_ledger_set_uptime(r->ledger, uptime_ms);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + uptime_ms), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static inline void night_begin(struct pp_test_record *r, const char *book)
{
	struct pp_signal s = pp_test_alarm(1);

	plan_put(r, book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
}

/* Everything that waits has gone out. */
static inline void night_sent(struct pp_test_record *r)
{
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE state = 'queued'"),
		0);
}

static inline void night_taken(struct pp_test_record *r)
{
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = NIGHT });
}

static inline void night_over(struct pp_test_record *r)
{
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_CLOSE,
				      .incident = NIGHT,
				      .code = "real",
				      .text = "" });
}

/* What has become of what people were sent: "sms rt withdrawn, mail siti sent". */
static inline void night_told(struct pp_test_record *r, const char *purpose, const char *want)
{
	char sql[300];

	snprintf(sql, sizeof(sql),
		"SELECT coalesce(group_concat(channel || ' ' || target || ' ' || state, ', '), '')"
		" FROM (SELECT * FROM notification WHERE purpose = '%s' ORDER BY notification_id)",
		purpose);
	pp_test_text_is(r, sql, want);
}

#endif
