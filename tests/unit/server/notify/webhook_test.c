/* SPDX-License-Identifier: Apache-2.0 */
/* webhook_test.c -- a receiver can check what it gets, and nothing of a row breaks out of its
 * header. */
#include "notify/webhook.h"

#include "pospin_test.h"

#include <errno.h>

static struct pp_notification_row row_of(char *body)
{
	struct pp_notification_row row = { .notification_id = 7, .body = body };

	snprintf(row.url, sizeof(row.url), "%s", "https://hook.example/pospin");
	snprintf(row.secret, sizeof(row.secret), "%s", "rahasia");
	snprintf(row.key, sizeof(row.key), "%s", "kendal-12-relawan");
	return row;
}

static void a_webhook_carries_body_time_signature_and_key(void **state)
{
	char body[] = "{\"incident\":\"KDL-26-000123\"}";
	struct pp_notification_row row = row_of(body);
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
}

static void private_targets_are_left_to_the_setting(void **state)
{
	char body[] = "{}";
	struct pp_notification_row row = row_of(body);
	struct pp_webhook w;

	(void)state;
	assert_int_equal(pp_webhook_build(&row, 1, true, &w), 0);
	assert_false(w.request.public_only);
}

static void a_key_that_would_begin_another_header_is_refused(void **state)
{
	char body[] = "{}";
	struct pp_notification_row row = row_of(body);
	struct pp_webhook w;

	(void)state;
	snprintf(row.key, sizeof(row.key), "%s", "a\r\nX-Evil: 1");
	assert_int_equal(pp_webhook_build(&row, 1, true, &w), -EINVAL);
	row.key[0] = '\0';
	assert_int_equal(pp_webhook_build(&row, 1, true, &w), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_webhook_carries_body_time_signature_and_key),
		cmocka_unit_test(private_targets_are_left_to_the_setting),
		cmocka_unit_test(a_key_that_would_begin_another_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
