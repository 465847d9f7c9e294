/* SPDX-License-Identifier: Apache-2.0 */
/* gpio_test.c -- the adapter of libgpiod. Here only what goes wrong without lines can be tried.
 * Where POSPIN_GPIO_SIM names the sysfs folder of a gpio-sim device (chip label pospin-sim, 32
 * lines GPIO0 to GPIO31, no other use of lines 5, 6 and 20), the whole GPIO source is tried on the
 * real kernel: edges, overflow, outputs, a taken line, unplugging. Needs root there. */
#include "gpio.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>

#include "core/clock.h"
#include "pospin_test.h"

static const char *sim(void)
{
	return getenv("POSPIN_GPIO_SIM");
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail_msg("%s: %s", path, strerror(errno));
	close(fd);
}

/* The far end of a wire; the chip's number in its path changes when it is plugged in again. */
static void wire_path(unsigned line, const char *file, char *ret_path, size_t size)
{
	char pattern[400];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/gpiochip*/sim_gpio%u/%s", sim(), line, file);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	snprintf(ret_path, size, "%s", found.gl_pathv[0]);
	globfree(&found);
}

static void pull(unsigned line, bool up)
{
	char path[500];

	wire_path(line, "pull", path, sizeof(path));
	put(path, up ? "pull-up" : "pull-down");
}

static bool driven(unsigned line)
{
	char path[500], c = '?';
	int fd;

	wire_path(line, "value", path, sizeof(path));
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, &c, 1), 1);
	close(fd);
	return c == '1';
}

static const struct pp_line lines[] = {
	{ .id = "panic", .name = "GPIO5", .bias = PP_BIAS_PULL_DOWN },
	{ .id = "tamper", .chip = "pospin-sim", .offset = 6, .active_low = true },
	{ .id = "siren", .name = "GPIO20", .output = true, .initial = true },
};

enum { PANIC, TAMPER, SIREN };

static struct pp_source *made(void)
{
	struct pp_source_why why;
	struct pp_source *s;
	int r;

	pull(5, false);
	pull(6, false);
	r = pp_source_gpio_new(lines, PP_COUNT(lines), "gpio_test", &s, &why);
	if (r < 0)
		fail_msg("%d: %s", r, why.text);
	return s;
}

/* Reads until count events are there, or nothing wants to be read for ms. */
static int take(struct pp_source *s, struct pp_level_event *events, int count, int ms)
{
	struct pollfd fd = { .fd = pp_source_fd(s), .events = POLLIN };
	int n = 0;

	while (n < count && poll(&fd, 1, ms) == 1) {
		int r = pp_source_read(s, events + n, (size_t)(count - n));

		assert_true(r >= 0);
		n += r;
	}
	return n;
}

static void a_line_that_is_not_there_is_named(void **state)
{
	static const struct {
		struct pp_line line;
		const char *why;
	} rows[] = {
		{ { .id = "panic", .name = "GPIO99" }, "panic: no chip has a line named 'GPIO99'" },
		{ { .id = "panic", .chip = "nowhere", .offset = 3 },
			"panic: line 3 of chip 'nowhere': there is no such chip" },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		struct pp_gpio_place place = { .offset = 7 };
		struct pp_source *s = NULL;
		struct pp_line_view view;
		struct pp_source_why why;

		assert_int_equal(pp_gpio_find(&rows[i].line, &place, &why), -ENOENT);
		assert_string_equal(why.text, rows[i].why);
		assert_int_equal(place.offset, 7);
		assert_int_equal(pp_source_gpio_new(&rows[i].line, 1, "gpio_test", &s, &why), 0);
		pp_source_view(s, 0, &view);
		assert_int_equal(view.error, -ENOENT);
		assert_string_equal(view.why, rows[i].why);
		s = pp_source_free(s);
	}
}

