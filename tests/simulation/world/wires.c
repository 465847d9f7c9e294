/* SPDX-License-Identifier: Apache-2.0 */
/* wires.c -- sources/source.h of simulated programs: contacts, lamps, and the kernel's buffer of
 * edges between them and the program. */
#include "wires.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sources/source.h"

#define WIRES_MAX 40u
#define LINES_MAX 64u
#define EDGES_MAX 1024u
#define SAFE_AFTER_US 40000u /* systemd runs ExecStopPost= */

struct wire {
	struct wire_facts facts;
	bool active, lost;
};

struct wires {
	size_t count;
	struct wire list[WIRES_MAX];
	struct pp_source *source; /* of the program that has the lines; NULL: nobody */
	wires_fn *fn;
	void *user;
};

struct pp_source {
	struct world_node *node;
	struct world_process *process;
	const struct pp_line *lines;
	size_t count;
	int fd;
	size_t wire[LINES_MAX];
	bool gap[LINES_MAX];
	size_t edge_count;
	struct pp_level_event edges[EDGES_MAX]; /* the oldest first */
};

/* ---- the world's side ---- */

static struct wires *of(struct world_node *n)
{
	if (!n->wires) {
		n->wires = calloc(1, sizeof(*n->wires));
		assert(n->wires);
	}
	return n->wires;
}

void wires_add(struct world_node *n, const struct wire_facts *facts)
{
	struct wires *w = of(n);

	assert(w->count < WIRES_MAX);
	w->list[w->count++].facts = *facts;
}

void wires_watch(struct world_node *n, wires_fn *fn, void *user)
{
	of(n)->fn = fn;
	of(n)->user = user;
}

static size_t find(const struct wires *w, const char *id)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->list[i].facts.id, id) == 0)
			return i;
	assert(false);
	return 0;
}

static void queue(struct pp_source *s, const struct pp_level_event *event)
{
	if (s->edge_count == EDGES_MAX) { /* the oldest goes, as in the kernel */
		s->gap[s->edges[0].line] = true;
		memmove(s->edges, s->edges + 1, --s->edge_count * sizeof(*s->edges));
	}
	s->edges[s->edge_count++] = *event;
	world_fd_ready(s->fd, true);
}

/* The line of the source that this wire hangs on. */
static bool line_of(const struct pp_source *s, size_t wire, size_t *ret_line)
{
	for (size_t i = 0; s && i < s->count; i++)
		if (s->wire[i] == wire) {
			*ret_line = i;
			return true;
		}
	return false;
}

bool wire_set(struct world_node *n, const char *id, bool active)
{
	struct wires *w = of(n);
	size_t wire = find(w, id), line;
	struct pp_level_event event = { .active = active };

	assert(!w->list[wire].facts.output);
	if (w->list[wire].active == active)
		return false;
	w->list[wire].active = active;
	if (!n->on || w->list[wire].lost || !line_of(w->source, wire, &line))
		return true;
	event.line = line;
	event.at_us = world_mono_us(n);
	queue(w->source, &event);
	return true;
}

bool wire_is_active(const struct world_node *n, const char *id)
{
	return n->wires && n->wires->list[find(n->wires, id)].active;
}

bool wire_is_lost(const struct world_node *n, const char *id)
{
	return n->wires && n->wires->list[find(n->wires, id)].lost;
}

void wire_lose(struct world_node *n, const char *id, bool lost)
{
	struct wires *w = of(n);
	struct wire *wire = &w->list[find(w, id)];
	struct pp_level_event event = { .lost = lost, .found = !lost, .active = wire->active };
	size_t line;

	if (wire->lost == lost)
		return;
	wire->lost = lost;
	if (!n->on || !line_of(w->source, (size_t)(wire - w->list), &line))
		return;
	event.line = line;
	event.at_us = world_mono_us(n);
	queue(w->source, &event);
}

static void drive(struct wires *w, struct wire *wire, bool active)
{
	if (wire->active == active)
		return;
	wire->active = active;
	if (w->fn)
		w->fn(w->user, &wire->facts, active);
}

