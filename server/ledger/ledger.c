/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c -- opening the record, and one durable transaction with its signed heads. */
#include "book.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/clock.h"
#include "ledger/chain.h"
#include "restore.h"
#include "store/schema.h"
#include "store/timeline.h"

/* An alarm touches ten pages, and posts lie apart: with SQLite's own values every fifth batch under
 * load would carry the same pages into the file again, with two more syncs. 16 MiB of WAL. */
enum { CACHE_KIB = 8192, CHECKPOINT_PAGES = 4096 };

/* A power cut in the middle of a line leaves its beginning. Nobody has been told of that head: it
 * goes, so that the next one is not written behind it. The lock is against another ledger's
 * appending. */
static int heads_mend(int fd)
{
	off_t end;
	char last;
	int r = flock(fd, LOCK_EX) < 0 ? -errno : 0;

	end = r == 0 ? lseek(fd, 0, SEEK_END) : 0;
	while (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n')
		end--;
	if (r == 0 && ftruncate(fd, end) < 0 && errno != EINVAL) /* EINVAL: not a regular file */
		r = -errno;
	(void)flock(fd, LOCK_UN);
	return r;
}

static int ledger_prepare(struct pp_ledger *l, const struct pp_ledger_options *options)
{
	int r = pp_db_open(options->record_path, PP_DB_WRITE, &l->db);

	if (r == 0)
		r = pp_db_tune(l->db, CACHE_KIB, CHECKPOINT_PAGES);
	if (r == 0)
		r = pp_db_migrate(l->db, pp_store_scripts, pp_store_script_count);
	if (r < 0 || !options->heads_path)
		return r;
	l->heads_fd = open(options->heads_path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	r = l->heads_fd < 0 ? -errno : heads_mend(l->heads_fd);
	return r < 0 ? r : pp_ledger_restore(l, pp_clock_wall_ms());
}

int pp_ledger_open(const struct pp_ledger_options *options, struct pp_ledger **ret_ledger)
{
	struct pp_ledger *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->heads_fd = -1;
	l->key = options->key;
	r = ledger_prepare(l, options);
	if (r < 0) {
		pp_ledger_close(l);
		return r;
	}
	*ret_ledger = l;
	return 0;
}

struct pp_ledger *pp_ledger_close(struct pp_ledger *l)
{
	if (!l)
		return NULL;
	if (l->db)
		(void)pp_ledger_heads_write(l);
	pp_db_close(l->db);
	if (l->heads_fd >= 0)
		close(l->heads_fd);
	free(l);
	return NULL;
}

int64_t pp_ledger_lost(const struct pp_ledger *l)
{
	return l->lost;
}

struct pp_db *pp_ledger_db(struct pp_ledger *l)
{
	return l->db;
}

const char *pp_ledger_error(const struct pp_ledger *l)
{
	return pp_db_error(l->db);
}

static int all_write(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

static int head_append(struct pp_ledger *l, const char *tenant)
{
	struct pp_head head = { .at_ms = l->now_ms };
	char line[PP_HEAD_LINE_MAX];
	int r = pp_store_head(l->db, tenant, &head.height, head.hash);

	if (r < 0 || head.height == 0)
		return r;
	snprintf(head.tenant, sizeof(head.tenant), "%s", tenant);
	r = pp_head_format(&head, l->key, line);
	return r < 0 ? r : all_write(l->heads_fd, line, strlen(line));
}

int pp_ledger_heads_write(struct pp_ledger *l)
{
	int r = 0;

	if (l->heads_fd < 0 || l->touched_count == 0)
		return 0;
	if (flock(l->heads_fd, LOCK_EX) < 0)
		return -EIO;
	for (size_t i = 0; r == 0 && i < l->touched_count; i++)
		r = head_append(l, l->touched[i]);
	(void)flock(l->heads_fd, LOCK_UN);
	if (r == 0 && fsync(l->heads_fd) < 0)
		r = -errno;
	/* What they sign is committed, and a line may be torn: whatever the disk wanted, it is the
	 * end. */
	if (r < 0)
		return -EIO;
	l->touched_count = 0;
	return 0;
}

int pp_ledger_write(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user)
{
	int r = pp_db_begin(l->db);

	if (r < 0)
		return r;
	l->now_ms = now_ms;
	r = fn(l, user);
	if (r < 0) {
		pp_db_rollback(l->db);
		return r;
	}
	return pp_db_commit(l->db);
}

int pp_ledger_transact(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user)
{
	int r = pp_ledger_write(l, now_ms, fn, user);

	return r < 0 ? r : pp_ledger_heads_write(l);
}
