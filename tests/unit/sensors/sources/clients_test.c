/* SPDX-License-Identifier: Apache-2.0 */
/* clients_test.c -- lines over a Unix socket: bounded, and never waiting. */
#include "clients.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "pospin_test.h"

struct fixture {
	char *folder;
	char path[600];
	int epoll_fd;
	struct pp_clients *clients;
	unsigned lines;
};

/* Answers a line with itself; "watch" watches. */
static void echo(void *user, unsigned client, char *line)
{
	struct fixture *f = user;
	char text[PP_CLIENTS_LINE_MAX + 1];

	f->lines++;
	if (strcmp(line, "watch") == 0)
		pp_clients_watch(f->clients, client);
	snprintf(text, sizeof(text), "%s\n", line);
	pp_clients_say(f->clients, client, text);
}

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->folder = pp_test_folder();
	snprintf(f->path, sizeof(f->path), "%s/live.sock", f->folder);
	f->epoll_fd = epoll_create1(0);
	assert_int_equal(pp_clients_new(f->path, f->epoll_fd, echo, f, &f->clients), 0);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	assert_null(pp_clients_free(f->clients));
	assert_int_equal(access(f->path, F_OK), -1);
	close(f->epoll_fd);
	pp_test_folder_remove(f->folder);
	free(f);
	return 0;
}

static int dial(const struct fixture *f)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, f->path, strlen(f->path));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Serves as long as the descriptors say that there is something to do. */
static void serve(struct fixture *f)
{
	struct epoll_event event;

	for (int i = 0; i < 1000 && epoll_wait(f->epoll_fd, &event, 1, 0) > 0; i++)
		pp_clients_run(f->clients);
}

static void put(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What is there to read now. "EOF" when the other side has closed. */
static const char *got(int fd)
{
	static char text[1024];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n == 0)
		return "EOF";
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void lines_are_answered_however_they_are_cut(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	put(fd, "one\ntwo\nthr");
	serve(f);
	assert_string_equal(got(fd), "one\ntwo\n");
	put(fd, "ee\n");
	serve(f);
	assert_string_equal(got(fd), "three\n");
	close(fd);
	serve(f);
	assert_int_equal(f->lines, 3);
}

static void a_last_line_without_an_end_counts(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	put(fd, "one");
	shutdown(fd, SHUT_WR);
	serve(f);
	assert_string_equal(got(fd), "one\n");
	assert_string_equal(got(fd), "EOF");
	close(fd);
}

static void only_its_owner_may_connect(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void those_who_watch_are_told(void **state)
{
	struct fixture *f = *state;
	int a = dial(f), b = dial(f);

	put(a, "watch\n");
	put(b, "hello\n");
	serve(f);
	pp_clients_tell(f->clients, "siren on\n");
	assert_string_equal(got(a), "watch\nsiren on\n");
	assert_string_equal(got(b), "hello\n");
	close(a);
	close(b);
	pp_clients_tell(f->clients, "siren off\n");
	serve(f);
}

static void a_line_too_long_ends_the_connection(void **state)
{
	struct fixture *f = *state;
	char longest[PP_CLIENTS_LINE_MAX + 1];
	int fd = dial(f);

	memset(longest, 'x', sizeof(longest));
	longest[PP_CLIENTS_LINE_MAX - 1] = '\n';
	longest[PP_CLIENTS_LINE_MAX] = '\0';
	put(fd, longest);
	serve(f);
	assert_string_equal(got(fd), longest);
	longest[PP_CLIENTS_LINE_MAX - 1] = 'x';
	put(fd, longest);
	serve(f);
	assert_string_equal(got(fd), "error: line too long\n");
	assert_string_equal(got(fd), "EOF");
	close(fd);
	assert_int_equal(f->lines, 1);
}

static void a_nul_is_refused(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f);

	assert_int_equal(send(fd, "a\0b\n", 4, 0), 4);
	serve(f);
	assert_string_equal(got(fd), "error: a NUL in a line\n");
	close(fd);
	assert_int_equal(f->lines, 0);
}

static void the_ninth_client_is_sent_away_and_a_free_place_is_used_again(void **state)
{
	struct fixture *f = *state;
	int fds[PP_CLIENTS_MAX], fd;

	for (unsigned i = 0; i < PP_CLIENTS_MAX; i++) {
		fds[i] = dial(f);
		serve(f);
	}
	fd = dial(f);
	serve(f);
	assert_string_equal(got(fd), "error: too many clients\n");
	assert_string_equal(got(fd), "EOF");
	close(fd);
	close(fds[3]);
	serve(f);
	fds[3] = dial(f);
	put(fds[3], "hello\n");
	serve(f);
	assert_string_equal(got(fds[3]), "hello\n");
	for (unsigned i = 0; i < PP_CLIENTS_MAX; i++)
		close(fds[i]);
}

static void who_does_not_read_is_dropped_and_the_others_are_served(void **state)
{
	struct fixture *f = *state;
	int deaf = dial(f), fd = dial(f);
	char text[200];

	put(deaf, "watch\n");
	serve(f);
	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 5000; i++)
		pp_clients_tell(f->clients, text);
	pp_clients_run(f->clients);
	put(fd, "hello\n");
	serve(f);
	assert_string_equal(got(fd), "hello\n");
	for (int i = 0; i < 5000 && strcmp(got(deaf), "EOF") != 0; i++)
		;
	assert_string_equal(got(deaf), "EOF");
	close(deaf);
	close(fd);
}

