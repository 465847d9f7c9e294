/* SPDX-License-Identifier: Apache-2.0 */
/* audit_export.c -- writes a tenant's chain with its heads, and checks what it writes. */
#include "ledger/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit_form.h"
#include "core/file.h"
#include "core/text.h"
#include "ledger/chain.h"
#include "restore.h"

#define HEADS_MAX (1u << 30) /* bytes */

struct sealed {
	int64_t height;
	size_t order; /* in the file */
	const char *line;
	struct pp_head head;
};

struct export
{
	const struct pp_audit_wish *wish;
	struct pp_audit *audit;
	pp_audit_line_fn *fn;
	void *user;
	/* The heads of the tenant, by height; the next one. */
	char *text;
	struct sealed *heads;
	size_t head_count, next;
	int64_t first, last, top; /* heights that are wanted; the record's last */
	/* Heads above `common` up to `lost` may be of what a copy put back has not. */
	int64_t common, lost;
	int64_t events, heads_told;
};

/* ---- the heads ---- */

static int head_add(struct export *x, const char *line, size_t length)
{
	struct pp_head head;
	struct sealed *heads;

	if (pp_head_read(line, length, &head) < 0 || strcmp(head.tenant, x->wish->tenant) != 0)
		return 0;
	/* Doubles at 0, 1, 2, 4, ... */
	if ((x->head_count & (x->head_count - 1)) == 0) {
		heads = realloc(x->heads, (x->head_count ? 2 * x->head_count : 1) * sizeof(*heads));
		if (!heads)
			return -ENOMEM;
		x->heads = heads;
	}
	x->heads[x->head_count] = (struct sealed){ head.height, x->head_count, line, head };
	x->head_count++;
	return 0;
}

static int head_compare(const void *a, const void *b)
{
	const struct sealed *x = a, *y = b;

	if (x->height != y->height)
		return x->height > y->height ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Before the record is read: a sound one is never behind them. */
static int heads_load(struct export *x)
{
	char *line, *end;
	size_t length;
	int r = pp_file_read(x->wish->heads_path, HEADS_MAX, &x->text, &length);

	/* What follows the last line feed was cut off by a power failure. */
	for (line = x->text; r == 0 && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		r = head_add(x, line, (size_t)(end - line));
	}
	if (r == 0 && x->head_count > 1)
		qsort(x->heads, x->head_count, sizeof(*x->heads), head_compare);
	return r;
}

/* ---- which events ---- */

static int bounds_note(void *user, const struct pp_event_row *row)
{
	struct export *x = user;
	int64_t common, lost;
	int r = pp_restored_read(row, &common, &lost);

	if (row->at_ms >= x->wish->from_ms && x->first == 0)
		x->first = row->height;
	if (row->at_ms <= x->wish->to_ms)
		x->last = row->height;
	x->top = row->height;
	if (r <= 0)
		return r;
	/* Of several restorations the range that covers all. */
	if (x->lost == 0 || common < x->common)
		x->common = common;
	if (lost > x->lost)
		x->lost = lost;
	return 0;
}

/* On to the next signed head, so that the last of them is proven, too. */
static void last_seal(struct export *x)
{
	if (x->first == 0 || x->last < x->first)
		return;
	for (size_t i = 0; i < x->head_count && x->last < x->top; i++) {
		if (x->heads[i].height >= x->last && x->heads[i].height <= x->top) {
			x->last = x->heads[i].height;
			return;
		}
	}
}

/* ---- the lines ---- */

/* Takes json. */
static int line_write(struct export *x, struct pp_json *json)
{
	size_t length;
	char *text;
	int r = pp_json_print(json, &text, &length);

	pp_json_free(json);
	if (r < 0)
		return r;
	r = pp_audit_feed(x->audit, text, length);
	if (r == 0) {
		text[length] = '\n'; /* in the place of its NUL */
		r = x->fn(x->user, text, length + 1);
	}
	free(text);
	return r;
}

static int begin_write(struct export *x)
{
	struct pp_json *json = pp_json_object();

	(void)pp_json_set_text(json, "audit", PP_AUDIT_FORM);
	(void)pp_json_set_text(json, "tenant", x->wish->tenant);
	return line_write(x, json);
}

static int head_write(struct export *x, const struct sealed *sealed)
{
	struct pp_json *json = pp_json_object();

	x->heads_told++;
	(void)pp_json_set_text(json, "head", sealed->line);
	return line_write(x, json);
}

/* The record says itself which heads are of events that it has no more. */
static bool is_lost(const struct export *x, const struct sealed *head)
{
	return head->height > x->common && head->height <= x->lost;
}

/* Heads up to the event that has just been written; hash: its own. */
static int heads_write(struct export *x, int64_t height, const uint8_t *hash)
{
	int r = 0;

	for (; r == 0 && x->next < x->head_count && x->heads[x->next].height <= height; x->next++) {
		const struct sealed *head = &x->heads[x->next];

		if (head->height == height &&
			(memcmp(head->head.hash, hash, PP_SHA256_SIZE) == 0 || !is_lost(x, head)))
			r = head_write(x, head);
	}
	return r;
}

static int event_write(void *user, const struct pp_event_row *row)
{
	struct export *x = user;
	int r;

	if (row->height < x->first || row->height > x->last)
		return 0;
	x->events++;
	r = line_write(x, pp_audit_event_json(row));
	return r < 0 ? r : heads_write(x, row->height, row->hash);
}

/* Of a record whose end was cut off the heads still tell. */
static int end_write(struct export *x)
{
	struct pp_json *json, *counts;
	int r = 0;

	for (; r == 0 && x->last == x->top && x->next < x->head_count; x->next++) {
		if (x->heads[x->next].height > x->top && !is_lost(x, &x->heads[x->next]))
			r = head_write(x, &x->heads[x->next]);
	}
	if (r < 0)
		return r;
	json = pp_json_object();
	counts = pp_json_object();
	(void)pp_json_set_i64(counts, "events", x->events);
	(void)pp_json_set_i64(counts, "heads", x->heads_told);
	(void)pp_json_set(json, "end", counts);
	return line_write(x, json);
}

static int chain_write(struct export *x, struct pp_db *db)
{
	int r = pp_store_each_event(db, x->wish->tenant, bounds_note, x);

	if (r < 0)
		return r;
	last_seal(x);
	r = begin_write(x);
	if (r == 0 && x->first > 0 && x->first <= x->last)
		r = pp_store_each_event(db, x->wish->tenant, event_write, x);
	return r < 0 ? r : end_write(x);
}

int pp_audit_export(struct pp_db *db, const struct pp_audit_wish *wish, pp_audit_line_fn *fn,
	void *user, struct pp_audit_report *ret_report)
{
	struct export x = { .wish = wish, .fn = fn, .user = user };
	int ended, r = pp_audit_new(&wish->keys, &x.audit);

	if (r == 0 && wish->heads_path)
		r = heads_load(&x);
	if (r == 0)
		r = pp_db_exec(db, "BEGIN");
	if (r == 0) {
		r = chain_write(&x, db);
		ended = pp_db_exec(db, "COMMIT");
		r = r < 0 ? r : ended;
	}
	if (r == 0)
		pp_audit_end(x.audit, ret_report);
	pp_audit_free(x.audit);
	free(x.heads);
	free(x.text);
	return r;
}
