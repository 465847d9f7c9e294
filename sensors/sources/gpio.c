/* SPDX-License-Identifier: Apache-2.0 */
/* gpio.c -- lines of the kernel's GPIO character devices: the one adapter of libgpiod (2.0 or
 * newer). */
#include "gpio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GPIO_KERNEL_BUFFER 1024u /* events; the most that the kernel grants */

struct pp_gpio {
	struct gpiod_line_request *request;
	struct gpiod_edge_event_buffer *buffer;
	unsigned offset;
};

static const char *line_text(const struct pp_line *line, char *ret_text, size_t size)
{
	if (line->name)
		snprintf(ret_text, size, "%s", line->name);
	else
		snprintf(ret_text, size, "%u of chip '%s'", line->offset, line->chip);
	return ret_text;
}

struct search {
	const struct pp_line *line;
	struct pp_gpio_place found;
	struct pp_source_why *why;
	int refused; /* -errno of a chip that could not be opened */
	char refused_path[PP_GPIO_PATH_MAX];
};

static int found(struct search *s, const char *path, unsigned offset)
{
	char text[96];

	if (s->found.path[0]) {
		snprintf(s->why->text, sizeof(s->why->text),
			"%s: line %s is ambiguous: it is in %s and in %s", s->line->id,
			line_text(s->line, text, sizeof(text)), s->found.path, path);
		return -ENOTUNIQ;
	}
	snprintf(s->found.path, sizeof(s->found.path), "%s", path);
	s->found.offset = offset;
	return 0;
}

static int search_names(
	struct search *s, struct gpiod_chip *chip, const char *path, size_t line_count)
{
	int r = 0;

	for (unsigned offset = 0; r == 0 && offset < line_count; offset++) {
		struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, offset);
		const char *name = info ? gpiod_line_info_get_name(info) : NULL;

		if (name && strcmp(name, s->line->name) == 0)
			r = found(s, path, offset);
		gpiod_line_info_free(info);
	}
	return r;
}

static int search_chip(struct search *s, const char *path)
{
	struct gpiod_chip *chip = gpiod_chip_open(path);
	struct gpiod_chip_info *info = chip ? gpiod_chip_get_info(chip) : NULL;
	int r = 0;

	if (!info) {
		s->refused = -errno;
		snprintf(s->refused_path, sizeof(s->refused_path), "%s", path);
	} else if (s->line->name) {
		r = search_names(s, chip, path, gpiod_chip_info_get_num_lines(info));
	} else if (strcmp(gpiod_chip_info_get_label(info), s->line->chip) == 0) {
		r = found(s, path, s->line->offset);
		if (r == 0 && s->line->offset >= gpiod_chip_info_get_num_lines(info)) {
			snprintf(s->why->text, sizeof(s->why->text),
				"%s: chip '%s' has %zu lines, so no line %u", s->line->id,
				s->line->chip, gpiod_chip_info_get_num_lines(info),
				s->line->offset);
			r = -ENOENT;
		}
	}
	gpiod_chip_info_free(info);
	if (chip)
		gpiod_chip_close(chip);
	return r;
}

/* A link is another name of a chip, not another chip (a Pi 5 has /dev/gpiochip4 so). */
static bool is_chip(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode);
}

static int search_end(const struct search *s)
{
	char text[96];

	if (s->found.path[0])
		return 0;
	line_text(s->line, text, sizeof(text));
	if (s->refused == -EACCES || s->refused == -EPERM) {
		snprintf(s->why->text, sizeof(s->why->text),
			"%s: line %s: may not open %s; is the user in group gpio?", s->line->id,
			text, s->refused_path);
		return s->refused;
	}
	if (s->line->name)
		snprintf(s->why->text, sizeof(s->why->text), "%s: no chip has a line named '%s'",
			s->line->id, text);
	else
		snprintf(s->why->text, sizeof(s->why->text), "%s: line %s: there is no such chip",
			s->line->id, text);
	return -ENOENT;
}

int pp_gpio_find(
	const struct pp_line *line, struct pp_gpio_place *ret_place, struct pp_source_why *why)
{
	struct search s = { .line = line, .why = why };
	DIR *dir = opendir("/dev");
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		snprintf(why->text, sizeof(why->text), "/dev: %s", strerror(-r));
		return r;
	}
	while (r == 0 && (entry = readdir(dir))) {
		char path[PP_GPIO_PATH_MAX];
		int n;

		if (strncmp(entry->d_name, "gpiochip", 8) != 0)
			continue;
		n = snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		if (n < (int)sizeof(path) && is_chip(path))
			r = search_chip(&s, path);
	}
	closedir(dir);
	if (r == 0)
		r = search_end(&s);
	if (r == 0)
		*ret_place = s.found;
	return r;
}

static int settings_fill(
	struct gpiod_line_settings *settings, const struct pp_line *line, bool level)
{
	static const enum gpiod_line_bias biases[] = {
		[PP_BIAS_AS_IS] = GPIOD_LINE_BIAS_AS_IS,
		[PP_BIAS_PULL_UP] = GPIOD_LINE_BIAS_PULL_UP,
		[PP_BIAS_PULL_DOWN] = GPIOD_LINE_BIAS_PULL_DOWN,
		[PP_BIAS_NONE] = GPIOD_LINE_BIAS_DISABLED,
	};
	int r;

	gpiod_line_settings_reset(settings);
	gpiod_line_settings_set_active_low(settings, line->active_low);
	if (line->output) {
		r = gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
		if (r == 0)
			r = gpiod_line_settings_set_output_value(settings,
				level ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
		return r;
	}
	r = gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
	if (r == 0)
		r = gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
	if (r == 0)
		r = gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC);
	if (r == 0)
		r = gpiod_line_settings_set_bias(settings, biases[line->bias]);
	return r;
}