static void a_file_that_is_no_chip_is_refused(void **state)
{
	static const char *const paths[] = { "/nonexistent", "/dev/null" };
	const struct pp_gpio_want want = { .line = &lines[0], .offset = 5 };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(paths); i++) {
		struct pp_gpio *g = NULL;
		struct pp_source_why why;

		assert_true(pp_gpio_new(paths[i], &want, "gpio_test", &g, &why) < 0);
		assert_null(g);
		assert_non_null(strstr(why.text, paths[i]));
		assert_non_null(strstr(why.text, "panic: "));
	}
	assert_null(pp_gpio_free(NULL));
}

static void no_lines_are_no_error(void **state)
{
	struct pp_source *s;
	struct pp_source_why why;
	struct pp_level_event event;

	(void)state;
	assert_int_equal(pp_source_gpio_new(NULL, 0, "gpio_test", &s, &why), 0);
	assert_int_equal(pp_source_read(s, &event, 1), 0);
	pp_source_free(s);
}

static void a_bouncing_wire_gives_edges_with_the_kernels_times(void **state)
{
	struct pp_source *s;
	struct pp_level_event events[20];
	uint64_t before_us, after_us, last_us;
	bool active;

	(void)state;
	if (!sim())
		skip();
	s = made();
	assert_int_equal(pp_source_get(s, PANIC, &active), 0);
	assert_false(active);
	assert_int_equal(pp_source_get(s, TAMPER, &active), 0);
	assert_true(active); /* active-low and low */
	before_us = last_us = pp_clock_mono_us();
	for (int i = 0; i < 10; i++)
		pull(5, i % 2 == 0);
	after_us = pp_clock_mono_us();
	assert_int_equal(take(s, events, 20, 200), 10);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(events[i].line, PANIC);
		assert_int_equal(events[i].active, i % 2 == 0);
		assert_in_range(events[i].at_us, last_us, after_us);
		assert_false(events[i].gap || events[i].lost || events[i].found);
		last_us = events[i].at_us;
	}
	assert_true(last_us >= before_us);
	pp_source_free(s);
}

static void two_lines_of_a_chip_keep_their_order(void **state)
{
	static const size_t want[] = { TAMPER, PANIC, PANIC, TAMPER };
	static const bool want_active[] = { false, true, false, true };
	struct pp_source *s;
	struct pp_level_event events[8];

	(void)state;
	if (!sim())
		skip();
	s = made();
	pull(6, true);
	pull(5, true);
	pull(5, false);
	pull(6, false);
	assert_int_equal(take(s, events, 8, 200), 4);
	for (size_t i = 0; i < PP_COUNT(want); i++) {
		assert_int_equal(events[i].line, want[i]);
		assert_int_equal(events[i].active, want_active[i]);
	}
	pp_source_free(s);
}

static void outputs_drive_their_wire(void **state)
{
	struct pp_source *s;
	bool active;

	(void)state;
	if (!sim())
		skip();
	s = made();
	assert_true(driven(20));
	assert_int_equal(pp_source_set(s, SIREN, false), 0);
	assert_false(driven(20));
	assert_int_equal(pp_source_get(s, SIREN, &active), 0);
	assert_false(active);
	assert_int_equal(pp_source_set(s, SIREN, true), 0);
	assert_true(driven(20));
	pp_source_free(s);
}

