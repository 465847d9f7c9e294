/* SPDX-License-Identifier: Apache-2.0 */
/* marks.c -- O_DIRECT blocks, one a mark. */
#include "marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void work_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "vm-cuts: %s:%d: %s (%s)\n", file, line, what, strerror(errno));
	exit(EXIT_FAILURE);
}

void marks_open(struct marks *m, const char *device, int64_t first)
{
	void *block = NULL;

	*m = (struct marks){ .first = first, .next = first };
	m->fd = open(device, O_WRONLY | O_DIRECT | O_CLOEXEC);
	WANT(m->fd >= 0);
	WANT(posix_memalign(&block, MARK_SIZE, MARK_SIZE) == 0);
	m->block = block;
}

void mark(struct marks *m, const char *fmt, ...)
{
	va_list args;
	int n;

	memset(m->block, 0, MARK_SIZE);
	va_start(args, fmt);
	n = vsnprintf(m->block, MARK_SIZE, fmt, args);
	va_end(args);
	WANT(n > 0 && n < MARK_SIZE);
	WANT(pwrite(m->fd, m->block, MARK_SIZE, m->next) == MARK_SIZE);
	m->next += MARK_SIZE;
}

void marks_close(struct marks *m)
{
	close(m->fd);
	free(m->block);
}

/* xorshift64*. */
uint32_t random_below(uint64_t *state, uint32_t limit)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * 0x2545f4914f6cdd1dULL) >> 33) % limit;
}
