/* SPDX-License-Identifier: Apache-2.0 */
/* chips.c -- the GPIO source: lines on chips that may be unplugged and come back, and what the
 * kernel dropped. */
#include "sources/source.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "gpio.h"
#include "queue.h"
#include "source_ops.h"

#define CHIPS_RETRY_S 1
#define CHIPS_LINES_MAX 256u /* so that the queue always holds a word about each */

struct wire {
	struct pp_gpio_place place;
	size_t bank;
	bool level; /* input: of the last event; output: wanted */
	unsigned long seqno;
};

/* The lines of one chip: one request, so one kernel buffer and one order of events. */
struct bank {
	struct pp_gpio *gpio; /* NULL: the chip is away */
	unsigned long seqno;
	bool overflowed; /* the kernel has dropped events since the levels were last compared */
};

struct chips {
	struct pp_source base;
	char *consumer;
	struct wire *wires; /* one per line */
	struct bank *banks; /* one per line is enough */
	size_t bank_count;
	struct pp_queue *queue;
	int epoll_fd, timer_fd;
	int dev_fd; /* inotify on /dev; -1: none */
};

static struct chips *chips_of(struct pp_source *s)
{
	return (struct chips *)s;
}

static int watch(const struct chips *c, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int bank_request(
	const struct chips *c, size_t bank, struct pp_gpio **ret_gpio, struct pp_source_why *why)
{
	struct pp_gpio_want *wants = calloc(c->base.count, sizeof(*wants));
	const char *path = NULL;
	size_t n = 0;
	int r;

	if (!wants)
		return -ENOMEM;
	for (size_t i = 0; i < c->base.count; i++) {
		const struct wire *w = &c->wires[i];

		if (w->bank != bank)
			continue;
		wants[n++] = (struct pp_gpio_want){
			.line = &c->base.lines[i], .offset = w->place.offset, .level = w->level
		};
		path = w->place.path;
	}
	r = pp_gpio_new(path, wants, n, c->consumer, ret_gpio, why);
	free(wants);
	return r;
}

/* Reads the levels of a new request: no event tells of them. */
static int levels_read(struct chips *c, size_t bank, struct pp_gpio *gpio)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->base.count; i++) {
		struct wire *w = &c->wires[i];

		if (w->bank != bank)
			continue;
		w->seqno = 0;
		if (!c->base.lines[i].output)
			r = pp_gpio_get(gpio, w->place.offset, &w->level);
	}
	return r;
}

static int bank_open(struct chips *c, size_t bank, struct pp_source_why *why)
{
	struct pp_gpio *gpio;
	int r = bank_request(c, bank, &gpio, why);

	if (r < 0)
		return r;
	r = levels_read(c, bank, gpio);
	if (r == 0)
		r = watch(c, pp_gpio_fd(gpio));
	if (r < 0) {
		snprintf(
			why->text, sizeof(why->text), "levels of the GPIO lines: %s", strerror(-r));
		pp_gpio_free(gpio);
		return r;
	}
	c->banks[bank] = (struct bank){ .gpio = gpio };
	return 0;
}

/* Kernel 6.1 does not wake who waits for lines of a chip that goes away, but its device vanishes
 * from /dev. Without a watch on that, looking once a second has to do. */
static void dev_watch(struct chips *c)
{
	c->dev_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (c->dev_fd < 0)
		return;
	if (inotify_add_watch(c->dev_fd, "/dev", IN_DELETE) >= 0 && watch(c, c->dev_fd) == 0)
		return;
	close(c->dev_fd);
	c->dev_fd = -1;
}

/* Which device it was does not matter: every chip is looked at. */
static void dev_drain(const struct chips *c)
{
	char events[4096];

	while (c->dev_fd >= 0 && read(c->dev_fd, events, sizeof(events)) > 0)
		;
}

static void timer_set(const struct chips *c, bool on)
{
	const time_t seconds = on || c->dev_fd < 0 ? CHIPS_RETRY_S : 0;
	const struct itimerspec spec = { .it_interval.tv_sec = seconds,
		.it_value.tv_sec = seconds };

	(void)timerfd_settime(c->timer_fd, 0, &spec, NULL);
}

static void bank_tell(struct chips *c, size_t bank, bool is_found)
{
	uint64_t now_us = pp_clock_mono_us();

	for (size_t i = 0; i < c->base.count; i++) {
		const struct pp_level_event event = { .line = i,
			.active = c->wires[i].level,
			.at_us = now_us,
			.lost = !is_found,
			.found = is_found };

		if (c->wires[i].bank == bank)
			pp_queue_add(c->queue, &event);
	}
}

