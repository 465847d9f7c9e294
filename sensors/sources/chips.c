/* SPDX-License-Identifier: Apache-2.0 */
/* chips.c -- the GPIO source: lines on chips that may be unplugged and come back, and what the
 * kernel dropped. */
#include "sources/source.h"

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
/* Of one read: a line's edge that was in the kernel before another's comes out before it. */
#define CHIPS_PASSES 4

/* What woke us: the index of a line, or one of these. */
enum { WAKE_QUEUE = CHIPS_LINES_MAX, WAKE_TIMER, WAKE_DEV, WAKE_COUNT };

/* One request for each line: a line that chatters cannot push another's edges out of the kernel's
 * buffer, and one that is taken by another program takes no other with it. */
struct wire {
	struct pp_gpio *gpio; /* NULL: away */
	int error;            /* why it is away: -errno; 0: it is not ... */
	char *why;            /* ... and in words */
	struct pp_gpio_place place;
	bool level;      /* input: of the last event; output: wanted */
	bool look;       /* whether it is still there has to be looked at */
	bool unread;     /* the kernel holds more of its edges */
	bool overflowed; /* the kernel has dropped edges since the level was last compared */
	unsigned long seqno;
	size_t queued; /* events that were not handed out yet */
};

struct chips {
	struct pp_source base;
	char *consumer;
	struct wire *wires; /* one per line */
	struct pp_queue *queue;
	int epoll_fd, timer_fd;
	int dev_fd; /* inotify on /dev; -1: none */
};

static struct chips *chips_of(struct pp_source *s)
{
	return (struct chips *)s;
}

static int watch(const struct chips *c, int fd, uint64_t what)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = what };

	return epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void why_set(struct wire *w, int error, const char *text)
{
	w->error = error;
	free(w->why);
	w->why = text ? strdup(text) : NULL;
}

/* Requests a line and reads its level: no event tells of that one. */
static int wire_open(struct chips *c, size_t line, struct pp_source_why *why)
{
	const struct pp_line *l = &c->base.lines[line];
	struct wire *w = &c->wires[line];
	const struct pp_gpio_want want = {
		.line = l, .offset = w->place.offset, .level = w->level
	};
	struct pp_gpio *gpio;
	bool level = w->level;
	int r = pp_gpio_new(w->place.path, &want, c->consumer, &gpio, why);

	if (r < 0)
		return r;
	if (!l->output)
		r = pp_gpio_get(gpio, &level);
	if (r == 0)
		r = watch(c, pp_gpio_fd(gpio), line);
	if (r < 0) {
		snprintf(why->text, sizeof(why->text), "%s: %s: %s", l->id, w->place.path,
			strerror(-r));
		pp_gpio_free(gpio);
		return r;
	}
	why_set(w, 0, NULL);
	w->gpio = gpio;
	w->level = level;
	w->seqno = 0;
	w->look = w->unread = w->overflowed = false;
	return 0;
}

/* Kernel 6.1 does not wake who waits for lines of a chip that goes away, but its device vanishes
 * from /dev. Without a watch on that, looking once a second has to do. */
static void dev_watch(struct chips *c)
{
	c->dev_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (c->dev_fd < 0)
		return;
	if (inotify_add_watch(c->dev_fd, "/dev", IN_DELETE) >= 0 &&
		watch(c, c->dev_fd, WAKE_DEV) == 0)
		return;
	close(c->dev_fd);
	c->dev_fd = -1;
}

static void timer_set(const struct chips *c, bool on)
{
	const time_t seconds = on || c->dev_fd < 0 ? CHIPS_RETRY_S : 0;
	const struct itimerspec spec = { .it_interval.tv_sec = seconds,
		.it_value.tv_sec = seconds };

	(void)timerfd_settime(c->timer_fd, 0, &spec, NULL);
}

static void queue_add(struct chips *c, const struct pp_level_event *event)
{
	c->wires[event->line].queued++;
	pp_queue_add(c->queue, event);
}

static void wire_tell(struct chips *c, size_t line, bool is_found)
{
	const struct pp_level_event event = { .line = line,
		.active = c->wires[line].level,
		.at_us = pp_clock_mono_us(),
		.lost = !is_found,
		.found = is_found,
		.taken = c->wires[line].error == -EBUSY };

	queue_add(c, &event);
}

