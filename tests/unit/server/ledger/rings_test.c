/* SPDX-License-Identifier: Apache-2.0 */
/* rings_test.c -- a test message is queued and on the timeline, its address apart. */
#include "fixture.h"

#include <errno.h>

static void a_test_message_is_queued_and_its_address_stands_apart(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item got = action_apply(r, (struct pp_action){ .type = PP_ACTION_RING,
						     .actor = "user:siti",
						     .code = "mail",
						     .name = "rt-boja-03",
						     .text = "rt@boja.example" });

	assert_int_equal(got.out.action.error, 0);
	assert_int_equal(strlen(got.out.action.reason), 32);
	pp_test_text_is(r,
		"SELECT channel || ' ' || contact || ' ' || address || ' ' || purpose || ' ' ||"
		" state || ' ' || coalesce(incident_id, 'none') FROM notification"
		" WHERE purpose = 'test'",
		"mail rt-boja-03 rt@boja.example test queued none");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE kind ="
					   " 'notification.test' AND body LIKE '%rt@boja%'"),
		0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM personal WHERE value ="
					   " 'rt@boja.example' AND field = 'address'"),
		1);
	/* What becomes of it is told without an incident. */
	got = action_apply(r, (struct pp_action){ .type = PP_ACTION_NOTIFICATION,
				      .actor = "server",
				      .notification_id = 1,
				      .state = "failed",
				      .text = "SMTP 550" });
	assert_int_equal(got.out.action.error, 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE kind ="
					   " 'notification.failed' AND incident_id IS NULL"),
		1);
}

static void what_is_no_test_message_is_refused(void **state)
{
	static const struct {
		const char *channel, *contact, *address;
	} rows[] = {
		{ "pigeon", "rt", "roof" },
		{ NULL, "rt", "roof" },
		{ "mail", "Rt Boja", "a@b" },
		{ "mail", NULL, "a@b" },
		{ "mail", "rt", "" },
		{ "mail", "rt", "a@b\r\nc" },
		{ "mail", "rt", "\xff" },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_item got = action_apply(r, (struct pp_action){ .type = PP_ACTION_RING,
							     .actor = "user:siti",
							     .code = rows[i].channel,
							     .name = rows[i].contact,
							     .text = rows[i].address });

		assert_int_equal(got.out.action.error, -EINVAL);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_test_message_is_queued_and_its_address_stands_apart),
		RECORD_TEST(what_is_no_test_message_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
