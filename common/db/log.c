/* SPDX-License-Identifier: Apache-2.0 */
/* log.c -- finds the log, writes it once more, and keeps it from being carried into the file. */
#include "log.h"

#include <errno.h>

static sqlite3_file *log_of(sqlite3 *raw)
{
	sqlite3_file *log = NULL;
	int code = sqlite3_file_control(raw, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

	return code == SQLITE_OK && log && log->pMethods ? log : NULL;
}

int pp_db_log_size(sqlite3 *raw, sqlite3_int64 *ret_size)
{
	sqlite3_file *log = log_of(raw);

	*ret_size = 0;
	return log ? log->pMethods->xFileSize(log, ret_size) : SQLITE_OK;
}

int pp_db_log_write_again(sqlite3 *raw)
{
	char page[4096];
	sqlite3_int64 size, length = sizeof(page);
	sqlite3_file *log = log_of(raw);
	int code = pp_db_log_size(raw, &size);

	for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += length) {
		if (length > size - at)
			length = size - at;
		code = log->pMethods->xRead(log, page, (int)length, at);
		if (code == SQLITE_OK)
			code = log->pMethods->xWrite(log, page, (int)length, at);
	}
	if (code == SQLITE_OK && size > 0)
		code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
	return code;
}

void pp_db_log_carry(sqlite3 *raw, bool may)
{
	sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !may, NULL);
}

int pp_db_log_empty(struct pp_db *db)
{
	struct pp_stmt *s;
	bool all;
	int r = pp_db_prepare(db, "PRAGMA wal_checkpoint(TRUNCATE)", &s);

	if (r == 0)
		r = pp_stmt_step(s);
	if (r <= 0)
		return r < 0 ? r : -EIO;
	/* Frames of the log, and those of them that are in the file: a reader of the newest state
	 * keeps the log from being emptied, and does no harm. */
	all = pp_column_i64(s, 1) == pp_column_i64(s, 2);
	pp_stmt_reset(s);
	return all ? 0 : -EBUSY;
}
