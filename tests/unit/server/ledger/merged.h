/* SPDX-License-Identifier: Apache-2.0 */
/* merged.h -- two alarms by a plan of few words, and what people do about them. */
#ifndef TEST_LEDGER_MERGED_H
#define TEST_LEDGER_MERGED_H

#include "by_code.h"
#include "fixture.h"

#include "plan_put.h"

static inline int merged_set_up(void **state)
{
	struct pp_test_record *r;

	assert_int_equal(record_set_up(state), 0);
	r = *state;
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger),
			"INSERT INTO post VALUES"
			" ('kendal', 'boja-03', 'Tiga', 'd1', '01', -7.1, 110.2, NULL, NULL, 1);"
			"INSERT INTO point SELECT tenant, post, 'panic-crime', 'panic', 'crime', 0,"
			" 'T', 'B' FROM post WHERE true ON CONFLICT DO NOTHING"),
		0);
	return 0;
}

static inline void press_apply(
	struct pp_test_record *r, const char *post, const struct pp_signal *signal)
{
	struct pp_item *item = pp_test_signal_item(signal, PP_TEST_NOW);

	snprintf(item->post, sizeof(item->post), "%s", post);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
	assert_int_equal(item->error, 0);
	pp_item_free(item);
}

static inline void press(struct pp_test_record *r, const char *post, int64_t seq,
	enum pp_class class, uint32_t flags)
{
	struct pp_signal s = pp_test_alarm(seq);

	s.class = class;
	s.flags = flags;
	press_apply(r, post, &s);
}

static inline struct pp_item act(
	struct pp_test_record *r, enum pp_action_type type, const char *incident, const char *other)
{
	return action_apply(
		r, (struct pp_action){ .type = type, .incident = incident, .other = other });
}

#define PEOPLE                                                                                     \
	"tenant: kendal\n"                                                                         \
	"agencies:\n"                                                                              \
	"  weleri: {name: Damkar Weleri, kind: damkar, contacts: [rt], area: [all]}\n"             \
	"  sirene: {name: Sirene, kind: damkar, station: boja-02, area: [all]}\n"                  \
	"contacts:\n"                                                                              \
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"              \
	"plans:\n"                                                                                 \
	"  all:\n"                                                                                 \
	"    classes: [all]\n"                                                                     \
	"    area: [all]\n"                                                                        \
	"    rings:\n"
#define FALLBACK "    fallback: {call: [\"webhook:all\"], every: 60s}\n"
#define AGENCIES(whom)                                                                             \
	"      agencies: {until: accepted, steps: [{call: [\"agency:" whom "\"], wait: 60s}]}\n"
#define RINGS AGENCIES("weleri") FALLBACK
#define SIREN PEOPLE AGENCIES("sirene") FALLBACK

/* Two incidents, far from each other; their calls are 1 and 2, and whom they name has been told. */
static inline void two_called(struct pp_test_record *r, const char *book)
{
	plan_put(r, book);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	press(r, "boja-01", 1, PP_CLASS_CRIME, 0);
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"),
		0);
}

#endif
