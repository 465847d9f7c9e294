/* SPDX-License-Identifier: Apache-2.0 */
/* run.c -- simulation.run: seeds, replays, and what was found made small. See ../README.md. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"
#include "explore.h"
#include "results.h"
#include "shrink.h"

#define SHRINK_TRIES 400

static const char usage[] =
	"usage: tests/simulation/run [--seeds A..B] [--hours H | --seconds S] [--workers N]\n"
	"       tests/simulation/run --replay SEED|FILE [--log]\n"
	"       tests/simulation/run --exhaustive SCOPE [--seconds S] [--workers N]\n"
	"  --seeds A..B  these seeds; without B until the time is over. Default: those after\n"
	"                the last of the results, so that long runs add up\n"
	"  --hours, --seconds  stops then; default 60 seconds if there is no B\n"
	"  --workers N   at once (2)\n"
	"  --results F   adds a line to F (tests/results/simulation.jsonl with --record)\n"
	"  --record      the result counts: see --results\n"
	"  --first       stops at the first finding\n"
	"  --no-shrink   a finding is not made smaller\n"
	"  --replay      one seed, or the choices of a saved run: prints what it breaks, writes\n"
	"                its history; --log: with the programs' own logs\n"
	"  --exhaustive  every crash point, loss, repetition and order of a small scope;\n"
	"                SCOPE `list` names them\n"
	"Exit status: 0 nothing found, 1 something found, 2 it could not run.\n";

struct options {
	int64_t from, to; /* to -1: none */
	int64_t seconds;  /* -1: none */
	int64_t workers;
	const char *replay, *results, *out, *commit, *scope;
	bool log, no_shrink, first;
	char command[400];
};

