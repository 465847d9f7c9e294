/* SPDX-License-Identifier: Apache-2.0 */
/* mail_test.c -- the channel's ops where nobody listens; a real SMTP server is in
 * tests/system/mail.test.mjs. */
#include "mail/mail.h"

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

static void a_relay_that_is_not_there_may_be_there_later(void **state)
{
	char server[] = "smtp://127.0.0.1:1", from[] = "pospin@example.org", none[] = "";
	struct pp_server_settings settings = {
		.mail = { .server = none, .from = from, .user = none, .password = none, .ca = none }
	};
	struct pp_channel_host host = { .settings = &settings };
	struct pp_message m = { .tenant = "kendal",
		.address = "piket@example.org",
		.text = "Uji coba",
		.key = "k" };
	struct ending e = { .count = 0 };
	void *channel;

	(void)state;
	assert_int_equal(pp_loop_new(&e.loop), 0);
	host.loop = e.loop;
	assert_int_equal(pp_mail_ops.open(&host, &channel), -ENOTSUP);
	settings.mail.server = server;
	assert_int_equal(pp_mail_ops.open(&host, &channel), 0);
	assert_int_equal(pp_mail_ops.start(channel, &m, on_done, &e), 0);
	assert_int_equal(pp_loop_run(e.loop), 0);
	assert_int_equal(e.outcome.word, PP_CHANNEL_AGAIN);
	m.address = "a@b,c@d";
	assert_int_equal(pp_mail_ops.start(channel, &m, on_done, &e), -EINVAL);
	pp_mail_ops.close(channel);
	pp_loop_free(e.loop);
	assert_int_equal(e.count, 1);
}

static void a_password_that_cannot_be_read_is_said_at_the_start(void **state)
{
	char server[] = "smtp://127.0.0.1:1", password[] = "/nonexistent/password";
	struct pp_server_settings settings = {
		.mail = { .server = server, .password = password }
	};
	struct pp_channel_host host = { .settings = &settings };
	void *channel;

	(void)state;
	assert_int_equal(pp_mail_ops.open(&host, &channel), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relay_that_is_not_there_may_be_there_later),
		cmocka_unit_test(a_password_that_cannot_be_read_is_said_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
