/* SPDX-License-Identifier: Apache-2.0 */
/* listen_test.c -- sockets are made with the right rights, and never over somebody else's file. */
#include "listen.h"

#include "pospin_test.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void tcp_addresses_are_figures_and_a_port_is_taken_once(void **state)
{
	int fd = pp_listen_tcp("127.0.0.1", 0), port;

	(void)state;
	assert_true(fd >= 0);
	port = pp_listen_port(fd);
	assert_in_range(port, 1, 65535);
	assert_int_equal(pp_listen_tcp("127.0.0.1", (uint16_t)port), -EADDRINUSE);
	assert_int_equal(pp_listen_tcp("localhost", 0), -EINVAL);
	assert_int_equal(pp_listen_tcp("", 0), -EINVAL);
	close(fd);
}

static void a_connection_whose_other_end_is_silent_does_not_last(void **state)
{
	int fd = pp_listen_tcp("127.0.0.1", 0), ms = 0;
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)pp_listen_port(fd)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int client = socket(AF_INET, SOCK_STREAM, 0), accepted;
	socklen_t length = sizeof(ms);

	(void)state;
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof(at)), 0);
	accepted = accept(fd, NULL, NULL);
	assert_true(accepted >= 0);
	assert_int_equal(getsockopt(accepted, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, &length), 0);
	assert_in_range(ms, 20000, 30000);
	close(accepted);
	close(client);
	close(fd);
}

static void the_control_socket_is_for_owner_and_group_and_replaces_a_dead_one(void **state)
{
	char *folder = pp_test_folder(), path[600];
	mode_t before = umask(077);
	struct stat st;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/control", folder);
	fd = pp_listen_unix(path);
	umask(before);
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(pp_listen_unix(path), -EADDRINUSE);
	close(fd);
	fd = pp_listen_unix(path);
	assert_true(fd >= 0);
	close(fd);
	pp_test_folder_remove(folder);
}

static void a_file_in_the_way_and_a_long_path_are_refused(void **state)
{
	char *folder = pp_test_folder(), path[600];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/control", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(pp_listen_unix(path), -EEXIST);
	assert_int_equal(access(path, F_OK), 0);
	memset(path, 'a', 200);
	path[200] = '\0';
	assert_int_equal(pp_listen_unix(path), -ENAMETOOLONG);
	pp_test_folder_remove(folder);
}

static void the_peer_of_a_local_connection_is_known(void **state)
{
	int pair[2];
	uid_t uid = (uid_t)-1;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(pp_listen_peer(pair[0], &uid), 0);
	assert_int_equal(uid, getuid());
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_whose_other_end_is_silent_does_not_last),
		cmocka_unit_test(tcp_addresses_are_figures_and_a_port_is_taken_once),
		cmocka_unit_test(the_control_socket_is_for_owner_and_group_and_replaces_a_dead_one),
		cmocka_unit_test(a_file_in_the_way_and_a_long_path_are_refused),
		cmocka_unit_test(the_peer_of_a_local_connection_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
