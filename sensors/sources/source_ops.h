/* SPDX-License-Identifier: Apache-2.0 */
/* source_ops.h -- what a source is to source.c; its struct begins with struct pp_source. */
#ifndef SOURCES_SOURCE_OPS_H
#define SOURCES_SOURCE_OPS_H

#include "sources/source.h"

struct pp_source_ops {
	void (*free)(struct pp_source *s);
	int (*fd)(const struct pp_source *s);
	int (*get)(struct pp_source *s, size_t line, bool *ret_active);
	int (*value)(struct pp_source *s, size_t line, double *ret_value); /* NULL: it has none */
	int (*read)(struct pp_source *s, struct pp_level_event *ret_events, size_t size);
	int (*set)(struct pp_source *s, size_t line, bool active);
	void (*view)(const struct pp_source *s, size_t line, struct pp_line_view *ret_view);
};

struct pp_source {
	const struct pp_source_ops *ops;
	const struct pp_line *lines; /* borrowed */
	size_t count;
};

#endif
