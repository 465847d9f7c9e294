/* SPDX-License-Identifier: Apache-2.0 */
/* scrape.c -- /metrics: everything that is counted, for Prometheus. No name of a post or a person,
 * no text that anybody outside can choose. */
#include "pieces.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"
#include "crypto/inspect.h"
#include "problem.h"
#include "store/checkup.h"

#define TOKEN_MIN 32 /* characters: nobody guesses them */
#define TOKEN_MAX 200

#define ENGINE_ROW(...) PP_COUNTER_ROW(struct pp_engine_counts, __VA_ARGS__)
#define HTTPD_ROW(...) PP_COUNTER_ROW(struct pp_httpd_counts, __VA_ARGS__)
#define WEB_ROW(...) PP_COUNTER_ROW(struct pp_web_counts, __VA_ARGS__)
const struct pp_counter pp_engine_table[] = { PP_ENGINE_COUNTS(ENGINE_ROW) };
const struct pp_counter pp_httpd_table[] = { PP_HTTPD_COUNTS(HTTPD_ROW) };
const struct pp_counter pp_web_table[] = { PP_WEB_COUNTS(WEB_ROW) };
const size_t pp_engine_table_count = sizeof(pp_engine_table) / sizeof(pp_engine_table[0]);
const size_t pp_httpd_table_count = sizeof(pp_httpd_table) / sizeof(pp_httpd_table[0]);
const size_t pp_web_table_count = sizeof(pp_web_table) / sizeof(pp_web_table[0]);

#define STATUS_ROW(name, status) { name, status },
const struct pp_http_status pp_http_statuses[] = { PP_HTTP_STATUSES(STATUS_ROW) };
const size_t pp_http_status_count = sizeof(pp_http_statuses) / sizeof(pp_http_statuses[0]);

static int token_refuse(const struct pp_web_options *options, int error, const char *why)
{
	if (options->problem)
		(void)pp_problem_at(options->problem, NULL, "http.metrics_token %s: %s",
			options->metrics_token, why);
	return error;
}

int pp_scrape_open(struct pp_web *w, const struct pp_web_options *options)
{
	char *text;
	int r;

	w->started_ms = pp_clock_wall_ms();
	w->record_path = strdup(options->record_path ? options->record_path : "");
	w->certificate = strdup(options->certificate ? options->certificate : "");
	w->crl = strdup(options->crl ? options->crl : "");
	if (!w->record_path || !w->certificate || !w->crl)
		return -ENOMEM;
	if (!options->metrics_token || !options->metrics_token[0])
		return 0;
	r = pp_file_read(options->metrics_token, TOKEN_MAX + 2, &text, NULL);
	if (r < 0)
		return token_refuse(options, r, strerrordesc_np(-r));
	text[strcspn(text, "\r\n")] = '\0';
	if (strlen(text) < TOKEN_MIN || strlen(text) > TOKEN_MAX) {
		explicit_bzero(text, strlen(text));
		free(text);
		return token_refuse(options, -EINVAL, "expected one line of 32 to 200 characters");
	}
	w->metrics_token = text;
	return 0;
}

void pp_scrape_close(struct pp_web *w)
{
	free(w->record_path);
	free(w->certificate);
	free(w->crl);
	if (w->metrics_token)
		explicit_bzero(w->metrics_token, strlen(w->metrics_token));
	free(w->metrics_token);
}

void pp_web_add_counters(struct pp_web *w, const char *name, const struct pp_counter *table,
	size_t count, const void *counts)
{
	assert(w->counter_count < sizeof(w->counters) / sizeof(w->counters[0]));
	w->counters[w->counter_count++] = (struct pp_web_counters){ name, table, count, counts };
}

/* --- the page --- */

static void add_codes(struct pp_metrics *m, const struct pp_httpd_counts *h)
{
	char code[16];

	pp_metrics_family(m, PP_METRIC_COUNTER, "pospin_server_http_refusals_total",
		"HTTP answers that refused, by their status.");
	for (size_t i = 0; i < pp_http_status_count; i++) {
		snprintf(code, sizeof(code), "%u", pp_http_statuses[i].status);
		pp_metrics_count(
			m, PP_LABELS({ "code", code }), h->status[pp_http_statuses[i].status]);
	}
}

