/* SPDX-License-Identifier: Apache-2.0 */
/* args.c -- binding, running and reading statements. */
#include "store/args.h"

#include <errno.h>
#include <string.h>

static void bind_one(struct pp_stmt *s, int index, const struct pp_arg *arg)
{
	switch (arg->type) {
	case PP_ARG_TEXT:
		pp_stmt_text(s, index, arg->as.text);
		break;
	case PP_ARG_I64:
		pp_stmt_i64(s, index, arg->as.i64);
		break;
	case PP_ARG_REAL:
		pp_stmt_real(s, index, arg->as.real);
		break;
	case PP_ARG_BLOB:
		pp_stmt_blob(s, index, arg->as.blob.data, arg->as.blob.length);
		break;
	case PP_ARG_END:
		break;
	}
}

int pp_store_bind(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_stmt **ret_stmt)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, sql, &s);

	if (r < 0)
		return r;
	for (int i = 0; args[i].type != PP_ARG_END; i++)
		bind_one(s, i + 1, &args[i]);
	*ret_stmt = s;
	return 0;
}

int pp_store_run(struct pp_db *db, const char *sql, const struct pp_arg *args)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db, sql, args, &s);

	return r < 0 ? r : pp_stmt_run(s);
}

int pp_store_change(struct pp_db *db, const char *sql, const struct pp_arg *args)
{
	int r = pp_store_run(db, sql, args);

	if (r < 0)
		return r;
	return pp_db_changes(db) > 0;
}

int pp_store_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_stmt **ret_stmt)
{
	struct pp_stmt *s;
	int r = pp_store_bind(db, sql, args, &s);

	if (r == 0)
		r = pp_stmt_step(s);
	if (r == 1)
		*ret_stmt = s;
	return r;
}

int pp_store_number(
	struct pp_db *db, const char *sql, const struct pp_arg *args, int64_t *ret_value)
{
	struct pp_stmt *s = NULL;
	int r = pp_store_first(db, sql, args, &s);

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_value = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return 0;
}

int pp_store_copy(const struct pp_stmt *s, int column, char *ret_text, size_t size)
{
	const char *text = pp_column_text(s, column);
	size_t length = text ? strlen(text) : 0;

	ret_text[0] = '\0';
	if (length >= size)
		return -EOVERFLOW;
	if (text)
		memcpy(ret_text, text, length + 1);
	return 0;
}
