/* SPDX-License-Identifier: Apache-2.0 */
/* core/log.h -- one line per event on standard error: level, stable id, key=value.
 * Rooms return, programs log: only main.c and the files beside it call this. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

enum pp_log_level {
	PP_LOG_ERROR = 3,
	PP_LOG_WARNING = 4,
	PP_LOG_NOTICE = 5,
	PP_LOG_INFO = 6,
	PP_LOG_DEBUG = 7
};

/* Before there are threads. Lines above `level` are dropped. Under journald (JOURNAL_STREAM names
 * our standard error) lines carry its <n> prefix. */
void pp_log_init(const char *program, enum pp_log_level level);
/* id is stable and dotted ("uplink.lost"); fmt is "key=%s key=%d". Control characters in the result
 * come out as '?'; a line over 2 KiB is cut and ends in "...". errno is kept. */
void pp_log(enum pp_log_level level, const char *id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
