/* SPDX-License-Identifier: Apache-2.0 */
/* db/db.h -- a durable SQLite file (the one adapter of SQLite). One thread at a time per handle. */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_db;
struct pp_stmt;

enum pp_db_mode {
	/* Created if absent; WAL and synchronous=FULL, set and read back (else -EIO). */
	PP_DB_WRITE,
	/* Must exist (-ENOENT); for readers beside a writer. Writes are -EROFS. */
	PP_DB_READ,
	/* As PP_DB_WRITE, and for others it is -EBUSY while it is open. The index of the WAL is not
	 * a mapped file then: a thread that waits in a page fault for a disk that hangs would keep
	 * every other thread of the process from growing its memory. */
	PP_DB_ALONE,
};

/* Errors everywhere: -EIO (disk; a failed sync always), -EUCLEAN (what the disk gave is damaged, or
 * no database), -ENOSPC, -EBUSY (locked over 5 s, or what pp_db_set_wait says), -EROFS, -EEXIST
 * (unique constraint), -EINVAL (other constraint or SQL), -ENOMEM; opening also -ENOENT, -EACCES.
 * pp_db_error has the library's words for the log. */
int pp_db_open(const char *path, enum pp_db_mode mode, struct pp_db **ret_db);
/* Finalises its statements; NULL is fine; returns NULL. A log that others had left behind stays
 * where it is, unless it was settled; else the last to close carries it into the file. */
struct pp_db *pp_db_close(struct pp_db *db);
const char *pp_db_error(const struct pp_db *db);
/* Applies scripts[version..count) each in one transaction; PRAGMA user_version holds the number.
 * -ERANGE: the file is newer than the program. A reader gets -EROFS where a script is missing. */
int pp_db_migrate(struct pp_db *db, const char *const *scripts, size_t count);
/* How long another program's lock is waited for. */
void pp_db_set_wait(struct pp_db *db, int ms);
/* Writes everything that the log holds once more, then into the file, syncs both and empties the
 * log. After a failed sync the kernel may show in its memory what is not on the disk, and call it
 * written: a program that takes up the work of one that ended does this before it believes what it
 * reads. -EBUSY: somebody reads an older state, or writes. No transaction may be open. */
int pp_db_settle(struct pp_db *db);
int pp_db_exec(struct pp_db *db, const char *sql); /* one or more statements without parameters */
/* One statement without parameters that comes again and again: prepared once. */
int pp_db_run(struct pp_db *db, const char *sql);
/* How much of the file may be kept in memory, and after how many pages the WAL is carried into the
 * file (with two more syncs). SQLite's own: 2000 KiB, 1000 pages. */
int pp_db_tune(struct pp_db *db, unsigned cache_kib, unsigned checkpoint_pages);
/* BEGIN IMMEDIATE. Transactions do not nest (asserted). A statement that fails inside undoes itself
 * and leaves the transaction open, except on -ENOSPC, -EIO, -ENOMEM where SQLite may roll all of it
 * back: then every statement and the commit return that error until the transaction is ended. */
int pp_db_begin(struct pp_db *db);
int pp_db_commit(struct pp_db *db);    /* on failure the transaction has been rolled back */
void pp_db_rollback(struct pp_db *db); /* fine when none is open */
int64_t pp_db_last_id(const struct pp_db *db);
int64_t pp_db_changes(const struct pp_db *db); /* rows of the last statement */
/* Changes whenever another connection has committed. */
int pp_db_data_version(struct pp_db *db, int64_t *ret_version);
int pp_db_size(struct pp_db *db, int64_t *ret_bytes); /* pages in use */

/* Prepared once per SQL text and kept by db; resets and clears it for use. The pointer stays valid
 * until pp_db_close. Values go into parameters, never into the text, or what is kept grows. Two
 * readers of one SQL text at a time would disturb each other. */
int pp_db_prepare(struct pp_db *db, const char *sql, struct pp_stmt **ret_stmt);
/* Parameters from 1. Texts and blobs are copied. NULL text or blob binds NULL. Bad binds make the
 * next step fail. */
void pp_stmt_i64(struct pp_stmt *s, int index, int64_t value);
void pp_stmt_real(struct pp_stmt *s, int index, double value);
void pp_stmt_text(struct pp_stmt *s, int index, const char *text);
void pp_stmt_blob(struct pp_stmt *s, int index, const void *data, size_t length);
void pp_stmt_null(struct pp_stmt *s, int index);
/* 1: a row is there; 0: done (the statement is reset). */
int pp_stmt_step(struct pp_stmt *s);
int pp_stmt_run(struct pp_stmt *s);    /* steps to the end: 0 or -errno */
void pp_stmt_reset(struct pp_stmt *s); /* needed only when rows are left unread */
/* Columns from 0. Borrowed until the next step or reset. NULL columns: 0, 0.0, NULL. */
int64_t pp_column_i64(const struct pp_stmt *s, int column);
double pp_column_real(const struct pp_stmt *s, int column);
const char *pp_column_text(const struct pp_stmt *s, int column);
const void *pp_column_blob(const struct pp_stmt *s, int column, size_t *ret_length);
bool pp_column_is_null(const struct pp_stmt *s, int column);

#endif
