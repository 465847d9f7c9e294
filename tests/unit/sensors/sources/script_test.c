/* SPDX-License-Identifier: Apache-2.0 */
/* script_test.c -- levels from a file and a live socket, through the same door as those of wires.
 */
#include "sources/source.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/clock.h"
#include "pospin_test.h"

static const struct pp_line lines[] = {
	{ .id = "panic" },
	{ .id = "tamper", .initial = true },
	{ .id = "siren", .output = true },
	{ .id = "lamp", .output = true, .initial = true },
	{ .id = "haze", .analogue = true, .rest = 0.4 },
};

enum { PANIC, TAMPER, SIREN, LAMP, HAZE };

struct fixture {
	char *folder;
	char script[600], socket[600];
	struct pp_source *source;
	int fd; /* a client; -1: none */
};

static struct fixture *begin(const char *text)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct pp_source_why why;
	FILE *file;

	assert_non_null(f);
	f->fd = -1;
	f->folder = pp_test_folder();
	snprintf(f->script, sizeof(f->script), "%s/play.script", f->folder);
	snprintf(f->socket, sizeof(f->socket), "%s/live.sock", f->folder);
	file = fopen(f->script, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(pp_source_script_new(
				 lines, PP_COUNT(lines), f->script, f->socket, &f->source, &why),
		0);
	return f;
}

static void end(struct fixture *f)
{
	if (f->fd >= 0)
		close(f->fd);
	assert_null(pp_source_free(f->source));
	pp_test_folder_remove(f->folder);
	free(f);
}

/* Waits until the source wants to be read, reads it; 0 when nothing came within ms. */
static int take(struct fixture *f, struct pp_level_event *event, int ms)
{
	uint64_t end_us = pp_clock_mono_us() + (uint64_t)ms * 1000, now_us;
	struct pollfd fd = { .fd = pp_source_fd(f->source), .events = POLLIN };
	int n = 0;

	while (n == 0 && (now_us = pp_clock_mono_us()) < end_us)
		if (poll(&fd, 1, (int)((end_us - now_us) / 1000) + 1) == 1)
			n = pp_source_read(f->source, event, 1);
	return n;
}