static void add_counters(struct pp_metrics *m, struct pp_web *w, const struct pp_engine_counts *e)
{
	const struct pp_httpd_counts *h = pp_httpd_counts(w->httpd);
	char prefix[64];

	pp_metrics_counters(m, "pospin_server", pp_engine_table, pp_engine_table_count, e);
	pp_metrics_counters(m, "pospin_server_http", pp_httpd_table, pp_httpd_table_count, h);
	for (size_t i = 0; i < w->counter_count; i++) {
		snprintf(prefix, sizeof(prefix), "pospin_server_%s", w->counters[i].name);
		pp_metrics_counters(m, prefix, w->counters[i].table, w->counters[i].count,
			w->counters[i].counts);
	}
	add_codes(m, h);
	pp_metrics_family(m, PP_METRIC_COUNTER, "pospin_server_refused_total",
		"What was refused: by whom, and why.");
	pp_metrics_refusals(m, pp_engine_table, pp_engine_table_count, e);
	pp_metrics_refusals(m, pp_httpd_table, pp_httpd_table_count, h);
	pp_metrics_refusals(m, pp_web_table, pp_web_table_count, &w->counts);
	for (size_t i = 0; i < w->counter_count; i++)
		pp_metrics_refusals(
			m, w->counters[i].table, w->counters[i].count, w->counters[i].counts);
}

static void add_engine(struct pp_metrics *m, const struct pp_engine_counts *e)
{
	pp_metrics_one_gauge(m, "pospin_server_broker_connected", "1: connected to the broker.",
		e->broker_connected);
	pp_metrics_one_gauge(m, "pospin_server_record_writable",
		"0: it is locked or its disk is full, and nothing is receipted meanwhile.",
		e->record_error == 0);
	pp_metrics_one_gauge(m, "pospin_server_queue_messages",
		"Messages that waited for the engine, when last looked at.", (double)e->queued);
	pp_metrics_histogram(m, "pospin_server_receipt_seconds",
		"Arrival of a signal to its receipt, COMMIT in between.", &pp_bounds_seconds,
		&e->receipt_seconds);
	pp_metrics_histogram(m, "pospin_server_batch_items",
		"Messages and changes of one transaction.", &pp_bounds_batch, &e->batch);
}

/* --- what the record says --- */

static void add_posts(struct pp_metrics *m, const struct pp_figures *f)
{
	const struct {
		const char *state;
		int64_t count;
	} rows[] = {
		{ "heard", f->posts_heard },
		{ "silent", f->posts_silent },
		{ "never", f->posts_never },
		{ "inactive", f->posts_inactive },
	};

	pp_metrics_family(m, PP_METRIC_GAUGE, "pospin_server_posts",
		"Posts by whether they are heard; inactive ones may be silent.");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pp_metrics_gauge(m, PP_LABELS({ "state", rows[i].state }), (double)rows[i].count);
}

/* Since then, in seconds; 0 where there is nothing since. */
static double age_s(int64_t since_ms, int64_t now_ms)
{
	return since_ms > 0 && now_ms > since_ms ? (double)(now_ms - since_ms) / 1000 : 0;
}

