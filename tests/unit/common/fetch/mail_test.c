/* SPDX-License-Identifier: Apache-2.0 */
/* mail_test.c -- SMTP servers that take, refuse, offer no TLS and hang. TLS itself is tried against
 * Debian's aiosmtpd in tests/system/mail.test.mjs. */
#include "fetch/mail.h"

#include "pospin_test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

enum manner { TAKES, REFUSES, IS_FULL, HANGS, HANGS_AT_THE_END };

struct server {
	int listener;
	uint16_t port;
	enum manner manner;
	pthread_t thread;
	int held[8];
	size_t held_count;
	char heard[8192];
};

static void say(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* One line, or the letter up to its dot. false: the client has gone. */
static bool hear(struct server *s, int fd, const char *until, char *ret_line, size_t size)
{
	size_t length = 0;

	ret_line[0] = '\0';
	while (length < size - 1 && recv(fd, ret_line + length, 1, 0) == 1) {
		ret_line[++length] = '\0';
		if (length >= strlen(until) &&
			strcmp(ret_line + length - strlen(until), until) == 0) {
			size_t heard = strlen(s->heard);

			snprintf(s->heard + heard, sizeof(s->heard) - heard, "%s", ret_line);
			return true;
		}
	}
	return false;
}

static void serve(struct server *s, int fd)
{
	char line[4096];

	if (s->manner == HANGS)
		goto hold;
	say(fd, "220 sink ESMTP\r\n");
	while (hear(s, fd, "\r\n", line, sizeof(line))) {
		if (strncmp(line, "EHLO", 4) == 0) {
			say(fd, "250-sink\r\n250 8BITMIME\r\n");
		} else if (strncmp(line, "RCPT", 4) == 0 && s->manner == REFUSES) {
			say(fd, "550 5.1.1 nobody here\r\n");
		} else if (strncmp(line, "RCPT", 4) == 0 && s->manner == IS_FULL) {
			say(fd, "452 4.2.2 full\r\n");
		} else if (strncmp(line, "DATA", 4) == 0) {
			say(fd, "354 go on\r\n");
			if (!hear(s, fd, "\r\n.\r\n", line, sizeof(line)))
				break;
			say(fd, "250 2.0.0 taken\r\n");
		} else if (strncmp(line, "QUIT", 4) == 0) {
			if (s->manner == HANGS_AT_THE_END)
				goto hold;
			say(fd, "221 bye\r\n");
			break;
		} else {
			say(fd, "250 fine\r\n");
		}
	}
	close(fd);
	return;
hold:
	s->held[s->held_count++ % 8] = fd;
}

static void *run(void *user)
{
	struct server *s = user;
	int fd;

	while ((fd = accept(s->listener, NULL, NULL)) >= 0)
		serve(s, fd);
	return NULL;
}

static void server_start(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(a);

	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, length), 0);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &length), 0);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
}

static void server_stop(struct server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	for (size_t i = 0; i < s->held_count && i < 8; i++)
		close(s->held[i]);
}

struct ending {
	struct pp_loop *loop;
	int error, count;
	long status;
	char why[128];
};

static void on_answer(void *user, const struct pp_fetch_answer *a)
{
	struct ending *e = user;

	e->error = a->error;
	e->status = a->status;
	snprintf(e->why, sizeof(e->why), "%s", a->why);
	e->count++;
	pp_loop_stop(e->loop, 0);
}

#define LETTER "Subject: x\r\n\r\n.dot\r\nhello\r\n"

static struct pp_mail_request request_of(struct server *s, char url[64])
{
	snprintf(url, 64, "smtp://127.0.0.1:%u", s->port);
	return (struct pp_mail_request){ .url = url,
		.plain = true,
		.from = "pospin@example.org",
		.to = "piket@example.org",
		.letter = LETTER,
		.length = strlen(LETTER),
		.timeout_ms = 1500 };
}

static void what_the_server_says_is_told(void **state)
{
	static const struct {
		enum manner manner;
		bool tls_wanted;
		long status;
		bool failed;
	} rows[] = {
		{ TAKES, false, 250, false },
		{ REFUSES, false, 550, true },
		{ IS_FULL, false, 452, true },
		{ HANGS, false, 0, true },
		{ HANGS_AT_THE_END, false, 250, false },
		{ TAKES, true, -1, true }, /* it offers none */
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct server s = { .manner = rows[i].manner };
		struct ending e = { .count = 0 };
		struct pp_mailer *m;
		struct pp_mail_request r;
		char url[64];

		server_start(&s);
		assert_int_equal(pp_loop_new(&e.loop), 0);
		assert_int_equal(pp_mailer_new(e.loop, &m), 0);
		r = request_of(&s, url);
		r.plain = !rows[i].tls_wanted;
		assert_int_equal(pp_mailer_start(m, &r, on_answer, &e), 0);
		assert_int_equal(pp_loop_run(e.loop), 0);
		if ((e.error != 0) != rows[i].failed ||
			(rows[i].status >= 0 && e.status != rows[i].status))
			fail_msg("row %zu: %d, %ld, %s", i, e.error, e.status, e.why);
		pp_mailer_free(m);
		pp_loop_free(e.loop);
		server_stop(&s);
		assert_int_equal(e.count, 1);
		if (i == 0)
			assert_non_null(strstr(s.heard, "\r\n..dot\r\nhello\r\n.\r\n"));
		if (rows[i].tls_wanted)
			assert_null(strstr(s.heard, "MAIL"));
	}
}

static void letters_under_way_are_four_and_end_with_the_mailer(void **state)
{
	struct server s = { .manner = HANGS };
	struct ending e = { .count = 0 };
	struct pp_mail_request r;
	struct pp_mailer *m;
	char url[64];

	(void)state;
	server_start(&s);
	assert_int_equal(pp_loop_new(&e.loop), 0);
	assert_int_equal(pp_mailer_new(e.loop, &m), 0);
	r = request_of(&s, url);
	r.timeout_ms = 60000;
	for (int i = 0; i < PP_MAILER_LETTERS; i++)
		assert_int_equal(pp_mailer_start(m, &r, on_answer, &e), 0);
	assert_int_equal(pp_mailer_start(m, &r, on_answer, &e), -EBUSY);
	pp_mailer_free(m);
	assert_null(pp_mailer_free(NULL));
	pp_loop_free(e.loop);
	server_stop(&s);
	assert_int_equal(e.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_says_is_told),
		cmocka_unit_test(letters_under_way_are_four_and_end_with_the_mailer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
