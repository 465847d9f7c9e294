/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/status.h -- what waits, what was set aside, how far behind the record, in plain words.
 */
#ifndef RECORDER_STATUS_H
#define RECORDER_STATUS_H

#include "config/recorder_settings.h"

#include <stdio.h>

/* Reads spool and record beside a running recorder. Prints to out; -errno with a sentence on out.
 */
int pp_recorder_status(const struct pp_recorder_settings *settings, FILE *out);
/* What the running recorder counts, for Prometheus. -errno with a sentence on err. */
int pp_recorder_metrics(const struct pp_recorder_settings *settings, FILE *out, FILE *err);

#endif
