/* SPDX-License-Identifier: Apache-2.0 */
/* settings.c -- reads and checks settings by their table. */
#include "core/settings.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

#define TEXT_MAX 4095
#define KEY_MAX 128

/* One value on its way from the file (node) or from its fallback (node is NULL). */
struct value {
	const struct pp_setting *setting;
	const struct pp_yaml *node;
	const char *text;
	const char *folder; /* of the settings file, with its slash; empty where there is none */
	struct pp_problem *problem;
};

static void *member(const struct pp_setting *s, void *target)
{
	return (char *)target + s->offset;
}

static bool owns_text(const struct pp_setting *s)
{
	return s->type == PP_SETTING_TEXT || s->type == PP_SETTING_PATH ||
	       s->type == PP_SETTING_SLUG;
}

/* "expected <what>, got ..." at the place of the value. */
static int refuse(const struct value *v, const char *what)
{
	bool quoted = v->node && pp_yaml_quoted(v->node);

	if (!quoted && v->text[0] == '\0')
		return pp_problem_at(v->problem, v->node, "'%s': expected %s, got nothing",
			v->setting->key, what);
	return pp_problem_at(v->problem, v->node, "'%s': expected %s, got %s'%.80s'",
		v->setting->key, what, quoted ? "the quoted text " : "", v->text);
}

/* What other readers of YAML take for "nothing". */
static bool is_null(const struct value *v)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (!v->node || pp_yaml_quoted(v->node))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(v->text, words[i]) == 0)
			return true;
	return false;
}

static int text_check(const struct value *v)
{
	const struct pp_setting *s = v->setting;
	size_t length = strlen(v->text), max = s->max > 0 ? (size_t)s->max : TEXT_MAX;
	bool may_be_empty = s->fallback && s->fallback[0] == '\0';
	char what[96];

	if (is_null(v))
		return refuse(v, "a text (in quotes if it is meant so)");
	if (length == 0 && may_be_empty)
		return 0;
	if (s->type == PP_SETTING_SLUG) {
		snprintf(what, sizeof(what), "at most %zu of a-z, 0-9 and '-' (not first)", max);
		return pp_text_is_slug(v->text, length, max) ? 0 : refuse(v, what);
	}
	snprintf(what, sizeof(what), "a text of %jd to %zu bytes", (intmax_t)s->min, max);
	if (s->type == PP_SETTING_PATH && length == 0)
		return refuse(v, "a path");
	return length >= (size_t)s->min && length <= max ? 0 : refuse(v, what);
}

static int text_set(const struct value *v, void *target)
{
	bool relative = v->setting->type == PP_SETTING_PATH && v->text[0] && v->text[0] != '/';
	struct pp_buf b = { 0 };
	char *text;
	int r = text_check(v);

	if (r < 0)
		return r;
	pp_buf_addf(&b, "%s%s", relative ? v->folder : "", v->text);
	r = pp_buf_take(&b, &text, NULL);
	if (r < 0)
		return r;
	memcpy(member(v->setting, target), &text, sizeof(text));
	return 0;
}

static int integer_set(const struct value *v, void *target)
{
	const struct pp_setting *s = v->setting;
	int64_t number;
	char what[96];

	snprintf(
		what, sizeof(what), "a number from %jd to %jd", (intmax_t)s->min, (intmax_t)s->max);
	if (v->node && pp_yaml_quoted(v->node))
		return refuse(v, what);
	if (pp_text_i64(v->text, strlen(v->text), s->min, s->max, &number) < 0)
		return refuse(v, what);
	memcpy(member(s, target), &number, sizeof(number));
	return 0;
}

static int real_set(const struct value *v, void *target)
{
	const struct pp_setting *s = v->setting;
	double number;
	char what[96];

	snprintf(
		what, sizeof(what), "a number from %jd to %jd", (intmax_t)s->min, (intmax_t)s->max);
	if (v->node && pp_yaml_quoted(v->node))
		return refuse(v, what);
	if (pp_text_real(v->text, strlen(v->text), (double)s->min, (double)s->max, &number) < 0)
		return refuse(v, what);
	memcpy(member(s, target), &number, sizeof(number));
	return 0;
}

static int duration_set(const struct value *v, void *target)
{
	const struct pp_setting *s = v->setting;
	char min[32], max[32], what[160];
	int64_t us;

	pp_text_duration(s->min, min);
	pp_text_duration(s->max, max);
	snprintf(what, sizeof(what),
		"a duration such as 50ms, from %s to %s (units us, ms, s, min, h, d)", min, max);
	if (v->node && pp_yaml_quoted(v->node))
		return refuse(v, what);
	if (pp_text_duration_us(v->text, strlen(v->text), s->min, s->max, &us) < 0)
		return refuse(v, what);
	memcpy(member(s, target), &us, sizeof(us));
	return 0;
}

