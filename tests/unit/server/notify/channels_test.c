/* SPDX-License-Identifier: Apache-2.0 */
/* channels_test.c -- every channel is whole. */
#include "notify/channels.h"

#include "pospin_test.h"

#include "notify/outlet.h"

static void every_channel_of_the_table_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < pp_channel_count; i++) {
		const struct pp_channel_ops *ops = pp_channels[i];

		assert_true(ops->name[0] && ops->open && ops->close && ops->address_check &&
			    ops->start);
		assert_in_range(ops->tries, 1, PP_OUTLET_SLOTS);
		assert_non_null(pp_channel_address_check(ops->name, ""));
		ops->close(NULL);
	}
	assert_non_null(pp_channel_address_check("smoke-signal", "hill"));
	assert_null(pp_channel_address_check("webhook", "relawan"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_channel_of_the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