static void add_record(struct pp_metrics *m, struct pp_web *w)
{
	int64_t now_ms = pp_clock_wall_ms();
	struct pp_figures f;
	bool readable = pp_query_figures(w->db, &f) == 0;

	pp_metrics_one_gauge(
		m, "pospin_server_record_readable", "1: the record can be read.", readable);
	if (!readable)
		return;
	add_posts(m, &f);
	const struct {
		const char *name, *help;
		double value;
	} rows[] = {
		{ "pospin_server_post_silence_seconds",
			"How long the post is silent that is silent longest; 0: none is.",
			age_s(f.silent_since_ms, now_ms) },
		{ "pospin_server_troubles", "Troubles that engineers must mend.",
			(double)f.troubles },
		{ "pospin_server_incidents_open", "Incidents that are not closed.",
			(double)f.incidents_open },
		{ "pospin_server_incidents_unacknowledged", "Incidents that nobody has taken.",
			(double)f.incidents_unacknowledged },
		{ "pospin_server_unacknowledged_seconds",
			"How long the oldest of those is open; 0: there is none.",
			age_s(f.unacknowledged_since_ms, now_ms) },
		{ "pospin_server_notifications_queued", "Notifications that are to be sent.",
			(double)f.notifications_queued },
		{ "pospin_server_notifications_retried",
			"Notifications among them that were tried in vain.",
			(double)f.notifications_retried },
		{ "pospin_server_record_events", "Events of the timeline.", (double)f.events },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		pp_metrics_one_gauge(m, rows[i].name, rows[i].help, rows[i].value);
}

/* --- what this machine says --- */

static double file_bytes(const char *path, const char *ending)
{
	char name[4096];
	struct stat facts;

	snprintf(name, sizeof(name), "%s%s", path, ending);
	return stat(name, &facts) == 0 ? (double)facts.st_size : 0;
}

static double resident_bytes(void)
{
	char *text, *second;
	double pages = 0;

	if (pp_file_read("/proc/self/statm", 200, &text, NULL) < 0)
		return 0;
	second = strchr(text, ' ');
	if (second)
		pages = strtod(second, NULL);
	free(text);
	return pages * (double)sysconf(_SC_PAGESIZE);
}

static void add_machine(struct pp_metrics *m, struct pp_web *w)
{
	struct statvfs disk;

	if (statvfs(w->record_path, &disk) == 0) {
		pp_metrics_one_gauge(m, "pospin_server_disk_free_bytes",
			"Room that is left on the disk of the record.",
			(double)disk.f_bavail * (double)disk.f_frsize);
		pp_metrics_one_gauge(m, "pospin_server_disk_size_bytes", "Size of that disk.",
			(double)disk.f_blocks * (double)disk.f_frsize);
	}
	pp_metrics_one_gauge(m, "pospin_server_record_bytes", "Size of the record.",
		file_bytes(w->record_path, ""));
	pp_metrics_one_gauge(m, "pospin_server_record_wal_bytes",
		"Size of its write-ahead log; it is begun anew from time to time.",
		file_bytes(w->record_path, "-wal"));
	pp_metrics_one_gauge(m, "pospin_server_clock_synchronised",
		"1: the kernel says that the clock is disciplined.", pp_clock_synchronised());
	pp_metrics_one_gauge(
		m, "process_resident_memory_bytes", "Resident memory.", resident_bytes());
	pp_metrics_one_gauge(m, "process_start_time_seconds",
		"When the program started, in seconds since 1970.", (double)w->started_ms / 1000);
}

/* Read anew at each scrape: they are small, and may have been replaced. */
static void add_ends(struct pp_metrics *m, struct pp_web *w)
{
	struct pp_cert_facts cert;
	struct pp_crl_facts lists[8];
	size_t count;
	int64_t first = INT64_MAX;

	if (w->certificate[0] && pp_cert_inspect(w->certificate, &cert) == 0)
		pp_metrics_one_gauge(m, "pospin_server_certificate_expiry_timestamp_seconds",
			"When the server's certificate ends, in seconds since 1970.",
			(double)cert.to_s);
	if (!w->crl[0] || pp_crl_inspect(w->crl, 8, lists, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		first = lists[i].next_s < first ? lists[i].next_s : first;
	pp_metrics_one_gauge(m, "pospin_server_crl_expiry_timestamp_seconds",
		"When the first of the broker's revocation lists ends: then it lets nobody in.",
		(double)first);
	pp_metrics_one_gauge(m, "pospin_server_crl_lists",
		"Lists in that file; both authorities' belong there.", (double)count);
}

static int page_make(struct pp_web *w, char **ret_text, size_t *ret_length)
{
	struct pp_metrics m = { 0 };
	struct pp_engine_counts e;

	pp_engine_counts(w->engine, &e);
	pp_metrics_family(&m, PP_METRIC_GAUGE, "pospin_server_build_info", "Always 1.");
	pp_metrics_gauge(&m, PP_LABELS({ "version", w->version }), 1);
	add_engine(&m, &e);
	add_record(&m, w);
	add_machine(&m, w);
	add_ends(&m, w);
	add_counters(&m, w, &e);
	return pp_metrics_take(&m, ret_text, ret_length);
}

/* --- who may read it --- */

/* The address of the peer says nothing: the proxy with TLS stands on this machine, too. */
static bool may_read(struct pp_web *w, struct pp_call *c)
{
	const char *given = pp_call_header(c, "Authorization"), *ours = w->metrics_token;
	uid_t uid;

	if (pp_call_is_local(c, &uid))
		return true;
	if (ours && given && strncmp(given, "Bearer ", 7) == 0 &&
		strlen(given + 7) == strlen(ours) && pp_equal_secret(given + 7, ours, strlen(ours)))
		return true;
	w->counts.refused_metrics++;
	pp_call_set_header(c, "WWW-Authenticate", "Bearer");
	pp_call_refuse(c, 401, "%s",
		ours ? "the token of http.metrics_token is needed"
		     : "over TCP there are no metrics: set http.metrics_token");
	return false;
}

void pp_scrape_get(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	size_t length;
	char *text;

	(void)who;
	(void)match;
	if (!may_read(w, c))
		return;
	pp_call_set_header(c, "Cache-Control", "no-store");
	if (page_make(w, &text, &length) < 0)
		pp_call_refuse(c, 503, "the server is out of memory");
	else
		pp_call_answer(c, 200, PP_METRICS_TYPE, text, length);
}
