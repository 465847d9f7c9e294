/* SPDX-License-Identifier: Apache-2.0 */
/* chips_test.c -- chips that go and come, dropped events, outputs that keep their value: with a
 * made-up kernel, which stands in for gpio.c here. gpio_test.c does the same with the real one. */
#include "sources/source.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "core/clock.h"
#include "gpio.h"
#include "pospin_test.h"

#define CHIPS 2
#define LINES 8

struct pp_gpio {
	int fd, chip;
};

/* What the made-up kernel holds. File scope, because the adapter's functions know no context. */
static struct kernel {
	struct chip {
		bool away, busy;
		bool levels[LINES];
		struct pp_gpio_edge edges[200];
		size_t count, next;
		struct pp_gpio *user;
		unsigned requests;
	} chips[CHIPS];
	unsigned renumber; /* added to the number in a chip's path */
} kernel;

int pp_gpio_find(
	const struct pp_line *line, struct pp_gpio_place *ret_place, struct pp_source_why *why)
{
	int chip = line->name[0] - 'A';

	if (chip < 0 || chip >= CHIPS || kernel.chips[chip].away) {
		snprintf(why->text, sizeof(why->text), "%s: no chip has a line named '%s'",
			line->id, line->name);
		return -ENOENT;
	}
	snprintf(ret_place->path, sizeof(ret_place->path), "/dev/gpiochip%u",
		(unsigned)chip + kernel.renumber);
	ret_place->offset = (unsigned)(line->name[1] - '0');
	return 0;
}

int pp_gpio_new(const char *path, const struct pp_gpio_want *wants, size_t count,
	const char *consumer, struct pp_gpio **ret_gpio, struct pp_source_why *why)
{
	int chip = path[strlen(path) - 1] - '0' - (int)kernel.renumber;
	struct chip *c = &kernel.chips[chip];
	struct pp_gpio *g;

	assert_string_equal(consumer, "test");
	if (c->away || c->busy) {
		snprintf(why->text, sizeof(why->text), "%s: line is used by 'somebody'",
			wants[0].line->id);
		return c->away ? -ENODEV : -EBUSY;
	}
	g = calloc(1, sizeof(*g));
	assert_non_null(g);
	g->fd = eventfd(0, EFD_NONBLOCK);
	g->chip = chip;
	for (size_t i = 0; i < count; i++)
		if (wants[i].line->output)
			c->levels[wants[i].offset] = wants[i].level;
	c->user = g;
	c->count = c->next = 0;
	c->requests++;
	*ret_gpio = g;
	return 0;
}

struct pp_gpio *pp_gpio_free(struct pp_gpio *g)
{
	if (g) {
		kernel.chips[g->chip].user = NULL;
		close(g->fd);
	}
	free(g);
	return NULL;
}

int pp_gpio_fd(const struct pp_gpio *g)
{
	return g->fd;
}

int pp_gpio_get(struct pp_gpio *g, unsigned offset, bool *ret_active)
{
	if (kernel.chips[g->chip].away)
		return -ENODEV;
	*ret_active = kernel.chips[g->chip].levels[offset];
	return 0;
}

int pp_gpio_set(struct pp_gpio *g, unsigned offset, bool active)
{
	if (kernel.chips[g->chip].away)
		return -ENODEV;
	kernel.chips[g->chip].levels[offset] = active;
	return 0;
}

int pp_gpio_read(struct pp_gpio *g, struct pp_gpio_edge *ret_edges)
{
	struct chip *c = &kernel.chips[g->chip];
	int n = 0;

	if (c->away)
		return -ENODEV;
	while (c->next < c->count && n < (int)PP_GPIO_READ_MAX)
		ret_edges[n++] = c->edges[c->next++];
	if (c->next == c->count)
		(void)eventfd_read(g->fd, &(eventfd_t){ 0 });
	return n;
}

static void edge(
	int chip, unsigned offset, uint64_t at_us, unsigned long seqno, unsigned long line_seqno)
{
	struct chip *c = &kernel.chips[chip];

	c->levels[offset] = !c->levels[offset];
	c->edges[c->count++] = (struct pp_gpio_edge){ .offset = offset,
		.active = c->levels[offset],
		.at_us = at_us,
		.seqno = seqno,
		.line_seqno = line_seqno };
	assert_int_equal(eventfd_write(c->user->fd, 1), 0);
}

