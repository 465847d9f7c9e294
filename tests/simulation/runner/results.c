/* SPDX-License-Identifier: Apache-2.0 */
/* results.c -- tests/results/simulation.jsonl: a line for each series. */
#include "results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json/json.h"

#define LINE_BYTES 65536

void tally_add(struct tally *t, const struct outcome *out)
{
	struct finding *f = &t->findings[t->finding_count];

	t->runs++;
	t->lines += out->lines;
	t->post_ms += out->post_ms;
	for (int i = 0; i < WORLD_KIND_COUNT; i++)
		t->struck[i] += out->struck[i];
	if (!outcome_is_finding(out))
		return;
	if (t->finding_count < FINDINGS_MAX) {
		f->seed = out->seed;
		outcome_words(out, f->words);
	}
	t->finding_count++;
}

static bool is_fault(int kind)
{
	enum world_budget budget = world_kind_budget((enum world_kind)kind);

	return budget != WORLD_ORDER && budget != WORLD_PRESS;
}

uint64_t tally_faults(const struct tally *t)
{
	uint64_t sum = 0;

	for (int i = 0; i < WORLD_KIND_COUNT; i++)
		if (is_fault(i))
			sum += t->struck[i];
	return sum;
}

static struct pp_json *faults_json(const struct tally *t)
{
	struct pp_json *object = pp_json_object();

	for (int i = 0; i < WORLD_KIND_COUNT; i++)
		if (is_fault(i) && t->struck[i])
			(void)pp_json_set_i64(
				object, world_kind_text((enum world_kind)i), (int64_t)t->struck[i]);
	return object;
}

static struct pp_json *findings_json(const struct tally *t)
{
	struct pp_json *list = pp_json_list();

	for (size_t i = 0; i < t->finding_count && i < FINDINGS_MAX; i++) {
		struct pp_json *one = pp_json_object();

		(void)pp_json_set_i64(one, "seed", (int64_t)t->findings[i].seed);
		(void)pp_json_set_text(one, "words", t->findings[i].words);
		(void)pp_json_add(list, one);
	}
	return list;
}

static struct pp_json *tally_json(const struct tally *t, const char *commit)
{
	struct pp_json *object = pp_json_object(), *seeds = pp_json_list();
	time_t now = time(NULL);
	char date[32];
	struct tm tm;

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	(void)pp_json_set_text(object, "date", date);
	(void)pp_json_set_text(object, "commit", commit);
	(void)pp_json_set_text(object, "mode", t->mode);
	if (t->scope)
		(void)pp_json_set_text(object, "scope", t->scope);
	(void)pp_json_set_text(object, "command", t->command);
	(void)pp_json_add_i64(seeds, (int64_t)t->from);
	(void)pp_json_add_i64(seeds, (int64_t)t->to);
	(void)pp_json_set(object, "seeds", seeds);
	(void)pp_json_set_i64(object, "runs", (int64_t)t->runs);
	(void)pp_json_set_i64(object, "seconds", (int64_t)t->seconds);
	(void)pp_json_set_i64(object, "cpu_seconds", (int64_t)t->cpu_seconds);
	(void)pp_json_set_i64(object, "post_hours", (int64_t)(t->post_ms / 3600000));
	(void)pp_json_set_i64(object, "lines", (int64_t)t->lines);
	(void)pp_json_set_i64(object, "faults", (int64_t)tally_faults(t));
	(void)pp_json_set(object, "by_kind", faults_json(t));
	(void)pp_json_set_i64(object, "finding_count", (int64_t)t->finding_count);
	(void)pp_json_set(object, "findings", findings_json(t));
	return object;
}

int tally_append(const struct tally *t, const char *path, const char *commit)
{
	struct pp_json *json = tally_json(t, commit);
	FILE *file;
	char *text;
	size_t length;
	int r = pp_json_print(json, &text, &length);

	pp_json_free(json);
	if (r < 0)
		return r;
	file = fopen(path, "a");
	if (!file) {
		r = -errno;
		free(text);
		return r;
	}
	fprintf(file, "%s\n", text);
	free(text);
	return fclose(file) == 0 ? 0 : -errno;
}

/* The last seed of a line of a random series, or 0. */
static int64_t line_last(const char *line)
{
	const struct pp_json *seeds;
	struct pp_json *json;
	const char *mode;
	char where[160];
	int64_t to = 0;

	if (pp_json_parse(line, strlen(line), &json, where) < 0)
		return 0;
	if (pp_json_get_text(json, "mode", 32, &mode) < 0 || strcmp(mode, "random") != 0 ||
		pp_json_get_list(json, "seeds", &seeds) < 0 || pp_json_item_i64(seeds, 1, &to) < 0)
		to = 0;
	pp_json_free(json);
	return to;
}

uint64_t results_next_seed(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = malloc(LINE_BYTES);
	int64_t last = 0;

	while (file && line && fgets(line, LINE_BYTES, file)) {
		int64_t to = line_last(line);

		if (to > last)
			last = to;
	}
	if (file)
		fclose(file);
	free(line);
	return (uint64_t)last + 1;
}