void wires_cut(struct world_node *n)
{
	struct wires *w = n->wires;

	for (size_t i = 0; w && i < w->count; i++)
		if (w->list[i].facts.output)
			drive(w, &w->list[i], false);
}

static void make_safe(void *user)
{
	struct world_node *n = user;
	struct wires *w = n->wires;

	for (size_t i = 0; n->on && !w->source && i < w->count; i++)
		if (w->list[i].facts.output)
			drive(w, &w->list[i], w->list[i].facts.safe);
}

void wires_process_end(struct world_process *p)
{
	struct wires *w = p->node->wires;

	if (!w || !w->source || w->source->process != p)
		return;
	w->source = NULL;
	if (p->node->on)
		world_after(SAFE_AFTER_US, make_safe, p->node);
}

/* ---- the program's side ---- */

static int source_new(const struct pp_line *lines, size_t count, struct pp_source **ret_source)
{
	struct pp_source *s = calloc(1, sizeof(*s));
	struct wires *w = of(world_node_current());

	assert(s && count <= LINES_MAX && !w->source);
	s->node = world_node_current();
	s->process = world_process_current();
	s->lines = lines;
	s->count = count;
	s->fd = world_fd_new();
	for (size_t i = 0; i < count; i++) {
		s->wire[i] = find(w, lines[i].id);
		if (lines[i].output)
			drive(w, &w->list[s->wire[i]], lines[i].initial);
	}
	w->source = s;
	*ret_source = s;
	return 0;
}

int pp_source_gpio_new(const struct pp_line *lines, size_t count, const char *consumer,
	struct pp_source **ret_source, struct pp_source_why *why)
{
	(void)consumer;
	(void)why;
	return source_new(lines, count, ret_source);
}

int pp_source_script_new(const struct pp_line *lines, size_t count, const char *script_path,
	const char *socket_path, struct pp_source **ret_source, struct pp_source_why *why)
{
	(void)script_path;
	(void)socket_path;
	(void)why;
	return source_new(lines, count, ret_source);
}

struct pp_source *pp_source_free(struct pp_source *s)
{
	if (!s)
		return NULL;
	world_fd_close(s->fd);
	s->node->wires->source = NULL;
	free(s);
	return NULL;
}

int pp_source_fd(const struct pp_source *s)
{
	return s->fd;
}

static struct wire *wire_of(const struct pp_source *s, size_t line)
{
	assert(line < s->count);
	return &s->node->wires->list[s->wire[line]];
}

int pp_source_get(struct pp_source *s, size_t line, bool *ret_active)
{
	if (wire_of(s, line)->lost)
		return -ENODEV;
	*ret_active = wire_of(s, line)->active;
	return 0;
}

int pp_source_value(struct pp_source *s, size_t line, double *ret_value)
{
	(void)s;
	(void)line;
	(void)ret_value;
	return -ENODEV;
}

int pp_source_read(struct pp_source *s, struct pp_level_event *ret_events, size_t size)
{
	size_t count = s->edge_count < size ? s->edge_count : size;

	for (size_t i = 0; i < count; i++) {
		ret_events[i] = s->edges[i];
		ret_events[i].gap = s->gap[ret_events[i].line];
		s->gap[ret_events[i].line] = false;
	}
	s->edge_count -= count;
	memmove(s->edges, s->edges + count, s->edge_count * sizeof(*s->edges));
	world_fd_ready(s->fd, s->edge_count > 0);
	return (int)count;
}

int pp_source_set(struct pp_source *s, size_t line, bool active)
{
	if (!s->lines[line].output)
		return -EINVAL;
	drive(s->node->wires, wire_of(s, line), active);
	return 0;
}

void pp_source_view(const struct pp_source *s, size_t line, struct pp_line_view *ret_view)
{
	*ret_view = (struct pp_line_view){ .error = wire_of(s, line)->lost ? -ENODEV : 0 };
	for (size_t i = 0; i < s->edge_count; i++)
		ret_view->behind |= s->edges[i].line == line;
}
