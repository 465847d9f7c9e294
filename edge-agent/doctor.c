/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.c -- `pospin-edge doctor` and `support-bundle`: everything that can be found out here,
 * whether the agent runs or not. */
#include "edge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkup/archive.h"
#include "checkup/machine.h"
#include "checkup/redact.h"
#include "core/clock.h"
#include "core/local.h"
#include "core/text.h"
#include "db/db.h"
#include "health/figures.h"
#include "health/offline.h"
#include "json/json.h"

#define DEADLINE_MS 9000
#define JOURNAL_MS 5000

struct examination {
	struct pp_health_post post; /* first: the health room's checks are given it */
	const char *socket;
};

static void agent_check(struct pp_checkup *c, void *user)
{
	const struct examination *e = user;
	struct pp_health_disk none = { 0 };
	struct pp_json *o = NULL;
	char *text = NULL;
	size_t length;
	int r;

	pp_checkup_at(c, "asking the agent on %.200s", e->socket);
	r = pp_local_ask(e->socket, PP_STATUS_ASK_MS, PP_STATUS_MAX, &text, &length);
	if (r < 0)
		pp_checkup_say(c,
			PP_FAIL("agent", "systemctl status pospin-edge; journalctl -u pospin-edge"),
			"Agen tidak menjawab / The agent does not answer: %.150s: %s", e->socket,
			r == -ENOENT || r == -ECONNREFUSED ? "it does not run"
							   : strerrordesc_np(-r));
	else if (pp_json_parse(text, length, &o, NULL) < 0)
		pp_checkup_say(c, PP_FAIL("agent", "systemctl restart pospin-edge"),
			"Jawaban agen tidak terbaca / The agent's answer cannot be read");
	else
		pp_health_judge(c, o, &none);
	if (r < 0 && !e->post.synchronised)
		pp_checkup_say(c, PP_WARN("clock", "timedatectl"),
			"Jam belum sinkron / The clock is not synchronised");
	pp_json_free(o);
	free(text);
}

static int examine(const struct pp_doctor *d, struct pp_findings *ret_findings)
{
	static const struct pp_checkup_group groups[] = {
		{ "agent", agent_check, PP_FINDING_FAIL, "systemctl restart pospin-edge" },
		{ "identity", pp_health_check_identity, PP_FINDING_FAIL,
			"Kartu memori macet: ganti / The memory card hangs: replace it" },
		{ "storage", pp_health_check_store, PP_FINDING_FAIL,
			"Kartu memori macet: ganti / The memory card hangs: replace it" },
		{ "broker", pp_health_check_broker, PP_FINDING_FAIL,
			"Periksa jaringan dan DNS / Check network and DNS" },
	};
	struct examination e = {
		{ d->settings, pp_clock_wall_ms() / 1000, pp_clock_synchronised() }, d->socket
	};

	return pp_checkup_run(
		groups, sizeof(groups) / sizeof(groups[0]), &e, DEADLINE_MS, ret_findings);
}

int pp_doctor_show(const struct pp_doctor *d)
{
	struct pp_findings findings;
	struct pp_json *o;
	size_t length;
	char *text;
	int r = examine(d, &findings), code;

	if (r < 0) {
		fprintf(stderr, "pospin-edge: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	if (d->json) {
		o = pp_findings_json(&findings);
		if (pp_json_print(o, &text, &length) == 0) {
			printf("%s\n", text);
			free(text);
		}
		pp_json_free(o);
	} else {
		pp_findings_print(&findings, stdout);
	}
	code = pp_findings_worst(&findings) == PP_FINDING_FAIL ? EXIT_FAILURE : EXIT_SUCCESS;
	pp_findings_done(&findings);
	return code;
}

/* ---- the bundle ---- */

struct bundle {
	const struct pp_doctor *doctor;
	struct pp_archive *archive;
	int error;
	bool answered; /* the agent runs */
};

/* Takes the text, and puts it in without what must not leave the machine. */
static void put(struct bundle *b, const char *name, struct pp_buf *text)
{
	char *clean;
	size_t length;

	if (b->error == 0 && text->failed)
		b->error = -ENOMEM;
	if (b->error == 0)
		b->error = pp_redact(
			text->data ? text->data : "", text->length, NULL, &clean, &length);
	if (b->error == 0) {
		b->error = pp_archive_add(b->archive, name, clean, length);
		free(clean);
	}
	pp_buf_done(text);
}

static void put_printed(
	struct bundle *b, const char *name, void (*print)(void *user, FILE *out), void *user)
{
	struct pp_buf text = { 0 };
	char *data = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&data, &length);

	if (out) {
		print(user, out);
		if (fclose(out) == 0)
			pp_buf_add(&text, data, length);
		free(data);
	}
	put(b, name, &text);
}

