/* SPDX-License-Identifier: Apache-2.0 */
/* profile.c -- reads a neighbourhood's profile and plays its strokes. */
#include "annunciator/profile.h"

#include <errno.h>
#include <string.h>

#include "core/text.h"

void pp_profile_default(struct pp_profile *ret_profile)
{
	static const struct pp_profile central_java = {
		.tempo_us = 400000,
		.pause_us = 1000000,
		.stroke_us = 120000,
		.siren_stroke_us = 250000,
		.sound_us = 180000000,
		.at_once = { [PP_CLASS_CRIME] = true,
			[PP_CLASS_FIRE] = true,
			[PP_CLASS_DISASTER] = true,
			[PP_CLASS_UNSPECIFIED] = true },
		.patterns = { [PP_CLASS_CRIME] = { 2, { 2, 2 } },
			[PP_CLASS_FIRE] = { 2, { 3, 3 } },
			[PP_CLASS_DISASTER] = { 2, { 4, 4 } } },
	};
	*ret_profile = central_java;
}

static int read_pattern(
	const struct pp_yaml *node, struct pp_pattern *ret_pattern, struct pp_problem *problem)
{
	struct pp_pattern pattern = { 0 };
	const char *text = pp_yaml_type(node) == PP_YAML_SCALAR ? pp_yaml_text(node) : "";

	if (strcmp(text, "titir") == 0) {
		*ret_pattern = pattern;
		return 0;
	}
	for (const char *p = text;; p++) {
		if (*p < '1' || *p > '9' || pattern.count == PP_PATTERN_GROUPS_MAX)
			break;
		pattern.groups[pattern.count++] = (unsigned)(*p - '0');
		p++;
		if (*p == '\0') {
			*ret_pattern = pattern;
			return 0;
		}
		if (*p != '-')
			break;
	}
	return pp_problem_at(problem, node,
		"expected titir, or up to %d groups of 1 to 9 strokes such as 2-2",
		PP_PATTERN_GROUPS_MAX);
}

static int read_class(const struct pp_yaml *node, struct pp_problem *problem)
{
	int class =
		pp_yaml_type(node) == PP_YAML_SCALAR ? pp_class_parse(pp_yaml_text(node)) : -EINVAL;

	if (class < 0)
		return pp_problem_at(
			problem, node, "expected crime, fire, disaster, medical or unspecified");
	return class;
}

