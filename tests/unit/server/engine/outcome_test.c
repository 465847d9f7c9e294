/* SPDX-License-Identifier: Apache-2.0 */
/* outcome_test.c -- what is told of a committed batch, in which order. */
#include "outcome.h"

#include "post.h"

static struct pp_item *item(enum pp_item_type type, const char *post)
{
	struct pp_item *i = pp_item_new(type);

	snprintf(i->tenant, sizeof(i->tenant), "%s", "kendal");
	snprintf(i->post, sizeof(i->post), "%s", post);
	return i;
}

static void receipts_come_first_and_are_gathered_by_post(void **state)
{
	struct desk_fixture *f = *state;
	const struct pp_desk_options o = { f->record.ledger, f->record.key, post_hears, f,
		&f->counts, 1, NULL };
	struct pp_item *items[] = { item(PP_ITEM_STATE, "boja-01"), item(PP_ITEM_SIGNAL, "boja-01"),
		item(PP_ITEM_SIGNAL, "boja-02"), item(PP_ITEM_SIGNAL, "boja-01"),
		item(PP_ITEM_ACTION, "boja-02"), item(PP_ITEM_ACTION, "boja-02") };
	static const char *const want[] = { "boja-01/receipt", "boja-02/receipt", "boja-01/beat",
		"boja-02/progress" };

	for (size_t i = 0; i < PP_COUNT(items); i++) {
		if (items[i]->type == PP_ITEM_SIGNAL)
			items[i]->in.signal.signal.seq = (int64_t)i;
		items[i]->out.progress = items[i]->type == PP_ITEM_ACTION;
	}
	items[0]->out.beat = (struct pp_beat){ .epoch = 1, .boot = 1, .n = 1 };
	pp_outcome_publish(&o, items, PP_COUNT(items));
	assert_int_equal(f->count, PP_COUNT(want));
	for (size_t i = 0; i < PP_COUNT(want); i++)
		assert_string_equal(f->heard[i].topic + strlen("pospin/v1/kendal/"), want[i]);
	for (size_t i = 0; i < PP_COUNT(items); i++)
		pp_item_free(items[i]);
}

static void an_item_that_failed_is_not_told(void **state)
{
	struct desk_fixture *f = *state;
	const struct pp_desk_options o = { f->record.ledger, f->record.key, post_hears, f,
		&f->counts, 1, NULL };
	struct pp_item *items[] = { item(PP_ITEM_SIGNAL, "boja-01"), item(PP_ITEM_STATE, "boja-01"),
		item(PP_ITEM_STATE, "boja-01") };

	items[0]->error = items[1]->error = -1;
	items[2]->out.duplicate = true;
	pp_outcome_publish(&o, items, PP_COUNT(items));
	assert_int_equal(f->count, 0);
	for (size_t i = 0; i < PP_COUNT(items); i++) {
		pp_outcome_count(&f->counts, items[i]);
		pp_item_free(items[i]);
	}
	assert_int_equal(f->counts.item_errors, 2);
	assert_int_equal(f->counts.states_stale, 1);
	assert_int_equal(f->counts.signals, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(receipts_come_first_and_are_gathered_by_post),
		DESK_TEST(an_item_that_failed_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