static void bank_lose(struct chips *c, size_t bank)
{
	c->banks[bank].gpio = pp_gpio_free(c->banks[bank].gpio);
	bank_tell(c, bank, false);
	timer_set(c, true);
}

/* The chip may come back under another number. */
static int bank_find(struct chips *c, size_t bank)
{
	struct pp_source_why why;
	const char *path = NULL;

	for (size_t i = 0; i < c->base.count; i++) {
		struct pp_gpio_place *place = &c->wires[i].place;

		if (c->wires[i].bank != bank)
			continue;
		if (pp_gpio_find(&c->base.lines[i], place, &why) < 0)
			return -ENODEV;
		if (path && strcmp(path, place->path) != 0)
			return -ENODEV;
		path = place->path;
	}
	return bank_open(c, bank, &why);
}

static void banks_retry(struct chips *c)
{
	uint64_t ticks;
	bool all = true;

	if (read(c->timer_fd, &ticks, sizeof(ticks)) < 0)
		return;
	for (size_t b = 0; b < c->bank_count; b++) {
		if (c->banks[b].gpio)
			continue;
		if (pp_queue_room(c->queue) >= c->base.count && bank_find(c, b) == 0)
			bank_tell(c, b, true);
		else
			all = false;
	}
	if (all)
		timer_set(c, false);
}

static size_t wire_at(const struct chips *c, size_t bank, unsigned offset)
{
	size_t i = 0;

	while (c->wires[i].bank != bank || c->wires[i].place.offset != offset) {
		i++;
		assert(i < c->base.count); /* an event of a line that was never requested */
	}
	return i;
}

static void edge_take(struct chips *c, size_t bank, const struct pp_gpio_edge *edge)
{
	size_t i = wire_at(c, bank, edge->offset);
	struct wire *w = &c->wires[i];
	struct bank *b = &c->banks[bank];
	const struct pp_level_event event = { .line = i,
		.active = edge->active,
		.at_us = edge->at_us,
		.gap = edge->line_seqno != w->seqno + 1 };

	b->overflowed |= edge->seqno != b->seqno + 1;
	b->seqno = edge->seqno;
	w->seqno = edge->line_seqno;
	w->level = edge->active;
	pp_queue_add(c->queue, &event);
}

/* After an overflow, a line whose last events were dropped and that moves no more would stay wrong
 * for ever. */
static void levels_compare(struct chips *c, size_t bank)
{
	struct bank *b = &c->banks[bank];
	uint64_t now_us = pp_clock_mono_us();

	b->overflowed = false;
	for (size_t i = 0; i < c->base.count; i++) {
		struct wire *w = &c->wires[i];
		struct pp_level_event event = { .line = i, .at_us = now_us, .gap = true };

		if (w->bank != bank || c->base.lines[i].output)
			continue;
		if (pp_gpio_get(b->gpio, w->place.offset, &event.active) < 0 ||
			event.active == w->level)
			continue;
		w->level = event.active;
		pp_queue_add(c->queue, &event);
	}
}

/* Reads what the kernel holds, but leaves room to say that every line is lost, or to compare them.
 */
static void bank_drain(struct chips *c, size_t bank)
{
	struct pp_gpio_edge edges[PP_GPIO_READ_MAX];

	while (pp_queue_room(c->queue) >= c->base.count + PP_GPIO_READ_MAX) {
		int n = pp_gpio_read(c->banks[bank].gpio, edges);

		for (int i = 0; i < n; i++)
			edge_take(c, bank, &edges[i]);
		if (n > 0)
			continue;
		if (n < 0)
			bank_lose(c, bank);
		else if (c->banks[bank].overflowed)
			levels_compare(c, bank);
		return;
	}
}

static int chips_read(struct pp_source *s, struct pp_level_event *ret_events, size_t size)
{
	struct chips *c = chips_of(s);

	dev_drain(c);
	for (size_t b = 0; b < c->bank_count; b++)
		if (c->banks[b].gpio)
			bank_drain(c, b);
	banks_retry(c);
	return (int)pp_queue_take(c->queue, ret_events, size);
}

static int chips_get(struct pp_source *s, size_t line, bool *ret_active)
{
	struct chips *c = chips_of(s);
	const struct wire *w = &c->wires[line];

	return c->banks[w->bank].gpio
		       ? pp_gpio_get(c->banks[w->bank].gpio, w->place.offset, ret_active)
		       : -ENODEV;
}

