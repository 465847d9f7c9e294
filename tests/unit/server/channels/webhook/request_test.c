/* SPDX-License-Identifier: Apache-2.0 */
/* request_test.c -- a receiver can check what it gets, and nothing of a message breaks out of its
 * header. */
#include "webhook/request.h"

#include "pospin_test.h"

#include <errno.h>

static struct pp_message message_of(const char *body)
{
	return (struct pp_message){
		.tenant = "kendal",
		.target = "relawan",
		.contact = "",
		.purpose = "alarm",
		.address = "",
		.text = "KEBAKARAN KDL-26-000123",
		.body = body,
		.key = "kendal-12-relawan",
		.url = "https://hook.example/pospin",
		.secret = "rahasia",
		.authorization = "",
		.form = { "", "", "", "" },
	};
}

static void a_webhook_carries_body_time_signature_and_key(void **state)
{
	char body[] = "{\"incident\":\"KDL-26-000123\"}";
	struct pp_message row = message_of(body);
	struct pp_webhook w;

	(void)state;
	assert_int_equal(pp_webhook_build(&row, 1763750400123, false, &w), 0);
	assert_string_equal(w.request.method, "POST");
	assert_string_equal(w.request.url, row.url);
	assert_int_equal(w.request.length, strlen(body));
	assert_memory_equal(w.request.body, body, strlen(body));
	assert_true(w.request.public_only);
	assert_string_equal(w.headers[0], "Content-Type: application/json");
	assert_string_equal(w.headers[2], "X-PosPin-Timestamp: 1763750400123");
	/* printf '1763750400123.{"incident":"KDL-26-000123"}' | openssl dgst -sha256 -hmac rahasia
	 */
	assert_string_equal(w.headers[3],
		"X-PosPin-Signature: sha256="
		"d22c0ed53bf1f8d9e2def061e87615456f57ac6c6883eae34b77074467a4a5d0");
	assert_string_equal(w.headers[4], "Idempotency-Key: kendal-12-relawan");
	assert_null(w.headers[5]);
	pp_webhook_done(&w);
}

static void private_targets_are_left_to_the_setting(void **state)
{
	char body[] = "{}";
	struct pp_message row = message_of(body);
	struct pp_webhook w;

	(void)state;
	assert_int_equal(pp_webhook_build(&row, 1, true, &w), 0);
	assert_false(w.request.public_only);
	pp_webhook_done(&w);
}

static void a_key_that_would_begin_another_header_is_refused(void **state)
{
	char body[] = "{}";
	struct pp_message row = message_of(body);
	struct pp_webhook w;

	(void)state;
	row.key = "a\r\nX-Evil: 1";
	assert_int_equal(pp_webhook_build(&row, 1, true, &w), -EINVAL);
	row.key = "";
	assert_int_equal(pp_webhook_build(&row, 1, true, &w), -EINVAL);
}

static void a_target_with_a_template_is_sent_what_it_wants(void **state)
{
	struct pp_message m = message_of("{\"incident\":{\"number\":\"KDL-26-000123\"},"
					 "\"post\":{\"name\":\"\\\"},{\\\"\"}}");
	struct pp_webhook w;

	(void)state;
	m.authorization = "Bearer abc";
	m.form.template = "{\"chat_id\":\"-100\",\"text\":\"{{text}} {{post}}\"}";
	m.form.success = "ok=true";
	assert_int_equal(pp_webhook_build(&m, 1, true, &w), 0);
	assert_string_equal(w.body,
		"{\"chat_id\":\"-100\",\"text\":\"KEBAKARAN KDL-26-000123 \\\"},{\\\"\"}");
	assert_string_equal(w.headers[5], "Authorization: Bearer abc");
	assert_null(w.headers[6]);
	pp_webhook_done(&w);
	m.form.type = "form";
	m.form.template = "n={{number}}&t={{text}}";
	assert_int_equal(pp_webhook_build(&m, 1, true, &w), 0);
	assert_string_equal(w.body, "n=KDL-26-000123&t=KEBAKARAN%20KDL-26-000123");
	assert_string_equal(w.headers[0], "Content-Type: application/x-www-form-urlencoded");
	pp_webhook_done(&w);
	m.authorization = "Bearer abc\r\nX-Evil: 1";
	assert_int_equal(pp_webhook_build(&m, 1, true, &w), -EINVAL);
	m.authorization = "";
	m.body = "no object";
	assert_int_equal(pp_webhook_build(&m, 1, true, &w), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_webhook_carries_body_time_signature_and_key),
		cmocka_unit_test(private_targets_are_left_to_the_setting),
		cmocka_unit_test(a_key_that_would_begin_another_header_is_refused),
		cmocka_unit_test(a_target_with_a_template_is_sent_what_it_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
