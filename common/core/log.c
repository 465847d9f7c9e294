/* SPDX-License-Identifier: Apache-2.0 */
/* log.c -- one line per event on standard error, in one write so that threads do not mix lines. */
#include "core/log.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/text.h"

#define LINE_MAX_BYTES 2048

/* Set once by pp_log_init, before there are threads. */
static struct {
	char program[32];
	enum pp_log_level level;
	bool journal;
} self = { .program = "pospin", .level = PP_LOG_INFO };

/* JOURNAL_STREAM is inherited; only if it names our standard error does the journal read us. */
static bool journal_reads_stderr(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char mine[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, mine) == 0;
}

void pp_log_init(const char *program, enum pp_log_level level)
{
	snprintf(self.program, sizeof(self.program), "%s", program);
	self.level = level;
	self.journal = journal_reads_stderr();
}

static const char *level_name(enum pp_log_level level)
{
	switch (level) {
	case PP_LOG_ERROR:
		return "error";
	case PP_LOG_WARNING:
		return "warning";
	case PP_LOG_NOTICE:
		return "notice";
	case PP_LOG_INFO:
		return "info";
	case PP_LOG_DEBUG:
		return "debug";
	}
	assert(false);
	return "";
}

static size_t prefix_write(char *line, size_t size, enum pp_log_level level)
{
	char utc[25];
	int n;

	if (self.journal) {
		n = snprintf(line, size, "<%d>", (int)level);
	} else {
		pp_text_utc(pp_clock_wall_ms(), utc);
		n = snprintf(line, size, "%s %s %s ", utc, self.program, level_name(level));
	}
	assert(n > 0 && (size_t)n < size);
	return (size_t)n;
}

/* What a terminal or a log reader could take for a command, C1 controls (c2 80 .. c2 9f) too. */
static void controls_mask(char *text)
{
	unsigned char *p = (unsigned char *)text;

	for (; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
			p[0] = p[1] = '?';
	}
}

void pp_log(enum pp_log_level level, const char *id, const char *fmt, ...)
{
	static const char cut[] = "...";
	char line[LINE_MAX_BYTES + sizeof(cut) + 1];
	int saved = errno, n;
	size_t start, length;
	va_list args;

	if (level > self.level)
		return;
	start = prefix_write(line, LINE_MAX_BYTES, level);
	n = snprintf(line + start, LINE_MAX_BYTES - start, "%s ", id);
	assert(n > 0 && (size_t)n < LINE_MAX_BYTES - start);
	length = start + (size_t)n;
	va_start(args, fmt);
	n = vsnprintf(line + length, LINE_MAX_BYTES - length, fmt, args);
	va_end(args);
	controls_mask(line + start);
	if (n >= 0 && (size_t)n >= LINE_MAX_BYTES - length)
		memcpy(line + LINE_MAX_BYTES - 1, cut, sizeof(cut));
	length = strlen(line);
	line[length++] = '\n';
	n = (int)write(STDERR_FILENO, line, length);
	(void)n; /* there is nobody to tell when standard error is gone */
	errno = saved;
}
