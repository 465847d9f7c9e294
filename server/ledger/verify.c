/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c -- reading the whole record again, to find whether anybody has improved it. */
#include "ledger/chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "json/json.h"
#include "restore.h"
#include "store/timeline.h"

#define HEADS_MAX (1u << 30) /* bytes */

struct check {
	struct pp_verify_report report;
	char tenant[24]; /* the one whose chain is being read */
	int64_t height;
	uint8_t hash[PP_SHA256_SIZE];
	const char *only; /* tenant or NULL */
	/* The heads, by tenant and height; the next one to be met by the chain. */
	struct pp_head *heads;
	size_t head_count, next_head;
	/* Heads of this tenant above `common` up to `lost` may be of what a copy put back has not.
	 */
	int64_t common, lost;
};

static void problem(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct check *c, const char *fmt, ...)
{
	va_list args;

	if (c->report.problems++ > 0)
		return;
	va_start(args, fmt);
	vsnprintf(c->report.first, sizeof(c->report.first), fmt, args);
	va_end(args);
}

static int head_compare(const void *a, const void *b)
{
	const struct pp_head *x = a, *y = b;
	int r = strcmp(x->tenant, y->tenant);

	return r != 0 ? r : (x->height > y->height) - (x->height < y->height);
}

/* The record says itself that an older copy was put back, and which heads had been signed then. */
static bool head_is_lost(struct check *c, const struct pp_head *head)
{
	if (strcmp(head->tenant, c->tenant) != 0 || head->height <= c->common ||
		head->height > c->lost)
		return false;
	c->report.lost_heads++;
	return true;
}

static int restored_note(struct check *c, const struct pp_event_row *row)
{
	int64_t common, lost;
	int r = pp_restored_read(row, &common, &lost);

	if (r <= 0)
		return r;
	/* Of several restorations the range that covers all. */
	if (c->lost == 0 || common < c->common)
		c->common = common;
	if (lost > c->lost)
		c->lost = lost;
	c->report.restored++;
	snprintf(c->report.restoration, sizeof(c->report.restoration),
		"tenant %s: events %" PRId64 " to %" PRId64
		" that were signed are not in it; event %" PRId64 " tells of it",
		row->tenant, common + 1, lost, row->height);
	return 0;
}

/* All heads that name what the chain has passed by now must have been met: it is not long enough
 * for them. */
static void heads_missed(struct check *c, const char *tenant, int64_t height)
{
	static const char missing[] =
		"tenant %s: event %" PRId64 " is missing, but its head was signed";

	while (c->next_head < c->head_count) {
		const struct pp_head *head = &c->heads[c->next_head];
		int r = tenant ? strcmp(head->tenant, tenant) : -1;

		if (r > 0 || (r == 0 && head->height >= height))
			return;
		if (!head_is_lost(c, head)) {
			c->report.ahead +=
				head->height > c->height || strcmp(head->tenant, c->tenant) != 0;
			problem(c, missing, head->tenant, head->height);
		}
		c->next_head++;
	}
}

static void heads_meet(struct check *c, const struct pp_event_row *row)
{
	heads_missed(c, row->tenant, row->height);
	for (; c->next_head < c->head_count; c->next_head++) {
		const struct pp_head *head = &c->heads[c->next_head];

		if (strcmp(head->tenant, row->tenant) != 0 || head->height != row->height)
			return;
		c->report.heads++;
		if (memcmp(head->hash, row->hash, PP_SHA256_SIZE) != 0 && !head_is_lost(c, head))
			problem(c,
				"tenant %s: event %" PRId64 " is not the one whose head was signed",
				row->tenant, row->height);
	}
}

static void chain_begin(struct check *c, const char *tenant)
{
	snprintf(c->tenant, sizeof(c->tenant), "%s", tenant);
	c->height = 0;
	c->common = c->lost = 0;
	memset(c->hash, 0, sizeof(c->hash));
	c->report.tenants++;
}

