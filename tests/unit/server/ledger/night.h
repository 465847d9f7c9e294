/* SPDX-License-Identifier: Apache-2.0 */
/* night.h -- a dispatch file with engineers, and time that goes by. */
#ifndef TEST_LEDGER_NIGHT_H
#define TEST_LEDGER_NIGHT_H

#include "fixture.h"

#include "ledger/plans.h"
#include "plans/plans.h"

/* PP_TEST_NOW is a Saturday, 01:40 in Jakarta. */
#define MINUTE 60000
#define MORNING (PP_TEST_NOW + (4 * 60 + 20) * INT64_C(60000)) /* 06:00 */
#define NOON (PP_TEST_NOW + (10 * 60 + 20) * INT64_C(60000))

#define BOOK_HEAD                                                                                  \
	"tenant: kendal\n"                                                                         \
	"contacts:\n"                                                                              \
	"  ani: {name: Bu Ani, role: teknisi, ways: [{sms: \"+6281234567890\"},"                   \
	" {mail: ani@example.id}]}\n"                                                              \
	"  budi: {name: Pak Budi, role: teknisi, language: en, ways: [{mail:"                      \
	" budi@example.id}]}\n"                                                                    \
	"rosters:\n"                                                                               \
	"  jaga: [{from: \"06:00\", to: \"18:00\", contacts: [budi]},"                             \
	" {from: \"18:00\", to: \"06:00\", contacts: [ani]}]\n"                                    \
	"plans: {p: {classes: [all], area: [all], rings: {desk: {until: taken, steps: [{call:"     \
	" [role:operator], wait: 15s}]}}, fallback: {call: [contact:ani], every: 60s}}}\n"
#define BOOK_TROUBLES                                                                              \
	"troubles:\n"                                                                              \
	"  - {kinds: [tamper, storage], after: 10s, call: [contact:ani]}\n"                        \
	"  - {kinds: [all], after: 5min, quiet: {from: \"22:00\", to: \"06:00\"}, call:"           \
	" [contact:ani, roster:jaga]}\n"
#define BOOK BOOK_HEAD BOOK_TROUBLES

static inline void book_put(struct pp_test_record *r, const char *text, int64_t now_ms)
{
	struct pp_plans_file *file = NULL;
	struct pp_plan_change change;
	struct pp_problem problem;

	if (pp_plans_file_parse("p.yaml", text, strlen(text), &file, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_int_equal(
		pp_ledger_plan_put(r->ledger,
			&(struct pp_plan_order){ pp_plans_file_book(file), "ctl:root", -1 }, now_ms,
			&change),
		0);
	pp_plans_file_free(file);
}

/* What the engine asks for once a second. */
static inline struct pp_item time_goes(struct pp_test_record *r, int64_t now_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_STORMS), answers;

	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, now_ms), 0);
	assert_int_equal(item->error, 0);
	answers = *item;
	pp_item_free(item);
	return answers;
}

/* A trouble of boja-01, or its end. */
static inline void trouble_signal(
	struct pp_test_record *r, int64_t seq, const char *kind, bool end, int64_t now_ms)
{
	struct pp_signal s = pp_test_alarm(seq);

	snprintf(s.point, sizeof(s.point), "mains");
	s.kind = PP_KIND_MAINS;
	s.type = end ? PP_SIGNAL_TROUBLE_RESTORE : PP_SIGNAL_TROUBLE;
	s.class = PP_CLASS_UNSPECIFIED;
	snprintf(s.detail, sizeof(s.detail), "%s", kind);
	(void)signal_apply(r, &s, now_ms);
}

/* "sms ani queued: text; ..." of all that have left, or (where) of some. */
static inline void rows_are(struct pp_test_record *r, const char *where, const char *want)
{
	char sql[400];

	snprintf(sql, sizeof(sql),
		"SELECT coalesce(group_concat(channel || ' ' || contact || ' ' || state, ', '),"
		" '') FROM (SELECT * FROM notification WHERE %s ORDER BY notification_id)",
		where);
	pp_test_text_is(r, sql, want);
}

#endif