static int read_patterns(
	const struct pp_yaml *map, struct pp_profile *p, struct pp_problem *problem)
{
	if (pp_yaml_type(map) != PP_YAML_MAP)
		return pp_problem_at(problem, map, "expected a map of classes to patterns");
	for (size_t i = 0; i < pp_yaml_count(map); i++) {
		int class = read_class(pp_yaml_key(map, i), problem);
		int r = class < 0 ? class
				  : read_pattern(pp_yaml_at(map, i), &p->patterns[class], problem);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_at_once(
	const struct pp_yaml *list, struct pp_profile *p, struct pp_problem *problem)
{
	if (pp_yaml_type(list) != PP_YAML_LIST)
		return pp_problem_at(problem, list, "expected a list of classes");
	memset(p->at_once, 0, sizeof(p->at_once));
	for (size_t i = 0; i < pp_yaml_count(list); i++) {
		int class = read_class(pp_yaml_at(list, i), problem);

		if (class < 0)
			return class;
		p->at_once[class] = true;
	}
	return 0;
}

static const struct timing {
	const char *key;
	size_t offset;
	int64_t min, max;
	const char *expected;
} timings[] = {
	{ "tempo", offsetof(struct pp_profile, tempo_us), 200000, 2000000,
		"a duration from 200ms to 2s" },
	{ "pause", offsetof(struct pp_profile, pause_us), 200000, 10000000,
		"a duration from 200ms to 10s" },
	{ "stroke", offsetof(struct pp_profile, stroke_us), 20000, 1000000,
		"a duration from 20ms to 1s" },
	{ "siren-stroke", offsetof(struct pp_profile, siren_stroke_us), 20000, 1900000,
		"a duration from 20ms to 1900ms" },
	{ "sound-for", offsetof(struct pp_profile, sound_us), 10000000, 3600000000,
		"a duration from 10s to 1h" },
};

static int read_timing(const struct timing *t, const struct pp_yaml *node, struct pp_profile *p,
	struct pp_problem *problem)
{
	int64_t value;
	const char *text = pp_yaml_type(node) == PP_YAML_SCALAR ? pp_yaml_text(node) : "";

	if (pp_text_duration_us(text, strlen(text), t->min, t->max, &value) < 0)
		return pp_problem_at(problem, node, "%s: expected %s", t->key, t->expected);
	memcpy((char *)p + t->offset, &value, sizeof(value));
	return 0;
}

static int read_entry(const struct pp_yaml *key, const struct pp_yaml *value, struct pp_profile *p,
	struct pp_problem *problem)
{
	const char *name = pp_yaml_type(key) == PP_YAML_SCALAR ? pp_yaml_text(key) : "";

	if (strcmp(name, "patterns") == 0)
		return read_patterns(value, p, problem);
	if (strcmp(name, "at-once") == 0)
		return read_at_once(value, p, problem);
	for (size_t i = 0; i < sizeof(timings) / sizeof(timings[0]); i++)
		if (strcmp(name, timings[i].key) == 0)
			return read_timing(&timings[i], value, p, problem);
	return pp_problem_at(problem, key,
		"unknown key '%s': expected patterns, at-once, tempo, pause, stroke, "
		"siren-stroke or sound-for",
		name);
}

int pp_profile_read(
	const struct pp_yaml *root, struct pp_profile *ret_profile, struct pp_problem *problem)
{
	struct pp_profile p;

	pp_profile_default(&p);
	if (pp_yaml_type(root) != PP_YAML_MAP)
		return pp_problem_at(problem, root, "expected a map");
	for (size_t i = 0; i < pp_yaml_count(root); i++) {
		int r = read_entry(pp_yaml_key(root, i), pp_yaml_at(root, i), &p, problem);

		if (r < 0)
			return r;
	}
	if (p.stroke_us >= p.tempo_us || p.siren_stroke_us >= p.tempo_us)
		return pp_problem_at(
			problem, root, "stroke and siren-stroke must be shorter than tempo");
	*ret_profile = p;
	return 0;
}

int pp_profile_load(const char *path, struct pp_profile *ret_profile, struct pp_problem *problem)
{
	struct pp_yaml *root = NULL;
	int r = pp_yaml_load(path, &root, problem);

	if (r < 0)
		return r;
	r = pp_profile_read(root, ret_profile, problem);
	pp_yaml_free(root);
	return r;
}

bool pp_pattern_at(const struct pp_profile *p, enum pp_class class, int64_t stroke_us,
	uint64_t elapsed_us, uint64_t *ret_next_us)
{
	const struct pp_pattern *pattern = &p->patterns[class];
	uint64_t tempo = (uint64_t)p->tempo_us, pause = (uint64_t)p->pause_us,
		 stroke = (uint64_t)stroke_us;
	uint64_t cycle = pattern->count ? 0 : tempo;

	for (unsigned i = 0; i < pattern->count; i++)
		cycle += pattern->groups[i] * tempo + pause;
	elapsed_us %= cycle;
	for (unsigned i = 0; i < pattern->count; i++) {
		uint64_t strokes = pattern->groups[i] * tempo;

		if (elapsed_us >= strokes && elapsed_us < strokes + pause) {
			*ret_next_us = strokes + pause - elapsed_us;
			return false;
		}
		if (elapsed_us < strokes)
			break;
		elapsed_us -= strokes + pause;
	}
	elapsed_us %= tempo;
	*ret_next_us = elapsed_us < stroke ? stroke - elapsed_us : tempo - elapsed_us;
	return elapsed_us < stroke;
}