static int event_check(void *user, const struct pp_event_row *row)
{
	struct check *c = user;
	uint8_t hash[PP_SHA256_SIZE];
	int r;

	if (strcmp(c->tenant, row->tenant) != 0) {
		heads_missed(c, row->tenant, 0); /* of the tenants before */
		chain_begin(c, row->tenant);
	}
	c->report.events++;
	r = pp_chain_hash(c->hash, row, hash);
	if (r < 0)
		return r;
	if (row->height != c->height + 1)
		problem(c, "tenant %s: event %" PRId64 " follows event %" PRId64, row->tenant,
			row->height, c->height);
	else if (memcmp(row->previous, c->hash, sizeof(hash)) != 0)
		problem(c, "tenant %s: event %" PRId64 " does not name the one before it",
			row->tenant, row->height);
	else if (memcmp(row->hash, hash, sizeof(hash)) != 0)
		problem(c, "tenant %s: event %" PRId64 " has been changed", row->tenant,
			row->height);
	r = restored_note(c, row);
	heads_meet(c, row);
	c->height = row->height;
	memcpy(c->hash, row->hash, sizeof(c->hash));
	return r;
}

static int personal_check(void *user, const struct pp_personal_row *row)
{
	struct check *c = user;
	struct pp_json *body;
	const char *stored = "";
	char hex[65];
	int r;

	if (!row->value) {
		c->report.erased++;
		return 0;
	}
	c->report.personal++;
	r = pp_chain_personal(row->salt, row->salt_length, row->value, hex);
	if (r < 0)
		return r;
	r = pp_json_parse(row->body, strlen(row->body), &body, NULL);
	if (r == 0)
		(void)pp_json_get_text(body, row->field, 64, &stored);
	if (strcmp(stored, hex) != 0)
		problem(c, "tenant %s: the %s of event %" PRId64 " has been changed", row->tenant,
			row->field, row->height);
	if (r == 0)
		pp_json_free(body);
	return 0;
}

static int head_add(struct check *c, const struct pp_head *head)
{
	struct pp_head *heads;

	/* Doubles at 0, 1, 2, 4, ... */
	if ((c->head_count & (c->head_count - 1)) == 0) {
		heads = realloc(c->heads, (c->head_count ? 2 * c->head_count : 1) * sizeof(*heads));
		if (!heads)
			return -ENOMEM;
		c->heads = heads;
	}
	c->heads[c->head_count++] = *head;
	return 0;
}

static int head_line(struct check *c, const char *line, size_t length,
	const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE], size_t key_count)
{
	struct pp_head head;
	int r = pp_head_parse(line, length, keys, key_count, &head);

	if (r == 0)
		return c->only && strcmp(c->only, head.tenant) != 0 ? 0 : head_add(c, &head);
	problem(c,
		r == -EKEYREJECTED ? "heads file: a line is not signed by a known key: %.*s"
				   : "heads file: unreadable line: %.*s",
		(int)(length < 60 ? length : 60), line);
	return 0;
}

static int heads_load(struct check *c, const char *path, const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE],
	size_t key_count)
{
	char *text, *line, *end;
	size_t length;
	int r = pp_file_read(path, HEADS_MAX, &text, &length);

	if (r < 0)
		return r;
	/* What follows the last newline was cut off by a power failure: its commit was never told
	 * to anybody. */
	for (line = text; r == 0 && (end = strchr(line, '\n')); line = end + 1)
		r = head_line(c, line, (size_t)(end - line), keys, key_count);
	free(text);
	if (r == 0 && c->head_count > 1)
		qsort(c->heads, c->head_count, sizeof(*c->heads), head_compare);
	return r;
}

static int record_check(struct check *c, struct pp_db *db)
{
	int ended, r = pp_db_exec(db, "BEGIN");

	if (r < 0)
		return r;
	r = pp_store_each_event(db, c->only, event_check, c);
	if (r == 0)
		r = pp_store_each_personal(db, c->only, personal_check, c);
	ended = pp_db_exec(db, "COMMIT");
	heads_missed(c, NULL, 0);
	return r < 0 ? r : ended;
}

int pp_chain_verify(struct pp_db *db, const char *tenant, const char *heads_path,
	const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE], size_t key_count,
	struct pp_verify_report *ret_report)
{
	struct check c = { .only = tenant };
	int r = 0;

	if (heads_path)
		r = heads_load(&c, heads_path, keys, key_count);
	if (r == 0)
		r = record_check(&c, db);
	free(c.heads);
	if (r < 0)
		return r;
	*ret_report = c.report;
	return 0;
}
