/* SPDX-License-Identifier: Apache-2.0 */
/* options_test.c -- the copy stands by itself. */
#include "options.h"

#include "pospin_test.h"

static void the_copy_outlives_every_text_it_was_made_from(void **state)
{
	char texts[9][16] = { "host", "id", "ca", "cert", "key", "will", "a/#", "b/#", "brief" };
	const char *topics[] = { texts[6], texts[7], NULL };
	const struct pp_mqtt_options from = { .host = texts[0],
		.port = 8883,
		.client_id = texts[1],
		.ca_path = texts[2],
		.cert_path = texts[3],
		.key_path = texts[4],
		.will_topic = texts[5],
		.brief_topic = texts[8],
		.brief_s = 10,
		.subscriptions = topics,
		.queue_limit = 7 };
	struct pp_mqtt_options copy;

	(void)state;
	assert_int_equal(pp_mqtt_options_copy(&from, &copy), 0);
	memset(texts, 'x', sizeof(texts));
	topics[0] = NULL;
	assert_string_equal(copy.host, "host");
	assert_string_equal(copy.client_id, "id");
	assert_string_equal(copy.ca_path, "ca");
	assert_string_equal(copy.cert_path, "cert");
	assert_string_equal(copy.key_path, "key");
	assert_string_equal(copy.will_topic, "will");
	assert_string_equal(copy.brief_topic, "brief");
	assert_int_equal(copy.brief_s, 10);
	assert_string_equal(copy.subscriptions[0], "a/#");
	assert_string_equal(copy.subscriptions[1], "b/#");
	assert_null(copy.subscriptions[2]);
	assert_int_equal(copy.port, 8883);
	assert_int_equal(copy.queue_limit, 7);
	pp_mqtt_options_done(&copy);
}

static void what_is_not_said_stays_unsaid_except_the_list_which_is_empty(void **state)
{
	const struct pp_mqtt_options from = { .host = "host" };
	struct pp_mqtt_options copy;

	(void)state;
	assert_int_equal(pp_mqtt_options_copy(&from, &copy), 0);
	assert_null(copy.will_topic);
	assert_non_null(copy.subscriptions);
	assert_null(copy.subscriptions[0]);
	pp_mqtt_options_done(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_copy_outlives_every_text_it_was_made_from),
		cmocka_unit_test(what_is_not_said_stays_unsaid_except_the_list_which_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
