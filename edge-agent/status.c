/* SPDX-License-Identifier: Apache-2.0 */
/* status.c -- `pospin-edge status`: asks the running agent and says it in plain words. */
#include "edge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/text.h"
#include "json/json.h"

#define ANSWER_MAX (1u << 20)

static int ask(const char *path, char **ret_text, size_t *ret_length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 5 };
	struct pp_buf buf = { 0 };
	char part[4096];
	ssize_t n = -1;
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		while ((n = read(fd, part, sizeof(part))) > 0 && buf.length < ANSWER_MAX)
			pp_buf_add(&buf, part, (size_t)n);
	error = n < 0 ? -errno : 0;
	close(fd);
	if (error == 0)
		return pp_buf_take(&buf, ret_text, ret_length);
	pp_buf_done(&buf);
	return error;
}

static const char *text_of(const struct pp_json *o, const char *key)
{
	const char *text = "?";

	(void)pp_json_get_text(o, key, 4096, &text);
	return text;
}

static int64_t number_of(const struct pp_json *o, const char *key)
{
	int64_t value = 0;

	(void)pp_json_get_i64(o, key, INT64_MIN, INT64_MAX, &value);
	return value;
}

static bool is_true(const struct pp_json *o, const char *key)
{
	bool value = false;

	(void)pp_json_get_bool(o, key, &value);
	return value;
}

static void say_links(const struct pp_json *o)
{
	double beat_s, round_trip_s;

	printf("Post %s/%s, version %s, up %" PRId64 " s\n", text_of(o, "tenant"),
		text_of(o, "post"), text_of(o, "version"), number_of(o, "uptime_s"));
	printf("Broker: %s\n", is_true(o, "broker") ? "connected" : "not connected");
	printf("Server: %s", text_of(o, "server"));
	if (pp_json_get_real(o, "last_beat_s", &beat_s) == 0)
		printf(", last beat %.1f s ago", beat_s);
	if (pp_json_get_real(o, "round_trip_s", &round_trip_s) == 0)
		printf(", round trip %.0f ms", round_trip_s * 1000);
	printf("\nClock: %s\n",
		is_true(o, "clock_synchronised") ? "synchronised" : "not synchronised");
}

static void say_outbox(const struct pp_json *o)
{
	const struct pp_json *outbox;

	if (pp_json_get_object(o, "outbox", &outbox) < 0)
		return;
	printf("Outbox: %" PRId64 " without receipt, %" PRId64 " rows, last number %" PRId64
	       ", %s\n",
		number_of(outbox, "unreceipted"), number_of(outbox, "rows"),
		number_of(outbox, "last_seq"),
		is_true(outbox, "durable") ? "on disk" : "IN MEMORY ONLY: the store is lost");
}

static void say_points(const struct pp_json *o)
{
	const struct pp_json *points, *point;

	if (pp_json_get_object(o, "points", &points) < 0)
		return;
	printf("Points:\n");
	for (const char *id = pp_json_next(points, NULL, &point); id;
		id = pp_json_next(points, id, &point)) {
		const char *detail;

		printf("  %-32s %s", id, text_of(point, "state"));
		if (pp_json_get_text(point, "detail", 256, &detail) == 0)
			printf(" (%s)", detail);
		printf("\n");
	}
}

static void say_lamps(const struct pp_json *o)
{
	const struct pp_json *shows, *value;

	if (pp_json_get_object(o, "shows", &shows) < 0)
		return;
	printf("Lamps and sirens:\n");
	for (const char *id = pp_json_next(shows, NULL, &value); id;
		id = pp_json_next(shows, id, &value))
		printf("  %-32s %s\n", id, text_of(shows, id));
}

int pp_status_show(const char *socket_path, bool json)
{
	char *text = NULL, why[160];
	struct pp_json *o = NULL;
	size_t length;
	int r = ask(socket_path, &text, &length);

	if (r < 0) {
		fprintf(stderr, "pospin-edge: %s: %s (is the agent running?)\n", socket_path,
			strerror(-r));
		return EXIT_FAILURE;
	}
	if (json) {
		printf("%s\n", text);
	} else if (pp_json_parse(text, length, &o, why) == 0) {
		say_links(o);
		say_outbox(o);
		say_points(o);
		say_lamps(o);
	} else {
		fprintf(stderr, "pospin-edge: %s: %s\n", socket_path, why);
		r = -EBADMSG;
	}
	pp_json_free(o);
	free(text);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
