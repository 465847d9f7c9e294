/* SPDX-License-Identifier: Apache-2.0 */
/* tls_test.c -- a conversation over TLS with a real Mosquitto, and a peer that says nothing.
 * probe_test.c has what servers and their certificates can do. */
#include "probe/tls.h"

#include <errno.h>

#include "../mqtt/broker.h"

static struct broker broker;

static int set_up(void **state)
{
	(void)state;
	broker_prepare(&broker);
	broker_start(&broker);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	broker_done(&broker);
	return 0;
}

static int connected(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static int open_as(int fd, const char *who, int timeout_ms, struct pp_tls **t, char why[160])
{
	char ca[300], cert[300], key[300];
	struct pp_tls_options options = { "127.0.0.1", ca, cert, key, timeout_ms };

	snprintf(ca, sizeof(ca), "%s/ca.pem", broker.folder);
	snprintf(cert, sizeof(cert), "%s/%s.pem", broker.folder, who);
	snprintf(key, sizeof(key), "%s/%s.key", broker.folder, who);
	return pp_tls_open(&options, fd, t, why);
}

static void what_is_written_is_answered_and_the_end_is_an_end(void **state)
{
	static const unsigned char hello[] = { 0x10, 18, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 60, 0,
		0, 5, 'a', 'l', 'i', 'c', 'e' },
				   bye[] = { 0xe0, 0 };
	unsigned char answer[100];
	struct pp_tls *t = NULL;
	char why[160] = "";
	int fd = connected(broker.port);

	(void)state;
	assert_int_equal(open_as(fd, "alice", 5000, &t, why), 0);
	assert_int_equal(pp_tls_write(t, hello, sizeof(hello), why), sizeof(hello));
	assert_true(pp_tls_read(t, answer, sizeof(answer), why) >= 4);
	assert_int_equal(answer[0], 0x20);
	assert_int_equal(answer[3], 0);
	assert_int_equal(pp_tls_write(t, bye, sizeof(bye), why), sizeof(bye));
	assert_true(pp_tls_read(t, answer, sizeof(answer), why) <= 0);
	assert_null(pp_tls_close(t));
	close(fd);
}

static void silence_is_a_time_out(void **state)
{
	unsigned char byte;
	struct pp_tls *t = NULL;
	char why[160] = "";
	int fd = connected(broker.port), pair[2];

	(void)state;
	assert_int_equal(open_as(fd, "alice", 5000, &t, why), 0);
	pp_tls_set_timeout(t, 50);
	assert_int_equal(pp_tls_read(t, &byte, 1, why), -ETIMEDOUT);
	assert_string_equal(why, "no answer");
	pp_tls_close(t);
	close(fd);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	t = NULL;
	assert_int_equal(open_as(pair[0], "alice", 50, &t, why), -ETIMEDOUT);
	assert_null(t);
	close(pair[1]);
	assert_int_equal(open_as(pair[0], "alice", 50, &t, why), -ECONNRESET);
	close(pair[0]);
}

static void files_of_ours_that_do_not_do_are_named(void **state)
{
	struct pp_tls *t = NULL;
	char why[160] = "";

	(void)state;
	assert_int_equal(open_as(0, "nobody", 50, &t, why), -EINVAL);
	assert_string_equal(why, "our certificate cannot be read");
	assert_null(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_answered_and_the_end_is_an_end),
		cmocka_unit_test(silence_is_a_time_out),
		cmocka_unit_test(files_of_ours_that_do_not_do_are_named),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
