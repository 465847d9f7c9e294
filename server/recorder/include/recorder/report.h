/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/report.h -- what a running recorder tells of itself on its control socket, and the same
 * for Prometheus. Pure. */
#ifndef RECORDER_REPORT_H
#define RECORDER_REPORT_H

#include "recorder/feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pp_recorder_facts {
	const char *version;
	int64_t uptime_s;
	bool broker, store, record;     /* connected; takes what is sent; can be read */
	const char *store_why;          /* why it does not; "" */
	int64_t waiting, poison, taken; /* lines; events of the record */
	int64_t spool_bytes, spool_limit_bytes;
	uint64_t written; /* lines that the store has taken, since start */
	const struct pp_feed_counts *counts;
};
/* JSON; the caller frees it. */
int pp_recorder_report(const struct pp_recorder_facts *facts, char **ret_text, size_t *ret_length);
/* A report, as the text format of Prometheus. -EBADMSG: it is none. */
int pp_recorder_report_metrics(
	const char *report, size_t length, char **ret_text, size_t *ret_length);

#endif
