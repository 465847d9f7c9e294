/* SPDX-License-Identifier: Apache-2.0 */
/* script.c -- a source whose wires are a file with times and a live socket; the rest of the agent
 * cannot tell. */
#include "sources/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clients.h"
#include "core/clock.h"
#include "core/text.h"
#include "phrase.h"
#include "queue.h"
#include "schedule.h"
#include "source_ops.h"

#define SCRIPT_PRESS_MS 200
#define SCRIPT_PRESS_MAX_MS 3600000
#define SCRIPT_ANSWER_MAX 320u /* bytes: a point's id or a reason, and a few words */

struct script {
	struct pp_source base;
	bool *levels;   /* one per line */
	double *values; /* likewise; of the analogue ones */
	struct pp_schedule *schedule;
	struct pp_clients *clients; /* NULL: no socket */
	struct pp_queue *queue;
	int epoll_fd, timer_fd;
};

static struct script *script_of(struct pp_source *s)
{
	return (struct script *)s;
}

/* A wire that is told the level which it has makes no edge. */
static void level_take(struct script *s, const struct pp_timed_level *to)
{
	const struct pp_level_event event = {
		.line = to->line, .active = to->active, .at_us = to->at_us
	};

	if (s->base.lines[to->line].analogue) {
		s->values[to->line] = to->value;
		return;
	}
	if (s->levels[to->line] == to->active)
		return;
	s->levels[to->line] = to->active;
	pp_queue_add(s->queue, &event);
}

/* --- what clients ask for --- */

static void answer(struct script *s, unsigned client, const char *text, const char *more)
{
	char line[SCRIPT_ANSWER_MAX];

	snprintf(line, sizeof(line), "%s%s\n", text, more);
	pp_clients_say(s->clients, client, line);
}

static void level_say(struct script *s, unsigned client, size_t line)
{
	char value[32];

	snprintf(value, sizeof(value), " %.15g", s->values[line]);
	answer(s, client, s->base.lines[line].id,
		s->base.lines[line].analogue ? value
		: s->levels[line]            ? " on"
					     : " off");
}

/* Finds an input that id names; otherwise answers. */
static bool input_find(struct script *s, unsigned client, const char *id, size_t *ret_line)
{
	struct pp_source_why why;

	if (pp_phrase_line(s->base.lines, s->base.count, id, ret_line, &why) < 0)
		answer(s, client, "error: ", why.text);
	else if (s->base.lines[*ret_line].output)
		answer(s, client, "error: this is an output: ", id);
	else if (pp_queue_room(s->queue) == 0)
		answer(s, client, "error: too many events are waiting", "");
	else
		return true;
	return false;
}

static void on_level(struct script *s, unsigned client, const char *id, const char *word)
{
	struct pp_timed_level level = { .at_us = pp_clock_mono_us(),
		.active = pp_phrase_level(word) == 1 };
	bool is_number = pp_phrase_number(word, &level.value) == 0;

	if (!input_find(s, client, id, &level.line))
		return;
	if (s->base.lines[level.line].analogue != is_number) {
		answer(s, client,
			is_number ? "error: no level, on or off: " : "error: a level, a number: ",
			id);
		return;
	}
	level_take(s, &level);
	answer(s, client, "ok", "");
}

static void on_press(struct script *s, unsigned client, const char *id, const char *ms_text)
{
	struct pp_timed_level level = { .at_us = pp_clock_mono_us() }, rest;
	int64_t ms = SCRIPT_PRESS_MS;

	if (ms_text && pp_text_i64(ms_text, strlen(ms_text), 1, SCRIPT_PRESS_MAX_MS, &ms) < 0) {
		answer(s, client, "error: press <id> [ms]: ms is 1 to 3600000", "");
		return;
	}
	if (!input_find(s, client, id, &level.line))
		return;
	if (s->base.lines[level.line].analogue) {
		answer(s, client, "error: a level cannot be pressed: ", id);
		return;
	}
	rest = level;
	rest.active = s->base.lines[level.line].initial;
	rest.at_us += (uint64_t)ms * 1000;
	level.active = !rest.active;
	if (pp_schedule_add(s->schedule, &rest) < 0) {
		answer(s, client, "error: too many presses are waiting for their end", "");
		return;
	}
	level_take(s, &level);
	answer(s, client, "ok", "");
}

