/* SPDX-License-Identifier: Apache-2.0 */
/* lamps.c -- levels of outputs as spans of light. */
#include "lamps.h"

#include <errno.h>
#include <stdlib.h>

#define YOUNG_US (5 * S_US) /* a press whose own light may still come */
#define FLASH_US (100 * MS_US)
#define PROCESSOR_US (65 * MS_US) /* the simulation's programs wait for theirs up to 60 ms */

int rung_of(const char *role)
{
	static const char *const roles[] = { "taken", "received", "acknowledged", "dispatched",
		"on-scene" };

	for (int i = 0; i <= RUNG_ON_SCENE; i++)
		if (is_text(role, roles[i]))
			return i;
	return RUNG_NONE;
}

int rung_of_state(const char *state)
{
	if (is_text(state, "closed"))
		return RUNG_CLOSED;
	return is_text(state, "open") ? RUNG_RECEIVED : rung_of(state);
}

static void span_end(const struct facts *f, struct lamps *lamps, size_t index)
{
	const struct pp_line *line = line_at(f, index);

	for (size_t i = lamps->count; i-- > 0;) {
		struct span *s = &lamps->spans[i];

		if (s->post != line->post || s->role != line->role || s->class != line->class)
			continue;
		if (s->off == NONE) {
			s->off = index;
			if (line->t_us < s->to_us)
				s->to_us = line->t_us;
		}
		return;
	}
}

static bool is_lit(const struct lamps *lamps, const struct pp_line *line)
{
	for (size_t i = lamps->count; i-- > 0;) {
		const struct span *s = &lamps->spans[i];

		if (s->post == line->post && s->role == line->role && s->class == line->class)
			return s->off == NONE;
	}
	return false;
}

int lamps_new(const struct facts *f, struct lamps *ret_lamps)
{
	struct lamps lamps = { calloc(f->end + 2, sizeof(struct span)), 0 };

	if (!lamps.spans)
		return -ENOMEM;
	for (size_t i = 0; i <= f->end; i++) {
		const struct pp_line *line = line_at(f, i);
		const struct life *life;

		if (line->kind_of != PP_LINE_LIGHT)
			continue;
		if (!line->on) {
			span_end(f, &lamps, i);
			continue;
		}
		if (is_lit(&lamps, line))
			continue;
		life = facts_life(f, line->post, line->t_us);
		lamps.spans[lamps.count++] = (struct span){ .post = line->post,
			.role = line->role,
			.class = line->class,
			.on = i,
			.off = NONE,
			.from_us = line->t_us,
			.to_us = life ? life->end_us : line->t_us,
			.life = life };
	}
	*ret_lamps = lamps;
	return 0;
}

void lamps_done(struct lamps *lamps)
{
	free(lamps->spans);
	lamps->spans = NULL;
}

/* Whether its post said *server away* when it went on; true where no such lamp was ever seen. */
static bool is_server_away(const struct facts *f, const struct lamps *lamps, const struct span *s)
{
	bool has_lamp = false;

	for (size_t i = 0; i < lamps->count; i++) {
		const struct span *o = &lamps->spans[i];

		if (o->post != s->post || !is_text(o->role, "server-away"))
			continue;
		if (o->from_us <= s->from_us + f->blur_us && s->from_us <= o->to_us + f->blur_us)
			return true;
		has_lamp = true;
	}
	return !has_lamp;
}

bool is_flash(const struct facts *f, const struct lamps *lamps, const struct span *s)
{
	return s->to_us - s->from_us <= FLASH_US + PROCESSOR_US + f->blur_us &&
	       is_server_away(f, lamps, s);
}

bool concerns(const char *class, const struct press *p)
{
	return !p->silent && (!class || class == p->class);
}

bool speaks_for(const struct facts *f, const struct pp_line *line, const struct press *p)
{
	const struct life *life = facts_life(f, p->post, p->at_us);

	if (p->post != line->post || !concerns(line->class, p) || !p->signals || !p->life ||
		!life || life->end_us <= line->t_us || line->t_us <= p->at_us + f->blur_us)
		return false;
	if (p->captured_us <= line->t_us)
		return true;
	for (size_t i = 0; i < f->press_count; i++) {
		const struct press *q = &f->presses[i];

		if (q != p && q->post == p->post && concerns(line->class, q) &&
			q->at_us + YOUNG_US > p->at_us && q->at_us <= line->t_us)
			return false; /* it may speak of that one alone */
	}
	return true;
}