static int boolean_set(const struct value *v, void *target)
{
	bool yes = strcmp(v->text, "true") == 0;

	if ((v->node && pp_yaml_quoted(v->node)) || (!yes && strcmp(v->text, "false") != 0))
		return refuse(v, "true or false");
	memcpy(member(v->setting, target), &yes, sizeof(yes));
	return 0;
}

static int choice_set(const struct value *v, void *target)
{
	const char *const *choices = v->setting->choices;
	char what[256] = "one of ";

	for (int i = 0; choices[i]; i++) {
		size_t n = strlen(what);

		if (strcmp(choices[i], v->text) == 0) {
			memcpy(member(v->setting, target), &i, sizeof(i));
			return 0;
		}
		snprintf(what + n, sizeof(what) - n, "%s%s", i ? ", " : "", choices[i]);
	}
	return refuse(v, what);
}

static int value_set(const struct value *v, void *target)
{
	switch (v->setting->type) {
	case PP_SETTING_TEXT:
	case PP_SETTING_PATH:
	case PP_SETTING_SLUG:
		return text_set(v, target);
	case PP_SETTING_INTEGER:
		return integer_set(v, target);
	case PP_SETTING_REAL:
		return real_set(v, target);
	case PP_SETTING_DURATION:
		return duration_set(v, target);
	case PP_SETTING_BOOLEAN:
		return boolean_set(v, target);
	case PP_SETTING_CHOICE:
		return choice_set(v, target);
	}
	assert(false);
	return -EINVAL;
}

static void member_zero(const struct pp_setting *s, void *target)
{
	switch (s->type) {
	case PP_SETTING_TEXT:
	case PP_SETTING_PATH:
	case PP_SETTING_SLUG:
		memcpy(member(s, target), &(char *){ NULL }, sizeof(char *));
		break;
	case PP_SETTING_INTEGER:
	case PP_SETTING_DURATION:
		memset(member(s, target), 0, sizeof(int64_t));
		break;
	case PP_SETTING_REAL:
		memset(member(s, target), 0, sizeof(double));
		break;
	case PP_SETTING_BOOLEAN:
		memset(member(s, target), 0, sizeof(bool));
		break;
	case PP_SETTING_CHOICE:
		memset(member(s, target), 0, sizeof(int));
		break;
	}
}

void pp_settings_done(const struct pp_setting *table, size_t count, void *target)
{
	for (size_t i = 0; i < count; i++) {
		char *text;

		if (owns_text(&table[i])) {
			memcpy(&text, member(&table[i], target), sizeof(text));
			free(text);
		}
		member_zero(&table[i], target);
	}
}

/* Follows the dotted key. *ret_inside is the deepest map on the way that is there. */
static const struct pp_yaml *value_find(
	const struct pp_yaml *map, const char *key, const struct pp_yaml **ret_inside)
{
	const char *dot = strchr(key, '.');
	char part[KEY_MAX];

	*ret_inside = map;
	if (!map || !dot)
		return map ? pp_yaml_get(map, key) : NULL;
	snprintf(part, sizeof(part), "%.*s", (int)(dot - key), key);
	map = pp_yaml_get(map, part);
	return map ? value_find(map, dot + 1, ret_inside) : NULL;
}

static int setting_read(
	const struct pp_setting *s, const struct pp_yaml *map, struct value v, void *target)
{
	const struct pp_yaml *inside;
	int r;

	v.setting = s;
	v.node = value_find(map, s->key, &inside);
	if (!v.node && !s->fallback)
		return pp_problem_at(v.problem, inside, "'%s' must be given: %s", s->key, s->help);
	if (v.node && pp_yaml_type(v.node) != PP_YAML_SCALAR)
		return pp_problem_at(v.problem, v.node, "'%s': expected one value, got a %s",
			s->key, pp_yaml_type(v.node) == PP_YAML_MAP ? "map" : "list");
	v.text = v.node ? pp_yaml_text(v.node) : s->fallback;
	r = value_set(&v, target);
	assert(v.node || r != -EINVAL); /* the table's own fallback */
	if (r == -ENOMEM)
		pp_problem_at(v.problem, v.node, "out of memory");
	return r;
}

/* The names that the map at prefix ("" or "broker.") may hold, one at each call with the next
 * index. */
struct names {
	const struct pp_setting *table;
	size_t count;
	const char *const *others;
	const char *prefix;
};

static bool name_next(const struct names *n, size_t *index, char ret_name[KEY_MAX])
{
	size_t length = strlen(n->prefix);

	for (;;) {
		const char *key;
		size_t i = (*index)++;

		if (i < n->count)
			key = n->table[i].key;
		else if (n->others && n->others[i - n->count])
			key = n->others[i - n->count];
		else
			return false;
		if (strncmp(key, n->prefix, length) != 0)
			continue;
		key += length;
		snprintf(ret_name, KEY_MAX, "%.*s", (int)strcspn(key, "."), key);
		return true;
	}
}

