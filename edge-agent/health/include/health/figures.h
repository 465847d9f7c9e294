/* SPDX-License-Identifier: Apache-2.0 */
/* health/figures.h -- a running agent's status in the text format of Prometheus. Pure. */
#ifndef HEALTH_FIGURES_H
#define HEALTH_FIGURES_H

#include "metrics/metrics.h"

/* The agent's tables of counters, whose values stand in the status under `counts`. */
struct pp_health_table {
	const struct pp_counter *rows;
	size_t count;
};
/* -EBADMSG: status is no status. The caller frees *ret_text. */
int pp_health_metrics(const char *status, size_t length, const struct pp_health_table *tables,
	size_t table_count, char **ret_text, size_t *ret_length);

#endif
