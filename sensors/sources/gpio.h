/* SPDX-License-Identifier: Apache-2.0 */
/* gpio.h -- libgpiod as this room sees it: find a line, request it, read its edges. */
#ifndef SOURCES_GPIO_H
#define SOURCES_GPIO_H

#include "sources/source.h"

#define PP_GPIO_PATH_MAX 64u
#define PP_GPIO_READ_MAX 64u /* edges in one read */

/* Where a line is now. Chip numbers move between boots and models: find it anew each time. */
struct pp_gpio_place {
	char path[PP_GPIO_PATH_MAX]; /* of the chip's device */
	unsigned offset;
};

/* How to request it. */
struct pp_gpio_want {
	const struct pp_line *line;
	unsigned offset;
	bool level; /* outputs: the first value */
};

struct pp_gpio_edge {
	bool active;
	uint64_t at_us;      /* CLOCK_MONOTONIC */
	unsigned long seqno; /* from 1; a number that is missing was dropped by the kernel */
};

struct pp_gpio; /* a requested line */

/* -ENOENT, -ENOTUNIQ, -EACCES, ...: *why is set. */
int pp_gpio_find(
	const struct pp_line *line, struct pp_gpio_place *ret_place, struct pp_source_why *why);
/* The caller owns *ret_gpio. -EBUSY and others: *why is set. */
int pp_gpio_new(const char *path, const struct pp_gpio_want *want, const char *consumer,
	struct pp_gpio **ret_gpio, struct pp_source_why *why);
struct pp_gpio *pp_gpio_free(struct pp_gpio *g); /* NULL is fine; returns NULL */
int pp_gpio_fd(
	const struct pp_gpio *g); /* readable while edges wait; hung up when the chip is gone */
int pp_gpio_get(struct pp_gpio *g, bool *ret_active);
int pp_gpio_set(struct pp_gpio *g, bool active);
/* Up to PP_GPIO_READ_MAX edges, without waiting. Count, 0: there are none; -errno: the chip is
 * gone. */
int pp_gpio_read(struct pp_gpio *g, struct pp_gpio_edge *ret_edges);

#endif
