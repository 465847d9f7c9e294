/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c -- `audit ...`: a tenant's audit chain as a file for somebody else, and the check of such
 * a file by whoever got it, without the record. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "inert.h"
#include "ledger/audit.h"
#include "plans/plans.h"

#define DAY_MS INT64_C(86400000)

/* "2026-11-21" or "2026-11-21T22:30" of a zone, in ms; span_ms: how long it lasts. -EINVAL. */
static int time_read(const char *text, int zone_minutes, int64_t *ret_ms, int64_t *ret_span_ms)
{
	bool day = strlen(text) == 10;
	struct tm tm = { .tm_mday = 1 }, again;
	const char *form = day ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M", *end;
	time_t at;

	if (!day && strlen(text) != 16)
		return -EINVAL;
	end = strptime(text, form, &tm);
	if (!end || *end)
		return -EINVAL;
	again = tm;
	at = timegm(&again);
	/* There is no 31st of February. */
	if (again.tm_mday != tm.tm_mday || again.tm_mon != tm.tm_mon || tm.tm_sec != 0)
		return -EINVAL;
	*ret_ms = (int64_t)at * 1000 - (int64_t)zone_minutes * 60000;
	*ret_span_ms = day ? DAY_MS : 60000;
	return 0;
}

static int range_read(struct pp_ctl_call *call, struct pp_db *db, struct pp_audit_wish *wish)
{
	static const char expected[] =
		"--%s: expected a day (2026-11-21) or a time (2026-11-21T22:30) of the tenant";
	const char *from = pp_ctl_get(call, "from"), *to = pp_ctl_get(call, "to");
	int64_t span_ms = 0;
	int zone, r = pp_plans_zone(db, wish->tenant, &zone);

	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", wish->tenant, pp_ctl_words_of(r));
	if (from && time_read(from, zone, &wish->from_ms, &span_ms) < 0)
		return pp_ctl_fail(call, expected, "from");
	if (to && time_read(to, zone, &wish->to_ms, &span_ms) < 0)
		return pp_ctl_fail(call, expected, "to");
	if (to)
		wish->to_ms += span_ms - 1;
	return wish->to_ms < wish->from_ms ? pp_ctl_fail(call, "--to is before --from")
					   : PP_CTL_DONE;
}

/* Escapes what a terminal would obey; the text of the JSON is another, what it says is not. */
static int line_out(void *user, const char *line, size_t length)
{
	struct pp_ctl_call *call = user;
	char *text = strndup(line, length - 1);

	if (!text)
		return -ENOMEM;
	pp_inert_json(call->out, text);
	free(text);
	return fputc('\n', call->out) == EOF || ferror(call->out) ? -EIO : 0;
}

/* ---- what is said of it ---- */

static void when_text(int64_t at_ms, char ret_text[32])
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&at, &tm) || strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(ret_text, 32, "%" PRId64, at_ms);
}

static void seal_tell(FILE *out, const struct pp_audit_report *r, bool keys)
{
	if (r->sealed > 0 && r->sealed == r->last)
		fprintf(out, "Signed by the server up to the last of them (%" PRId64 " heads).\n",
			r->heads);
	else if (r->sealed > 0)
		fprintf(out,
			"Signed by the server up to event %" PRId64 " (%" PRId64
			" heads); what follows only hangs on it.\n",
			r->sealed, r->heads);
	else if (!keys)
		fprintf(out,
			"Without --keys no signature was checked (%" PRId64
			" heads): a chain that was made up would look just like this.\n",
			r->unchecked);
	else
		fprintf(out, "No signed head is with it: a chain that was made up, or cut off, "
			     "would look just like this.\n");
}

/* out: where it is said that all is well. */
static int report_tell(
	struct pp_ctl_call *call, const char *what, const struct pp_audit_report *r, FILE *out)
{
	char first[32], last[32];

	if (r->problems > 0)
		return pp_ctl_fail(call,
			"%s: IS NOT AS IT WAS WRITTEN: %" PRId64 " problem%s; first: %s", what,
			r->problems, r->problems == 1 ? "" : "s", r->problem);
	pp_inert_write(out, what);
	if (r->events == 0) {
		fprintf(out, ": tenant %s: no events in that time\n", r->tenant);
		return PP_CTL_DONE;
	}
	when_text(r->first_ms, first);
	when_text(r->last_ms, last);
	fprintf(out,
		": as it was written: tenant %s, events %" PRId64 " to %" PRId64 ", %s to %s\n",
		r->tenant, r->first, r->last, first, last);
	if (r->restored > 0)
		fprintf(out, "AN OLDER COPY OF THE RECORD WAS PUT BACK in that time: see the "
			     "events record.restored.\n");
	seal_tell(out, r, pp_ctl_has(call, "keys"));
	return PP_CTL_DONE;
}

/* ---- export ---- */

/* heads.log beside the record, if it is there. NULL: none. */
static char *heads_beside(const char *record)
{
	const char *slash = strrchr(record, '/');
	char *path = NULL;
	FILE *file;

	if (asprintf(&path, "%.*sheads.log", slash ? (int)(slash - record + 1) : 0, record) < 0)
		return NULL;
	file = fopen(path, "re");
	if (!file) {
		free(path);
		return NULL;
	}
	fclose(file);
	return path;
}

