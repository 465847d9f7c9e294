/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c -- pospin-judge: reads a history and says what it breaks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/checkers.h"

static const char usage[] =
	"usage: pospin-judge [--never|--promise] FILE\n"
	"       pospin-judge --list\n"
	"Says what the history in FILE (-: standard input) breaks, and which lines prove it.\n"
	"  --never    only what must not happen even while everything fails\n"
	"  --promise  only what must happen after everything has healed\n"
	"  --list     the checkers, and the invariants that they guard\n"
	"Exit status: 0 nothing is broken, 1 something is, 2 the history cannot be read.\n";

static int file_read(const char *path, char **ret_text, size_t *ret_length)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	size_t size = 1 << 16, length = 0, n;
	char *text = file ? malloc(size) : NULL;

	if (!file)
		return -errno;
	while (text && (n = fread(text + length, 1, size - length, file)) > 0) {
		length += n;
		if (length == size) {
			char *more = realloc(text, size *= 2);

			if (!more)
				free(text);
			text = more;
		}
	}
	if (file != stdin)
		fclose(file);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	*ret_length = length;
	return 0;
}

static void lines_print(const struct pp_history *h, const struct pp_breach *b)
{
	for (size_t i = 0; i < PP_BREACH_LINES && b->lines[i]; i++)
		for (size_t j = 0; j < pp_history_count(h); j++)
			if (pp_history_line(h, j)->number == b->lines[i])
				printf("  line %zu: %s\n", b->lines[i], pp_history_line(h, j)->raw);
}

static int verdict_print(const struct pp_history *h, const struct pp_verdict *v)
{
	for (size_t i = 0; i < pp_verdict_count(v); i++) {
		const struct pp_breach *b = pp_verdict_breach(v, i);

		printf("%s (%s): %s\n", pp_check_name(b->check), pp_check_invariants(b->check),
			b->words);
		lines_print(h, b);
	}
	printf("%zu lines, %zu breaches\n", pp_history_count(h), pp_verdict_total(v));
	return pp_verdict_total(v) > 0;
}

static int list_print(void)
{
	for (int i = 0; i < PP_CHECK_COUNT; i++)
		printf("%s | %s | %s\n", pp_check_name((enum pp_check)i),
			pp_check_invariants((enum pp_check)i), pp_check_words((enum pp_check)i));
	return 0;
}

static int file_judge(const char *path, enum pp_judge_mode mode)
{
	struct pp_history *h = NULL;
	struct pp_verdict *v = NULL;
	char where[160], *text = NULL;
	size_t length = 0;
	int r = file_read(path, &text, &length);

	if (r < 0) {
		fprintf(stderr, "pospin-judge: %s: %s\n", path, strerror(-r));
		return 2;
	}
	r = pp_history_parse(text, length, &h, where);
	free(text);
	if (r == 0)
		r = pp_judge(h, mode, &v);
	if (r < 0)
		fprintf(stderr, "pospin-judge: %s: %s\n", path, h ? strerror(-r) : where);
	r = r < 0 ? 2 : verdict_print(h, v);
	pp_verdict_free(v);
	pp_history_free(h);
	return r;
}

int main(int argc, char **argv)
{
	enum pp_judge_mode mode = PP_JUDGE_ALL;
	const char *path = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--list") == 0)
			return list_print();
		if (strcmp(argv[i], "--never") == 0)
			mode = PP_JUDGE_NEVER;
		else if (strcmp(argv[i], "--promise") == 0)
			mode = PP_JUDGE_PROMISE;
		else if (!path && (argv[i][0] != '-' || !argv[i][1]))
			path = argv[i];
		else
			path = NULL, i = argc;
	}
	if (!path) {
		fputs(usage, stderr);
		return 2;
	}
	return file_judge(path, mode);
}