static void on_get(struct script *s, unsigned client, const char *id)
{
	struct pp_source_why why;
	size_t line;

	if (pp_phrase_line(s->base.lines, s->base.count, id, &line, &why) < 0)
		answer(s, client, "error: ", why.text);
	else
		level_say(s, client, line);
}

static void on_watch(struct script *s, unsigned client)
{
	for (size_t i = 0; i < s->base.count; i++)
		if (s->base.lines[i].output)
			level_say(s, client, i);
	pp_clients_watch(s->clients, client);
}

static void on_levels(struct script *s, unsigned client)
{
	for (size_t i = 0; i < s->base.count; i++)
		level_say(s, client, i);
	answer(s, client, "ok", "");
}

static void on_line(void *user, unsigned client, char *text)
{
	struct script *s = user;
	char *words[3];
	size_t n = pp_phrase_split(text, words, 3);
	double number;

	if (n == 0)
		return;
	if ((n == 2 || n == 3) && strcmp(words[0], "press") == 0)
		on_press(s, client, words[1], n == 3 ? words[2] : NULL);
	else if (n == 2 && strcmp(words[0], "get") == 0)
		on_get(s, client, words[1]);
	else if (n == 1 && strcmp(words[0], "watch") == 0)
		on_watch(s, client);
	else if (n == 1 && strcmp(words[0], "levels") == 0)
		on_levels(s, client);
	else if (n == 2 &&
		 (pp_phrase_level(words[1]) >= 0 || pp_phrase_number(words[1], &number) == 0))
		on_level(s, client, words[0], words[1]);
	else
		answer(s, client,
			"error: expected <id> on|off, <id> <number>, press <id> [ms], get <id>, "
			"levels or watch",
			"");
}

/* --- the source --- */

