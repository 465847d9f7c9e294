/* SPDX-License-Identifier: Apache-2.0 */
/* store/args.h -- a statement and its arguments in one call, checked by the compiler. */
#ifndef STORE_ARGS_H
#define STORE_ARGS_H

#include "db/db.h"

#include <stddef.h>
#include <stdint.h>

enum pp_arg_type { PP_ARG_END, PP_ARG_TEXT, PP_ARG_I64, PP_ARG_REAL, PP_ARG_BLOB };
struct pp_arg {
	enum pp_arg_type type;
	union {
		const char *text; /* NULL: SQL NULL */
		int64_t i64;
		double real;
		struct {
			const void *data; /* NULL: SQL NULL */
			size_t length;
		} blob;
	} as;
};
#define PP_TEXT(value)                                                                             \
	{                                                                                          \
		.type = PP_ARG_TEXT, .as.text = (value)                                            \
	}
#define PP_I64(value)                                                                              \
	{                                                                                          \
		.type = PP_ARG_I64, .as.i64 = (value)                                              \
	}
#define PP_REAL(value)                                                                             \
	{                                                                                          \
		.type = PP_ARG_REAL, .as.real = (value)                                            \
	}
#define PP_BLOB(bytes, count)                                                                      \
	{                                                                                          \
		.type = PP_ARG_BLOB, .as.blob = {(bytes), (count) }                                \
	}
#define PP_NO_ARGS ((const struct pp_arg[]){ { .type = PP_ARG_END } })
#define PP_ARGS(...) ((const struct pp_arg[]){ __VA_ARGS__, { .type = PP_ARG_END } })

/* Prepares sql (a literal) and binds ?1, ?2, ... */
int pp_store_bind(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_stmt **ret_stmt);
/* Runs it to its end. 0 or -errno. */
int pp_store_run(struct pp_db *db, const char *sql, const struct pp_arg *args);
/* Runs it; 1 if it changed a row, 0 if it changed none. */
int pp_store_change(struct pp_db *db, const char *sql, const struct pp_arg *args);
/* Steps to its first row: 1, and *ret_stmt is to be read and reset by the caller; 0: no row. */
int pp_store_first(
	struct pp_db *db, const char *sql, const struct pp_arg *args, struct pp_stmt **ret_stmt);
/* Its one integer. -ENOENT: no row. */
int pp_store_number(
	struct pp_db *db, const char *sql, const struct pp_arg *args, int64_t *ret_value);
/* Copies a column's text, "" for NULL. -EOVERFLOW (nothing copied but "") when it is longer than
 * size. */
int pp_store_copy(const struct pp_stmt *s, int column, char *ret_text, size_t size);

#endif
