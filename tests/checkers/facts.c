/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c -- lives of programs, clocks of machines, and the signals of a history. */
#include "facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts_presses.h"

bool is_text(const char *text, const char *literal)
{
	return text && strcmp(text, literal) == 0;
}

static size_t count_kind(const struct pp_history *h, enum pp_line_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < pp_history_count(h); i++)
		n += pp_history_line(h, i)->kind_of == kind;
	return n;
}

/* ---- lives ---- */

static struct life *living(struct facts *f, const char *node)
{
	for (size_t i = f->life_count; i-- > 0;)
		if (f->lives[i].node == node)
			return f->lives[i].crash == NONE ? &f->lives[i] : NULL;
	return NULL;
}

static void life_line(struct facts *f, size_t index)
{
	const struct pp_line *line = line_at(f, index);
	struct life *life = living(f, line->node);

	if (line->kind_of == PP_LINE_START && life) { /* it had been ended in order */
		life->crash = index;
		life->end_us = line->t_us;
		life = NULL;
	}
	if (line->kind_of == PP_LINE_START)
		f->lives[f->life_count++] = (struct life){ .node = line->node,
			.start = index,
			.ready = NONE,
			.crash = NONE,
			.start_us = line->t_us,
			.ready_us = NEVER_US,
			.end_us = f->end_us };
	if (!life)
		return;
	if (line->kind_of == PP_LINE_READY && life->ready == NONE) {
		life->ready = index;
		life->ready_us = line->t_us;
	}
	if (line->kind_of == PP_LINE_FREEZE)
		life->frozen = true;
	if (line->kind_of == PP_LINE_CRASH) {
		life->crash = index;
		life->end_us = line->t_us;
	}
}

struct life *facts_life(const struct facts *f, const char *node, uint64_t at_us)
{
	for (size_t i = 0; i < f->life_count; i++) {
		struct life *life = &f->lives[i];

		if (life->node == node && life->start_us <= at_us && at_us < life->end_us)
			return life;
	}
	return NULL;
}

bool facts_runs(const struct life *life, uint64_t at_us)
{
	return life->crash == NONE ? at_us <= life->end_us : at_us < life->end_us;
}

/* ---- clocks ---- */

static void stretch_line(struct facts *f, size_t index)
{
	const struct pp_line *line = line_at(f, index);
	struct stretch *before = NULL;
	struct stretch *new = &f->stretches[f->stretch_count];

	if (!line->node || line->mono == PP_ABSENT)
		return;
	for (size_t i = f->stretch_count; i-- > 0 && !before;)
		if (f->stretches[i].node == line->node)
			before = &f->stretches[i];
	new->node = line->node;
	new->line = index;
	new->from_us = line->t_us;
	new->to_us = NEVER_US;
	new->zero_us = (int64_t)line->t_us - line->mono *(int64_t)MS_US;
	new->boot = 1;
	if (before) {
		before->to_us = line->t_us;
		new->boot = before->boot + (line->kind_of == PP_LINE_BOOT);
	}
	f->stretch_count++;
}

/* ---- signals ---- */

static size_t bucket_of(const struct facts *f, const struct pp_line *line)
{
	uint64_t hash = (uint64_t)(uintptr_t)line->post * 31 + (uint64_t)(uintptr_t)line->epoch;

	hash = (hash ^ (uint64_t)line->seq) * 0x9e3779b97f4a7c15u;
	return (size_t)(hash >> 32) & (f->bucket_count - 1);
}

struct signal *facts_signal(const struct facts *f, const struct pp_line *line)
{
	size_t i = f->buckets[bucket_of(f, line)];

	while (i != NONE) {
		struct signal *s = &f->signals[i];

		if (s->post == line->post && s->epoch == line->epoch && s->seq == line->seq)
			return s;
		i = s->next_in_bucket;
	}
	return NULL;
}

static struct signal *signal_get(struct facts *f, const struct pp_line *line)
{
	struct signal *s = facts_signal(f, line);
	size_t bucket = bucket_of(f, line);

	if (s)
		return s;
	s = &f->signals[f->signal_count];
	*s = (struct signal){ .post = line->post,
		.epoch = line->epoch,
		.seq = line->seq,
		.mono = PP_ABSENT,
		.boot = PP_ABSENT,
		.stored = NONE,
		.sent = NONE,
		.given = NONE,
		.receipt = NONE,
		.answered = NONE,
		.row = NONE,
		.row_last = NONE,
		.row_back = NONE,
		.next_in_bucket = f->buckets[bucket] };
	f->buckets[bucket] = f->signal_count++;
	return s;
}

