/* SPDX-License-Identifier: Apache-2.0 */
/* ends.c -- what is over, until the disk knows. Pure. */
#include "ends.h"

#include <assert.h>
#include <string.h>

static void drop_at(struct pp_ends *e, size_t index)
{
	e->count--;
	memmove(&e->list[index], &e->list[index + 1], (e->count - index) * sizeof(e->list[0]));
}

static void drop_same(struct pp_ends *e, const struct pp_signal *signal)
{
	for (size_t i = e->count; i-- > 0;)
		if (e->list[i].type == signal->type &&
			strcmp(e->list[i].point, signal->point) == 0 &&
			strcmp(e->list[i].detail, signal->detail) == 0)
			drop_at(e, i);
}

/* The oldest trouble, and a restore only where there are no others. */
static size_t least_worth(const struct pp_ends *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].type != PP_SIGNAL_RESTORE)
			return i;
	return 0;
}

bool pp_ends_is(const struct pp_signal *signal)
{
	return signal->type == PP_SIGNAL_RESTORE || signal->type == PP_SIGNAL_TROUBLE_RESTORE;
}

int pp_ends_note(struct pp_ends *e, const struct pp_draft *draft)
{
	const struct pp_signal *signal = &draft->signal;

	if (!pp_ends_is(signal))
		return 0;
	drop_same(e, signal);
	if (e->count == PP_ENDS_MAX)
		drop_at(e, least_worth(e));
	e->list[e->count].ticket = draft->ticket;
	e->list[e->count].type = signal->type;
	e->list[e->count].mono_ms = signal->mono_ms;
	memcpy(e->list[e->count].point, signal->point, sizeof(signal->point));
	memcpy(e->list[e->count].detail, signal->detail, sizeof(signal->detail));
	e->count++;
	return 1;
}

bool pp_ends_drop(struct pp_ends *e, uint64_t ticket)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].ticket == ticket) {
			drop_at(e, i);
			return true;
		}
	return false;
}

void pp_ends_get(const struct pp_ends *e, size_t index, struct pp_draft *ret_draft)
{
	assert(index < e->count);
	*ret_draft = (struct pp_draft){ .ticket = e->list[index].ticket,
		.signal.type = e->list[index].type,
		.signal.mono_ms = e->list[index].mono_ms };
	memcpy(ret_draft->signal.point, e->list[index].point, sizeof(ret_draft->signal.point));
	memcpy(ret_draft->signal.detail, e->list[index].detail, sizeof(ret_draft->signal.detail));
}

int64_t pp_ends_over(const struct pp_ends *e, const struct pp_signal *alarm)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].type == PP_SIGNAL_RESTORE &&
			e->list[i].mono_ms >= alarm->mono_ms &&
			strcmp(e->list[i].point, alarm->point) == 0)
			return e->list[i].mono_ms;
	return 0;
}
