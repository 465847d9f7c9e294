/* SPDX-License-Identifier: Apache-2.0 */
/* sms_http_test.c -- the channel's ops where nobody listens; a gateway is in
 * tests/system/channels.test.mjs. */
#include "sms_http/sms_http.h"

#include "pospin_test.h"

#include <errno.h>

struct ending {
	struct pp_loop *loop;
	struct pp_channel_outcome outcome;
	int count;
};

static void on_done(void *user, const struct pp_channel_outcome *outcome)
{
	struct ending *e = user;

	e->outcome = *outcome;
	e->count++;
	pp_loop_stop(e->loop, 0);
}

static void a_gateway_without_a_template_is_refused_at_the_start(void **state)
{
	char url[] = "http://127.0.0.1:1/", none[] = "", broken[] = "{\"to\":{{address}}}";
	struct pp_server_settings settings = { .sms = { .url = none, .template = none } };
	struct pp_channel_host host = { .settings = &settings };
	void *channel;

	(void)state;
	assert_int_equal(pp_sms_http_ops.open(&host, &channel), -ENOTSUP);
	settings.sms.url = url;
	assert_int_equal(pp_sms_http_ops.open(&host, &channel), -EINVAL);
	settings.sms.template = broken;
	assert_int_equal(pp_sms_http_ops.open(&host, &channel), -EINVAL);
}

static void a_gateway_that_is_away_may_come_back(void **state)
{
	char url[] = "http://127.0.0.1:1/", template[] = "{\"to\":\"{{address}}\"}";
	struct pp_server_settings settings = { .sms = { .url = url, .template = template } };
	struct pp_channel_host host = { .settings = &settings };
	struct pp_message m = {
		.address = "+6281234567890", .text = "x", .body = "{}", .key = "k"
	};
	struct ending e = { .count = 0 };
	void *channel;

	(void)state;
	assert_int_equal(pp_loop_new(&e.loop), 0);
	assert_int_equal(pp_fetcher_new(e.loop, &host.fetcher), 0);
	assert_int_equal(pp_sms_http_ops.open(&host, &channel), 0);
	assert_int_equal(pp_sms_http_ops.start(channel, &m, on_done, &e), 0);
	assert_int_equal(pp_loop_run(e.loop), 0);
	assert_int_equal(e.outcome.word, PP_CHANNEL_AGAIN);
	m.address = "110";
	assert_int_equal(pp_sms_http_ops.start(channel, &m, on_done, &e), -EINVAL);
	pp_fetcher_free(host.fetcher);
	pp_sms_http_ops.close(channel);
	pp_loop_free(e.loop);
	assert_int_equal(e.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gateway_without_a_template_is_refused_at_the_start),
		cmocka_unit_test(a_gateway_that_is_away_may_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