static void content_read(struct signal *s, const struct pp_line *line)
{
	if (!s->point)
		s->point = line->point;
	if (!s->type)
		s->type = line->signal;
	if (s->mono == PP_ABSENT)
		s->mono = line->mono;
	if (s->boot == PP_ABSENT)
		s->boot = line->boot;
	s->at_start = s->at_start || line->at_start;
}

static void row_read(const struct facts *f, struct signal *s, size_t index)
{
	const struct pp_line *line = line_at(f, index);

	if (line->where != f->record || !f->record) {
		/* In the outbox, as a look has found it. */
		if (line->kind_of == PP_LINE_ROW && s->stored == NONE)
			s->stored = index;
		return;
	}
	if (line->kind_of == PP_LINE_GONE) {
		s->present = false;
		return;
	}
	if (s->row == NONE)
		s->row = index;
	s->row_last = index;
	if (!line->moved || s->row_back == NONE ||
		facts_undone(f, f->record, s->row_back, index))
		s->row_back = index;
	s->present = true;
	s->incident = line->incident;
}

static void signal_line(struct facts *f, size_t index)
{
	const struct pp_line *line = line_at(f, index);
	struct signal *s;

	if (!line->post || !line->epoch || line->seq == PP_ABSENT)
		return;
	s = signal_get(f, line);
	switch (line->kind_of) {
	case PP_LINE_STORED:
		content_read(s, line);
		if (s->stored == NONE)
			s->stored = index;
		break;
	case PP_LINE_SENT:
		if (s->sent == NONE)
			s->sent = index;
		break;
	case PP_LINE_ROW:
		content_read(s, line);
		row_read(f, s, index);
		break;
	case PP_LINE_GONE:
		row_read(f, s, index);
		break;
	case PP_LINE_GIVEN:
		if (s->given == NONE)
			s->given = index;
		break;
	case PP_LINE_ANSWERED:
		if (s->answered == NONE && is_text(line->result, "recorded"))
			s->answered = index;
		break;
	case PP_LINE_RECEIPT:
		if (s->receipt == NONE && is_text(line->result, "recorded"))
			s->receipt = index;
		break;
	default:
		break;
	}
}

/* Bytes that are not the post's own; a replay is. */
static void forge_line(struct facts *f, const struct pp_line *line)
{
	struct signal *s;

	if (!line->post || !line->epoch || line->seq == PP_ABSENT || is_text(line->why, "replay") ||
		is_text(line->why, "retained"))
		return;
	s = facts_signal(f, line);
	if (s && s->stored == NONE && s->sent == NONE &&
		(line->mono == PP_ABSENT || line->mono == s->mono))
		s->forged = true;
}

/* ---- incidents that people have made one, or parted ---- */

static const char *kin_get(struct facts *f, const char *incident)
{
	for (size_t i = 0; i < f->kin_count; i++)
		if (f->kin[i].incident == incident)
			return f->kin[i].family;
	f->kin[f->kin_count++] = (struct kin){ incident, incident };
	return incident;
}

static void kin_line(struct facts *f, const struct pp_line *line)
{
	const char *first, *other;

	if (!line->incident || !line->other ||
		(!is_text(line->kind, "incident.merged") && !is_text(line->kind, "incident.split")))
		return;
	first = kin_get(f, line->incident);
	other = kin_get(f, line->other);
	for (size_t i = 0; i < f->kin_count; i++)
		if (f->kin[i].family == other)
			f->kin[i].family = first;
}

/* ---- the whole ---- */

static int room_make(struct facts *f)
{
	const struct pp_history *h = f->h;
	size_t lines = pp_history_count(h);

	f->bucket_count = 64;
	while (f->bucket_count < lines)
		f->bucket_count *= 2;
	f->lives = calloc(count_kind(h, PP_LINE_START) + 1, sizeof(*f->lives));
	f->stretches = calloc(count_kind(h, PP_LINE_BOOT) + count_kind(h, PP_LINE_SYNC) + 1,
		sizeof(*f->stretches));
	f->presses = calloc(count_kind(h, PP_LINE_PRESS) + 1, sizeof(*f->presses));
	f->kin = calloc(2 * count_kind(h, PP_LINE_ENTRY) + 1, sizeof(*f->kin));
	f->signals = calloc(lines + 1, sizeof(*f->signals));
	f->buckets = malloc(f->bucket_count * sizeof(*f->buckets));
	if (!f->lives || !f->stretches || !f->presses || !f->kin || !f->signals || !f->buckets)
		return -ENOMEM;
	for (size_t i = 0; i < f->bucket_count; i++)
		f->buckets[i] = NONE;
	return 0;
}