/* Sends text and returns what came back. */
static const char *ask(struct fixture *f, const char *text)
{
	static char answer[2048];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct pp_level_event none;
	ssize_t n;

	if (f->fd < 0) {
		f->fd = socket(AF_UNIX, SOCK_STREAM, 0);
		memcpy(address.sun_path, f->socket, strlen(f->socket));
		assert_int_equal(connect(f->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	}
	assert_int_equal(send(f->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	assert_int_equal(pp_source_read(f->source, &none, 0), 0);
	n = recv(f->fd, answer, sizeof(answer) - 1, MSG_DONTWAIT);
	answer[n > 0 ? n : 0] = '\0';
	return answer;
}

static void the_levels_of_a_file_come_at_their_times(void **state)
{
	struct fixture *f = begin(
		"0 panic on\n0.020 panic off\n0.020 tamper off\n0.050 panic on\n0.060 panic on\n");
	static const struct {
		uint64_t after_us;
		size_t line;
		bool active;
	} want[] = { { 0, PANIC, false }, { 0, TAMPER, false }, { 30000, PANIC, true } };
	uint64_t first_us = 0;
	bool active;

	(void)state;
	assert_int_equal(pp_source_get(f->source, PANIC, &active), 0);
	assert_true(active); /* what a file says of time 0 is there at start */
	assert_int_equal(pp_source_get(f->source, TAMPER, &active), 0);
	assert_true(active);
	for (size_t i = 0; i < PP_COUNT(want); i++) {
		struct pp_level_event event;

		assert_int_equal(take(f, &event, 5000), 1);
		if (i == 0)
			first_us = event.at_us;
		assert_int_equal(event.at_us - first_us, want[i].after_us);
		assert_int_equal(event.line, want[i].line);
		assert_int_equal(event.active, want[i].active);
		assert_false(event.gap || event.lost || event.found);
		assert_true(event.at_us <= pp_clock_mono_us());
	}
	assert_int_equal(take(f, &(struct pp_level_event){ 0 }, 30), 0); /* on again is no edge */
	end(f);
}

static void a_client_moves_a_wire(void **state)
{
	struct fixture *f = begin("");
	uint64_t before_us = pp_clock_mono_us();
	struct pp_level_event event;

	(void)state;
	assert_string_equal(ask(f, "panic on\n"), "ok\n");
	assert_int_equal(take(f, &event, 0 + 1000), 1);
	assert_int_equal(event.line, PANIC);
	assert_true(event.active);
	assert_in_range(event.at_us, before_us, pp_clock_mono_us());
	assert_string_equal(
		ask(f, "get panic\npanic off\nget panic\n"), "panic on\nok\npanic off\n");
	assert_int_equal(take(f, &event, 1000), 1);
	assert_false(event.active);
	end(f);
}

static void a_press_comes_back_after_its_time(void **state)
{
	static const struct {
		const char *text;
		size_t line;
		bool active;
		uint64_t us;
	} rows[] = {
		{ "press panic 30\n", PANIC, true, 30000 },
		{ "press panic\n", PANIC, true, 200000 },
		{ "press tamper 10\n", TAMPER, false,
			10000 }, /* rests on: a normally-closed loop */
	};
	struct fixture *f = begin("");

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_level_event on, off;

		assert_string_equal(ask(f, rows[i].text), "ok\n");
		assert_int_equal(take(f, &on, 5000), 1);
		assert_int_equal(take(f, &off, 5000), 1);
		assert_int_equal(on.line, rows[i].line);
		assert_int_equal(on.active, rows[i].active);
		assert_int_equal(off.active, !rows[i].active);
		assert_int_equal(off.at_us - on.at_us, rows[i].us);
	}
	end(f);
}

static void a_level_is_played_as_a_number(void **state)
{
	struct fixture *f = begin("0 haze 0.5\n0.020 haze 1.25\n");
	struct pp_level_event event;
	double value = 0;

	(void)state;
	assert_int_equal(pp_source_value(f->source, HAZE, &value), 0);
	assert_true(value == 0.5);
	assert_int_equal(take(f, &event, 60), 0); /* a level makes no edge */
	assert_int_equal(pp_source_value(f->source, HAZE, &value), 0);
	assert_true(value == 1.25);
	assert_string_equal(ask(f, "haze -2.5e1\n"), "ok\n");
	assert_string_equal(ask(f, "get haze\n"), "haze -25\n");
	assert_string_equal(ask(f, "haze on\n"), "error: a level, a number: haze\n");
	assert_string_equal(ask(f, "panic 0.5\n"), "error: no level, on or off: panic\n");
	assert_string_equal(ask(f, "press haze\n"), "error: a level cannot be pressed: haze\n");
	assert_int_equal(pp_source_value(f->source, PANIC, &value), -ENODEV);
	end(f);
}

static void outputs_are_watched(void **state)
{
	struct fixture *f = begin("");
	char text[256];
	ssize_t n;

	(void)state;
	assert_string_equal(ask(f, "watch\n"), "siren off\nlamp on\n");
	assert_int_equal(pp_source_set(f->source, SIREN, true), 0);
	assert_int_equal(pp_source_set(f->source, SIREN, true), 0);
	assert_int_equal(pp_source_set(f->source, LAMP, false), 0);
	n = recv(f->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, "siren on\nlamp off\n");
	assert_string_equal(
		ask(f, "levels\n"), "panic off\ntamper on\nsiren on\nlamp off\nhaze 0.4\nok\n");
	assert_int_equal(pp_source_set(f->source, PANIC, true), -EINVAL);
	end(f);
}

static void a_request_that_makes_no_sense_is_told_why(void **state)
{
#define EXPECTED                                                                                   \
	"error: expected <id> on|off, <id> <number>, press <id> [ms], get <id>, "                  \
	"levels or watch\n"
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "panik on\n",
			"error: no point 'panik'; known: panic, tamper, siren, lamp, haze\n" },
		{ "press x\n", "error: no point 'x'; known: panic, tamper, siren, lamp, haze\n" },
		{ "get x\n", "error: no point 'x'; known: panic, tamper, siren, lamp, haze\n" },
		{ "siren on\n", "error: this is an output: siren\n" },
		{ "press siren\n", "error: this is an output: siren\n" },
		{ "press panic 0\n", "error: press <id> [ms]: ms is 1 to 3600000\n" },
		{ "press panic 3600001\n", "error: press <id> [ms]: ms is 1 to 3600000\n" },
		{ "press panic 1s\n", "error: press <id> [ms]: ms is 1 to 3600000\n" },
		{ "panic ON\n", EXPECTED },
		{ "panic\n", EXPECTED },
		{ "watch me\n", EXPECTED },
		{ "panic on now please\n", EXPECTED },
		{ "\n", "" },
	};
	struct fixture *f = begin("");

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++)
		assert_string_equal(ask(f, rows[i].text), rows[i].want);
	assert_int_equal(take(f, &(struct pp_level_event){ 0 }, 1), 0);
	end(f);
}

