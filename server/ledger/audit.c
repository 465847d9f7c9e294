/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c -- checks an exported chain line by line, without the record. */
#include "ledger/audit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_form.h"
#include "core/text.h"
#include "json/json.h"
#include "ledger/chain.h"
#include "restore.h"

struct pp_audit {
	struct pp_audit_keys keys;
	struct pp_audit_report report;
	int64_t line, end_events, end_heads, heads_seen;
	uint8_t hash[PP_SHA256_SIZE]; /* of the last event */
	bool begun, ended;
};

int pp_audit_new(const struct pp_audit_keys *keys, struct pp_audit **ret_audit)
{
	struct pp_audit *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->keys = *keys;
	*ret_audit = a;
	return 0;
}

struct pp_audit *pp_audit_free(struct pp_audit *a)
{
	free(a);
	return NULL;
}

static void problem(struct pp_audit *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct pp_audit *a, const char *fmt, ...)
{
	va_list args;

	if (a->report.problems++ > 0)
		return;
	va_start(args, fmt);
	vsnprintf(a->report.problem, sizeof(a->report.problem), fmt, args);
	va_end(args);
}

static void begin_take(struct pp_audit *a, const struct pp_json *line)
{
	const char *form = "", *tenant;

	if (pp_json_get_text(line, "audit", 40, &form) < 0 || strcmp(form, PP_AUDIT_FORM) != 0 ||
		pp_json_get_text(line, "tenant", sizeof(a->report.tenant) - 1, &tenant) < 0)
		problem(a, "line 1: this is no exported audit chain");
	else
		snprintf(a->report.tenant, sizeof(a->report.tenant), "%s", tenant);
	a->begun = true;
}

static void first_take(struct pp_audit *a, const struct pp_event_row *row)
{
	a->report.first = row->height;
	a->report.first_ms = row->at_ms;
	memcpy(a->hash, row->previous, sizeof(a->hash));
	if (row->height == 1 && !pp_audit_is_zero(row->previous))
		problem(a, "event 1 names one before it");
}

static int event_take(struct pp_audit *a, const struct pp_json *line)
{
	uint8_t hash[PP_SHA256_SIZE];
	struct pp_event_row row = { .tenant = a->report.tenant };
	int r;

	if (pp_audit_event_read(line, &row) < 0) {
		problem(a, "line %" PRId64 ": no event of a chain", a->line);
		return 0;
	}
	if (a->report.events++ == 0)
		first_take(a, &row);
	else if (row.height != a->report.last + 1)
		problem(a, "event %" PRId64 " follows event %" PRId64, row.height, a->report.last);
	else if (memcmp(row.previous, a->hash, sizeof(hash)) != 0)
		problem(a, "event %" PRId64 " does not name the one before it", row.height);
	r = pp_chain_hash(a->hash, &row, hash);
	if (r < 0)
		return r;
	if (memcmp(row.hash, hash, sizeof(hash)) != 0)
		problem(a, "event %" PRId64 " has been changed", row.height);
	a->report.restored += strcmp(row.kind, PP_EVENT_RESTORED) == 0;
	a->report.last = row.height;
	a->report.last_ms = row.at_ms;
	memcpy(a->hash, row.hash, sizeof(a->hash));
	return 0;
}

static void head_take(struct pp_audit *a, const char *text)
{
	struct pp_head head;
	int r = a->keys.count > 0
			? pp_head_parse(text, strlen(text), a->keys.keys, a->keys.count, &head)
			: pp_head_read(text, strlen(text), &head);

	a->heads_seen++;
	if (r == -EKEYREJECTED)
		problem(a, "line %" PRId64 ": a head that no known key has signed", a->line);
	else if (r < 0 || strcmp(head.tenant, a->report.tenant) != 0)
		problem(a, "line %" PRId64 ": no head of this chain", a->line);
	else if (head.height > a->report.last)
		problem(a, "event %" PRId64 " is missing, but its head was signed", head.height);
	else if (head.height < a->report.last || memcmp(head.hash, a->hash, sizeof(a->hash)) != 0)
		problem(a, "event %" PRId64 " is not the one whose head was signed", head.height);
	else if (a->keys.count == 0)
		a->report.unchecked++;
	else if (a->report.problems == 0)
		a->report.sealed = head.height;
	a->report.heads += r == 0 && a->keys.count > 0;
}

static void end_take(struct pp_audit *a, const struct pp_json *end)
{
	a->ended = true;
	if (pp_json_get_i64(end, "events", 0, INT64_MAX, &a->end_events) < 0 ||
		pp_json_get_i64(end, "heads", 0, INT64_MAX, &a->end_heads) < 0)
		problem(a, "line %" PRId64 ": the end cannot be read", a->line);
	else if (a->end_events != a->report.events || a->end_heads != a->heads_seen)
		problem(a,
			"the end tells of %" PRId64 " events and %" PRId64
			" heads, of which %" PRId64 " and %" PRId64 " are here",
			a->end_events, a->end_heads, a->report.events, a->heads_seen);
}

int pp_audit_feed(struct pp_audit *a, const char *line, size_t length)
{
	const struct pp_json *end;
	const char *head;
	struct pp_json *json;
	int r = length > PP_AUDIT_LINE_MAX ? -EBADMSG : pp_json_parse(line, length, &json, NULL);

	a->line++;
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		problem(a, "line %" PRId64 " cannot be read", a->line);
		return 0;
	}
	if (!a->begun)
		begin_take(a, json);
	else if (a->ended)
		problem(a, "line %" PRId64 " stands behind the end", a->line);
	else if (pp_json_get_object(json, "end", &end) == 0)
		end_take(a, end);
	else if (pp_json_get_text(json, "head", PP_HEAD_LINE_MAX, &head) == 0)
		head_take(a, head);
	else
		r = event_take(a, json);
	pp_json_free(json);
	return r;
}

void pp_audit_end(struct pp_audit *a, struct pp_audit_report *ret_report)
{
	if (!a->begun)
		problem(a, "it is empty");
	else if (!a->ended)
		problem(a, "it was cut off behind line %" PRId64, a->line);
	*ret_report = a->report;
}
