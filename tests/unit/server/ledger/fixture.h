/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h -- set_up and tear_down with a record, and short ways to act on it. */
#ifndef TEST_LEDGER_FIXTURE_H
#define TEST_LEDGER_FIXTURE_H

#include "pospin_record.h"

static inline int record_set_up(void **state)
{
	struct pp_test_record *r = malloc(sizeof(*r));

	assert_non_null(r);
	pp_test_record_init(r);
	*state = r;
	return 0;
}

static inline int record_tear_down(void **state)
{
	pp_test_record_done(*state);
	free(*state);
	return 0;
}

/* Applies the signal and hands back its item's answers. */
static inline struct pp_item signal_apply(
	struct pp_test_record *r, const struct pp_signal *s, int64_t now_ms)
{
	struct pp_item *item = pp_test_signal_apply(r, s, now_ms), answers = *item;

	answers.in.signal.payload = NULL;
	assert_int_equal(item->error, 0);
	pp_item_free(item);
	return answers;
}

static inline struct pp_item action_apply(struct pp_test_record *r, struct pp_action a)
{
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION), answers;

	a.tenant = a.tenant ? a.tenant : "kendal";
	a.actor = a.actor ? a.actor : "user:siti";
	item->in.action = &a;
	snprintf(item->tenant, sizeof(item->tenant), "%s", a.tenant);
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 5000), 0);
	assert_int_equal(pp_ledger_heads_write(r->ledger), 0);
	assert_int_equal(item->error, 0);
	answers = *item;
	pp_item_free(item);
	return answers;
}

/* A state of boja-01 in the epoch of pp_test_alarm. */
static inline struct pp_item *state_item(int64_t boot, int64_t mono_ms, int64_t arrived_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_STATE);

	snprintf(item->tenant, sizeof(item->tenant), "%s", "kendal");
	snprintf(item->post, sizeof(item->post), "%s", "boja-01");
	item->arrived_ms = arrived_ms;
	item->in.state = (struct pp_state){ .epoch = 0x9f3c2a77d01b44e2,
		.boot = boot,
		.mono_ms = mono_ms,
		.n = 7,
		.config = "c0",
		.version = "0.1.0" };
	return item;
}

static inline struct pp_item state_apply(struct pp_test_record *r, struct pp_item *item)
{
	struct pp_item answers;

	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, item->arrived_ms), 0);
	assert_int_equal(pp_ledger_heads_write(r->ledger), 0);
	assert_int_equal(item->error, 0);
	answers = *item;
	pp_item_free(item);
	return answers;
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)

#endif
