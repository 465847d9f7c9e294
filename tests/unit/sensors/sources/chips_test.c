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
	unsigned offset;
};

/* What the made-up kernel holds. File scope, because the adapter's functions know no context. */
static struct kernel {
	struct chip {
		bool away;
		struct wire {
			bool level, busy;
			struct pp_gpio_edge edges[2000];
			size_t count, next;
			struct pp_gpio *user;
			unsigned requests;
		} wires[LINES];
	} chips[CHIPS];
	unsigned renumber; /* added to the number in a chip's path */
} kernel;

static struct wire *wire_of(const struct pp_gpio *g)
{
	return &kernel.chips[g->chip].wires[g->offset];
}

int pp_gpio_find(
	const struct pp_line *line, struct pp_gpio_place *ret_place, struct pp_source_why *why)
{
	int chip = line->name[0] - 'A';

	if (strcmp(line->name, "twice") == 0) {
		snprintf(why->text, sizeof(why->text), "%s: line twice is ambiguous", line->id);
		return -ENOTUNIQ;
	}
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

int pp_gpio_new(const char *path, const struct pp_gpio_want *want, const char *consumer,
	struct pp_gpio **ret_gpio, struct pp_source_why *why)
{
	int chip = path[strlen(path) - 1] - '0' - (int)kernel.renumber;
	struct wire *w = &kernel.chips[chip].wires[want->offset];
	struct pp_gpio *g;

	assert_string_equal(consumer, "test");
	assert_null(w->user);
	if (kernel.chips[chip].away || w->busy) {
		snprintf(why->text, sizeof(why->text), "%s: line is used by 'somebody'",
			want->line->id);
		return kernel.chips[chip].away ? -ENODEV : -EBUSY;
	}
	g = calloc(1, sizeof(*g));
	assert_non_null(g);
	g->fd = eventfd(0, EFD_NONBLOCK);
	g->chip = chip;
	g->offset = want->offset;
	if (want->line->output)
		w->level = want->level;
	w->user = g;
	w->count = w->next = 0;
	w->requests++;
	*ret_gpio = g;
	return 0;
}

struct pp_gpio *pp_gpio_free(struct pp_gpio *g)
{
	if (g) {
		wire_of(g)->user = NULL;
		close(g->fd);
	}
	free(g);
	return NULL;
}

int pp_gpio_fd(const struct pp_gpio *g)
{
	return g->fd;
}

int pp_gpio_get(struct pp_gpio *g, bool *ret_active)
{
	if (kernel.chips[g->chip].away)
		return -ENODEV;
	*ret_active = wire_of(g)->level;
	return 0;
}

int pp_gpio_set(struct pp_gpio *g, bool active)
{
	if (kernel.chips[g->chip].away)
		return -ENODEV;
	wire_of(g)->level = active;
	return 0;
}

int pp_gpio_read(struct pp_gpio *g, struct pp_gpio_edge *ret_edges)
{
	struct wire *w = wire_of(g);
	int n = 0;

	if (kernel.chips[g->chip].away)
		return -ENODEV;
	while (w->next < w->count && n < (int)PP_GPIO_READ_MAX)
		ret_edges[n++] = w->edges[w->next++];
	if (w->next == w->count)
		(void)eventfd_read(g->fd, &(eventfd_t){ 0 });
	return n;
}

static void edge(int chip, unsigned offset, uint64_t at_us, unsigned long seqno)
{
	struct wire *w = &kernel.chips[chip].wires[offset];

	w->level = !w->level;
	w->edges[w->count++] =
		(struct pp_gpio_edge){ .active = w->level, .at_us = at_us, .seqno = seqno };
	assert_int_equal(eventfd_write(w->user->fd, 1), 0);
}

/* The chip goes, and everybody who waits for its lines is told. */
static void unplug(int chip)
{
	kernel.chips[chip].away = true;
	for (unsigned i = 0; i < LINES; i++)
		if (kernel.chips[chip].wires[i].user)
			assert_int_equal(eventfd_write(kernel.chips[chip].wires[i].user->fd, 1), 0);
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
	kernel.chips[0].wires[3].level = true;
	assert_int_equal(pp_source_gpio_new(lines, PP_COUNT(lines), "test", &s, &why), 0);
	*state = s;
	return 0;
}

static bool nobody_has_a_line(void)
{
	for (size_t c = 0; c < CHIPS; c++)
		for (size_t i = 0; i < LINES; i++)
			if (kernel.chips[c].wires[i].user)
				return false;
	return true;
}

static int end(void **state)
{
	assert_null(pp_source_free(*state));
	assert_true(nobody_has_a_line());
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
	assert_true(kernel.chips[0].wires[2].level); /* the siren's initial value */
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

	edge(1, 1, 150, 1);
	edge(1, 1, 250, 2);
	edge(0, 1, 100, 1);
	edge(0, 3, 200, 1);
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

static void dropped_edges_are_a_gap_and_the_level_is_compared(void **state)
{
	struct pp_level_event events[8];

	edge(0, 1, 1000, 701);
	edge(0, 1, 1001, 702);
	kernel.chips[0].wires[1].level =
		true; /* its last edge was dropped, and no more will come */
	assert_int_equal(pp_source_read(*state, events, 8), 3);
	assert_true(events[0].gap && events[0].active);
	assert_false(events[1].gap || events[1].active);
	assert_true(events[2].gap && events[2].active);
	assert_int_equal(events[2].line, PANIC);
	edge(0, 3, pp_clock_mono_us(), 2);
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_true(events[0].gap);
	edge(0, 3, pp_clock_mono_us(), 3);
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_false(events[0].gap);
}

static bool is_behind(struct pp_source *s, size_t line)
{
	struct pp_line_view view;

	pp_source_view(s, line, &view);
	return view.behind;
}

static void a_line_that_chatters_is_behind_and_the_others_are_not(void **state)
{
	static struct pp_level_event events[64];
	uint64_t last_us = 0;
	size_t count = 0;

	for (unsigned i = 0; i < 1024; i++) /* a multiple of what is read at once */
		edge(0, 1, 1000 + i, i + 1);
	edge(1, 1, 900, 1);
	assert_int_equal(pp_source_read(*state, events, 1), 1);
	assert_int_equal(events[0].line, SMOKE);
	assert_true(is_behind(*state, PANIC));
	assert_false(is_behind(*state, SMOKE) || is_behind(*state, TAMPER));
	/* Nothing wakes for edges that are not there: a last read that was full must be noticed. */
	while (wants_reading(*state, 0)) {
		int n = pp_source_read(*state, events, 64);

		assert_true(n > 0);
		for (int i = 0; i < n; i++) {
			assert_true(events[i].at_us > last_us && !events[i].gap);
			last_us = events[i].at_us;
		}
		count += (size_t)n;
	}
	assert_int_equal(count, 1024);
	assert_false(is_behind(*state, PANIC));
}

static void a_chip_that_goes_and_comes_is_lost_and_found(void **state)
{
	struct pp_level_event events[8];
	struct pp_line_view view;
	uint64_t lost_us = pp_clock_mono_us(), found_us;
	bool active;
	int n = 0;

	unplug(0);
	assert_int_equal(pp_source_read(*state, events, 8), 3);
	for (int i = 0; i < 3; i++)
		assert_true(
			events[i].lost && events[i].line != SMOKE && events[i].at_us >= lost_us);
	assert_int_equal(pp_source_get(*state, PANIC, &active), -ENODEV);
	assert_int_equal(pp_source_set(*state, SIREN, false), -ENODEV);
	pp_source_view(*state, PANIC, &view);
	assert_int_equal(view.error, -ENODEV);
	assert_string_equal(view.why, "panic: /dev/gpiochip0 is gone");
	edge(1, 1, lost_us, 1); /* the other chip goes on */
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_int_equal(events[0].line, SMOKE);

	kernel.chips[0].away = false;
	kernel.chips[0].wires[1].level = true; /* pressed meanwhile */
	kernel.renumber = 4;
	while (n == 0 && wants_reading(*state, 5000))
		n = pp_source_read(*state, events, 8);
	found_us = pp_clock_mono_us();
	assert_int_equal(n, 3);
	for (int i = 0; i < n; i++) {
		assert_true(events[i].found && !events[i].lost);
		assert_int_equal(events[i].active, events[i].line != SIREN);
	}
	pp_source_view(*state, PANIC, &view);
	assert_int_equal(view.error, 0);
	assert_null(view.why);
	assert_in_range(found_us - lost_us, 900000, 4000000);
	assert_false(kernel.chips[0].wires[2].level); /* what was set while it was away */
	assert_false(wants_reading(*state, 1100));    /* and nobody looks any more */
	edge(0, 1, found_us, 1);
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_false(events[0].gap || events[0].active);
}

static void a_line_that_is_taken_when_its_chip_is_back_is_tried_again(void **state)
{
	struct pp_level_event events[8];
	struct pp_line_view view;
	int found = 0;

	unplug(0);
	assert_int_equal(pp_source_read(*state, events, 8), 3);
	kernel.chips[0].away = false;
	kernel.chips[0].wires[1].busy = true;
	while (found < 2 && wants_reading(*state, 5000))
		found += pp_source_read(*state, events, 8);
	assert_int_equal(found, 2); /* the others wait for nobody */
	assert_true(events[0].found && events[0].line == SIREN);
	assert_true(events[1].found && events[1].line == TAMPER);
	pp_source_view(*state, PANIC, &view);
	assert_int_equal(view.error, -EBUSY);
	assert_string_equal(view.why, "panic: line is used by 'somebody'");
	kernel.chips[0].wires[1].busy = false;
	while (found < 3 && wants_reading(*state, 5000))
		found += pp_source_read(*state, events, 8);
	assert_int_equal(found, 3);
	assert_true(events[0].found && events[0].line == PANIC);
}

static void lines_that_cannot_be_had_at_start_are_away_until_they_can(void **state)
{
	static const struct pp_line wanted[] = { { .id = "a", .name = "A1" },
		{ .id = "b", .name = "B1" }, { .id = "c", .name = "A2", .output = true },
		{ .id = "d", .analogue = true } };
	struct pp_source_why why;
	struct pp_level_event events[8];
	struct pp_line_view view;
	struct pp_source *s;
	bool active;
	int found = 0;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.chips[0].wires[1].busy = true;
	kernel.chips[1].away = true;
	assert_int_equal(pp_source_gpio_new(wanted, PP_COUNT(wanted), "test", &s, &why), 0);
	assert_int_equal(pp_source_get(s, 0, &active), -ENODEV);
	assert_int_equal(pp_source_get(s, 1, &active), -ENODEV);
	assert_int_equal(pp_source_set(s, 2, true), 0); /* neither takes the lamp with it */
	pp_source_view(s, 0, &view);
	assert_int_equal(view.error, -EBUSY);
	assert_string_equal(view.why, "a: line is used by 'somebody'");
	pp_source_view(s, 1, &view);
	assert_int_equal(view.error, -ENOENT);
	assert_string_equal(view.why, "b: no chip has a line named 'B1'");
	assert_int_equal(pp_source_read(s, events, 8), 0); /* whoever asked for it knows already */
	kernel.chips[0].wires[1].busy = false;
	kernel.chips[0].wires[1].level = true;
	kernel.chips[1].away = false;
	while (found == 0 && wants_reading(s, 5000))
		found = pp_source_read(s, events, 8);
	assert_int_equal(found, 2);
	assert_true(events[0].found && events[0].line == 0 && events[0].active);
	assert_true(events[1].found && events[1].line == 1 && !events[1].active);
	assert_int_equal(pp_source_get(s, 3, &active), -ENODEV); /* is none of its own */
	assert_false(wants_reading(s, 1100));
	pp_source_free(s);
	assert_true(nobody_has_a_line());
}

static void an_output_finds_out_that_its_chip_is_gone(void **state)
{
	struct pp_level_event events[8];

	kernel.chips[0].away = true; /* and nobody is told */
	assert_int_equal(pp_source_set(*state, SIREN, false), -ENODEV);
	assert_true(wants_reading(*state, 0));
	assert_int_equal(pp_source_read(*state, events, 8), 1);
	assert_true(events[0].lost && events[0].line == SIREN);
}

static void outputs_are_set_and_inputs_are_not(void **state)
{
	assert_int_equal(pp_source_set(*state, SIREN, false), 0);
	assert_false(kernel.chips[0].wires[2].level);
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
		{ { { .id = "a", .name = "A1" }, { .id = "b", .name = "twice" } }, -ENOTUNIQ,
			"b: line twice is ambiguous" },
		{ { { .id = "a", .name = "A1" }, { .id = "b" } }, -EINVAL,
			"b: neither the name of a line nor a chip" },
	};
	struct pp_source *s = NULL;
	struct pp_source_why why;

	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		assert_int_equal(
			pp_source_gpio_new(rows[i].lines, 2, "test", &s, &why), rows[i].want);
		assert_string_equal(why.text, rows[i].why);
		assert_true(nobody_has_a_line());
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
			dropped_edges_are_a_gap_and_the_level_is_compared, begin, end),
		cmocka_unit_test_setup_teardown(
			a_chip_that_goes_and_comes_is_lost_and_found, begin, end),
		cmocka_unit_test_setup_teardown(
			a_line_that_is_taken_when_its_chip_is_back_is_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(
			a_line_that_chatters_is_behind_and_the_others_are_not, begin, end),
		cmocka_unit_test(lines_that_cannot_be_had_at_start_are_away_until_they_can),
		cmocka_unit_test_setup_teardown(
			an_output_finds_out_that_its_chip_is_gone, begin, end),
		cmocka_unit_test_setup_teardown(outputs_are_set_and_inputs_are_not, begin, end),
		cmocka_unit_test(a_source_that_cannot_be_made_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
