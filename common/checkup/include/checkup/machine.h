/* SPDX-License-Identifier: Apache-2.0 */
/* checkup/machine.h -- what a support bundle tells of the machine: its system, and the last lines
 * of our programs' log. */
#ifndef CHECKUP_MACHINE_H
#define CHECKUP_MACHINE_H

#include "core/text.h"

#define PP_LOG_LINES 500

/* Kernel, distribution, uptime, memory, load. */
void pp_machine_describe(struct pp_buf *b);
/* The last PP_LOG_LINES lines of a file; what cannot be read is said in the text. */
void pp_machine_log_file(const char *path, struct pp_buf *b);
/* The same of units in the journal (NULL-terminated), by the program journalctl, within timeout_ms;
 * where there is none, that is said. */
void pp_machine_log_journal(const char *const *units, int timeout_ms, struct pp_buf *b);
/* Runs a program (an absolute path) for its standard output, at most max bytes. 0; -ETIMEDOUT: it
 * was ended; -EIO: it failed; -errno: it could not be started. What it said until then is in b. */
int pp_machine_run(const char *const *arguments, int timeout_ms, size_t max, struct pp_buf *b);

#endif