static void an_answer_that_waits_is_sent_when_there_is_room(void **state)
{
	struct fixture *f = *state;
	int fd = dial(f), arrived = 0;
	size_t told = strlen("watch\n"), read = 0, n;
	char text[200];

	put(fd, "watch\n");
	serve(f);
	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	text[sizeof(text) - 1] = '\0';
	do { /* until the kernel takes no more and something waits here */
		pp_clients_tell(f->clients, text);
		told += strlen(text);
		assert_int_equal(ioctl(fd, FIONREAD, &arrived), 0);
	} while ((size_t)arrived == told);
	for (int i = 0; i < 10; i++, told += strlen(text))
		pp_clients_tell(f->clients, text);
	while ((n = strlen(got(fd))) > 0) {
		read += n;
		serve(f);
	}
	assert_int_equal(read, told);
	close(fd);
}

static void a_dead_socket_is_replaced_and_a_live_one_or_a_file_is_not(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct pp_clients *other = NULL;
	char path[700], longest[200];
	FILE *file;
	int fd;

	assert_int_equal(pp_clients_new(f->path, f->epoll_fd, echo, f, &other), -EADDRINUSE);
	snprintf(path, sizeof(path), "%s/dead.sock", f->folder);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(pp_clients_new(path, f->epoll_fd, echo, f, &other), 0);
	pp_clients_free(other);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(pp_clients_new(path, f->epoll_fd, echo, f, &other), -EADDRINUSE);
	assert_int_equal(access(path, F_OK), 0);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(pp_clients_new(longest, f->epoll_fd, echo, f, &other), -ENAMETOOLONG);
	assert_int_equal(
		pp_clients_new("/nonexistent/x.sock", f->epoll_fd, echo, f, &other), -ENOENT);
	assert_null(pp_clients_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lines_are_answered_however_they_are_cut, begin, end),
		cmocka_unit_test_setup_teardown(a_last_line_without_an_end_counts, begin, end),
		cmocka_unit_test_setup_teardown(only_its_owner_may_connect, begin, end),
		cmocka_unit_test_setup_teardown(those_who_watch_are_told, begin, end),
		cmocka_unit_test_setup_teardown(a_line_too_long_ends_the_connection, begin, end),
		cmocka_unit_test_setup_teardown(a_nul_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(
			the_ninth_client_is_sent_away_and_a_free_place_is_used_again, begin, end),
		cmocka_unit_test_setup_teardown(
			who_does_not_read_is_dropped_and_the_others_are_served, begin, end),
		cmocka_unit_test_setup_teardown(
			an_answer_that_waits_is_sent_when_there_is_room, begin, end),
		cmocka_unit_test_setup_teardown(
			a_dead_socket_is_replaced_and_a_live_one_or_a_file_is_not, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