static int chips_set(struct pp_source *s, size_t line, bool active)
{
	struct chips *c = chips_of(s);
	struct wire *w = &c->wires[line];
	struct bank *b = &c->banks[w->bank];
	int r;

	w->level = active;
	if (!b->gpio)
		return -ENODEV;
	r = pp_gpio_set(b->gpio, w->place.offset, active);
	/* Some kernels tell nobody that the chip is gone until it is used. */
	if (r == -ENODEV && pp_queue_room(c->queue) >= c->base.count)
		bank_lose(c, w->bank);
	return r;
}

static int chips_fd(const struct pp_source *s)
{
	return ((const struct chips *)s)->epoll_fd;
}

static void chips_free(struct pp_source *s)
{
	struct chips *c = chips_of(s);

	for (size_t b = 0; b < c->bank_count; b++)
		pp_gpio_free(c->banks[b].gpio);
	if (c->dev_fd >= 0)
		close(c->dev_fd);
	if (c->timer_fd >= 0)
		close(c->timer_fd);
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	pp_queue_free(c->queue);
	free(c->banks);
	free(c->wires);
	free(c->consumer);
	free(c);
}

static const struct pp_source_ops chips_ops = {
	.free = chips_free,
	.fd = chips_fd,
	.get = chips_get,
	.read = chips_read,
	.set = chips_set,
};

/* Puts a line into the bank of its chip. */
static int wire_place(struct chips *c, size_t line, struct pp_source_why *why)
{
	const struct pp_line *lines = c->base.lines;
	struct wire *w = &c->wires[line];
	int r = pp_gpio_find(&lines[line], &w->place, why);

	if (r < 0)
		return r;
	w->level = lines[line].output && lines[line].initial;
	w->bank = c->bank_count;
	for (size_t i = 0; i < line; i++) {
		if (strcmp(c->wires[i].place.path, w->place.path) != 0)
			continue;
		w->bank = c->wires[i].bank;
		if (c->wires[i].place.offset != w->place.offset)
			continue;
		snprintf(why->text, sizeof(why->text), "%s: its line is the line of %s",
			lines[line].id, lines[i].id);
		return -EINVAL;
	}
	if (w->bank == c->bank_count)
		c->bank_count++;
	return 0;
}

static int chips_init(struct chips *c, const char *consumer)
{
	int r;

	c->consumer = strdup(consumer);
	c->wires = calloc(c->base.count + 1, sizeof(*c->wires));
	c->banks = calloc(c->base.count + 1, sizeof(*c->banks));
	if (!c->consumer || !c->wires || !c->banks)
		return -ENOMEM;
	r = pp_queue_new(&c->queue);
	if (r < 0)
		return r;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (c->epoll_fd < 0 || c->timer_fd < 0)
		return -errno;
	r = watch(c, pp_queue_fd(c->queue));
	if (r == 0)
		r = watch(c, c->timer_fd);
	dev_watch(c);
	timer_set(c, false);
	return r;
}

static int lines_check(const struct pp_line *lines, size_t count, struct pp_source_why *why)
{
	if (count > CHIPS_LINES_MAX) {
		snprintf(why->text, sizeof(why->text), "%zu lines; at most %u", count,
			CHIPS_LINES_MAX);
		return -E2BIG;
	}
	for (size_t i = 0; i < count; i++) {
		if (lines[i].name || lines[i].chip)
			continue;
		snprintf(why->text, sizeof(why->text), "%s: neither the name of a line nor a chip",
			lines[i].id);
		return -EINVAL;
	}
	return 0;
}

int pp_source_gpio_new(const struct pp_line *lines, size_t count, const char *consumer,
	struct pp_source **ret_source, struct pp_source_why *why)
{
	struct chips *c;
	int r = lines_check(lines, count, why);

	if (r < 0)
		return r;
	c = calloc(1, sizeof(*c));
	snprintf(why->text, sizeof(why->text), "no memory or descriptors for %zu lines", count);
	if (!c)
		return -ENOMEM;
	c->base = (struct pp_source){ .ops = &chips_ops, .lines = lines, .count = count };
	c->epoll_fd = c->timer_fd = c->dev_fd = -1;
	r = chips_init(c, consumer);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = wire_place(c, i, why);
	for (size_t b = 0; r == 0 && b < c->bank_count; b++)
		r = bank_open(c, b, why);
	if (r < 0)
		goto fail;
	*ret_source = &c->base;
	return 0;
fail:
	chips_free(&c->base);
	return r;
}