struct series {
	const struct options *options;
	struct tally tally;
	struct saved *first; /* finding */
	struct outcome *first_out;
	double begun, told;
	uint64_t next;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What the runs of this process have taken of the processors: each was a child. */
static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void progress(struct series *s, bool last)
{
	double now = now_s();

	if (!last && now - s->told < (isatty(STDERR_FILENO) ? 1 : 30))
		return;
	s->told = now;
	fprintf(stderr,
		"%s%" PRIu64 " runs in %.0f s, %.1f post-hours, %" PRIu64 " faults, %" PRIu64
		" findings%s",
		isatty(STDERR_FILENO) ? "\r" : "", s->tally.runs, now - s->begun,
		(double)s->tally.post_ms / 3.6e6, tally_faults(&s->tally), s->tally.finding_count,
		isatty(STDERR_FILENO) && !last ? "" : "\n");
}

static void take(void *user, const struct outcome *out)
{
	struct series *s = user;
	char words[TRIAL_WORDS + 40];

	tally_add(&s->tally, out);
	if (out->seed > s->tally.to)
		s->tally.to = out->seed;
	progress(s, false);
	if (!outcome_is_finding(out))
		return;
	printf("seed %" PRIu64 ": %s\n  tests/simulation/run --replay %" PRIu64 "\n", out->seed,
		outcome_words(out, words), out->seed);
	fflush(stdout);
	if (s->first->count || s->tally.finding_count > 1)
		return;
	/* (What did not come to its end has not said its choices: nothing to make smaller.) */
	s->first->seed = out->seed;
	s->first->count = out->done ? out->choice_count : 0;
	memcpy(s->first->list, out->choices, s->first->count * sizeof(out->choices[0]));
	memcpy(s->first_out, out, sizeof(*out));
}

static bool is_over(const struct series *s)
{
	const struct options *o = s->options;

	return (o->first && s->tally.finding_count > 0) ||
	       (o->to >= 0 && s->next > (uint64_t)o->to) ||
	       (o->seconds >= 0 && now_s() - s->begun >= (double)o->seconds);
}

static void first_shrink(struct series *s, struct pool *pool)
{
	const struct options *o = s->options;
	char path[512], history[520];
	const struct outcome *out;
	bool same;
	unsigned tries;
	size_t before = s->first->count;

	if (!before || o->no_shrink)
		return;
	tries = shrink(pool, s->first, s->first_out, SHRINK_TRIES, &same);
	snprintf(path, sizeof(path), "%s/seed-%" PRIu64 ".choices", o->out, s->first->seed);
	snprintf(history, sizeof(history), "%s/seed-%" PRIu64 ".jsonl", o->out, s->first->seed);
	if (saved_write(s->first, path) < 0)
		return;
	printf("seed %" PRIu64 ": %zu choices, %zu are enough (%u tries%s)\n"
	       "  tests/simulation/run --replay %s\n",
		s->first->seed, before, s->first->count, tries,
		same ? "" : "; the list alone does not show it", path);
	out = pool_try(pool, &(struct trial){ .seed = s->first->seed,
				     .listed = true,
				     .list = s->first->list,
				     .count = s->first->count,
				     .quiet_log = true,
				     .history = history });
	printf("  its history: %s (%" PRIu64 " lines)\n", history, out->lines);
}

static int series_end(struct series *s, const char *name)
{
	const struct options *o = s->options;
	int r = 0;

	progress(s, true);
	printf("%s: %" PRIu64 " runs, %.1f simulated post-hours, %" PRIu64
	       " faults injected, %" PRIu64 " findings\n",
		name, s->tally.runs, (double)s->tally.post_ms / 3.6e6, tally_faults(&s->tally),
		s->tally.finding_count);
	if (o->results)
		r = tally_append(&s->tally, o->results, o->commit);
	if (r < 0)
		fprintf(stderr, "simulation: %s: %s\n", o->results, strerror(-r));
	return r < 0 ? 2 : s->tally.finding_count > 0;
}

static int seeds_run(const struct options *o)
{
	struct series *s = calloc(1, sizeof(*s));
	struct pool *pool = pool_new((unsigned)o->workers);

	if (!s || !pool)
		return 2;
	s->options = o;
	s->first = calloc(1, sizeof(*s->first));
	s->first_out = calloc(1, sizeof(*s->first_out));
	if (!s->first || !s->first_out)
		return 2;
	s->begun = s->told = now_s();
	s->next = (uint64_t)o->from;
	s->tally.mode = "random";
	s->tally.command = o->command;
	s->tally.from = s->next;
	while (!is_over(s)) {
		pool_start(pool, &(struct trial){ .seed = s->next, .quiet_log = true }, take, s);
		s->next++;
	}
	pool_finish(pool, take, s);
	s->tally.seconds = now_s() - s->begun;
	s->tally.cpu_seconds = cpu_s();
	first_shrink(s, pool);
	return series_end(s, "seeds");
}

/* ---- replay ---- */

static int replay_run(const struct options *o)
{
	struct saved *saved = calloc(1, sizeof(*saved));
	struct trial t = { .print = true, .quiet_log = !o->log };
	struct pool *pool = pool_new(1);
	const struct outcome *out;
	char words[TRIAL_WORDS + 40], history[512];
	int64_t seed;
	int r;

	if (!saved || !pool)
		return 2;
	if (pp_text_i64(o->replay, strlen(o->replay), 0, INT64_MAX, &seed) == 0) {
		t.seed = (uint64_t)seed;
	} else {
		r = saved_read(o->replay, saved);
		if (r < 0) {
			fprintf(stderr, "simulation: %s: %s\n", o->replay, strerror(-r));
			return 2;
		}
		t.seed = saved->seed;
		t.listed = true;
		t.list = saved->list;
		t.count = saved->count;
	}
	snprintf(history, sizeof(history), "%s/replay.jsonl", o->out);
	t.history = history;
	out = pool_try(pool, &t);
	printf("seed %" PRIu64 ": hash %016" PRIx64 ", %" PRIu64 " lines, %" PRIu32
	       " choices: %s\n",
		out->seed, out->hash, out->lines, out->choice_count,
		outcome_is_finding(out) ? outcome_words(out, words) : "nothing is broken");
	if (out->done)
		printf("its history: %s\n", history);
	return outcome_is_finding(out);
}

/* ---- a small scope, closed ---- */

static int scopes_list(void)
{
	const struct scope *scope;

	for (size_t i = 0; (scope = scope_at(i)) != NULL; i++)
		printf("%-24s %s\n", scope->name, scope->what);
	return 0;
}

static int scope_explore(const struct options *o)
{
	const struct scope *scope = scope_find(o->scope);
	struct tally *t = calloc(1, sizeof(*t));
	double begun = now_s();
	bool closed = false;
	int r;

	if (strcmp(o->scope, "list") == 0)
		return scopes_list();
	if (!scope || !t) {
		fprintf(stderr, "simulation: no scope '%s'\n", o->scope);
		return 2;
	}
	r = explore(scope, (unsigned)o->workers, o->seconds, o->out, t, &closed);
	t->seconds = now_s() - begun;
	t->cpu_seconds = cpu_s();
	t->scope = scope->name;
	t->mode = closed ? "exhaustive" : "exhaustive, not closed";
	t->command = o->command;
	printf("%s: %" PRIu64 " histories%s, %" PRIu64 " faults injected, %.0f s, %" PRIu64
	       " findings\n",
		scope->name, t->runs, closed ? ", closed" : ", NOT closed", tally_faults(t),
		t->seconds, t->finding_count);
	if (r == 0 && o->results)
		r = tally_append(t, o->results, o->commit);
	return r < 0 ? 2 : t->finding_count > 0 || (!closed && o->seconds < 0);
}

/* ---- the command line ---- */

static bool number(const char *text, size_t length, int64_t max, int64_t *ret)
{
	return pp_text_i64(text, length, 0, max, ret) == 0;
}

static bool seeds_parse(const char *text, struct options *o)
{
	const char *dots = strstr(text, "..");
	size_t length = dots ? (size_t)(dots - text) : strlen(text);

	if (!number(text, length, INT64_MAX - 1, &o->from))
		return false;
	o->to = dots ? -1 : o->from;
	return !dots || !dots[2] || number(dots + 2, strlen(dots + 2), INT64_MAX - 1, &o->to);
}

static bool value_parse(struct options *o, const char *name, const char *value)
{
	int64_t hours;

	if (strcmp(name, "--seeds") == 0)
		return seeds_parse(value, o);
	if (strcmp(name, "--hours") == 0) {
		if (!number(value, strlen(value), 1000, &hours))
			return false;
		o->seconds = hours * 3600;
		return true;
	}
	if (strcmp(name, "--seconds") == 0)
		return number(value, strlen(value), 3600000, &o->seconds);
	if (strcmp(name, "--workers") == 0)
		return number(value, strlen(value), POOL_WORKERS_MAX, &o->workers) && o->workers;
	if (strcmp(name, "--replay") == 0)
		o->replay = value;
	else if (strcmp(name, "--results") == 0)
		o->results = value;
	else if (strcmp(name, "--out") == 0)
		o->out = value;
	else if (strcmp(name, "--commit") == 0)
		o->commit = value;
	else if (strcmp(name, "--exhaustive") == 0)
		o->scope = value;
	else
		return false;
	return true;
}

static bool is_inner(const char *name)
{
	return strcmp(name, "--results") == 0 || strcmp(name, "--out") == 0 ||
	       strcmp(name, "--commit") == 0;
}

static bool flag_parse(struct options *o, const char *name)
{
	if (strcmp(name, "--log") == 0)
		o->log = true;
	else if (strcmp(name, "--no-shrink") == 0)
		o->no_shrink = true;
	else if (strcmp(name, "--first") == 0)
		o->first = true;
	else
		return false;
	return true;
}

static bool options_parse(int argc, char **argv, struct options *o)
{
	size_t length = (size_t)snprintf(o->command, sizeof(o->command), "tests/simulation/run");

	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		bool flag = flag_parse(o, name);

		if (!flag && (!value || !value_parse(o, name, value)))
			return false;
		i += !flag;
		if (!is_inner(name) && length < sizeof(o->command))
			length += (size_t)snprintf(o->command + length, sizeof(o->command) - length,
				flag ? " %s" : " %s %s", name, value ? value : "");
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options o = {
		.from = -1, .to = -1, .seconds = -1, .workers = 2, .out = ".", .commit = "unknown"
	};

	if (!options_parse(argc, argv, &o)) {
		fputs(usage, stderr);
		return 2;
	}
	if (o.replay)
		return replay_run(&o);
	if (o.scope)
		return scope_explore(&o);
	if (o.from < 0)
		o.from = o.results ? (int64_t)results_next_seed(o.results) : 1;
	if (o.to < 0 && o.seconds < 0)
		o.seconds = 60;
	return seeds_run(&o);
}
