/* SPDX-License-Identifier: Apache-2.0 */
/* checkers_test.c -- each checker flags the bad histories that bear its name, and no other; good
 * ones pass; a good one with a line dropped, doubled or swapped does not. */
#include "pospin_test.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/checkers.h"

#define HISTORIES POSPIN_SOURCE_DIR "/tests/checkers/histories/"
#define LINES_MAX 400
#define LINE_MAX_LENGTH 600

static char *file_read(const char *folder, const char *name)
{
	char path[512];
	FILE *file;
	char *text;
	long length;

	snprintf(path, sizeof(path), HISTORIES "%s/%s", folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	length = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)length + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)length, file), length);
	fclose(file);
	return text;
}

struct result {
	size_t total;
	bool by[PP_CHECK_COUNT];
	char words[300];
};

static int judge(const char *text, enum pp_judge_mode mode, struct result *ret)
{
	struct pp_history *h;
	struct pp_verdict *v;
	char where[160];
	int r = pp_history_parse(text, strlen(text), &h, where);

	memset(ret, 0, sizeof(*ret));
	if (r < 0) {
		snprintf(ret->words, sizeof(ret->words), "%s", where);
		return r;
	}
	assert_int_equal(pp_judge(h, mode, &v), 0);
	ret->total = pp_verdict_total(v);
	for (size_t i = 0; i < pp_verdict_count(v); i++) {
		const struct pp_breach *b = pp_verdict_breach(v, i);

		ret->by[b->check] = true;
		assert_true(b->lines[0] > 0);
		if (i == 0)
			snprintf(ret->words, sizeof(ret->words), "%s: %s", pp_check_name(b->check),
				b->words);
	}
	pp_verdict_free(v);
	pp_history_free(h);
	return 0;
}

typedef void file_fn(const char *name, const char *text, size_t *count);
static size_t each(const char *folder, file_fn *fn)
{
	char path[512];
	struct dirent *entry;
	size_t count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), HISTORIES "%s", folder);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char *text;

		if (!strstr(entry->d_name, ".jsonl"))
			continue;
		text = file_read(folder, entry->d_name);
		fn(entry->d_name, text, &count);
		free(text);
	}
	closedir(dir);
	return count;
}

static void must_pass(const char *name, const char *text, size_t *count)
{
	struct result r;

	assert_int_equal(judge(text, PP_JUDGE_ALL, &r), 0);
	if (r.total > 0)
		fail_msg("%s: %s", name, r.words);
	++*count;
}

static void good_histories_pass_however_ugly(void **state)
{
	(void)state;
	assert_true(each("good", must_pass) >= 5);
}

static void must_fail(const char *name, const char *text, size_t *count)
{
	struct result r;

	assert_int_equal(judge(text, PP_JUDGE_ALL, &r), 0);
	for (int i = 0; i < PP_CHECK_COUNT; i++) {
		const char *check = pp_check_name((enum pp_check)i);
		size_t length = strlen(check);
		bool want = strncmp(name, check, length) == 0 && name[length] == '.';

		if (r.by[i] != want)
			fail_msg("%s: %s %s (%s)", name, check, want ? "says nothing" : "complains",
				r.words);
	}
	++*count;
}

static void each_bad_history_is_flagged_by_its_checker_and_no_other(void **state)
{
	(void)state;
	assert_true(each("bad", must_fail) >= 20);
}

static bool has_case(const char *check)
{
	DIR *dir = opendir(HISTORIES "bad");
	struct dirent *entry;
	bool found = false;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		found = found || (strncmp(entry->d_name, check, strlen(check)) == 0 &&
					 entry->d_name[strlen(check)] == '.');
	closedir(dir);
	return found;
}

static void each_checker_has_a_bad_history(void **state)
{
	(void)state;
	for (int i = 0; i < PP_CHECK_COUNT; i++)
		if (!has_case(pp_check_name((enum pp_check)i)))
			fail_msg("%s has none", pp_check_name((enum pp_check)i));
}

/* ---- a good history with one line changed ---- */

struct lines {
	char *text;
	char *line[LINES_MAX]; /* without "t" in front: {"t":N | ,"event":...} */
	size_t t_length[LINES_MAX];
	size_t count;
};

static void lines_cut(struct lines *l)
{
	l->text = file_read("good", "handled-to-the-end.jsonl");
	l->count = 0;
	for (char *at = l->text; *at;) {
		char *end = at + strcspn(at, "\n");

		assert_true(*end == '\n' && end - at < LINE_MAX_LENGTH && l->count < LINES_MAX);
		*end = '\0';
		l->t_length[l->count] = strcspn(at, ",");
		l->line[l->count++] = at;
		at = end + 1;
	}
}

static bool has(const char *line, const char *first, const char *second)
{
	return strstr(line, first) && (!second || strstr(line, second));
}

/* Writes the lines in that order; the times stay where they are. */
static char *lines_join(const struct lines *l, const size_t *order, const size_t *at, size_t count)
{
	char *text = calloc(count, LINE_MAX_LENGTH), *end = text;

	assert_non_null(text);
	for (size_t i = 0; i < count; i++) {
		const char *time = l->line[at[i]],
			   *rest = l->line[order[i]] + l->t_length[order[i]];

		end += snprintf(
			end, LINE_MAX_LENGTH, "%.*s%s\n", (int)l->t_length[at[i]], time, rest);
	}
	return text;
}