static int wish_export(struct pp_ctl_call *call, struct pp_db *db, struct pp_audit_wish *wish)
{
	const char *record = pp_ctl_get(call, "record");
	struct pp_audit_report report;
	char *beside = NULL;
	int r;

	wish->heads_path = pp_ctl_get(call, "heads");
	if (!wish->heads_path)
		wish->heads_path = beside = heads_beside(record);
	r = pp_audit_export(db, wish, line_out, call, &report);
	if (r == 0 && fflush(call->out) != 0)
		r = -errno;
	free(beside);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", record, pp_ctl_words_of(r));
	return report_tell(call, record, &report, call->err);
}

static int export_run(struct pp_ctl_call *call)
{
	const char *record = pp_ctl_get(call, "record");
	struct pp_key_list keys = { .count = 0 };
	char tenant[24];
	struct pp_audit_wish wish = { .tenant = tenant, .from_ms = INT64_MIN, .to_ms = INT64_MAX };
	struct pp_db *db;
	int e, r;

	if (pp_ctl_has(call, "keys") && pp_ctl_keys(call, &keys) != PP_CTL_DONE)
		return PP_CTL_FAILED;
	wish.keys = (struct pp_audit_keys){ (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])keys.keys,
		keys.count };
	e = pp_db_open(record, PP_DB_READ, &db);
	if (e < 0)
		return pp_ctl_fail(call, "%s: %s", record, pp_ctl_words_of(e));
	r = pp_ctl_tenant(call, db, tenant);
	if (r == PP_CTL_DONE)
		r = range_read(call, db, &wish);
	if (r == PP_CTL_DONE)
		r = wish_export(call, db, &wish);
	pp_db_close(db);
	return r;
}

static const struct pp_ctl_option export_options[] = {
	{ "record", "FILE", true, false, "The server's record (record.db), or a copy of it" },
	{ "tenant", "TENANT", false, false, "Whose, when the record has several" },
	{ "from", "DAY", false, false,
		"From the first event of this day, or time (2026-11-21T22:30)" },
	{ "to", "DAY", false, false, "To the last event of this day, or minute" },
	{ "heads", "FILE", false, false,
		"The signed heads; without it heads.log beside the record" },
	{ "keys", "FILE", false, false, "Public keys of the server, to check the heads here, too" },
};
const struct pp_ctl_command pp_ctl_audit_export = {
	.group = "audit",
	.name = "export",
	.help = "Writes a tenant's audit chain as lines of JSON to standard output.",
	.detail =
		"For an auditor, who checks the file with `audit verify` and the server's "
		  "public keys alone. It holds no names, numbers or notes in clear. It goes on to "
		  "the next signed head behind --to. A chain that is broken is written as it lies; "
		  "where it breaks is said, with status 1.",
	.options = export_options,
	.option_count = sizeof(export_options) / sizeof(export_options[0]),
	.run = export_run,
};

/* ---- verify ---- */

static int lines_feed(struct pp_audit *audit, FILE *file)
{
	size_t size = 0;
	char *line = NULL;
	ssize_t length;
	int r = 0;

	errno = 0;
	while (r == 0 && (length = getline(&line, &size, file)) >= 0) {
		if (length > 0 && line[length - 1] == '\n')
			length--;
		r = pp_audit_feed(audit, line, (size_t)length);
	}
	if (r == 0 && (ferror(file) || errno == ENOMEM))
		r = errno ? -errno : -EIO;
	free(line);
	return r;
}

static int file_verify(struct pp_ctl_call *call, FILE *file, const struct pp_key_list *keys)
{
	const struct pp_audit_keys known = { (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])keys->keys,
		keys->count };
	struct pp_audit_report report;
	struct pp_audit *audit;
	int r = pp_audit_new(&known, &audit);

	if (r == 0)
		r = lines_feed(audit, file);
	if (r < 0) {
		pp_audit_free(audit);
		return pp_ctl_fail(call, "%s: %s", call->words[0], pp_ctl_words_of(r));
	}
	pp_audit_end(audit, &report);
	pp_audit_free(audit);
	return report_tell(call, call->words[0], &report, call->out);
}

static int verify_run(struct pp_ctl_call *call)
{
	struct pp_key_list keys = { .count = 0 };
	FILE *file;
	int r;

	if (pp_ctl_has(call, "keys") && pp_ctl_keys(call, &keys) != PP_CTL_DONE)
		return PP_CTL_FAILED;
	file = fopen(call->words[0], "re");
	if (!file)
		return pp_ctl_fail(call, "%s: %s", call->words[0], pp_ctl_words_of(errno));
	r = file_verify(call, file, &keys);
	fclose(file);
	return r;
}

static const struct pp_ctl_option verify_options[] = {
	{ "keys", "FILE", false, false,
		"Public keys of the server (server-keys.txt), not from whom the file came from" },
};
const struct pp_ctl_command pp_ctl_audit_verify = {
	.group = "audit",
	.name = "verify",
	.help = "Checks an exported audit chain, without the record.",
	.detail = "Computes every hash anew and checks the server's signatures. Tells the first "
		  "break, with its event.",
	.words = { "FILE" },
	.options = verify_options,
	.option_count = sizeof(verify_options) / sizeof(verify_options[0]),
	.run = verify_run,
};
