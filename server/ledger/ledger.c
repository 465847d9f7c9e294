/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c -- opening the record, and one durable transaction with its signed heads. */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/lines.h"
#include "core/text.h"
#include "ledger/chain.h"
#include "restore.h"
#include "store/ladders.h"
#include "store/schema.h"
#include "store/timeline.h"

/* An alarm touches ten pages, and posts lie apart: with SQLite's own values every fifth batch under
 * load would carry the same pages into the file again, with two more syncs. 16 MiB of WAL. */
enum { CACHE_KIB = 8192, CHECKPOINT_PAGES = 4096 };

static int ledger_prepare(
	struct pp_ledger *l, const struct pp_ledger_options *options, bool settle)
{
	int r = pp_db_open(options->record_path, PP_DB_WRITE, &l->db);

	if (r == 0)
		r = pp_db_tune(l->db, CACHE_KIB, CHECKPOINT_PAGES);
	if (r == 0 && settle)
		r = pp_db_settle(l->db);
	if (r == 0)
		r = pp_db_migrate(l->db, pp_store_scripts, pp_store_script_count);
	if (r < 0 || !options->heads_path)
		return r;
	/* A head whose line was torn has been told to nobody. */
	r = pp_lines_open(options->heads_path, 0640, &l->heads);
	return r < 0 ? r : pp_ledger_restore(l, pp_clock_wall_ms());
}

static int ledger_open(
	const struct pp_ledger_options *options, bool settle, struct pp_ledger **ret_ledger)
{
	struct pp_ledger *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->key = options->key;
	l->registry_rev = -1;
	r = pp_shelf_new(&l->shelf);
	if (r == 0)
		r = ledger_prepare(l, options, settle);
	if (r < 0) {
		pp_ledger_close(l);
		return r;
	}
	*ret_ledger = l;
	return 0;
}

int pp_ledger_open(const struct pp_ledger_options *options, struct pp_ledger **ret_ledger)
{
	return ledger_open(options, false, ret_ledger);
}

int pp_ledger_take_up(const struct pp_ledger_options *options, struct pp_ledger **ret_ledger)
{
	return ledger_open(options, true, ret_ledger);
}

struct pp_ledger *pp_ledger_close(struct pp_ledger *l)
{
	if (!l)
		return NULL;
	if (l->db)
		(void)pp_ledger_heads_write(l);
	pp_shelf_free(l->shelf);
	pp_db_close(l->db);
	pp_lines_close(l->heads);
	free(l);
	return NULL;
}

static int boot_keep(struct pp_ledger *l, void *user)
{
	const struct pp_uptime *now = user;
	struct pp_uptime kept;
	int r = pp_store_uptime(l->db, &kept);

	if (r == 1 && kept.boot != now->boot)
		r = pp_store_ladders_rebase(l->db, kept.ms);
	return r < 0 ? r : pp_store_uptime_put(l->db, now);
}

int pp_ledger_boot(struct pp_ledger *l, int64_t boot, int64_t uptime_ms)
{
	struct pp_uptime now = { boot, uptime_ms };

	l->boot = boot;
	l->uptime_ms = uptime_ms;
	return pp_ledger_write(l, l->now_ms, boot_keep, &now);
}

void pp_ledger_set_uptime(struct pp_ledger *l, int64_t uptime_ms)
{
	l->uptime_ms = uptime_ms;
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

static int head_add(struct pp_ledger *l, const char *tenant, struct pp_buf *lines)
{
	struct pp_head head = { .at_ms = l->now_ms };
	char line[PP_HEAD_LINE_MAX];
	int r = pp_store_head(l->db, tenant, &head.height, head.hash);

	if (r < 0 || head.height == 0)
		return r;
	snprintf(head.tenant, sizeof(head.tenant), "%s", tenant);
	r = pp_head_format(&head, l->key, line);
	if (r == 0)
		pp_buf_add(lines, line, strlen(line));
	return r;
}

int pp_ledger_heads_write(struct pp_ledger *l)
{
	struct pp_buf lines = { 0 };
	int r = 0;

	if (!l->heads || l->touched_count == 0)
		return 0;
	for (size_t i = 0; r == 0 && i < l->touched_count; i++)
		r = head_add(l, l->touched[i], &lines);
	if (r == 0 && lines.length > 0)
		r = lines.failed ? -ENOMEM : pp_lines_append(l->heads, lines.data, lines.length);
	pp_buf_done(&lines);
	/* What they sign is committed, and a line may be torn: whatever the disk wanted, it is the
	 * end. */
	if (r < 0)
		return -EIO;
	l->touched_count = 0;
	return 0;
}

int pp_ledger_write(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user)
{
	size_t touched = l->touched_count;
	int r = pp_db_begin(l->db);

	if (r < 0)
		return r;
	l->now_ms = now_ms;
	r = fn(l, user);
	if (r < 0)
		pp_db_rollback(l->db);
	else
		r = pp_db_commit(l->db);
	/* What was undone has grown no chain. Signed all the same, the head of a copy that was put
	 * back would be the newest, and would hide for ever what the copy lacks. */
	if (r < 0) {
		l->touched_count = touched;
		pp_shelf_clear(l->shelf);
	}
	return r;
}

int pp_ledger_transact(struct pp_ledger *l, int64_t now_ms, pp_ledger_fn *fn, void *user)
{
	int r = pp_ledger_write(l, now_ms, fn, user);

	return r < 0 ? r : pp_ledger_heads_write(l);
}
