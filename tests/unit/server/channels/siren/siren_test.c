/* SPDX-License-Identifier: Apache-2.0 */
/* siren_test.c -- which stations may be sounded. */
#include "siren/siren.h"

#include "pospin_test.h"

#include <errno.h>

static void on_done(void *user, const struct pp_channel_outcome *outcome)
{
	(void)user;
	(void)outcome;
	fail();
}

static void only_a_station_of_the_same_tenant_is_sounded(void **state)
{
	static const char *const wrong[] = { "", "kendal", "kendal/", "/st", "serang/st-damkar",
		"kendal/St", "kendal/a/b", "kendalx/st", "kendal/st\n" };
	struct pp_channel_host host = { .engine = NULL };
	struct pp_message m = { .tenant = "kendal", .purpose = "alarm", .text = "fire" };
	void *channel;

	(void)state;
	assert_null(pp_siren_ops.address_check("kendal/st-damkar-weleri"));
	assert_int_equal(pp_siren_ops.open(&host, &channel), 0);
	for (size_t i = 0; i < PP_COUNT(wrong); i++) {
		m.address = wrong[i];
		assert_int_equal(pp_siren_ops.start(channel, &m, on_done, NULL), -EINVAL);
	}
	pp_siren_ops.close(channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_station_of_the_same_tenant_is_sounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
