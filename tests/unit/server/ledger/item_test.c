/* SPDX-License-Identifier: Apache-2.0 */
/* item_test.c -- items begin empty and own their payload. */
#include "ledger/item.h"

#include "pospin_test.h"

static void an_item_begins_empty_and_frees_its_payload(void **state)
{
	struct pp_item *item = pp_item_new(PP_ITEM_SIGNAL);

	(void)state;
	assert_non_null(item);
	assert_int_equal(item->error, 0);
	assert_string_equal(item->out.incident, "");
	item->in.signal.payload = strdup("{}");
	assert_null(pp_item_free(item));
	item = pp_item_new(PP_ITEM_STATE);
	item->in.state.count = PP_POINTS_MAX;
	assert_null(pp_item_free(item));
	assert_null(pp_item_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_begins_empty_and_frees_its_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