static void events_that_pile_up_are_bounded_and_keep_their_order(void **state)
{
	struct fixture *f = begin("");
	struct pp_level_event events[64];
	size_t accepted = 0, taken = 0;
	uint64_t last_us = 0;
	bool last = false;
	int n;

	(void)state;
	for (int i = 0; i < 1100; i++) {
		const char *answer = ask(f, i % 2 ? "panic off\n" : "panic on\n");

		accepted += strcmp(answer, "ok\n") == 0;
		if (accepted <= (size_t)i)
			assert_string_equal(answer, "error: too many events are waiting\n");
	}
	while ((n = pp_source_read(f->source, events, PP_COUNT(events))) > 0)
		for (int i = 0; i < n; i++, taken++) {
			assert_true(events[i].at_us >= last_us && events[i].active != last);
			last_us = events[i].at_us;
			last = events[i].active;
		}
	assert_int_equal(taken, accepted);
	assert_int_equal(taken, 1024);
	end(f);
}

static void a_source_that_cannot_be_made_says_why(void **state)
{
	static const struct pp_line twice[] = { { .id = "panic" }, { .id = "panic" } };
	struct fixture *f = begin("");
	struct pp_source *s = NULL;
	struct pp_source_why why;
	FILE *file = fopen(f->script, "w");

	(void)state;
	fputs("1 panic on\n2 panic maybe\n", file);
	fclose(file);
	assert_int_equal(pp_source_script_new(twice, 2, NULL, NULL, &s, &why), -EINVAL);
	assert_string_equal(why.text, "panic: two points with this id");
	assert_int_equal(pp_source_script_new(lines, 4, f->script, NULL, &s, &why), -EINVAL);
	assert_non_null(strstr(why.text, "play.script:2: expected"));
	assert_int_equal(pp_source_script_new(lines, 4, "/nonexistent", NULL, &s, &why), -ENOENT);
	assert_string_equal(why.text, "/nonexistent: No such file or directory");
	assert_int_equal(pp_source_script_new(lines, 4, NULL, f->socket, &s, &why), -EADDRINUSE);
	assert_non_null(strstr(why.text, "live.sock: Address already in use"));
	assert_null(s);
	assert_int_equal(pp_source_script_new(lines, 0, NULL, NULL, &s, &why), 0);
	pp_source_free(s);
	end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_levels_of_a_file_come_at_their_times),
		cmocka_unit_test(a_client_moves_a_wire),
		cmocka_unit_test(a_press_comes_back_after_its_time),
		cmocka_unit_test(a_level_is_played_as_a_number),
		cmocka_unit_test(outputs_are_watched),
		cmocka_unit_test(a_request_that_makes_no_sense_is_told_why),
		cmocka_unit_test(events_that_pile_up_are_bounded_and_keep_their_order),
		cmocka_unit_test(a_source_that_cannot_be_made_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
