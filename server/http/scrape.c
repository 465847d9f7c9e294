/* SPDX-License-Identifier: Apache-2.0 */
/* scrape.c -- /metrics: everything that is counted, for Prometheus. No name of a post or a person,
 * no text that anybody outside can choose. */
#include "pieces.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "problem.h"

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
	pp_metrics_one_gauge(m, "pospin_server_queue_messages",
		"Messages that waited for the engine, when last looked at.", (double)e->queued);
	pp_metrics_histogram(m, "pospin_server_receipt_seconds",
		"Arrival of a signal to its receipt, COMMIT in between.", &pp_bounds_seconds,
		&e->receipt_seconds);
	pp_metrics_histogram(m, "pospin_server_batch_items",
		"Messages and changes of one transaction.", &pp_bounds_batch, &e->batch);
}

static int page_make(struct pp_web *w, char **ret_text, size_t *ret_length)
{
	struct pp_metrics m = { 0 };
	struct pp_engine_counts e;

	pp_engine_counts(w->engine, &e);
	pp_metrics_family(&m, PP_METRIC_GAUGE, "pospin_server_build_info", "Always 1.");
	pp_metrics_gauge(&m, PP_LABELS({ "version", w->version }), 1);
	add_engine(&m, &e);
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
