/* SPDX-License-Identifier: Apache-2.0 */
/* inbound_test.c -- gateways' words, and what is none of them. */
#include "sms_http/inbound.h"

#include "pospin_test.h"

#include <errno.h>

static void answers_and_reports_are_told_apart(void **state)
{
	static const struct {
		const char *body;
		int want;
		enum pp_inbound_kind kind;
	} rows[] = {
		{ "{\"from\":\"+62811\",\"text\":\"YA 1234567\"}", 0, PP_INBOUND_REPLY },
		{ "{\"message\":\"tidak 1234567\"}", 0, PP_INBOUND_REPLY },
		{ "{\"from\":\"+62811\",\"text\":\"PP1abc\"}", 0, PP_INBOUND_ALARM },
		{ "{\"text\":\"1\"}", -EINVAL, 0 },
		{ "{\"text\":\"<script>YA</script>\"}", -EINVAL, 0 },
		{ "{\"id\":\"m1\",\"status\":\"DELIVERED\"}", 0, PP_INBOUND_DELIVERED },
		{ "{\"reference\":\"m1\",\"status\":\"undelivered\"}", 0, PP_INBOUND_FAILED },
		{ "{\"id\":\"m1\",\"status\":\"queued\"}", -EAGAIN, 0 },
		{ "{\"id\":\"\",\"status\":\"delivered\"}", -EBADMSG, 0 },
		{ "{\"id\":7,\"status\":\"delivered\"}", -EBADMSG, 0 },
		{ "{\"status\":\"delivered\"}", -EBADMSG, 0 },
		{ "[]", -EBADMSG, 0 },
		{ "text=YA+1234567", -EBADMSG, 0 },
		{ "", -EBADMSG, 0 },
	};
	struct pp_inbound in;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		int r = pp_inbound_parse(rows[i].body, strlen(rows[i].body), &in);

		if (r != rows[i].want || (r == 0 && in.kind != rows[i].kind))
			fail_msg("%s: %d", rows[i].body, r);
	}
	assert_int_equal(pp_inbound_parse(rows[0].body, strlen(rows[0].body), &in), 0);
	assert_string_equal(in.reply.code, "1234567");
	assert_int_equal(pp_inbound_parse(rows[5].body, strlen(rows[5].body), &in), 0);
	assert_string_equal(in.reference, "m1");
}

static void a_text_says_who_it_came_from_if_the_gateway_does(void **state)
{
	static const struct {
		const char *body, *want;
	} rows[] = {
		{ "{\"from\":\"+6281234567890\",\"text\":\"PP1abc\"}", "+6281234567890" },
		{ "{\"msisdn\":\"6281234567890\",\"body\":\"PP1abc\"}", "6281234567890" },
		{ "{\"sender\":\"INFO\",\"message\":\"PP1abc\"}", "INFO" },
		{ "{\"number\":\"\",\"text\":\"PP1abc\"}", "" },
		{ "{\"from\":6281234567890,\"text\":\"PP1abc\"}", "" },
		{ "{\"from\":\"+62812345678901234567890123456789012345678\","
		  "\"text\":\"PP1abc\"}",
			"" },
		{ "{\"text\":\"PP1abc\"}", "" },
		{ "{\"text\":\"YA 1234567\",\"from\":\"+6281234567890\"}", "+6281234567890" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_inbound in;

		assert_int_equal(pp_inbound_parse(rows[i].body, strlen(rows[i].body), &in), 0);
		assert_string_equal(in.from, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_and_reports_are_told_apart),
		cmocka_unit_test(a_text_says_who_it_came_from_if_the_gateway_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