static void wire_lose(struct chips *c, size_t line)
{
	struct wire *w = &c->wires[line];
	struct pp_source_why why;

	w->gpio = pp_gpio_free(w->gpio);
	w->unread = false;
	snprintf(why.text, sizeof(why.text), "%s: %s is gone", c->base.lines[line].id,
		w->place.path);
	why_set(w, -ENODEV, why.text);
	wire_tell(c, line, false);
	timer_set(c, true);
}

static void edge_take(struct chips *c, size_t line, const struct pp_gpio_edge *edge)
{
	struct wire *w = &c->wires[line];
	const struct pp_level_event event = { .line = line,
		.active = edge->active,
		.at_us = edge->at_us,
		.gap = edge->seqno != w->seqno + 1 };

	w->overflowed |= event.gap;
	w->seqno = edge->seqno;
	w->level = edge->active;
	queue_add(c, &event);
}

/* After an overflow, a line whose last edges were dropped and that moves no more would stay wrong
 * for ever. */
static void level_compare(struct chips *c, size_t line)
{
	struct wire *w = &c->wires[line];
	struct pp_level_event event = { .line = line, .at_us = pp_clock_mono_us(), .gap = true };

	w->overflowed = false;
	if (pp_gpio_get(w->gpio, &event.active) < 0 || event.active == w->level)
		return;
	w->level = event.active;
	queue_add(c, &event);
}

/* Reads some of what the kernel holds of a line; leaves room to say that every line is lost, and to
 * compare them. How many edges. */
static int wire_read(struct chips *c, size_t line)
{
	struct pp_gpio_edge edges[PP_GPIO_READ_MAX];
	struct wire *w = &c->wires[line];
	int n;

	if (!w->gpio || pp_queue_room(c->queue) < 2 * c->base.count + PP_GPIO_READ_MAX)
		return 0;
	w->look = false;
	n = pp_gpio_read(w->gpio, edges);
	if (n < 0) {
		wire_lose(c, line);
		return 0;
	}
	for (int i = 0; i < n; i++)
		edge_take(c, line, &edges[i]);
	/* Nothing wakes for what is not there: after a full read it has to be looked at again. */
	w->look = w->unread = n == (int)PP_GPIO_READ_MAX;
	if (!w->unread && w->overflowed)
		level_compare(c, line);
	return n;
}

/* The chip may come back under another number. */
static int wire_find(struct chips *c, size_t line)
{
	struct wire *w = &c->wires[line];
	struct pp_source_why why = { "" };
	int r = pp_gpio_find(&c->base.lines[line], &w->place, &why);

	if (r == 0)
		r = wire_open(c, line, &why);
	if (r < 0)
		why_set(w, r, why.text);
	return r;
}

static void wires_retry(struct chips *c)
{
	bool all = true;

	for (size_t i = 0; i < c->base.count; i++) {
		if (c->wires[i].gpio || c->base.lines[i].analogue)
			continue;
		if (pp_queue_room(c->queue) > c->base.count && wire_find(c, i) == 0)
			wire_tell(c, i, true);
		else
			all = false;
	}
	if (all)
		timer_set(c, false);
}

/* Which device vanished does not matter: every line is looked at. */
static void on_dev(struct chips *c)
{
	char events[4096];

	while (c->dev_fd >= 0 && read(c->dev_fd, events, sizeof(events)) > 0)
		;
	for (size_t i = 0; i < c->base.count; i++)
		c->wires[i].look = true;
}

static void on_tick(struct chips *c)
{
	uint64_t ticks;

	if (read(c->timer_fd, &ticks, sizeof(ticks)) < 0)
		return;
	if (c->dev_fd < 0)
		on_dev(c);
	wires_retry(c);
}

/* Looks once at everything that is ready. How many edges were read. */
static int pass(struct chips *c)
{
	struct epoll_event ready[WAKE_COUNT];
	int n = epoll_wait(c->epoll_fd, ready, WAKE_COUNT, 0), edges = 0;

	for (int i = 0; i < n; i++) {
		switch (ready[i].data.u64) {
		case WAKE_QUEUE:
			break;
		case WAKE_TIMER:
			on_tick(c);
			break;
		case WAKE_DEV:
			on_dev(c);
			break;
		default:
			c->wires[ready[i].data.u64].look = true;
			c->wires[ready[i].data.u64].unread = true;
		}
	}
	for (size_t i = 0; i < c->base.count; i++)
		if (c->wires[i].look)
			edges += wire_read(c, i);
	return edges;
}