static struct gpiod_line_config *config_make(const struct pp_gpio_want *want)
{
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	struct gpiod_line_config *config = gpiod_line_config_new();
	int r = settings && config ? 0 : -1;

	if (r == 0)
		r = settings_fill(settings, want->line, want->level);
	if (r == 0)
		r = gpiod_line_config_add_line_settings(config, &want->offset, 1, settings);
	gpiod_line_settings_free(settings);
	if (r == 0)
		return config;
	gpiod_line_config_free(config);
	return NULL;
}

/* Says who has the line that could not be had. */
static void busy_explain(
	struct gpiod_chip *chip, const struct pp_gpio_want *want, struct pp_source_why *why)
{
	struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, want->offset);
	char text[96];

	if (info && gpiod_line_info_is_used(info)) {
		const char *consumer = gpiod_line_info_get_consumer(info);

		line_text(want->line, text, sizeof(text));
		snprintf(why->text, sizeof(why->text), "%s: line %s is used by '%s'",
			want->line->id, text, consumer ? consumer : "the kernel");
	}
	gpiod_line_info_free(info);
}

static struct gpiod_line_request *request_make(
	struct gpiod_chip *chip, const struct pp_gpio_want *want, const char *consumer)
{
	struct gpiod_request_config *how = gpiod_request_config_new();
	struct gpiod_line_config *config = config_make(want);
	struct gpiod_line_request *request = NULL;
	int error = errno;

	if (how && config) {
		gpiod_request_config_set_consumer(how, consumer);
		gpiod_request_config_set_event_buffer_size(how, GPIO_KERNEL_BUFFER);
		request = gpiod_chip_request_lines(chip, how, config);
		error = errno;
	}
	gpiod_line_config_free(config);
	gpiod_request_config_free(how);
	errno = error;
	return request;
}

static int chip_request(const char *path, const struct pp_gpio_want *want, const char *consumer,
	struct pp_gpio *g, struct pp_source_why *why)
{
	struct gpiod_chip *chip = gpiod_chip_open(path);
	int fd, r = 0;

	if (chip)
		g->request = request_make(chip, want, consumer);
	if (!g->request) {
		r = errno ? -errno : -EIO;
		snprintf(why->text, sizeof(why->text), "%s: %s: %s", want->line->id, path,
			strerror(-r));
	}
	if (r == -EBUSY)
		busy_explain(chip, want, why);
	if (chip)
		gpiod_chip_close(chip);
	if (r < 0)
		return r;
	fd = gpiod_line_request_get_fd(g->request);
	return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ? -errno : 0;
}

int pp_gpio_new(const char *path, const struct pp_gpio_want *want, const char *consumer,
	struct pp_gpio **ret_gpio, struct pp_source_why *why)
{
	struct pp_gpio *g = calloc(1, sizeof(*g));
	int r = -ENOMEM;

	snprintf(why->text, sizeof(why->text), "%s: %s", path, strerror(ENOMEM));
	if (!g)
		return r;
	g->offset = want->offset;
	g->buffer = gpiod_edge_event_buffer_new(PP_GPIO_READ_MAX);
	if (g->buffer)
		r = chip_request(path, want, consumer, g, why);
	if (r < 0)
		goto fail;
	*ret_gpio = g;
	return 0;
fail:
	pp_gpio_free(g);
	return r;
}

struct pp_gpio *pp_gpio_free(struct pp_gpio *g)
{
	if (g && g->request)
		gpiod_line_request_release(g->request);
	if (g && g->buffer)
		gpiod_edge_event_buffer_free(g->buffer);
	free(g);
	return NULL;
}

int pp_gpio_fd(const struct pp_gpio *g)
{
	return gpiod_line_request_get_fd(g->request);
}

int pp_gpio_get(struct pp_gpio *g, bool *ret_active)
{
	enum gpiod_line_value value = gpiod_line_request_get_value(g->request, g->offset);

	if (value == GPIOD_LINE_VALUE_ERROR)
		return -errno;
	*ret_active = value == GPIOD_LINE_VALUE_ACTIVE;
	return 0;
}

int pp_gpio_set(struct pp_gpio *g, bool active)
{
	enum gpiod_line_value value = active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;

	return gpiod_line_request_set_value(g->request, g->offset, value) < 0 ? -errno : 0;
}

/* Kernels differ in whether a read or only a poll tells that the chip is gone. */
static bool is_gone(const struct pp_gpio *g)
{
	struct pollfd fd = { .fd = pp_gpio_fd(g), .events = POLLIN };

	return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR | POLLNVAL));
}

int pp_gpio_read(struct pp_gpio *g, struct pp_gpio_edge *ret_edges)
{
	int n;

	if (is_gone(g))
		return -ENODEV;
	n = gpiod_line_request_read_edge_events(g->request, g->buffer, PP_GPIO_READ_MAX);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		struct gpiod_edge_event *event =
			gpiod_edge_event_buffer_get_event(g->buffer, (unsigned long)i);

		ret_edges[i] = (struct pp_gpio_edge){
			.active = gpiod_edge_event_get_event_type(event) ==
				  GPIOD_EDGE_EVENT_RISING_EDGE,
			.at_us = gpiod_edge_event_get_timestamp_ns(event) / 1000,
			.seqno = gpiod_edge_event_get_line_seqno(event),
		};
	}
	return n;
}