static void print_settings(void *user, FILE *out)
{
	pp_edge_settings_print(user, out);
}

static void print_findings(void *user, FILE *out)
{
	pp_findings_print(user, out);
}

static void put_status(struct bundle *b)
{
	const struct pp_health_table tables[] = { { pp_edge_table, pp_edge_table_count },
		{ pp_inbox_table, pp_inbox_table_count } };
	struct pp_buf status = { 0 }, metrics = { 0 };
	char *text, *figures;
	size_t length, figures_length;
	int r = pp_local_ask(b->doctor->socket, PP_STATUS_ASK_MS, PP_STATUS_MAX, &text, &length);

	if (r < 0) {
		pp_buf_addf(&status, "the agent does not answer: %s\n", strerror(-r));
		put(b, "status.json", &status);
		return;
	}
	b->answered = true;
	pp_buf_add(&status, text, length);
	put(b, "status.json", &status);
	if (pp_health_metrics(text, length, tables, 2, &figures, &figures_length) == 0) {
		pp_buf_add(&metrics, figures, figures_length);
		free(figures);
		put(b, "metrics.txt", &metrics);
	}
	free(text);
}

/* Tables of the outbox with their rows: never what is in them. */
static int outbox_read(const char *path, struct pp_buf *text)
{
	struct pp_db *db = NULL;
	struct pp_stmt *s;
	int64_t bytes = 0;
	int r = pp_db_open(path, PP_DB_READ, &db);

	if (r < 0)
		return r;
	(void)pp_db_size(db, &bytes);
	pp_buf_addf(text, "%" PRId64 " bytes\n", bytes);
	r = pp_db_prepare(
		db, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name", &s);
	while (r == 0 && pp_stmt_step(s) == 1)
		pp_buf_addf(text, "%s\n", pp_column_text(s, 1) ? pp_column_text(s, 1) : "");
	if (r == 0)
		r = pp_db_prepare(db, "SELECT count(*) FROM signal", &s);
	if (r == 0 && pp_stmt_step(s) == 1)
		pp_buf_addf(text, "signal: %" PRId64 " rows\n", pp_column_i64(s, 0));
	pp_db_close(db);
	return 0;
}

static void put_outbox(struct bundle *b)
{
	struct pp_buf text = { 0 };
	char path[600];
	int r;

	snprintf(path, sizeof(path), "%s/outbox.db", b->doctor->settings->scalars.data);
	r = b->answered ? -EBUSY : outbox_read(path, &text);
	if (r == -EBUSY)
		pp_buf_addf(&text, "%s is the running agent's: see outbox in status.json\n", path);
	else if (r < 0)
		pp_buf_addf(&text, "%s cannot be read: %s\n", path, strerror(-r));
	put(b, "outbox.txt", &text);
}

static void put_rest(struct bundle *b)
{
	static const char *const units[] = { "pospin-edge", NULL };
	static const char readme[] =
		"Support bundle of a PosPin post. Keys, passwords, tokens, URLs' paths and "
		"telephone\n"
		"numbers have been taken out. doctor.txt says what is wrong; read that first.\n";
	struct pp_buf about = { 0 }, versions = { 0 }, log = { 0 };

	pp_buf_addf(&about, "%s", readme);
	put(b, "README.txt", &about);
	pp_buf_addf(&versions, "pospin-edge %s\n", POSPIN_VERSION);
	pp_machine_describe(&versions);
	put(b, "versions.txt", &versions);
	if (b->doctor->log)
		pp_machine_log_file(b->doctor->log, &log);
	else
		pp_machine_log_journal(units, JOURNAL_MS, &log);
	put(b, "log.txt", &log);
}

int pp_doctor_bundle(const struct pp_doctor *d)
{
	struct bundle b = { .doctor = d };
	struct pp_findings findings = { 0 };

	b.error = pp_archive_new(d->out, "pospin-edge", &b.archive);
	if (b.error == 0)
		b.error = examine(d, &findings);
	if (b.error == 0) {
		put_printed(&b, "doctor.txt", print_findings, &findings);
		put_printed(&b, "settings.txt", print_settings,
			(struct pp_edge_settings *)(uintptr_t)d->settings);
		put_status(&b);
		put_outbox(&b);
		put_rest(&b);
	}
	if (b.error == 0)
		b.error = pp_archive_finish(b.archive);
	pp_archive_free(b.archive);
	pp_findings_done(&findings);
	if (b.error < 0) {
		fprintf(stderr, "pospin-edge: %s: %s\n", d->out, strerror(-b.error));
		return EXIT_FAILURE;
	}
	printf("%s\n", d->out);
	return EXIT_SUCCESS;
}
