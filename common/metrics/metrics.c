/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c -- the text format, one line a sample. */
#include "metrics/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const struct pp_bounds pp_bounds_seconds = { 13,
	{ 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 } };
const struct pp_bounds pp_bounds_batch = { 9, { 1, 2, 4, 8, 16, 32, 64, 128, 256 } };

static bool is_name(const char *text, bool colon)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_",
			  digits[] = "0123456789";
	size_t i = 0;

	while (text[i] && (strchr(first, text[i]) || (i > 0 && strchr(digits, text[i])) ||
				  (colon && text[i] == ':')))
		i++;
	return i > 0 && text[i] == '\0';
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Backslash and line break; the quote too where a value stands in quotes. */
static void add_escaped(struct pp_buf *b, const char *text, bool quoted)
{
	for (const char *c = text; *c; c++) {
		if (*c == '\n')
			pp_buf_add(b, "\\n", 2);
		else if (*c == '\\' || (quoted && *c == '"'))
			pp_buf_addf(b, "\\%c", *c);
		else
			pp_buf_add(b, c, 1);
	}
}

void pp_metrics_family(
	struct pp_metrics *m, enum pp_metric_type type, const char *name, const char *help)
{
	static const char *const words[] = { "counter", "gauge", "histogram" };

	assert(is_name(name, true) && strlen(name) <= PP_METRICS_NAME_MAX);
	assert(ends_in(name, "_total") == (type == PP_METRIC_COUNTER));
	memcpy(m->family, name, strlen(name) + 1);
	m->type = type;
	pp_buf_addf(&m->text, "# HELP %s ", name);
	add_escaped(&m->text, help, false);
	pp_buf_addf(&m->text, "\n# TYPE %s %s\n", name, words[type]);
}

static void add_labels(struct pp_metrics *m, const struct pp_label *labels)
{
	if (!labels || !labels[0].name)
		return;
	for (size_t i = 0; labels[i].name; i++) {
		assert(is_name(labels[i].name, false));
		pp_buf_addf(&m->text, "%s%s=\"", i ? "," : "{", labels[i].name);
		add_escaped(&m->text, labels[i].value, true);
		pp_buf_add(&m->text, "\"", 1);
	}
	pp_buf_add(&m->text, "}", 1);
}

static void add_real(struct pp_buf *b, double value)
{
	if (isnan(value))
		pp_buf_addf(b, "NaN");
	else if (isinf(value))
		pp_buf_addf(b, value > 0 ? "+Inf" : "-Inf");
	else
		pp_buf_addf(b, "%.15g", value);
}

void pp_metrics_count(struct pp_metrics *m, const struct pp_label *labels, uint64_t value)
{
	assert(m->type == PP_METRIC_COUNTER);
	pp_buf_addf(&m->text, "%s", m->family);
	add_labels(m, labels);
	pp_buf_addf(&m->text, " %" PRIu64 "\n", value);
}

void pp_metrics_gauge(struct pp_metrics *m, const struct pp_label *labels, double value)
{
	assert(m->type == PP_METRIC_GAUGE);
	pp_buf_addf(&m->text, "%s", m->family);
	add_labels(m, labels);
	pp_buf_add(&m->text, " ", 1);
	add_real(&m->text, value);
	pp_buf_add(&m->text, "\n", 1);
}

void pp_metrics_one_count(struct pp_metrics *m, const char *name, const char *help, uint64_t value)
{
	pp_metrics_family(m, PP_METRIC_COUNTER, name, help);
	pp_metrics_count(m, NULL, value);
}

void pp_metrics_one_gauge(struct pp_metrics *m, const char *name, const char *help, double value)
{
	pp_metrics_family(m, PP_METRIC_GAUGE, name, help);
	pp_metrics_gauge(m, NULL, value);
}

int pp_metrics_take(struct pp_metrics *m, char **ret_text, size_t *ret_length)
{
	m->family[0] = '\0';
	return pp_buf_take(&m->text, ret_text, ret_length);
}

/* ---- tables of counters ---- */

uint64_t pp_counter_value(const struct pp_counter *row, const void *counts)
{
	uint64_t value;

	memcpy(&value, (const char *)counts + row->offset, sizeof(value));
	return value;
}

void pp_counter_set(const struct pp_counter *row, void *counts, uint64_t value)
{
	memcpy((char *)counts + row->offset, &value, sizeof(value));
}

void pp_metrics_counters(struct pp_metrics *m, const char *prefix, const struct pp_counter *table,
	size_t count, const void *counts)
{
	for (size_t i = 0; i < count; i++) {
		char name[PP_METRICS_NAME_MAX + 1];
		int length = snprintf(name, sizeof(name), "%s_%s_total", prefix, table[i].name);

		assert(length > 0 && (size_t)length < sizeof(name));
		if (!table[i].reason)
			pp_metrics_one_count(
				m, name, table[i].help, pp_counter_value(&table[i], counts));
	}
}

void pp_metrics_refusals(
	struct pp_metrics *m, const struct pp_counter *table, size_t count, const void *counts)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].reason)
			pp_metrics_count(m,
				PP_LABELS({ "by", table[i].by }, { "reason", table[i].reason }),
				pp_counter_value(&table[i], counts));
}

/* ---- histograms ---- */

void pp_histogram_feed(struct pp_histogram *h, const struct pp_bounds *bounds, double value)
{
	size_t i = 0;

	while (i < bounds->count && value > bounds->at[i])
		i++;
	h->buckets[i]++;
	h->sum += value;
}

void pp_metrics_histogram(struct pp_metrics *m, const char *name, const char *help,
	const struct pp_bounds *bounds, const struct pp_histogram *h)
{
	uint64_t below = 0;

	pp_metrics_family(m, PP_METRIC_HISTOGRAM, name, help);
	for (size_t i = 0; i < bounds->count; i++) {
		below += h->buckets[i];
		pp_buf_addf(&m->text, "%s_bucket{le=\"%.15g\"} %" PRIu64 "\n", name, bounds->at[i],
			below);
	}
	below += h->buckets[bounds->count];
	pp_buf_addf(&m->text, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, below, name);
	add_real(&m->text, h->sum);
	pp_buf_addf(&m->text, "\n%s_count %" PRIu64 "\n", name, below);
}