static const struct pp_line lines[] = {
	{ .id = "panic", .name = "A1" },
	{ .id = "siren", .name = "A2", .output = true, .initial = true },
	{ .id = "smoke", .name = "B1" },
	{ .id = "tamper", .name = "A3" },
};

enum { PANIC, SIREN, SMOKE, TAMPER };

static int begin(void **state)
{
	struct pp_source *s;
	struct pp_source_why why;

	memset(&kernel, 0, sizeof(kernel));
	kernel.chips[0].levels[3] = true;
	assert_int_equal(pp_source_gpio_new(lines, PP_COUNT(lines), "test", &s, &why), 0);
	*state = s;
	return 0;
}

static int end(void **state)
{
	assert_null(pp_source_free(*state));
	assert_null(kernel.chips[0].user);
	assert_null(kernel.chips[1].user);
	return 0;
}

static bool wants_reading(const struct pp_source *s, int ms)
{
	struct pollfd fd = { .fd = pp_source_fd(s), .events = POLLIN };

	return poll(&fd, 1, ms) == 1;
}

static void levels_are_known_before_the_first_event(void **state)
{
	struct pp_level_event event;
	bool active;

	assert_int_equal(pp_source_get(*state, PANIC, &active), 0);
	assert_false(active);
	assert_int_equal(pp_source_get(*state, TAMPER, &active), 0);
	assert_true(active);
	assert_true(kernel.chips[0].levels[2]); /* the siren's initial value */
	assert_int_equal(kernel.chips[0].requests, 1);
	assert_false(wants_reading(*state, 0));
	assert_int_equal(pp_source_read(*state, &event, 1), 0);
}

static void events_of_all_chips_come_in_order_of_time(void **state)
{
	static const struct {
		size_t line;
		uint64_t at_us;
		bool active;
	} want[] = { { PANIC, 100, true }, { SMOKE, 150, true }, { TAMPER, 200, false },
		{ SMOKE, 250, false } };
	struct pp_level_event event;

	edge(1, 1, 150, 1, 1);
	edge(1, 1, 250, 2, 2);
	edge(0, 1, 100, 1, 1);
	edge(0, 3, 200, 2, 1);
	for (size_t i = 0; i < PP_COUNT(want); i++) {
		assert_true(wants_reading(*state, 0)); /* as long as there is one */
		assert_int_equal(pp_source_read(*state, &event, 1), 1);
		assert_int_equal(event.line, want[i].line);
		assert_int_equal(event.at_us, want[i].at_us);
		assert_int_equal(event.active, want[i].active);
		assert_false(event.gap);
	}
	assert_false(wants_reading(*state, 0));
}

static void dropped_events_are_a_gap_and_levels_are_compared(void **state)
{
	struct pp_level_event events[8];

	kernel.chips[0].levels[3] = false; /* the tamper's only edge was dropped */
	edge(0, 1, 1000, 901, 700);
	edge(0, 1, 1001, 902, 701);
	assert_int_equal(pp_source_read(*state, events, 8), 3);
	assert_int_equal(events[0].line, PANIC);
	assert_true(events[0].gap);
	assert_false(events[1].gap);
	assert_int_equal(events[2].line, TAMPER);
	assert_true(events[2].gap);
	assert_false(events[2].active);
	edge(0, 3, pp_clock_mono_us(), 903, 2);
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_true(events[0].gap);
	edge(0, 3, pp_clock_mono_us(), 904, 3);
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_false(events[0].gap);
}

