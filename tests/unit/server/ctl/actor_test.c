/* SPDX-License-Identifier: Apache-2.0 */
/* actor_test.c -- the timeline hears the name of the account. */
#include "pospin_test.h"

#include <pwd.h>

#include "actor.h"

static void the_actor_is_the_account_of_this_process(void **state)
{
	const struct passwd *account = getpwuid(getuid());
	char actor[PP_ACTOR_SIZE], want[PP_ACTOR_SIZE];

	(void)state;
	if (account)
		snprintf(want, sizeof(want), "ctl:%.40s", account->pw_name);
	else
		snprintf(want, sizeof(want), "ctl:%u", (unsigned)getuid());
	assert_string_equal(pp_actor(actor), want);
	assert_ptr_equal(pp_actor(actor), actor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_actor_is_the_account_of_this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