static int chips_read(struct pp_source *s, struct pp_level_event *ret_events, size_t size)
{
	struct chips *c = chips_of(s);
	size_t count;

	for (int i = 0; i < CHIPS_PASSES && pass(c) > 0; i++)
		;
	count = pp_queue_take(c->queue, ret_events, size);
	for (size_t i = 0; i < count; i++)
		c->wires[ret_events[i].line].queued--;
	return (int)count;
}

static int chips_get(struct pp_source *s, size_t line, bool *ret_active)
{
	const struct wire *w = &chips_of(s)->wires[line];

	return w->gpio ? pp_gpio_get(w->gpio, ret_active) : -ENODEV;
}

static int chips_set(struct pp_source *s, size_t line, bool active)
{
	struct chips *c = chips_of(s);
	struct wire *w = &c->wires[line];
	int r;

	w->level = active;
	if (!w->gpio)
		return -ENODEV;
	r = pp_gpio_set(w->gpio, active);
	/* Some kernels tell nobody that the chip is gone until it is used. */
	if (r == -ENODEV && pp_queue_room(c->queue) > 0)
		wire_lose(c, line);
	return r;
}

static void chips_view(const struct pp_source *s, size_t line, struct pp_line_view *ret_view)
{
	const struct wire *w = &((const struct chips *)s)->wires[line];

	*ret_view = (struct pp_line_view){
		.behind = w->unread || w->queued > 0, .error = w->error, .why = w->why
	};
}

static int chips_fd(const struct pp_source *s)
{
	return ((const struct chips *)s)->epoll_fd;
}

static void chips_free(struct pp_source *s)
{
	struct chips *c = chips_of(s);

	for (size_t i = 0; c->wires && i < s->count; i++) {
		pp_gpio_free(c->wires[i].gpio);
		free(c->wires[i].why);
	}
	if (c->dev_fd >= 0)
		close(c->dev_fd);
	if (c->timer_fd >= 0)
		close(c->timer_fd);
	if (c->epoll_fd >= 0)
		close(c->epoll_fd);
	pp_queue_free(c->queue);
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
	.view = chips_view,
};

static int place_check(const struct chips *c, size_t line, struct pp_source_why *why)
{
	const struct pp_gpio_place *mine = &c->wires[line].place;

	for (size_t i = 0; i < line; i++) {
		const struct pp_gpio_place *other = &c->wires[i].place;

		if (other->offset != mine->offset || strcmp(other->path, mine->path) != 0)
			continue;
		snprintf(why->text, sizeof(why->text), "%s: its line is the line of %s",
			c->base.lines[line].id, c->base.lines[i].id);
		return -EINVAL;
	}
	return 0;
}

/* A line that cannot be had now is away, and tried again. What no waiting can mend is an error. */
static int wire_begin(struct chips *c, size_t line, struct pp_source_why *why)
{
	struct wire *w = &c->wires[line];
	int r;

	if (c->base.lines[line].analogue)
		return 0;
	r = pp_gpio_find(&c->base.lines[line], &w->place, why);
	w->level = c->base.lines[line].output && c->base.lines[line].initial;
	if (r == -ENOTUNIQ)
		return r;
	if (r == 0 && place_check(c, line, why) < 0)
		return -EINVAL;
	if (r == 0)
		r = wire_open(c, line, why);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		why_set(w, r, why->text);
		timer_set(c, true);
	}
	return 0;
}

static int chips_init(struct chips *c, const char *consumer)
{
	int r;

	c->consumer = strdup(consumer);
	c->wires = calloc(c->base.count + 1, sizeof(*c->wires));
	if (!c->consumer || !c->wires)
		return -ENOMEM;
	r = pp_queue_new(&c->queue);
	if (r < 0)
		return r;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (c->epoll_fd < 0 || c->timer_fd < 0)
		return -errno;
	r = watch(c, pp_queue_fd(c->queue), WAKE_QUEUE);
	if (r == 0)
		r = watch(c, c->timer_fd, WAKE_TIMER);
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
		if (lines[i].name || lines[i].chip || lines[i].analogue)
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
		r = wire_begin(c, i, why);
	if (r < 0)
		goto fail;
	*ret_source = &c->base;
	return 0;
fail:
	chips_free(&c->base);
	return r;
}
