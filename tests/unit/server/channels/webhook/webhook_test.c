/* SPDX-License-Identifier: Apache-2.0 */
/* webhook_test.c -- the channel's ops against a port where nobody listens; real receivers are in
 * tests/unit/server/notify/notifier_test.c and tests/system/notify.test.mjs. */
#include "webhook/webhook.h"

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

static void a_try_has_one_answer_and_a_private_target_none_at_all(void **state)
{
	struct pp_server_settings settings = { .webhook_allow_private = true };
	struct pp_channel_host host = { .settings = &settings };
	struct pp_message m = { .tenant = "kendal",
		.target = "t",
		.contact = "",
		.purpose = "alarm",
		.address = "",
		.text = "",
		.body = "{}",
		.key = "k",
		.url = "http://127.0.0.1:1/",
		.secret = "s",
		.authorization = "",
		.form = { "", "", "", "" } };
	struct ending e = { .count = 0 };
	void *channel;

	(void)state;
	assert_int_equal(pp_loop_new(&e.loop), 0);
	host.loop = e.loop;
	assert_int_equal(pp_fetcher_new(e.loop, &host.fetcher), 0);
	for (int allowed = 1; allowed >= 0; allowed--) {
		settings.webhook_allow_private = allowed;
		assert_int_equal(pp_webhook_ops.open(&host, &channel), 0);
		assert_int_equal(pp_webhook_ops.start(channel, &m, on_done, &e), 0);
		assert_int_equal(pp_loop_run(e.loop), 0);
		pp_webhook_ops.close(channel);
		assert_int_equal(
			e.outcome.word, allowed ? PP_CHANNEL_AGAIN : PP_CHANNEL_REFUSED);
	}
	assert_int_equal(e.count, 2);
	assert_int_equal(pp_webhook_ops.open(&host, &channel), 0);
	m.url = "";
	assert_int_equal(pp_webhook_ops.start(channel, &m, on_done, &e), -EDESTADDRREQ);
	m.url = "http://127.0.0.1:1/";
	m.key = "";
	assert_int_equal(pp_webhook_ops.start(channel, &m, on_done, &e), -EINVAL);
	m.key = "k";
	assert_int_equal(pp_webhook_ops.start(channel, &m, on_done, &e), 0);
	pp_fetcher_free(host.fetcher);
	pp_webhook_ops.close(channel);
	pp_loop_free(e.loop);
	assert_int_equal(e.count, 2);
	assert_null(pp_webhook_ops.address_check("relawan"));
	assert_non_null(pp_webhook_ops.address_check(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_try_has_one_answer_and_a_private_target_none_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
