/* SPDX-License-Identifier: Apache-2.0 */
/* query_read.c -- a consistent read, and rows as JSON. */
#include "read.h"

#include <errno.h>
#include <string.h>

int read_begin(struct pp_db *db)
{
	return pp_db_exec(db, "BEGIN");
}

int read_end(struct pp_db *db, int r)
{
	int ended = pp_db_exec(db, "COMMIT");

	if (ended < 0)
		(void)pp_db_exec(db, "ROLLBACK");
	return r < 0 ? r : ended;
}

void read_members(const struct pp_stmt *s, struct pp_json *object, const char *letters,
	const char *const *names)
{
	for (int i = 0; letters[i]; i++) {
		const char *name = names[i];

		if (letters[i] == '.')
			continue;
		if (pp_column_is_null(s, i))
			(void)pp_json_set_null(object, name);
		else if (letters[i] == 't')
			(void)pp_json_set_text(object, name, pp_column_text(s, i));
		else if (letters[i] == 'i')
			(void)pp_json_set_i64(object, name, pp_column_i64(s, i));
		else if (letters[i] == 'r')
			(void)pp_json_set_real(object, name, pp_column_real(s, i));
		else
			(void)pp_json_set_bool(object, name, pp_column_i64(s, i) != 0);
	}
}

int read_rows(struct pp_db *db, const char *sql, const struct pp_arg *args, const char *letters,
	const char *const *names, struct pp_json *list)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db, sql, args, &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_json *object = pp_json_object();

		read_members(s, object, letters, names);
		r = pp_json_add(list, object);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}

/* Puts the clear texts back where the hashes stand; an erased one, or one that is masked, becomes
 * null. */
static int personal_restore(
	struct pp_db *db, const struct event_rows *rows, int64_t event_id, struct pp_json *body)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db, "SELECT field, value FROM personal WHERE event_id = ?1",
		PP_ARGS(PP_I64(event_id)), &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		const char *field = pp_column_text(s, 0);
		bool shown = strcmp(field, "caller") == 0 ? rows->contacts : rows->notes;

		r = shown ? pp_json_set_text(body, field, pp_column_text(s, 1))
			  : pp_json_set_null(body, field);
		if (r == 0 && !shown)
			r = pp_json_set_bool(body, "masked", true);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}

static int event_read(struct pp_db *db, const struct event_rows *rows, const struct pp_stmt *s,
	struct pp_json *event)
{
	static const char *const names[] = { "id", "height", "at", "kind", "actor", "tenant",
		"incident", "post", "point" };
	const char *text = pp_column_text(s, 9);
	struct pp_json *body;
	int r;

	read_members(s, event, "iiitttttt", names);
	r = text ? pp_json_parse(text, strlen(text), &body, NULL) : -EIO;
	if (r < 0)
		return r == -ENOMEM ? r : -EIO;
	r = personal_restore(db, rows, pp_column_i64(s, 0), body);
	if (r < 0)
		pp_json_free(body);
	else
		r = pp_json_set(event, "body", body);
	return r;
}

int read_events(struct pp_db *db, const struct event_rows *rows, struct pp_json *list)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db, rows->sql, rows->args, &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		struct pp_json *event = pp_json_object();

		r = event_read(db, rows, s, event);
		if (r < 0)
			pp_json_free(event);
		else
			r = pp_json_add(list, event);
		if (r < 0)
			pp_stmt_reset(s);
	}
	return r;
}
