/* SPDX-License-Identifier: Apache-2.0 */
/* messages_test.c -- test messages over HTTP, and a door that is closed to gateways without token;
 * open it is in tests/system/channels.test.mjs. */
#include "web_fixture.h"

#define RING "/api/v1/notifications/test"
#define INBOUND "/api/v1/sms/inbound"

static void a_test_message_needs_a_channel_and_an_address_of_it(void **state)
{
	static const struct {
		const char *body;
		int want;
		const char *part;
	} cases[] = {
		{ "{}", 422, "'channel' is missing" },
		{ "{\"channel\":\"pigeon\",\"contact\":\"rt\",\"address\":\"a\"}", 422,
			"no such channel" },
		{ "{\"channel\":\"mail\",\"contact\":\"rt\",\"address\":\"a@b,c@d\"}", 422,
			"'address'" },
		{ "{\"channel\":\"sms\",\"contact\":\"rt\",\"address\":\"110\"}", 422,
			"its country" },
		{ "{\"channel\":\"mail\",\"contact\":\"R T\",\"address\":\"a@b\"}", 422,
			"contact" },
		{ "{\"channel\":\"mail\",\"contact\":\"rt\",\"address\":\"a@b.example\"}", 200,
			"\"key\"" },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		print_message("%s\n", cases[i].body);
		web_expect(web_control(&f, "POST", RING, "Content-Type: application/json\r\n",
				   cases[i].body),
			cases[i].want, cases[i].part);
	}
	web_expect(web_ask(&f, "POST", RING, cases[5].body), 401, NULL);
	web_stop(&f);
}

static void nothing_is_taken_of_a_gateway_without_its_token(void **state)
{
	struct web_fixture f;

	(void)state;
	web_start(&f);
	web_expect(web_ask(&f, "POST", INBOUND, "{\"text\":\"YA 1234567\"}"), 401, "sms.inbound");
	web_expect(web_control(&f, "POST", INBOUND,
			   "Content-Type: application/json\r\nAuthorization: Bearer \r\n",
			   "{\"text\":\"YA 1234567\"}"),
		401, "sms.inbound");
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_message_needs_a_channel_and_an_address_of_it),
		cmocka_unit_test(nothing_is_taken_of_a_gateway_without_its_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