static void timer_arm(const struct script *s)
{
	uint64_t at_us = pp_schedule_deadline(s->schedule);
	struct itimerspec spec = { .it_value = { 0 } };

	if (at_us != UINT64_MAX) {
		spec.it_value.tv_sec = (time_t)(at_us / 1000000);
		spec.it_value.tv_nsec = (long)(at_us % 1000000) * 1000;
	}
	(void)timerfd_settime(s->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static int script_read(struct pp_source *source, struct pp_level_event *ret_events, size_t size)
{
	struct script *s = script_of(source);
	struct pp_timed_level level;

	while (pp_queue_room(s->queue) > 0 &&
		pp_schedule_take(s->schedule, pp_clock_mono_us(), &level))
		level_take(s, &level);
	if (s->clients)
		pp_clients_run(s->clients);
	timer_arm(s);
	return (int)pp_queue_take(s->queue, ret_events, size);
}

static int script_get(struct pp_source *source, size_t line, bool *ret_active)
{
	*ret_active = script_of(source)->levels[line];
	return 0;
}

static int script_value(struct pp_source *source, size_t line, double *ret_value)
{
	*ret_value = script_of(source)->values[line];
	return 0;
}

static int script_set(struct pp_source *source, size_t line, bool active)
{
	struct script *s = script_of(source);
	char text[SCRIPT_ANSWER_MAX];

	if (s->levels[line] == active)
		return 0;
	s->levels[line] = active;
	if (!s->clients)
		return 0;
	snprintf(text, sizeof(text), "%s %s\n", s->base.lines[line].id,
		pp_phrase_level_text(active));
	pp_clients_tell(s->clients, text);
	return 0;
}

static void script_view(const struct pp_source *source, size_t line, struct pp_line_view *ret_view)
{
	const struct script *s = (const struct script *)source;

	(void)line;
	*ret_view = (struct pp_line_view){ .behind = pp_queue_room(s->queue) < PP_QUEUE_SIZE };
}

static int script_fd(const struct pp_source *source)
{
	return ((const struct script *)source)->epoll_fd;
}

static void script_free(struct pp_source *source)
{
	struct script *s = script_of(source);

	pp_clients_free(s->clients);
	pp_schedule_free(s->schedule);
	pp_queue_free(s->queue);
	if (s->timer_fd >= 0)
		close(s->timer_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	free(s->levels);
	free(s->values);
	free(s);
}

static const struct pp_source_ops script_ops = {
	.free = script_free,
	.fd = script_fd,
	.get = script_get,
	.value = script_value,
	.read = script_read,
	.set = script_set,
	.view = script_view,
};

static int lines_check(const struct pp_line *lines, size_t count, struct pp_source_why *why)
{
	struct pp_source_why unknown;
	size_t first;

	for (size_t i = 0; i < count; i++) {
		if (pp_phrase_line(lines, i, lines[i].id, &first, &unknown) < 0)
			continue;
		snprintf(why->text, sizeof(why->text), "%s: two points with this id", lines[i].id);
		return -EINVAL;
	}
	return 0;
}

static int script_init(struct script *s)
{
	struct epoll_event event = { .events = EPOLLIN };
	int r;

	s->levels = calloc(s->base.count + 1, sizeof(*s->levels));
	s->values = calloc(s->base.count + 1, sizeof(*s->values));
	if (!s->levels || !s->values)
		return -ENOMEM;
	for (size_t i = 0; i < s->base.count; i++) {
		s->levels[i] = s->base.lines[i].initial;
		s->values[i] = s->base.lines[i].rest;
	}
	r = pp_queue_new(&s->queue);
	if (r == 0)
		r = pp_schedule_new(&s->schedule);
	if (r < 0)
		return r;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->epoll_fd < 0 || s->timer_fd < 0)
		return -errno;
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->timer_fd, &event) < 0 ||
		epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, pp_queue_fd(s->queue), &event) < 0)
		return -errno;
	return 0;
}

static int script_open(struct script *s, const char *script_path, const char *socket_path,
	struct pp_source_why *why)
{
	uint64_t start_us = pp_clock_mono_us();
	struct pp_timed_level level;
	int r = 0;

	if (script_path)
		r = pp_schedule_load(s->schedule, script_path, start_us, &s->base, why);
	if (r < 0)
		return r;
	while (pp_schedule_take(s->schedule, start_us, &level)) {
		s->levels[level.line] = level.active;
		s->values[level.line] = level.value;
	}
	timer_arm(s);
	if (socket_path)
		r = pp_clients_new(socket_path, s->epoll_fd, on_line, s, &s->clients);
	if (r < 0)
		snprintf(why->text, sizeof(why->text), "%.150s: %s", socket_path, strerror(-r));
	return r;
}

int pp_source_script_new(const struct pp_line *lines, size_t count, const char *script_path,
	const char *socket_path, struct pp_source **ret_source, struct pp_source_why *why)
{
	struct script *s;
	int r = lines_check(lines, count, why);

	if (r < 0)
		return r;
	s = calloc(1, sizeof(*s));
	snprintf(why->text, sizeof(why->text), "no memory or descriptors for %zu lines", count);
	if (!s)
		return -ENOMEM;
	s->base = (struct pp_source){ .ops = &script_ops, .lines = lines, .count = count };
	s->epoll_fd = s->timer_fd = -1;
	r = script_init(s);
	if (r == 0)
		r = script_open(s, script_path, socket_path, why);
	if (r < 0)
		goto fail;
	*ret_source = &s->base;
	return 0;
fail:
	script_free(&s->base);
	return r;
}
