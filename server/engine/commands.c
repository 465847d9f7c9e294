/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c -- a small array of orders under way. */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>

#include "ledger/commands.h"

struct entry {
	struct pp_command_row row;
	char *payload;
	int64_t next_ms, end_ms;
	bool is_open, told; /* told: its time is over */
};

struct pp_commands {
	size_t count;
	struct entry entries[PP_COMMANDS_MAX]; /* in the order of their ids */
};

int pp_commands_new(struct pp_commands **ret_commands)
{
	struct pp_commands *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	*ret_commands = c;
	return 0;
}

struct pp_commands *pp_commands_free(struct pp_commands *c)
{
	for (size_t i = 0; c && i < c->count; i++)
		free(c->entries[i].payload);
	free(c);
	return NULL;
}

static struct entry *find(struct pp_commands *c, int64_t command_id)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->entries[i].row.command_id == command_id)
			return &c->entries[i];
	return NULL;
}

static void drop_closed(struct pp_commands *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++) {
		if (c->entries[i].is_open)
			c->entries[kept++] = c->entries[i];
		else
			free(c->entries[i].payload);
	}
	c->count = kept;
}

static void enter(struct pp_commands *c, const struct pp_command_row *row, char *payload,
	int64_t wall_ms, int64_t mono_ms)
{
	int64_t left_ms = row->expires_ms - PP_COMMAND_TTL_MS + PP_COMMAND_WAIT_MS - wall_ms;
	struct entry *e = &c->entries[c->count++];

	/* What a stepped clock says is no more than a hint. */
	if (left_ms < 0 || left_ms > PP_COMMAND_WAIT_MS)
		left_ms = left_ms < 0 ? 0 : PP_COMMAND_WAIT_MS;
	*e = (struct entry){ .row = *row,
		.payload = payload,
		.next_ms = mono_ms,
		.end_ms = mono_ms + left_ms,
		.is_open = true };
}

int pp_commands_follow(struct pp_commands *c, struct pp_db *db, int64_t wall_ms, int64_t mono_ms)
{
	struct pp_command_row row = { 0 };
	char *payload;
	int r;

	for (size_t i = 0; i < c->count; i++)
		c->entries[i].is_open = false;
	do {
		struct entry *known;

		r = pp_store_command_next(db, row.command_id, &row, &payload);
		if (r <= 0)
			break;
		known = find(c, row.command_id);
		if (known)
			known->is_open = true;
		if (known || c->count == PP_COMMANDS_MAX)
			free(payload);
		else
			enter(c, &row, payload, wall_ms, mono_ms);
	} while (r > 0);
	drop_closed(c);
	return r;
}

static void out_fill(const struct entry *e, struct pp_commands_out *ret_out)
{
	*ret_out = (struct pp_commands_out){
		.tenant = e->row.tenant, .post = e->row.post, .payload = e->payload, .id = e->row.id
	};
}

bool pp_commands_next(struct pp_commands *c, int64_t mono_ms, struct pp_commands_out *ret_out)
{
	for (size_t i = 0; i < c->count; i++) {
		struct entry *e = &c->entries[i];

		if (mono_ms < e->next_ms ||
			mono_ms >= e->end_ms - (PP_COMMAND_WAIT_MS - PP_COMMAND_TTL_MS))
			continue;
		e->next_ms = mono_ms + PP_COMMANDS_AGAIN_MS;
		out_fill(e, ret_out);
		return true;
	}
	return false;
}

bool pp_commands_over(struct pp_commands *c, int64_t mono_ms, struct pp_commands_out *ret_out)
{
	for (size_t i = 0; i < c->count; i++) {
		struct entry *e = &c->entries[i];

		if (e->told || mono_ms < e->end_ms)
			continue;
		e->told = true;
		out_fill(e, ret_out);
		return true;
	}
	return false;
}
