/* SPDX-License-Identifier: Apache-2.0 */
/* metrics/metrics.h -- counters, gauges and histograms in Prometheus' text format 0.0.4. Pure;
 * names and help are our own words, and wrong ones are our own bugs (asserted). */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include "core/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_METRICS_NAME_MAX 95
#define PP_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum pp_metric_type { PP_METRIC_COUNTER, PP_METRIC_GAUGE, PP_METRIC_HISTOGRAM };

struct pp_label {
	const char *name, *value; /* any text: it is escaped */
};
/* A list of labels for one sample: PP_LABELS({ "by", "intake" }, { "reason", "form" }). */
#define PP_LABELS(...) ((const struct pp_label[]){ __VA_ARGS__, { NULL, NULL } })

/* A page under way. Zero-initialised is empty. */
struct pp_metrics {
	struct pp_buf text;
	char family[PP_METRICS_NAME_MAX + 1];
	enum pp_metric_type type;
};

/* Begins a family; each may be begun once in a page, and its samples follow it. A counter's name
 * ends in "_total", no other does. */
void pp_metrics_family(
	struct pp_metrics *m, enum pp_metric_type type, const char *name, const char *help);
/* Samples of the family begun last. labels: NULL, or ended by a NULL name. */
void pp_metrics_count(struct pp_metrics *m, const struct pp_label *labels, uint64_t value);
void pp_metrics_gauge(struct pp_metrics *m, const struct pp_label *labels, double value);
/* A family with one sample and no label. */
void pp_metrics_one_count(struct pp_metrics *m, const char *name, const char *help, uint64_t value);
void pp_metrics_one_gauge(struct pp_metrics *m, const char *name, const char *help, double value);
/* The page; the caller frees it. -ENOMEM. m is empty afterwards. */
int pp_metrics_take(struct pp_metrics *m, char **ret_text, size_t *ret_length);

/* ---- tables of counters ---- */

/* One row of a program's table. The member that it names is a uint64_t of that program's struct. */
struct pp_counter {
	const char *name; /* of the member, in `/counts` and `status` */
	size_t offset;
	const char *by, *reason; /* labels of a refusal; NULL: no refusal */
	const char *help;
};
/* For tables X(member, by, reason, help). */
#define PP_COUNTER_MEMBER(member, by, reason, help) uint64_t member;
#define PP_COUNTER_ROW(type, member, by, reason, help)                                             \
	{ #member, offsetof(type, member), by, reason, help },

uint64_t pp_counter_value(const struct pp_counter *row, const void *counts);
void pp_counter_set(const struct pp_counter *row, void *counts, uint64_t value);
/* The rows without a reason, as <prefix>_<name>_total each. */
void pp_metrics_counters(struct pp_metrics *m, const char *prefix, const struct pp_counter *table,
	size_t count, const void *counts);
/* The rows with one, as samples of the family begun last. */
void pp_metrics_refusals(
	struct pp_metrics *m, const struct pp_counter *table, size_t count, const void *counts);

/* ---- histograms ---- */

#define PP_HISTOGRAM_BOUNDS_MAX 16

struct pp_bounds {
	size_t count;
	double at[PP_HISTOGRAM_BOUNDS_MAX]; /* upper bounds, inclusive, growing */
};
/* Seconds from 1 ms to 10 s, and sizes from 1 to 256. */
extern const struct pp_bounds pp_bounds_seconds, pp_bounds_batch;

struct pp_histogram {                                  /* zero-initialised is empty */
	uint64_t buckets[PP_HISTOGRAM_BOUNDS_MAX + 1]; /* each alone; the last: above all bounds */
	double sum;
};
void pp_histogram_feed(struct pp_histogram *h, const struct pp_bounds *bounds, double value);
void pp_metrics_histogram(struct pp_metrics *m, const char *name, const char *help,
	const struct pp_bounds *bounds, const struct pp_histogram *h);

#endif
