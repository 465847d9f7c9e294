/* SPDX-License-Identifier: Apache-2.0 */
/* sample_file.h -- a small dispatch file, and what is said of it when one place is changed. */
#ifndef SAMPLE_FILE_H
#define SAMPLE_FILE_H

#include "pospin_test.h"

#include "plans/read.h"

static const char sample_file[] =
	"tenant: kendal\n"
	"sample: true\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, verified: 2025-11-01,\n"
	"    ways: [{sms: \"+6281234567890\"}, {mail: budi@example.id}]}\n"
	"  piket: {name: Piket, role: piket, language: en, ways: [{webhook: bot}]}\n"
	"agencies:\n"
	"  satpol: {name: Satpol PP, kind: satpol-pp, contacts: [piket]}\n"
	"  damkar: {name: Damkar, kind: damkar, station: kendal/boja-02, area: [\"kecamatan:"
	"k1\"]}\n"
	"rosters:\n"
	"  ronda: [{days: [sat, sun], from: \"22:00\", to: \"04:00\", contacts: [rt]}]\n"
	"plans:\n"
	"  all:\n"
	"    classes: [all]\n"
	"    area: [all]\n"
	"    rings:\n"
	"      desk: {until: taken, steps: [{call: [role:operator], wait: 15s}, {call: [satpol],"
	" wait: 30s}]}\n"
	"    fallback: {call: [contact:rt, webhook:all], every: 60s}\n"
	"  fire:\n"
	"    classes: [fire]\n"
	"    area: [desa:d1, post:boja-01]\n"
	"    hours: {days: [mon], from: \"18:00\", to: \"24:00\"}\n"
	"    rings:\n"
	"      neighbours: {until: taken, steps: [{call: [rt, roster:ronda], wait: 1min}]}\n"
	"      agencies: {until: accepted, steps: [{call: [agency:damkar, webhook:bot],"
	" wait: 90s}]}\n"
	"    fallback: {call: [agency:satpol], every: 2min}\n"
	"troubles:\n"
	"  - {kinds: [tamper, storage], after: 30s, call: [contact:rt]}\n"
	"  - {kinds: [all], after: 5min, quiet: {from: \"22:00\", to: \"06:00\"},"
	" call: [rt, roster:ronda]}\n"
	"limits: {troubles: {most: 3, in: 1min}, alarms: {most: 90, in: 10min}}\n";

/* The sample with the first `from` in it become `to`; the caller frees it. */
static inline char *sample_with(const char *from, const char *to)
{
	const char *at = strstr(sample_file, from);
	size_t before, size = sizeof(sample_file) + strlen(to);
	char *text = malloc(size);

	assert_non_null(text);
	if (!at)
		fail_msg("the sample has no '%s'", from);
	before = (size_t)(at - sample_file);
	snprintf(text, size, "%.*s%s%s", (int)before, sample_file, to, at + strlen(from));
	return text;
}

/* 0, or the error with its message. */
static inline int sample_read(
	const char *text, struct pp_plan_book **ret_book, struct pp_problem *problem)
{
	struct pp_yaml *root;
	int r = pp_yaml_parse("p.yaml", text, strlen(text), &root, problem);

	if (r < 0)
		return r;
	r = pp_plans_read(root, ret_book, problem);
	pp_yaml_free(root);
	return r;
}

struct refusal {
	const char *from, *to, *message; /* message NULL: it is fine */
};
static inline void refusals_try(const struct refusal *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pp_problem problem = { "" };
		struct pp_plan_book *book = NULL;
		char *text = sample_with(rows[i].from, rows[i].to);
		int r = sample_read(text, &book, &problem);

		if (rows[i].message ? strcmp(problem.text, rows[i].message) != 0 : r < 0)
			fail_msg("row %zu: got '%s', want '%s'", i, problem.text,
				rows[i].message ? rows[i].message : "no refusal");
		free(text);
		pp_plan_book_free(book);
	}
}
#define REFUSALS_TRY(rows) refusals_try(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
