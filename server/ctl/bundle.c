/* SPDX-License-Identifier: Apache-2.0 */
/* bundle.c -- `support-bundle`: what somebody needs who helps from afar, without anything secret or
 * personal. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "checkup/archive.h"
#include "checkup/machine.h"
#include "checkup/redact.h"
#include "commands.h"
#include "core/local.h"
#include "core/text.h"
#include "db/db.h"
#include "examine.h"
#include "fetch/fetch.h"
#include "json/json.h"
#include "store/checkup.h"

#define ASK_MS 4000
#define ANSWER_MAX (4u << 20)
#define WORDS_MAX 10000
#define JOURNAL_MS 5000

struct bundle {
	struct pp_examination e;
	struct pp_archive *archive;
	struct pp_json *confidential; /* the list; NULL: the record cannot be read */
	const char **words;           /* of it; NULL ends */
	int error;
};

/* ---- what must not leave the machine ---- */

/* The host of an address may be told, its path and query not; redact() sees to the form, this to
 * the very words. A record that cannot be read has no words to give: then forms alone go. */
static void words_take(struct bundle *b)
{
	struct pp_db *db = NULL;
	size_t count;

	if (pp_db_open(b->e.server.record_path, PP_DB_READ, &db) == 0)
		(void)pp_query_checkup(db, PP_LIST_CONFIDENTIAL, 0, WORDS_MAX, &b->confidential);
	pp_db_close(db);
	count = b->confidential ? pp_json_count(b->confidential) : 0;
	b->words = calloc(count + 1, sizeof(*b->words));
	if (!b->words) {
		b->error = -ENOMEM;
		return;
	}
	for (size_t i = 0, k = 0; i < count; i++) {
		const char *text = NULL;

		if (pp_json_get_text(pp_json_item(b->confidential, i), "text", 8192, &text) == 0)
			b->words[k++] = text;
	}
}

/* Takes the text. */
static void put(struct bundle *b, const char *name, struct pp_buf *text)
{
	char *clean;
	size_t length;

	if (b->error == 0 && text->failed)
		b->error = -ENOMEM;
	if (b->error == 0)
		b->error = pp_redact(
			text->data ? text->data : "", text->length, b->words, &clean, &length);
	if (b->error == 0) {
		b->error = pp_archive_add(b->archive, name, clean, length);
		free(clean);
	}
	pp_buf_done(text);
}

/* ---- the files ---- */

static void put_printed(struct bundle *b, const char *name,
	void (*print)(const void *of, FILE *out), const void *of)
{
	struct pp_buf text = { 0 };
	char *data = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&data, &length);

	if (!out) {
		b->error = -ENOMEM;
		return;
	}
	print(of, out);
	if (fclose(out) == 0)
		pp_buf_add(&text, data, length);
	free(data);
	put(b, name, &text);
}

static void findings_print(const void *of, FILE *out)
{
	pp_findings_print(of, out);
}

static void server_print(const void *of, FILE *out)
{
	pp_server_settings_print(of, out);
}

static void recorder_print(const void *of, FILE *out)
{
	pp_recorder_settings_print(of, out);
}

/* What the server says on its control socket. */
static void put_answer(struct bundle *b, const char *name, const char *path)
{
	char url[300];
	struct pp_fetch_request request = { .method = "GET",
		.url = url,
		.unix_socket = b->e.server.http.socket,
		.timeout_ms = ASK_MS,
		.answer_limit = ANSWER_MAX };
	struct pp_fetch_answer answer = { 0 };
	struct pp_buf text = { 0 };
	int r = -ENOENT;

	snprintf(url, sizeof(url), "http://localhost%s", path);
	if (b->e.server.http.socket[0]) {
		r = pp_fetch(&request, &answer);
		if (r == 0)
			r = answer.error;
	}
	if (r == 0)
		pp_buf_add(&text, answer.body ? answer.body : "", answer.length);
	else
		pp_buf_addf(&text, "the server does not answer: %s\n", pp_ctl_words_of(r));
	pp_fetch_answer_done(&answer);
	put(b, name, &text);
}

static void put_recorder(struct bundle *b)
{
	struct pp_buf text = { 0 };
	size_t length;
	char *said;
	int r;

	if (!b->e.recorder_config)
		return;
	put_printed(b, "recorder-settings.txt", recorder_print, &b->e.recorder);
	r = pp_local_ask(b->e.recorder.control, ASK_MS, ANSWER_MAX, &said, &length);
	if (r == 0) {
		pp_buf_add(&text, said, length);
		free(said);
	} else {
		pp_buf_addf(&text, "the recorder does not answer: %s\n", pp_ctl_words_of(r));
	}
	put(b, "recorder.json", &text);
}

