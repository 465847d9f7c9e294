/* SPDX-License-Identifier: Apache-2.0 */
/* status.c -- the sentences of `pospin-recorder status`. */
#include "recorder/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/local.h"
#include "core/text.h"
#include "db/db.h"
#include "json/json.h"
#include "recorder/report.h"
#include "recorder/spool.h"
#include "store/query.h"

#define POISON_SHOWN 10
#define ASK_MS 5000
#define REPORT_MAX 65536

static void print_poison(void *user, int64_t at_ms, const char *line, const char *why)
{
	char when[25];

	pp_text_utc(at_ms, when);
	fprintf(user, "  %s  %s\n    %s\n", when, why, line);
}

static int print_spool(struct pp_spool *spool, int64_t newest, FILE *out)
{
	int64_t waiting = 0, poison = 0, cursor = 0;
	int r = pp_spool_count(spool, &waiting, &poison);

	if (r == 0)
		r = pp_spool_cursor(spool, &cursor);
	if (r < 0)
		return r;
	fprintf(out, "lines waiting for the store: %" PRId64 "\n", waiting);
	fprintf(out, "events of the record taken: %" PRId64 " of %" PRId64 "\n", cursor, newest);
	fprintf(out, "lines set aside because the store refuses them: %" PRId64 "%s\n", poison,
		poison > 0 ? "; the newest:" : "");
	return pp_spool_each_poison(spool, POISON_SHOWN, print_poison, out);
}

static int newest_event(const char *path, int64_t *ret_event)
{
	struct pp_db *record = NULL;
	int r = pp_db_open(path, PP_DB_READ, &record);

	if (r == 0)
		r = pp_query_last_event(record, NULL, ret_event);
	pp_db_close(record);
	return r;
}

/* What only the running program knows. */
static void print_running(const struct pp_recorder_settings *settings, FILE *out)
{
	struct pp_json *o = NULL;
	const char *why = "";
	bool broker = false, store = false;
	char *text;
	size_t length;
	int r;

	if (!settings->control || !settings->control[0])
		return;
	r = pp_local_ask(settings->control, ASK_MS, REPORT_MAX, &text, &length);
	if (r < 0) {
		fprintf(out, "the recorder does not answer on %s: %s\n", settings->control,
			r == -ENOENT || r == -ECONNREFUSED ? "it does not run"
							   : strerrordesc_np(-r));
		return;
	}
	if (pp_json_parse(text, length, &o, NULL) == 0) {
		(void)pp_json_get_bool(o, "broker", &broker);
		(void)pp_json_get_bool(o, "store", &store);
		(void)pp_json_get_text(o, "store_why", 200, &why);
		fprintf(out, "broker: %s\n", broker ? "connected" : "away");
		fprintf(out, "store: %s%s%s\n", store ? "takes what is sent" : "away",
			why[0] ? ": " : "", why);
	}
	pp_json_free(o);
	free(text);
}

int pp_recorder_metrics(const struct pp_recorder_settings *settings, FILE *out, FILE *err)
{
	char *report, *text;
	size_t length;
	int r;

	if (!settings->control[0]) {
		fprintf(err, "pospin-recorder: no socket is set: control\n");
		return -ENOENT;
	}
	r = pp_local_ask(settings->control, ASK_MS, REPORT_MAX, &report, &length);
	if (r == 0) {
		r = pp_recorder_report_metrics(report, length, &text, &length);
		free(report);
	}
	if (r < 0) {
		fprintf(err, "pospin-recorder: %s: %s (does the recorder run?)\n",
			settings->control, strerrordesc_np(-r));
		return r;
	}
	fwrite(text, 1, length, out);
	free(text);
	return 0;
}

int pp_recorder_status(const struct pp_recorder_settings *settings, FILE *out)
{
	struct pp_spool *spool = NULL;
	int64_t newest = 0;
	int r = newest_event(settings->record, &newest);

	print_running(settings, out);
	if (r < 0)
		fprintf(out, "the record %s cannot be read: %s\n", settings->record,
			strerrordesc_np(-r));
	r = pp_spool_open(settings->spool_path, settings->spool_mb << 20, true, &spool);
	if (r == 0)
		r = print_spool(spool, newest, out);
	if (r < 0)
		fprintf(out, "the spool %s cannot be read: %s\n", settings->spool_path,
			strerrordesc_np(-r));
	pp_spool_close(spool);
	return r;
}