static int unknown(const struct names *n, const struct pp_yaml *key, struct pp_problem *problem)
{
	char name[KEY_MAX], nearest[KEY_MAX] = "", known[300] = "", last[KEY_MAX] = "";
	const char *text = pp_yaml_text(key);
	size_t index = 0, least = 3;

	while (name_next(n, &index, name)) {
		size_t distance = pp_text_distance(text, name), used = strlen(known);

		if (distance < least && distance <= strlen(name) / 2) {
			least = distance;
			memcpy(nearest, name, sizeof(nearest));
		}
		if (strcmp(name, last) != 0)
			snprintf(
				known + used, sizeof(known) - used, "%s%s", used ? ", " : "", name);
		memcpy(last, name, sizeof(last));
	}
	if (nearest[0])
		return pp_problem_at(problem, key,
			"unknown setting '%s%.80s', did you mean '%s%s'?", n->prefix, text,
			n->prefix, nearest);
	return pp_problem_at(problem, key, "unknown setting '%s%.80s', expected one of %s",
		n->prefix, text, known);
}

enum key_kind { KEY_UNKNOWN, KEY_VALUE, KEY_MAP };

/* What the table and the others say about a dotted key. */
static enum key_kind key_kind(const struct names *n, const char *dotted)
{
	size_t length = strlen(dotted);

	for (size_t i = 0; n->others && n->others[i]; i++)
		if (strcmp(n->others[i], dotted) == 0)
			return KEY_VALUE;
	for (size_t i = 0; i < n->count; i++) {
		if (strncmp(n->table[i].key, dotted, length) != 0)
			continue;
		if (n->table[i].key[length] == '\0')
			return KEY_VALUE;
		if (n->table[i].key[length] == '.')
			return KEY_MAP;
	}
	for (size_t i = 0; n->others && n->others[i]; i++)
		if (strncmp(n->others[i], dotted, length) == 0 && n->others[i][length] == '.')
			return KEY_MAP;
	return KEY_UNKNOWN;
}

/* Every key of the map must be known. */
static int keys_check(struct names n, const struct pp_yaml *map, struct pp_problem *problem)
{
	char dotted[2 * KEY_MAX];
	int r = 0;

	if (pp_yaml_type(map) != PP_YAML_MAP)
		return pp_problem_at(problem, map, "expected %s%.*s%sa map (key: value)",
			n.prefix[0] ? "'" : "", (int)strlen(n.prefix) - !!n.prefix[0], n.prefix,
			n.prefix[0] ? "' to be " : "");
	for (size_t i = 0; r == 0 && i < pp_yaml_count(map); i++) {
		const struct pp_yaml *key = pp_yaml_key(map, i);
		const char *text = pp_yaml_text(key);
		enum key_kind kind;
		struct names inner = n;

		/* A dot would hide a wrong depth, and what is too long cannot be known. */
		if (strchr(text, '.') || strlen(text) >= KEY_MAX)
			return unknown(&n, key, problem);
		snprintf(dotted, sizeof(dotted) - 1, "%s%s", n.prefix, text);
		kind = key_kind(&n, dotted);
		if (kind == KEY_UNKNOWN)
			return unknown(&n, key, problem);
		if (kind == KEY_VALUE)
			continue;
		memcpy(dotted + strlen(dotted), ".", 2);
		inner.prefix = dotted;
		r = keys_check(inner, pp_yaml_at(map, i), problem);
	}
	return r;
}

/* The settings file's folder with its slash; empty where the name has none. */
static char *folder_of(const struct pp_yaml *map)
{
	const char *name = map ? pp_yaml_name(map) : "", *slash = strrchr(name, '/');

	return strndup(name, slash ? (size_t)(slash - name) + 1 : 0);
}

int pp_settings_read(const struct pp_setting *table, size_t count, const char *const *others,
	const struct pp_yaml *map, void *target, struct pp_problem *problem)
{
	struct names names = { .table = table, .count = count, .others = others, .prefix = "" };
	char *folder = folder_of(map);
	int r = 0;

	for (size_t i = 0; i < count; i++)
		member_zero(&table[i], target);
	if (!folder) {
		pp_problem_at(problem, map, "out of memory");
		return -ENOMEM;
	}
	if (map)
		r = keys_check(names, map, problem);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = setting_read(&table[i], map,
			(struct value){ .folder = folder, .problem = problem }, target);
	free(folder);
	if (r < 0)
		pp_settings_done(table, count, target);
	return r;
}
