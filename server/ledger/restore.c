/* SPDX-License-Identifier: Apache-2.0 */
/* restore.c -- a record that is an older copy of itself, which its signed heads betray: says so on
 * the timeline, and gives no incident number twice. */
#include "restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "ledger/chain.h"
#include "registry/zone.h"

/* The newest heads are at the end: some 2,500 of them are looked at, which takes a third of a
 * second, and more only when they go further than the record. */
#define TAIL_FIRST (512 << 10)
#define TAIL_MAX (16 << 20)
#define TENANTS_MAX 512
/* Heads are written once a second: a server that was killed may have opened incidents since. */
#define UNSEALED_MAX 1000

struct known {
	struct pp_head newest; /* the last that was signed */
	int64_t common;        /* the highest head that the record has as it was signed */
	/* A copy may be put back again: each time the heights begin anew below what was signed. */
	int64_t highest, tops, branches; /* of those before the last: their heights, and how many */
};

struct heads {
	struct pp_ledger *l;
	uint8_t keys[1][PP_PUBLIC_KEY_SIZE];
	size_t count;
	struct known tenants[TENANTS_MAX];
};

static struct known *known_of(struct heads *h, const char *tenant)
{
	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->tenants[i].newest.tenant, tenant) == 0)
			return &h->tenants[i];
	if (h->count == TENANTS_MAX)
		return NULL;
	return &h->tenants[h->count++];
}

static int line_read(struct heads *h, const char *line, size_t length)
{
	struct pp_head head;
	struct known *k;
	uint8_t hash[PP_SHA256_SIZE];
	int r;

	/* What is not ours, or torn, is for verify to complain of. */
	if (pp_head_parse(line, length, (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])h->keys, 1, &head) <
		0)
		return 0;
	k = known_of(h, head.tenant);
	if (!k)
		return 0;
	if (k->newest.height > 0 && head.height <= k->newest.height) {
		k->tops += k->newest.height;
		k->branches++;
	}
	if (head.height > k->highest)
		k->highest = head.height;
	k->newest = head;
	r = pp_store_event_hash(h->l->db, head.tenant, head.height, hash);
	if (r == 1 && memcmp(hash, head.hash, sizeof(hash)) == 0 && head.height > k->common)
		k->common = head.height;
	return r < 0 ? r : 0;
}

static int lines_read(struct heads *h, char *text, size_t length, bool whole)
{
	char *end, *line = text;
	int r = 0;

	if (!whole) { /* begins in the middle of a line */
		line = memchr(text, '\n', length);
		line = line ? line + 1 : text + length;
	}
	for (; r == 0 && (end = memchr(line, '\n', (size_t)(text + length - line))); line = end + 1)
		r = line_read(h, line, (size_t)(end - line));
	return r;
}

static int tail_read(struct heads *h, size_t max)
{
	size_t length;
	char *text;
	bool whole;
	int r = pp_lines_tail(h->l->heads, max, &text, &length, &whole);

	if (r < 0)
		return r;
	r = lines_read(h, text, length, whole);
	free(text);
	return r;
}

/* Each lost event may have given one number, and each restore before has skipped as many itself. */
static int numbers_skip(struct pp_ledger *l, const struct known *k)
{
	int64_t branches = k->branches + 1;
	int64_t lost = k->tops + k->newest.height - branches * k->common;
	char zone[40];
	int r = pp_store_tenant_zone(l->db, k->newest.tenant, zone);

	if (r == -ENOENT)
		return 0; /* the copy is older than the tenant */
	if (r == 0)
		r = pp_store_incident_numbers_skip(l->db, k->newest.tenant,
			pp_zone_year(zone, l->now_ms),
			(lost > 0 ? lost : 0) + branches * UNSEALED_MAX);
	return r;
}

static int restored(struct pp_ledger *l, const struct known *k, int64_t height)
{
	struct pp_json *body;
	char hex[2 * PP_SHA256_SIZE + 1];
	int r = numbers_skip(l, k);

	if (r < 0)
		return r;
	pp_text_hex(k->newest.hash, sizeof(k->newest.hash), hex);
	body = pp_json_object();
	(void)pp_json_set_i64(body, "common", k->common);
	(void)pp_json_set_i64(body, "height", height);
	(void)pp_json_set_i64(body, "lost_height", k->highest);
	(void)pp_json_set_text(body, "lost_hash", hex);
	(void)pp_json_set_i64(body, "lost_at", k->newest.at_ms);
	l->lost += k->newest.height - k->common;
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = k->newest.tenant,
			.kind = PP_EVENT_RESTORED,
			.actor = "server",
			.body = body },
		NULL);
}

static int restore_apply(struct pp_ledger *l, void *user)
{
	struct heads *h = user;
	int r = 0;

	for (size_t i = 0; r == 0 && i < h->count; i++) {
		const struct known *k = &h->tenants[i];
		uint8_t hash[PP_SHA256_SIZE];
		int64_t height;

		r = pp_store_head(l->db, k->newest.tenant, &height, hash);
		if (r == 0 && height < k->newest.height)
			r = restored(l, k, height);
	}
	return r;
}

static int is_behind(struct heads *h)
{
	for (size_t i = 0; i < h->count; i++) {
		uint8_t hash[PP_SHA256_SIZE];
		int64_t height;
		int r = pp_store_head(h->l->db, h->tenants[i].newest.tenant, &height, hash);

		if (r < 0 || height < h->tenants[i].newest.height)
			return r < 0 ? r : 1;
	}
	return 0;
}

int pp_restored_read(const struct pp_event_row *row, int64_t *ret_common, int64_t *ret_lost)
{
	struct pp_json *body;
	int r;

	if (strcmp(row->kind, PP_EVENT_RESTORED) != 0)
		return 0;
	r = pp_json_parse(row->body, strlen(row->body), &body, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	*ret_common = *ret_lost = 0;
	(void)pp_json_get_i64(body, "common", 0, INT64_MAX, ret_common);
	(void)pp_json_get_i64(body, "lost_height", 0, INT64_MAX, ret_lost);
	pp_json_free(body);
	return 1;
}

int pp_ledger_restore(struct pp_ledger *l, int64_t now_ms)
{
	struct heads *h;
	int r;

	if (!l->heads)
		return 0;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->l = l;
	pp_key_public(l->key, h->keys[0]);
	r = tail_read(h, TAIL_FIRST);
	if (r == 0)
		r = is_behind(h);
	if (r == 1) {
		h->count = 0;
		memset(h->tenants, 0, sizeof(h->tenants));
		r = tail_read(h, TAIL_MAX);
		if (r == 0)
			r = pp_ledger_transact(l, now_ms, restore_apply, h);
	}
	free(h);
	return r;
}
