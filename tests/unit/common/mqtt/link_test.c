/* SPDX-License-Identifier: Apache-2.0 */
/* link_test.c -- the two repairs of Paho's sockets, and links that nobody answers. */
#include "link.h"

#include "crypto/pki.h"
#include "pospin_test.h"

#include <MQTTAsync.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

struct seen {
	int fd; /* eventfd: one count per loss */
	int reason;
	char why[96];
};

static uint64_t mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int listener(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static void this_programs_tcp_connections_do_not_wait_to_fill_a_packet(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint16_t port;
	int server = listener(&port), client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    on = 0;
	socklen_t size = sizeof(on);

	(void)state;
	address.sin_port = htons(port);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
	assert_true(on);
	close(client);
	close(server);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(client);
}

static void other_sockets_connect_as_ever(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/nonexistent/pospin" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), -1);
	assert_int_equal(errno, ENOENT);
	close(fd);
}

static void on_lost(void *user, int reason, const char *why)
{
	struct seen *seen = user;
	uint64_t one = 1;

	seen->reason = reason;
	snprintf(seen->why, sizeof(seen->why), "%s", why);
	assert_int_equal(write(seen->fd, &one, sizeof(one)), sizeof(one));
}

static const struct pp_link_ops ops = { .lost = on_lost };

static struct pp_mqtt_options options_for(uint16_t port)
{
	return (struct pp_mqtt_options){
		.host = "127.0.0.1",
		.port = port,
		.client_id = "test",
		.ca_path = "/nonexistent/ca.pem",
		.cert_path = "/nonexistent/cert.pem",
		.key_path = "/nonexistent/key.pem",
		.keepalive_s = 10,
		.connect_timeout_s = 5,
	};
}

static void a_link_without_its_key_files_is_lost_with_openssls_words(void **state)
{
	struct seen seen = { .fd = eventfd(0, EFD_CLOEXEC) };
	struct pollfd p = { .fd = seen.fd, .events = POLLIN };
	struct pp_link *link = NULL;
	uint16_t port;
	int server = listener(&port);
	struct pp_mqtt_options options = options_for(port);

	(void)state;
	assert_int_equal(pp_link_new(&options, &ops, &seen, &link), 0);
	assert_int_equal(pp_link_connect(link), 0);
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_null(pp_link_free(link));
	print_message("%d %s\n", seen.reason, seen.why);
	assert_true(seen.reason < 0);
	assert_true(seen.why[0]);
	close(server);
	close(seen.fd);
}

/* Also what an idle receiving thread costs: without a socket Paho does not poll, and must go on
 * sleeping. */
static void a_link_that_was_never_connected_costs_nothing_and_goes_in_silence(void **state)
{
	struct seen seen = { .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	struct pollfd p = { .fd = seen.fd, .events = POLLIN };
	struct pp_mqtt_options options = options_for(1);
	struct pp_link *idle = NULL, *refused = NULL;
	struct timespec before, after;

	(void)state;
	assert_int_equal(pp_link_new(&options, &ops, &seen, &idle), 0);
	assert_int_equal(pp_link_new(&options, &ops, &seen, &refused), 0);
	assert_int_equal(pp_link_connect(refused), 0); /* starts Paho's threads */
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_null(pp_link_free(refused));
	eventfd_t count;
	assert_int_equal(eventfd_read(seen.fd, &count), 0);

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	assert_int_equal(poll(&p, 1, 1000), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	int64_t used_us =
		(after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
	print_message("1 s without a socket: %lld us of CPU\n", (long long)used_us);
	assert_true(used_us < 200000);

	uint64_t from = mono_us();
	assert_null(pp_link_free(idle));
	print_message("last link freed in %llu us\n", (unsigned long long)(mono_us() - from));
	assert_int_equal(poll(&p, 1, 0), 0);
	close(seen.fd);
}

static void a_short_keepalive_is_looked_at_in_time(void **state)
{
	static const struct {
		uint16_t keepalive_s;
		uint64_t least_us, most_us;
	} rows[] = { { 1, 100000, 900000 }, { 10, 1000000, UINT64_MAX },
		{ 0, 1000000, UINT64_MAX } };
	struct seen seen = { .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	struct pollfd nothing = { .fd = eventfd(0, EFD_CLOEXEC), .events = POLLIN };
	char name[16];

	(void)state;
	assert_int_equal(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_mqtt_options options = options_for(1);
		struct pp_link *link = NULL;
		uint64_t from, took;

		options.keepalive_s = rows[i].keepalive_s;
		assert_int_equal(pp_link_new(&options, &ops, &seen, &link), 0);
		assert_int_equal(pp_link_connect(link), 0);
		assert_int_equal(pthread_setname_np(pthread_self(), "MQTTAsync_rcv"), 0);
		from = mono_us();
		assert_int_equal(poll(&nothing, 1, 1000), 0); /* as Paho waits when idle */
		took = mono_us() - from;
		assert_int_equal(pthread_setname_np(pthread_self(), name), 0);
		assert_in_range(took, rows[i].least_us, rows[i].most_us);
		assert_null(pp_link_free(link));
	}
	close(nothing.fd);
	close(seen.fd);
}

/* Whoever hands a publish over by itself must never wait for another link's resolver or handshake.
 */
static void while_any_link_connects_a_publish_is_left_to_the_thread(void **state)
{
	struct seen seen = { .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	struct pp_link_publish publish = { .topic = (char[]){ "t" }, .payload = (char[]){ "p" } };
	const struct pp_pki_request request = {
		.usage = PP_PKI_AUTHORITY, .common_name = "test", .days = 2
	};
	char *folder = pp_test_folder(), cert[600], key[600];
	struct pp_link *idle = NULL, *connecting = NULL;
	uint16_t port;
	int silent = listener(&port);
	struct pp_mqtt_options options = options_for(port);

	(void)state;
	snprintf(cert, sizeof(cert), "%s/cert", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	assert_int_equal(pp_pki_make_authority(&request, cert, key), 0);
	options.ca_path = options.cert_path = cert;
	options.key_path = key;
	assert_int_equal(pp_link_new(&options, &ops, &seen, &idle), 0);
	assert_int_equal(pp_link_new(&options, &ops, &seen, &connecting), 0);
	assert_int_equal(pp_link_try_send(idle, &publish), -ENOTCONN);
	assert_int_equal(pp_link_connect(connecting), 0);
	assert_int_equal(pp_link_try_send(idle, &publish), -EBUSY);
	assert_null(pp_link_free(connecting));
	assert_int_equal(pp_link_try_send(idle, &publish), -ENOTCONN);
	assert_null(pp_link_free(idle));
	close(silent);
	close(seen.fd);
	pp_test_folder_remove(folder);
}

/* What the link gives Paho to call: the linker takes this one, and hands it on. */
static MQTTAsync_messageArrived *arrived;
static void *arrived_context;
int MQTTAsync_setCallbacks(MQTTAsync handle, void *context, MQTTAsync_connectionLost *lost,
	MQTTAsync_messageArrived *message, MQTTAsync_deliveryComplete *complete)
{
	int (*next)(MQTTAsync, void *, MQTTAsync_connectionLost *, MQTTAsync_messageArrived *,
		MQTTAsync_deliveryComplete *);

	*(void **)&next = dlsym(RTLD_NEXT, "MQTTAsync_setCallbacks");
	arrived = message;
	arrived_context = context;
	return next(handle, context, lost, message, complete);
}

static struct pp_mqtt_item *taken;
static void on_taken(void *user, struct pp_mqtt_item *item)
{
	(void)user;
	taken = item;
}

/* As Paho hands it over: in its own memory. */
static void message_arrives(const MQTTAsync_message *like, const char *topic)
{
	MQTTAsync_message *message = MQTTAsync_malloc(sizeof(*message));
	char *name = MQTTAsync_malloc(strlen(topic) + 1);

	*message = *like;
	message->payload = MQTTAsync_malloc((size_t)like->payloadlen);
	memcpy(message->payload, like->payload, (size_t)like->payloadlen);
	memcpy(name, topic, strlen(topic) + 1);
	assert_int_equal(arrived(arrived_context, name, 0, message), 1);
}

static void neither_packet_id_nor_dup_nor_qos_says_what_a_message_is(void **state)
{
	static const struct {
		int msgid, dup, qos;
	} rows[] = { { 0, 0, 0 }, { 7, 0, 1 }, { 7, 1, 1 }, { 7, 0, 1 }, { 65535, 1, 2 } };
	const struct pp_link_ops taking = { .lost = on_lost, .message = on_taken };
	struct pp_mqtt_options options = options_for(1);
	struct pp_link *link = NULL;

	(void)state;
	assert_int_equal(pp_link_new(&options, &taking, NULL, &link), 0);
	assert_non_null(arrived);
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		MQTTAsync_message message = MQTTAsync_message_initializer;

		message.payload = (char[]){ "{}" };
		message.payloadlen = 2;
		message.msgid = rows[i].msgid;
		message.dup = rows[i].dup;
		message.qos = rows[i].qos;
		taken = NULL;
		message_arrives(&message, "pospin/v1/kendal/boja-01/signal");
		assert_non_null(taken);
		assert_false(taken->event.retained);
		assert_string_equal(taken->event.topic, "pospin/v1/kendal/boja-01/signal");
		assert_int_equal(taken->event.length, 2);
		pp_mqtt_event_free(&taken->event);
	}
	pp_link_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_programs_tcp_connections_do_not_wait_to_fill_a_packet),
		cmocka_unit_test(other_sockets_connect_as_ever),
		cmocka_unit_test(a_link_without_its_key_files_is_lost_with_openssls_words),
		cmocka_unit_test(a_short_keepalive_is_looked_at_in_time),
		cmocka_unit_test(while_any_link_connects_a_publish_is_left_to_the_thread),
		cmocka_unit_test(a_link_that_was_never_connected_costs_nothing_and_goes_in_silence),
		cmocka_unit_test(neither_packet_id_nor_dup_nor_qos_says_what_a_message_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
