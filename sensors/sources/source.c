/* SPDX-License-Identifier: Apache-2.0 */
/* source.c -- hands a call on to the source that it is for. */
#include "sources/source.h"

#include <assert.h>
#include <errno.h>

#include "source_ops.h"

struct pp_source *pp_source_free(struct pp_source *s)
{
	if (s)
		s->ops->free(s);
	return NULL;
}

int pp_source_fd(const struct pp_source *s)
{
	return s->ops->fd(s);
}

int pp_source_get(struct pp_source *s, size_t line, bool *ret_active)
{
	assert(line < s->count);
	return s->ops->get(s, line, ret_active);
}

int pp_source_value(struct pp_source *s, size_t line, double *ret_value)
{
	assert(line < s->count);
	if (!s->lines[line].analogue || !s->ops->value)
		return -ENODEV;
	return s->ops->value(s, line, ret_value);
}

int pp_source_read(struct pp_source *s, struct pp_level_event *ret_events, size_t size)
{
	return s->ops->read(s, ret_events, size);
}

int pp_source_set(struct pp_source *s, size_t line, bool active)
{
	assert(line < s->count);
	if (!s->lines[line].output)
		return -EINVAL;
	return s->ops->set(s, line, active);
}

void pp_source_view(const struct pp_source *s, size_t line, struct pp_line_view *ret_view)
{
	assert(line < s->count);
	s->ops->view(s, line, ret_view);
}
