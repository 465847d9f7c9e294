/* SPDX-License-Identifier: Apache-2.0 */
/* streams.h -- runs a command line and keeps what it says. */
#ifndef CTL_STREAMS_H
#define CTL_STREAMS_H

#include "pospin_test.h"

#include "ctl/ctl.h"

struct said {
	int status;
	char *out, *err;
	size_t out_size, err_size;
};

static inline void said_done(struct said *s)
{
	free(s->out);
	free(s->err);
	memset(s, 0, sizeof(*s));
}

/* words: what follows the program's name, NULL ends. */
static inline void say(struct said *s, const char *const *words)
{
	char *argv[40] = { strdup("pospinctl") };
	int argc = 1;
	FILE *out, *err;

	memset(s, 0, sizeof(*s));
	for (; words[argc - 1]; argc++)
		argv[argc] = strdup(words[argc - 1]);
	out = open_memstream(&s->out, &s->out_size);
	err = open_memstream(&s->err, &s->err_size);
	assert_non_null(out);
	assert_non_null(err);
	s->status = pp_ctl_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
}
#define SAY(s, ...) say(s, (const char *const[]){ __VA_ARGS__, NULL })

static inline void assert_says(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("'%s' does not say '%s'", text, words);
}

#endif