struct change {
	const char *what;           /* "drop", "double", "swap" */
	const char *first, *second; /* texts of the line */
	const char *other, *other2; /* swap: of the next line that has them */
};

static const struct change changes[] = {
	{ "drop", "\"event\":\"press\"", NULL, NULL, NULL },
	{ "drop", "\"event\":\"row\"", "\"signal\":\"alarm\"", NULL, NULL },
	{ "drop", "\"event\":\"receipt\"", "\"seq\":1,", NULL, NULL },
	{ "drop", "\"event\":\"receipt\"", "\"seq\":3,", NULL, NULL },
	{ "drop", "\"event\":\"entry\"", NULL, NULL, NULL },
	{ "drop", "\"event\":\"told\"", NULL, NULL, NULL },
	{ "drop", "\"event\":\"act\"", NULL, NULL, NULL },
	{ "drop", "\"on\":false", NULL, NULL, NULL },
	{ "drop", "\"event\":\"stored\"", "\"signal\":\"alarm\"", NULL, NULL },
	{ "double", "\"event\":\"row\"", "\"signal\":\"alarm\"", NULL, NULL },
	{ "double", "\"event\":\"entry\"", "incident.opened", NULL, NULL },
	{ "swap", "\"event\":\"receipt\"", "\"seq\":1,", "\"event\":\"light\"", "received" },
	{ "swap", "\"event\":\"receipt\"", "\"seq\":3,", "\"event\":\"light\"", "received" },
	{ "swap", "\"event\":\"stored\"", "\"signal\":\"alarm\"", "\"event\":\"light\"", "taken" },
	{ "swap", "\"event\":\"press\"", NULL, "\"event\":\"row\"", NULL },
	{ "swap", "\"kind\":\"incident.opened\",\"actor", NULL, "\"kind\":\"incident.restore\"",
		NULL },
};

static size_t next_with(const struct lines *l, size_t from, const struct change *c)
{
	while (from < l->count && !has(l->line[from], c->other, c->other2))
		from++;
	return from;
}

static char *changed(const struct lines *l, const struct change *c, size_t index)
{
	size_t order[LINES_MAX + 1], at[LINES_MAX + 1], count = 0, with;

	for (size_t i = 0; i < l->count; i++) {
		if (i == index && strcmp(c->what, "drop") == 0)
			continue;
		order[count] = at[count] = i;
		count++;
		if (i == index && strcmp(c->what, "double") == 0) {
			order[count] = at[count] = i;
			count++;
		}
	}
	if (strcmp(c->what, "swap") == 0) {
		with = next_with(l, index + 1, c);
		if (with == l->count)
			return NULL;
		order[index] = with;
		order[with] = index;
	}
	return lines_join(l, order, at, count);
}

static void a_good_history_with_a_line_dropped_doubled_or_swapped_is_flagged(void **state)
{
	struct lines l;
	size_t tried = 0;

	(void)state;
	lines_cut(&l);
	for (size_t k = 0; k < sizeof(changes) / sizeof(changes[0]); k++) {
		const struct change *c = &changes[k];

		for (size_t i = 1; i < l.count; i++) {
			struct result r;
			char *text;

			if (!has(l.line[i], c->first, c->second) ||
				(text = changed(&l, c, i)) == NULL)
				continue;
			if (judge(text, PP_JUDGE_ALL, &r) < 0)
				fail_msg("%s line %zu: %s", c->what, i + 1, r.words);
			if (r.total == 0)
				fail_msg("%s line %zu: nothing was flagged: %s", c->what, i + 1,
					l.line[i]);
			free(text);
			tried++;
		}
	}
	free(l.text);
	assert_true(tried >= 30);
}

static void a_promise_is_judged_only_when_it_is_asked_for(void **state)
{
	char *text = file_read("bad", "lost.never-recorded.jsonl");
	struct result r;

	(void)state;
	assert_int_equal(judge(text, PP_JUDGE_NEVER, &r), 0);
	assert_int_equal(r.total, 0);
	assert_int_equal(judge(text, PP_JUDGE_PROMISE, &r), 0);
	assert_int_equal(r.total, 1);
	free(text);
}

static void what_is_no_history_is_refused_with_its_line(void **state)
{
	static const char *const cases[] = {
		"",
		"{\"t\":0,\"event\":\"press\"}\n",
		"{\"t\":0,\"event\":\"begin\",\"format\":1}\n{\"t\":5,\"event\":\"press\"",
		"{\"t\":0,\"event\":\"begin\"}\n{\"event\":\"press\"}\n",
		"{\"t\":0,\"event\":\"begin\"}\n{\"t\":5}\n",
		"{\"t\":9,\"event\":\"begin\"}\n{\"t\":5,\"event\":\"press\"}\n",
		"{\"t\":-1,\"event\":\"begin\"}\n",
		"{\"t\":0,\"event\":\"begin\"}\n{\"t\":1,\"event\":\"begin\"}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result r;

		if (judge(cases[i], PP_JUDGE_ALL, &r) != -EBADMSG)
			fail_msg("case %zu was taken", i);
		assert_true(strstr(r.words, "line") != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_histories_pass_however_ugly),
		cmocka_unit_test(each_bad_history_is_flagged_by_its_checker_and_no_other),
		cmocka_unit_test(each_checker_has_a_bad_history),
		cmocka_unit_test(a_good_history_with_a_line_dropped_doubled_or_swapped_is_flagged),
		cmocka_unit_test(a_promise_is_judged_only_when_it_is_asked_for),
		cmocka_unit_test(what_is_no_history_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
