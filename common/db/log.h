/* SPDX-License-Identifier: Apache-2.0 */
/* log.h -- the log (WAL) of an open database as a file of its own. Those of `raw` return
 * SQLite's codes. */
#ifndef DB_LOG_H
#define DB_LOG_H

#include <sqlite3.h>
#include <stdbool.h>

#include "db/db.h"

/* 0: empty, or there is none yet. */
int pp_db_log_size(sqlite3 *raw, sqlite3_int64 *ret_size);
/* All of it, and synced. The caller has the lock of writers: nobody else adds to the log meanwhile,
 * or begins it anew. */
int pp_db_log_write_again(sqlite3 *raw);
/* Carries it into the file and empties it; -errno, -EBUSY: somebody reads an older state. */
int pp_db_log_empty(struct pp_db *db);
/* Whether the last to close carries the log into the file, as SQLite is used to. What the disk may
 * lack of a log would be carried too, and a power cut in the middle of it would mix old pages with
 * new. */
void pp_db_log_carry(sqlite3 *raw, bool may);

#endif