/* The tables and how many rows they have: nothing of what is in them. */
static void put_record(struct bundle *b)
{
	struct pp_json *list = NULL;
	struct pp_db *db = NULL;
	struct pp_buf text = { 0 };
	int64_t version = 0, rows = 0;
	int r = pp_db_open(b->e.server.record_path, PP_DB_READ, &db);

	if (r == 0)
		r = pp_query_schema_version(db, &version);
	if (r == 0)
		r = pp_query_checkup(db, PP_LIST_TABLES, 0, 200, &list);
	pp_db_close(db);
	if (r < 0)
		pp_buf_addf(&text, "the record cannot be read: %s\n", pp_ctl_words_of(r));
	else
		pp_buf_addf(&text, "form %" PRId64 "\n", version);
	for (size_t i = 0; list && i < pp_json_count(list); i++) {
		const char *name = "?", *sql = "";

		(void)pp_json_get_text(pp_json_item(list, i), "name", 80, &name);
		(void)pp_json_get_text(pp_json_item(list, i), "sql", 8192, &sql);
		(void)pp_json_get_i64(pp_json_item(list, i), "rows", 0, INT64_MAX, &rows);
		pp_buf_addf(&text, "%s: %" PRId64 " rows\n  %s\n", name, rows, sql);
	}
	pp_json_free(list);
	put(b, "record.txt", &text);
}

static void put_versions(struct bundle *b)
{
	static const char *const programs[][3] = { { "/usr/sbin/mosquitto", "-h", NULL },
		{ "/usr/bin/sqlite3", "--version", NULL },
		{ "/usr/bin/openssl", "version", NULL } };
	struct pp_buf text = { 0 };

	pp_buf_addf(&text, "pospinctl %s\n", POSPIN_VERSION);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct pp_buf said = { 0 };

		(void)pp_machine_run(programs[i], ASK_MS, 4096, &said);
		if (said.length > 0)
			pp_buf_addf(&text, "%s: %.*s\n", programs[i][0],
				(int)strcspn(said.data, "\n"), said.data);
		pp_buf_done(&said);
	}
	pp_machine_describe(&text);
	put(b, "versions.txt", &text);
}

static void put_logs(struct bundle *b, const char *const *files)
{
	static const char *const units[] = { "pospin-server", "pospin-recorder", "mosquitto",
		NULL };
	struct pp_buf text = { 0 };

	if (!files[0])
		pp_machine_log_journal(units, JOURNAL_MS, &text);
	for (size_t i = 0; files[i]; i++) {
		pp_buf_addf(&text, "==> %s\n", files[i]);
		pp_machine_log_file(files[i], &text);
	}
	put(b, "log.txt", &text);
}

static void put_readme(struct bundle *b)
{
	struct pp_buf text = { 0 };

	pp_buf_addf(&text,
		"Support bundle of a PosPin server.\n\n"
		"doctor.txt    what is wrong, and what to do: read that first\n"
		"settings.txt  the server's settings as they hold (recorder-settings.txt: the\n"
		"              recorder's)\n"
		"versions.txt  programs and machine\n"
		"health.json, counts.json, metrics.txt, recorder.json\n"
		"              what the running programs say\n"
		"record.txt    tables and their number of rows\n"
		"log.txt       the last lines of the programs' log\n\n"
		"Taken out: keys, passwords, tokens, addresses' paths, telephone numbers, and "
		"every\n"
		"contact, user, note and webhook secret that the record knows%s.\n",
		b->confidential
			? ""
			: " (the record could not be read: look through this yourself before "
			  "you send it)");
	put(b, "README.txt", &text);
}

static int bundle_make(struct pp_ctl_call *call, struct bundle *b)
{
	struct pp_findings findings = { 0 };
	int r = pp_examine(&b->e, &findings);

	if (r < 0)
		return r;
	/* Settings that cannot be read leave nothing to ask: then the findings say so. */
	if (b->e.server.record_path)
		words_take(b);
	put_readme(b);
	put_printed(b, "doctor.txt", findings_print, &findings);
	put_versions(b);
	if (b->e.server.record_path) {
		put_printed(b, "settings.txt", server_print, &b->e.server);
		put_answer(b, "health.json", "/api/v1/health");
		put_answer(b, "counts.json", "/api/v1/counts");
		put_answer(b, "metrics.txt", "/metrics");
		put_recorder(b);
		put_record(b);
	}
	put_logs(b, pp_ctl_all(call, "log"));
	pp_findings_done(&findings);
	return b->error < 0 ? b->error : pp_archive_finish(b->archive);
}

static int bundle_run(struct pp_ctl_call *call)
{
	const char *out = pp_ctl_get(call, "out");
	struct bundle b = { .error = 0 };
	int r;

	pp_examination_init(&b.e, call);
	r = pp_archive_new(out, "pospin-server", &b.archive);
	if (r == 0)
		r = bundle_make(call, &b);
	pp_archive_free(b.archive);
	pp_json_free(b.confidential);
	free(b.words);
	pp_examination_done(&b.e);
	if (r < 0)
		return pp_ctl_fail(call, "%s: %s", out, pp_ctl_words_of(r));
	fprintf(call->out, "%s\n", out);
	return PP_CTL_DONE;
}

static const struct pp_ctl_option options[] = {
	{ "out", "FILE", true, false, "The file to be made (.tar.gz); must not be there" },
	PP_EXAMINATION_OPTIONS,
	{ "log", "FILE", false, true, "Log lines from this file, not from the journal" },
};
const struct pp_ctl_command pp_ctl_support_bundle = {
	.name = "support-bundle",
	.help = "Puts into one file what a helper needs, without secrets.",
	.detail =
		"Settings, findings of the doctor, counts, metrics, the record's tables (no rows), "
		"versions and the last log lines. Keys, passwords, tokens, addresses' paths, "
		"telephone numbers, names, notes and secrets are taken out. Look through it before "
		"you send it: tar -xzf FILE.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = bundle_run,
};