static void a_chip_that_goes_and_comes_is_lost_and_found(void **state)
{
	struct pp_level_event events[8];
	uint64_t lost_us = pp_clock_mono_us(), found_us;
	bool active;
	int n = 0;

	kernel.chips[0].away = true;
	assert_int_equal(pp_source_read(*state, events, 8), 3);
	for (int i = 0; i < 3; i++)
		assert_true(
			events[i].lost && events[i].line != SMOKE && events[i].at_us >= lost_us);
	assert_int_equal(pp_source_get(*state, PANIC, &active), -ENODEV);
	assert_int_equal(pp_source_set(*state, SIREN, false), -ENODEV);
	edge(1, 1, lost_us, 1, 1); /* the other chip goes on */
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_int_equal(events[0].line, SMOKE);

	kernel.chips[0].away = false;
	kernel.chips[0].levels[1] = true; /* pressed meanwhile */
	kernel.renumber = 4;
	while (n == 0 && wants_reading(*state, 5000))
		n = pp_source_read(*state, events, 8);
	found_us = pp_clock_mono_us();
	assert_int_equal(n, 3);
	for (int i = 0; i < n; i++) {
		assert_true(events[i].found && !events[i].lost);
		assert_int_equal(events[i].active, events[i].line != SIREN);
	}
	assert_in_range(found_us - lost_us, 900000, 4000000);
	assert_false(kernel.chips[0].levels[2]);   /* what was set while it was away */
	assert_false(wants_reading(*state, 1100)); /* and nobody looks any more */
	edge(0, 1, found_us, 1, 1);
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_false(events[0].gap || events[0].active);
}

static void a_chip_whose_lines_are_taken_when_it_is_back_is_tried_again(void **state)
{
	struct pp_level_event events[8];
	int reads = 0, n = 0;

	kernel.chips[1].away = true;
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	kernel.chips[1].away = false;
	kernel.chips[1].busy = true;
	while (n == 0 && wants_reading(*state, 5000)) {
		n = pp_source_read(*state, events, 8);
		kernel.chips[1].busy = ++reads < 2;
	}
	assert_int_equal(n, 1);
	assert_int_equal(reads, 3);
	assert_true(events[0].found);
}

static void an_output_finds_out_that_its_chip_is_gone(void **state)
{
	struct pp_level_event events[8];

	kernel.chips[0].away = true;
	assert_int_equal(pp_source_set(*state, SIREN, false), -ENODEV);
	assert_true(wants_reading(*state, 0));
	assert_int_equal(pp_source_read(*state, events, 8), 3);
	assert_true(events[0].lost);
}

static void outputs_are_set_and_inputs_are_not(void **state)
{
	assert_int_equal(pp_source_set(*state, SIREN, false), 0);
	assert_false(kernel.chips[0].levels[2]);
	assert_int_equal(pp_source_set(*state, PANIC, true), -EINVAL);
}

static void a_source_that_cannot_be_made_says_why(void **state)
{
	static const struct {
		struct pp_line lines[2];
		int want;
		const char *why;
	} rows[] = {
		{ { { .id = "a", .name = "A1" }, { .id = "b", .name = "A1" } }, -EINVAL,
			"b: its line is the line of a" },
		{ { { .id = "a", .name = "A1" }, { .id = "b", .name = "Z1" } }, -ENOENT,
			"b: no chip has a line named 'Z1'" },
		{ { { .id = "a", .name = "A1" }, { .id = "b" } }, -EINVAL,
			"b: neither the name of a line nor a chip" },
		{ { { .id = "a", .name = "A1" }, { .id = "b", .name = "B1" } }, -EBUSY,
			"b: line is used by 'somebody'" },
	};
	struct pp_source *s = NULL;
	struct pp_source_why why;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.chips[1].busy = true;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		assert_int_equal(
			pp_source_gpio_new(rows[i].lines, 2, "test", &s, &why), rows[i].want);
		assert_string_equal(why.text, rows[i].why);
		assert_null(kernel.chips[0].user); /* all or none */
	}
	assert_int_equal(pp_source_gpio_new(rows[0].lines, 257, "test", &s, &why), -E2BIG);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			levels_are_known_before_the_first_event, begin, end),
		cmocka_unit_test_setup_teardown(
			events_of_all_chips_come_in_order_of_time, begin, end),
		cmocka_unit_test_setup_teardown(
			dropped_events_are_a_gap_and_levels_are_compared, begin, end),
		cmocka_unit_test_setup_teardown(
			a_chip_that_goes_and_comes_is_lost_and_found, begin, end),
		cmocka_unit_test_setup_teardown(
			a_chip_whose_lines_are_taken_when_it_is_back_is_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(
			an_output_finds_out_that_its_chip_is_gone, begin, end),
		cmocka_unit_test_setup_teardown(outputs_are_set_and_inputs_are_not, begin, end),
		cmocka_unit_test(a_source_that_cannot_be_made_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
