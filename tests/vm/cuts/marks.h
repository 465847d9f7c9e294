/* SPDX-License-Identifier: Apache-2.0 */
/* marks.h -- what a workload has promised and when: blocks behind the file system of its own disk,
 * written past every cache, so that they stand in the log of writes between those that they rest
 * on and those that came later. A mark is written, never flushed: it changes nothing for the rest.
 */
#ifndef VM_CUTS_MARKS_H
#define VM_CUTS_MARKS_H

#include <stddef.h>
#include <stdint.h>

#define MARK_SIZE 4096

struct marks {
	int fd;
	int64_t first, next; /* bytes from the beginning of the disk */
	char *block;
};

/* Errors end the program: a workload without marks proves nothing. */
void marks_open(struct marks *m, const char *device, int64_t first);
__attribute__((format(printf, 2, 3))) void mark(struct marks *m, const char *fmt, ...);
void marks_close(struct marks *m);

/* The same numbers for the same seed. */
uint32_t random_below(uint64_t *state, uint32_t limit);

/* Ends the program when what is said is not true. */
#define WANT(what)                                                                                 \
	do {                                                                                       \
		if (!(what))                                                                       \
			work_fail(__FILE__, __LINE__, #what);                                      \
	} while (0)
_Noreturn void work_fail(const char *file, int line, const char *what);

struct work {
	const char *folder; /* on the disk that is logged */
	struct marks marks;
	uint64_t random;
	int rounds;
};
void work_outbox(struct work *w);
void work_record(struct work *w);
void work_spool(struct work *w);

#endif
