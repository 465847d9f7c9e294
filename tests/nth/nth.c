/* SPDX-License-Identifier: Apache-2.0 */
/* nth.c -- one process a run, and the judge between them. */
#include "nth.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "core/text.h"
#include "pospin_test.h"

#define WRONG_MAX 10 /* then the rest is like it */
#define RUN_SECONDS 120
#ifdef __SANITIZE_ADDRESS__
#define OWN_EVERY 3 /* under the sanitizer each run is slow; without it all are tried */
#else
#define OWN_EVERY 1
#endif
#define LIBRARY_EVERY 47 /* of allocations inside of libraries; POSPIN_LONG=1: all */

int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

/* Written by the run, read by the judge. */
struct shared {
	size_t count;
	struct nth_note notes[NTH_NOTES_MAX];
	bool fired, overflow;
	char at[32], wrong[512];
	long points;
};

static struct shared *shared;
static long current;
static enum calls_kind kind;
static bool playing;
static int wrong_count;

void nth_begin(void)
{
	calls_arm(kind, current);
}

static void fired_note(void)
{
	const char *at;

	shared->points = calls_disarm(kind);
	shared->fired = calls_fired(&at);
	snprintf(shared->at, sizeof(shared->at), "%s", at);
}

void nth_end(void)
{
	fired_note();
}

bool nth_has_failed(void)
{
	const char *at;

	return calls_fired(&at);
}

void nth_note(char what, int64_t a, int64_t b, int64_t c)
{
	if (shared->count == NTH_NOTES_MAX)
		shared->overflow = true;
	else
		shared->notes[shared->count++] = (struct nth_note){ what, a, b, c };
}

void nth_wrong(const char *fmt, ...)
{
	va_list args;
	char text[512];

	if (playing)
		fired_note();
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (playing) {
		snprintf(shared->wrong, sizeof(shared->wrong), "%s", text);
		_exit(EXIT_FAILURE);
	}
	wrong_count++;
	printf("  point %s%ld (%s): %s\n", kind == CALLS_OWN ? "" : "L", current, shared->at, text);
}

static _Noreturn void run(const struct nth_scenario *s, const char *folder)
{
	playing = true;
	alarm(RUN_SECONDS);
	s->play(folder);
	if (shared->wrong[0])
		_exit(EXIT_FAILURE);
	if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check())
		nth_wrong("memory was lost");
	_exit(EXIT_SUCCESS);
}

/* An assertion ends a program loudly: that is one of the answers. */
static bool ended_loudly(const char *words)
{
	char text[4096] = "";
	FILE *f = fopen(words, "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return strstr(text, "Assertion") && !strstr(text, "Sanitizer");
}

static void words_print(const char *path)
{
	char line[512];
	FILE *f = fopen(path, "re");

	for (int i = 0; f && i < 30 && fgets(line, sizeof(line), f); i++)
		printf("    %s", line);
	if (f)
		fclose(f);
}

/* How the run ended: 1 by an assertion, 0 by itself. */
static int run_judge(const char *words, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && shared->at[0] == '\0')
		snprintf(shared->at, sizeof(shared->at), "?");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && ended_loudly(words)) {
		shared->fired = true;
		return 1;
	}
	nth_wrong("%s (status %x)", shared->wrong[0] ? shared->wrong : "it ended badly",
		(unsigned)status);
	words_print(words);
	shared->fired = true;
	return 0;
}

static void file_copy(const char *from, const char *to)
{
	char bytes[8192];
	FILE *in = fopen(from, "re"), *out = fopen(to, "wxe");
	size_t n;

	NTH_WANT(in && out);
	while (in && out && (n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		NTH_WANT(fwrite(bytes, 1, n, out) == n);
	NTH_WANT(in && !ferror(in) && fclose(in) == 0);
	NTH_WANT(out && fclose(out) == 0);
}

/* All of the files of a folder that has no other folder in it. */
static void files_copy(const char *from, const char *to)
{
	DIR *folder = opendir(from);
	const struct dirent *file;

	NTH_WANT(folder);
	while (folder && (file = readdir(folder))) {
		char source[600], copy[600];

		if (file->d_name[0] == '.')
			continue;
		snprintf(source, sizeof(source), "%s/%s", from, file->d_name);
		snprintf(copy, sizeof(copy), "%s/%s", to, file->d_name);
		file_copy(source, copy);
	}
	if (folder)
		closedir(folder);
}

/* One run, which begins with a copy of the files in `made`. 1: it ended by an assertion. */
static int once(const struct nth_scenario *s, const char *made)
{
	char *folder = pp_test_folder(), words[600];
	int status, loud;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	snprintf(words, sizeof(words), "%s.words", folder);
	files_copy(made, folder);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (!freopen(words, "we", stderr))
			_exit(EXIT_FAILURE);
		setvbuf(stderr, NULL, _IONBF, 0);
		run(s, folder);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	loud = run_judge(words, status);
	s->judge(folder, shared->notes, shared->count);
	if (shared->overflow)
		nth_wrong("more notes than there is room for");
	(void)unlink(words);
	pp_test_folder_remove(folder);
	return loud;
}

static int64_t setting(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);
	int64_t n = otherwise;

	if (text && pp_text_i64(text, strlen(text), 1, INT32_MAX, &n) < 0)
		nth_wrong("%s is a number from 1, not %s", name, text);
	return n;
}

/* All points of one kind, or each so-manieth. */
static void run_kind(const struct nth_scenario *s, const char *made, enum calls_kind of, long every)
{
	static const char *const names[] = { "own allocations and calls for files",
		"allocations inside of libraries" };
	long only = (long)setting("POSPIN_NTH", 0), failed = 0, points;
	int loud = 0;

	kind = of;
	current = 0;
	(void)once(s, made); /* nothing fails: what follows means nothing if this is wrong */
	points = shared->points;
	for (current = only ? only : every; wrong_count < WRONG_MAX; current += every) {
		loud += once(s, made);
		failed += shared->fired;
		/* The last ones may come and go with the order of threads. */
		if (only || (!shared->fired && current > points))
			break;
	}
	printf("%s, %s: %ld of %ld failed, one in each run, until it passed without; %d runs "
	       "ended by an assertion; %d wrong\n",
		s->name, names[of], failed, points, loud, wrong_count);
	fflush(stdout);
}

int nth_run(const struct nth_scenario *s)
{
	const char *only = getenv("POSPIN_NTH_KIND"), *whole = getenv("POSPIN_LONG");
	long every = whole && strcmp(whole, "1") == 0 ? 1 : LIBRARY_EVERY;
	char *made;

	calls_adopt_json();
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return EXIT_FAILURE;
	made = pp_test_folder();
	s->prepare(made);
	if (!only || strcmp(only, "own") == 0)
		run_kind(s, made, CALLS_OWN, OWN_EVERY);
	if (!only || strcmp(only, "library") == 0)
		run_kind(s, made, CALLS_LIBRARY, (long)setting("POSPIN_NTH_EVERY", every));
	pp_test_folder_remove(made);
	return wrong_count ? EXIT_FAILURE : EXIT_SUCCESS;
}