static void lines_sort_in(struct facts *f)
{
	for (size_t i = 0; i < pp_history_count(f->h); i++) {
		switch (line_at(f, i)->kind_of) {
		case PP_LINE_START:
		case PP_LINE_READY:
		case PP_LINE_FREEZE:
		case PP_LINE_CRASH:
			life_line(f, i);
			break;
		case PP_LINE_BOOT:
		case PP_LINE_SYNC:
			stretch_line(f, i);
			break;
		case PP_LINE_STORED:
		case PP_LINE_SENT:
		case PP_LINE_GIVEN:
		case PP_LINE_RECEIPT:
		case PP_LINE_ANSWERED:
		case PP_LINE_ROW:
		case PP_LINE_GONE:
			signal_line(f, i);
			break;
		case PP_LINE_LOOK:
			f->knows_outboxes = f->knows_outboxes || line_at(f, i)->where != f->record;
			break;
		case PP_LINE_ENTRY:
			kin_line(f, line_at(f, i));
			break;
		case PP_LINE_HEALED:
			f->healed = i;
			f->healed_us = line_at(f, i)->t_us;
			break;
		default:
			break;
		}
	}
}

int facts_new(const struct pp_history *h, struct facts **ret_facts)
{
	struct facts *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->h = h;
	f->end = pp_history_count(h) - 1;
	f->end_us = pp_history_line(h, f->end)->t_us;
	f->healed = NONE;
	f->healed_us = NEVER_US;
	f->blur_us = pp_history_blur_us(h);
	f->knows_outboxes = pp_history_sees(h, PP_LINE_STORED);
	f->record = pp_history_text(h, "record");
	f->server = pp_history_text(h, "server");
	f->alarm = pp_history_text(h, "alarm");
	if (room_make(f) < 0) {
		facts_free(f);
		return -ENOMEM;
	}
	lines_sort_in(f);
	for (size_t i = 0; i <= f->end; i++)
		if (line_at(f, i)->kind_of == PP_LINE_FORGE)
			forge_line(f, line_at(f, i));
	facts_presses_make(f);
	*ret_facts = f;
	return 0;
}

struct facts *facts_free(struct facts *f)
{
	if (!f)
		return NULL;
	free(f->lives);
	free(f->stretches);
	free(f->presses);
	free(f->kin);
	free(f->signals);
	free(f->buckets);
	free(f);
	return NULL;
}

bool facts_any(
	const struct facts *f, enum pp_line_kind kind, const char *node, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct pp_line *line = line_at(f, i);

		if (line->kind_of == kind && (!node || line->node == node || line->post == node))
			return true;
	}
	return false;
}

bool facts_undone(const struct facts *f, const char *where, size_t from, size_t to)
{
	for (size_t i = from; where && i < to; i++) {
		const struct pp_line *line = line_at(f, i);

		if ((line->kind_of == PP_LINE_RUIN || line->kind_of == PP_LINE_RESTORE) &&
			line->where == where)
			return true;
	}
	return false;
}

size_t facts_line_after(const struct facts *f, uint64_t at_us)
{
	size_t low = 0, high = f->end + 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (line_at(f, middle)->t_us < at_us)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool facts_read_all(const struct facts *f, const struct pp_line *line)
{
	return line->kind_of == PP_LINE_LOOK && line->where == f->record &&
	       !is_text(line->how, "durable");
}

const char *facts_outbox(const struct facts *f, const char *post)
{
	char where[128];

	snprintf(where, sizeof(where), "outbox/%s", post);
	return pp_history_text(f->h, where);
}

const char *facts_whole(const struct facts *f, const char *incident, size_t until)
{
	for (size_t i = 0; i <= until; i++)
		if (line_at(f, i)->kind_of == PP_LINE_ENTRY && line_at(f, i)->other &&
			line_at(f, i)->incident == incident &&
			is_text(line_at(f, i)->kind, "incident.merged"))
			incident = line_at(f, i)->other;
	return incident;
}

bool facts_before(const struct facts *f, size_t a, size_t b)
{
	if (f->blur_us == 0)
		return a < b;
	return line_at(f, a)->t_us + f->blur_us < line_at(f, b)->t_us;
}

size_t *marks_new(const struct facts *f)
{
	size_t *marks = malloc((f->signal_count + 1) * sizeof(*marks));

	if (marks)
		marks_clear(f, marks);
	return marks;
}

void marks_clear(const struct facts *f, size_t *marks)
{
	for (size_t i = 0; i <= f->signal_count; i++)
		marks[i] = NONE;
}