static void a_line_that_is_taken_is_named_with_its_user_and_found_when_it_is_free(void **state)
{
	static const struct pp_line outside = { .id = "far", .chip = "pospin-sim", .offset = 32 };
	static const char *const words[] = { "panic: line GPIO5 is used by 'gpio_test'",
		"tamper: line 6 of chip 'pospin-sim' is used by 'gpio_test'" };
	struct pp_source *s, *other;
	struct pp_level_event events[4];
	struct pp_gpio_place place;
	struct pp_line_view view;
	struct pp_source_why why;

	(void)state;
	if (!sim())
		skip();
	s = made();
	assert_int_equal(pp_source_gpio_new(lines, 2, "another", &other, &why), 0);
	for (size_t i = 0; i < 2; i++) {
		pp_source_view(other, i, &view);
		assert_int_equal(view.error, -EBUSY);
		assert_string_equal(view.why, words[i]);
	}
	assert_int_equal(pp_gpio_find(&outside, &place, &why), -ENOENT);
	assert_string_equal(why.text, "far: chip 'pospin-sim' has 32 lines, so no line 32");
	pull(5, true);
	pp_source_free(s);
	assert_int_equal(take(other, events, 2, 3000), 2);
	assert_true(events[0].found && events[0].line == PANIC);
	assert_true(events[1].found && events[1].line == TAMPER && events[1].active);
	pp_source_view(other, PANIC, &view);
	assert_int_equal(view.error, 0);
	pp_source_free(other);
}

static void an_overflow_is_a_gap_of_that_line_alone_and_every_level_ends_true(void **state)
{
	static struct pp_level_event events[4000];
	bool levels[3] = { false, true, true }, gaps[3] = { false };
	struct pp_source *s;
	int n;

	(void)state;
	if (!sim())
		skip();
	s = made();
	pull(6, true); /* has a buffer of its own: the flood cannot drop it */
	for (int i = 0; i < 2999; i++)
		pull(5, i % 2 == 0);
	n = take(s, events, 4000, 200);
	assert_in_range(n, 1000, 2000);
	for (int i = 0; i < n; i++) {
		levels[events[i].line] = events[i].active;
		gaps[events[i].line] |= events[i].gap;
	}
	assert_true(levels[PANIC] && gaps[PANIC]);
	assert_true(!levels[TAMPER] && !gaps[TAMPER]);
	pp_source_free(s);
}

static void unplugged_lines_are_lost_and_found_again(void **state)
{
	const char *device = sim();
	struct pp_level_event events[8];
	struct pp_source *s;
	uint64_t plugged_us;
	bool active;

	(void)state;
	if (!sim())
		skip();
	device = strrchr(device, '/') + 1;
	s = made();
	put("/sys/bus/platform/drivers/gpio-sim/unbind", device);
	assert_int_equal(take(s, events, 3, 3000), 3); /* of itself: nobody has used a line */
	for (int i = 0; i < 3; i++)
		assert_true(events[i].lost && !events[i].found);
	assert_int_equal(pp_source_get(s, PANIC, &active), -ENODEV);
	assert_int_equal(pp_source_set(s, SIREN, false), -ENODEV);
	put("/sys/bus/platform/drivers/gpio-sim/bind", device);
	plugged_us = pp_clock_mono_us();
	assert_int_equal(take(s, events, 3, 3000), 3);
	assert_true(pp_clock_mono_us() - plugged_us < 3000000);
	for (int i = 0; i < 3; i++) {
		assert_true(events[i].found && !events[i].lost);
		assert_int_equal(events[i].active, events[i].line == TAMPER);
	}
	assert_false(driven(20)); /* set while it was away */
	assert_int_equal(pp_source_set(s, SIREN, true), 0);
	assert_true(driven(20));
	pull(5, true);
	assert_int_equal(take(s, events, 1, 1000), 1);
	assert_true(events[0].active && !events[0].gap);
	pp_source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_that_is_not_there_is_named),
		cmocka_unit_test(a_file_that_is_no_chip_is_refused),
		cmocka_unit_test(no_lines_are_no_error),
		cmocka_unit_test(a_bouncing_wire_gives_edges_with_the_kernels_times),
		cmocka_unit_test(two_lines_of_a_chip_keep_their_order),
		cmocka_unit_test(outputs_drive_their_wire),
		cmocka_unit_test(
			a_line_that_is_taken_is_named_with_its_user_and_found_when_it_is_free),
		cmocka_unit_test(an_overflow_is_a_gap_of_that_line_alone_and_every_level_ends_true),
		cmocka_unit_test(unplugged_lines_are_lost_and_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
