/* SPDX-License-Identifier: Apache-2.0 */
/* main.c -- vm-cuts: works on an outbox, a record or a spool in a virtual machine whose disk logs
 * every write, and marks in the same log what it has been promised: see power_cuts.mjs. */
#include "marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static int64_t number(const char *text, int64_t min, int64_t max)
{
	int64_t value = 0;

	WANT(pp_text_i64(text, strlen(text), min, max, &value) == 0);
	return value;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct work *w);
	} works[] = {
		{ "outbox", work_outbox },
		{ "record", work_record },
		{ "spool", work_spool },
	};
	struct work w = { 0 };

	if (argc != 7) {
		fprintf(stderr,
			"usage: vm-cuts outbox|record|spool FOLDER DEVICE MARKS-AT SEED ROUNDS\n");
		return EXIT_FAILURE;
	}
	w.folder = argv[2];
	marks_open(&w.marks, argv[3], number(argv[4], MARK_SIZE, INT64_MAX));
	w.random = (uint64_t)number(argv[5], 1, INT64_MAX) * 0x9e3779b97f4a7c15ULL;
	w.rounds = (int)number(argv[6], 1, 1000000);
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
		if (strcmp(works[i].name, argv[1]) == 0)
			works[i].run(&w);
	mark(&w.marks, "end");
	marks_close(&w.marks);
	return EXIT_SUCCESS;
}
