/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c -- orders to posts in SQL. */
#include "store/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "store/args.h"

static const char *const states[] = { "open", "answered", "unanswered" };

#define COLUMNS "SELECT command_id, id, tenant, post, state, expires, payload FROM command "

static void id_print(uint64_t id, char ret_hex[17])
{
	snprintf(ret_hex, 17, "%016llx", (unsigned long long)id);
}

static int hex_read(const struct pp_stmt *s, int column, uint64_t *ret_value)
{
	char hex[17];
	uint8_t bytes[8];

	if (pp_store_copy(s, column, hex, sizeof(hex)) < 0 ||
		pp_text_unhex(hex, strlen(hex), bytes, sizeof(bytes)) < 0)
		return -EIO;
	*ret_value = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		*ret_value = *ret_value << 8 | bytes[i];
	return 0;
}

int pp_store_post_now(
	struct pp_db *db, const char *tenant, const char *post, struct pp_post_now *ret_now)
{
	struct pp_post_now now;
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT s.epoch, s.boot, s.mono, s.arrived, s.supervised, p.active"
		" FROM post_state s JOIN post p USING (tenant, post)"
		" WHERE s.tenant = ?1 AND s.post = ?2 AND s.epoch <> ''",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), &s);

	if (r <= 0)
		return r;
	now = (struct pp_post_now){ .boot = pp_column_i64(s, 1),
		.mono_ms = pp_column_i64(s, 2),
		.arrived_ms = pp_column_i64(s, 3),
		.supervised = pp_column_i64(s, 4),
		.active = pp_column_i64(s, 5) };
	r = hex_read(s, 0, &now.epoch);
	pp_stmt_reset(s);
	if (r < 0)
		return r;
	*ret_now = now;
	return 1;
}

int pp_store_command_add(struct pp_db *db, const struct pp_command_row *row)
{
	char id[17];

	id_print(row->id, id);
	return pp_store_run(db,
		"INSERT INTO command (id, tenant, post, state, expires, payload)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		PP_ARGS(PP_TEXT(id), PP_TEXT(row->tenant), PP_TEXT(row->post),
			PP_TEXT(states[row->state]), PP_I64(row->expires_ms),
			PP_TEXT(row->payload)));
}

static int row_read(struct pp_stmt *s, struct pp_command_row *ret_row, char **ret_payload)
{
	struct pp_command_row row = { .command_id = pp_column_i64(s, 0),
		.expires_ms = pp_column_i64(s, 5) };
	const char *state = pp_column_text(s, 4), *payload = pp_column_text(s, 6);

	if (hex_read(s, 1, &row.id) < 0 ||
		pp_store_copy(s, 2, row.tenant, sizeof(row.tenant)) < 0 ||
		pp_store_copy(s, 3, row.post, sizeof(row.post)) < 0 || !state || !payload)
		return -EIO;
	while (row.state < PP_COMMAND_UNANSWERED && strcmp(states[row.state], state) != 0)
		row.state++;
	if (ret_payload) {
		*ret_payload = strdup(payload);
		if (!*ret_payload)
			return -ENOMEM;
	}
	*ret_row = row;
	return 1;
}

int pp_store_command_find(struct pp_db *db, const char *tenant, const char *post, uint64_t id,
	struct pp_command_row *ret_row)
{
	struct pp_stmt *s;
	char hex[17];
	int r;

	id_print(id, hex);
	r = pp_store_first(db, COLUMNS "WHERE id = ?1 AND tenant = ?2 AND post = ?3",
		PP_ARGS(PP_TEXT(hex), PP_TEXT(tenant), PP_TEXT(post)), &s);
	if (r <= 0)
		return r;
	r = row_read(s, ret_row, NULL);
	pp_stmt_reset(s);
	return r;
}

int pp_store_command_set(struct pp_db *db, int64_t command_id, enum pp_command_state state)
{
	return pp_store_run(db, "UPDATE command SET state = ?2 WHERE command_id = ?1",
		PP_ARGS(PP_I64(command_id), PP_TEXT(states[state])));
}

int pp_store_command_next(
	struct pp_db *db, int64_t after, struct pp_command_row *ret_row, char **ret_payload)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		COLUMNS "WHERE state = 'open' AND command_id > ?1 ORDER BY command_id LIMIT 1",
		PP_ARGS(PP_I64(after)), &s);

	if (r <= 0)
		return r;
	r = row_read(s, ret_row, ret_payload);
	pp_stmt_reset(s);
	return r;
}

int pp_store_commands_open(
	struct pp_db *db, const char *tenant, const char *post, int64_t *ret_count)
{
	return pp_store_number(db,
		"SELECT count(*) FROM command WHERE state = 'open' AND tenant = ?1 AND post = ?2",
		PP_ARGS(PP_TEXT(tenant), PP_TEXT(post)), ret_count);
}
