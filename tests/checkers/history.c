/* SPDX-License-Identifier: Apache-2.0 */
/* history.c -- reads the lines of a history. */
#include "checkers/history.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

#define TEXT_MAX 4096
#define T_MAX_MS 1e13
#define NUMBER_MAX 9e15

struct pp_history {
	char *text; /* a copy, cut into lines */
	struct pp_line *lines;
	size_t count, size;
	char **table; /* interned texts */
	size_t table_count, table_size;
	bool sees[PP_LINE_KIND_COUNT];
	uint64_t blur_us;
};

static const char *const kinds[] = {
#define X(name, text) text,
	PP_LINE_KINDS(X)
#undef X
};

static uint64_t hash_of(const char *text)
{
	uint64_t hash = 1469598103934665603u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash;
}

static size_t slot_of(char *const *table, size_t size, const char *text)
{
	size_t i = (size_t)hash_of(text) & (size - 1);

	while (table[i] && strcmp(table[i], text) != 0)
		i = (i + 1) & (size - 1);
	return i;
}

static int table_grow(struct pp_history *h)
{
	size_t size = h->table_size ? 2 * h->table_size : 256;
	char **table = calloc(size, sizeof(*table));

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < h->table_size; i++)
		if (h->table[i])
			table[slot_of(table, size, h->table[i])] = h->table[i];
	free(h->table);
	h->table = table;
	h->table_size = size;
	return 0;
}

static const char *intern(struct pp_history *h, const char *text)
{
	size_t i;

	if (2 * h->table_count >= h->table_size && table_grow(h) < 0)
		return NULL;
	i = slot_of(h->table, h->table_size, text);
	if (!h->table[i]) {
		h->table[i] = strdup(text);
		h->table_count += h->table[i] != NULL;
	}
	return h->table[i];
}

static int line_push(struct pp_history *h, struct pp_line **ret_line)
{
	size_t size = h->size ? 2 * h->size : 256;
	struct pp_line *lines;

	if (h->count == h->size) {
		lines = realloc(h->lines, size * sizeof(*lines));
		if (!lines)
			return -ENOMEM;
		h->lines = lines;
		h->size = size;
	}
	*ret_line = &h->lines[h->count++];
	memset(*ret_line, 0, sizeof(**ret_line));
	return 0;
}

static enum pp_line_kind kind_parse(const char *text)
{
	for (int i = 0; i < PP_LINE_OTHER; i++)
		if (strcmp(text, kinds[i]) == 0)
			return (enum pp_line_kind)i;
	return PP_LINE_OTHER;
}

static int text_read(
	struct pp_history *h, const struct pp_json *json, const char *key, const char **ret_text)
{
	const char *text;

	*ret_text = NULL;
	if (pp_json_get_text(json, key, TEXT_MAX, &text) < 0 || !*text)
		return 0;
	*ret_text = intern(h, text);
	return *ret_text ? 0 : -ENOMEM;
}

static int64_t number_read(const struct pp_json *json, const char *key)
{
	int64_t value = PP_ABSENT;
	double real;

	if (pp_json_get_i64(json, key, INT64_MIN + 1, INT64_MAX, &value) == -EINVAL &&
		pp_json_get_real(json, key, &real) == 0 && fabs(real) < NUMBER_MAX)
		value = (int64_t)llround(real); /* a time with decimals */
	return value;
}

static bool list_has(const struct pp_json *json, const char *key, const char *text)
{
	const struct pp_json *list;

	if (pp_json_get_list(json, key, &list) < 0)
		return false;
	for (size_t i = 0; i < pp_json_count(list); i++) {
		const char *item = pp_json_item_text(list, i);

		if (item && strcmp(item, text) == 0)
			return true;
	}
	return false;
}

static void begin_read(struct pp_history *h, const struct pp_json *json, const struct pp_line *line)
{
	for (int i = 0; i < PP_LINE_OTHER; i++)
		h->sees[i] = list_has(json, "sees", kinds[i]);
	if (line->blur > 0)
		h->blur_us = (uint64_t)line->blur * 1000;
}

static int members_read(struct pp_history *h, const struct pp_json *json, struct pp_line *line)
{
	int r = 0;

#define X(name)                                                                                    \
	if (r == 0)                                                                                \
		r = text_read(h, json, #name, &line->name);
	PP_LINE_TEXTS(X)
#undef X
#define X(name) line->name = number_read(json, #name);
	PP_LINE_NUMBERS(X)
#undef X
	(void)pp_json_get_bool(json, "on", &line->on);
	line->has_ok = pp_json_get_bool(json, "ok", &line->ok) == 0;
	(void)pp_json_get_bool(json, "silent", &line->silent);
	(void)pp_json_get_bool(json, "moved", &line->moved);
	line->at_start = list_has(json, "flags", "at-start");
	return r;
}

/* The reason why it cannot be read, or NULL. */
static const char *head_read(
	const struct pp_history *h, const struct pp_json *json, struct pp_line *line)
{
	const char *event;
	double t_ms;

	if (pp_json_get_real(json, "t", &t_ms) < 0 || !(t_ms >= 0) || t_ms > T_MAX_MS)
		return "no time";
	if (pp_json_get_text(json, "event", TEXT_MAX, &event) < 0)
		return "no event";
	line->t_us = (uint64_t)llround(t_ms * 1000);
	line->kind_of = kind_parse(event);
	if ((h->count == 1) != (line->kind_of == PP_LINE_BEGIN))
		return "`begin` is the first line, and no other";
	if (h->count > 1 && line->t_us < h->lines[h->count - 2].t_us)
		return "time falls";
	return NULL;
}

static int line_read(struct pp_history *h, char *text, size_t number, char ret_where[160])
{
	struct pp_json *json = NULL;
	struct pp_line *line;
	const char *why;
	char where[160];
	int r = line_push(h, &line);

	if (r < 0)
		return r;
	line->number = number;
	line->raw = text;
	r = pp_json_parse(text, strlen(text), &json, where);
	if (r < 0) {
		snprintf(ret_where, 160, "line %zu: %.120s", number, where);
		return r;
	}
	why = head_read(h, json, line);
	if (why) {
		snprintf(ret_where, 160, "line %zu: %s", number, why);
		r = -EBADMSG;
	} else {
		r = members_read(h, json, line);
	}
	if (r == 0 && line->kind_of == PP_LINE_BEGIN)
		begin_read(h, json, line);
	pp_json_free(json);
	return r;
}

static int lines_read(struct pp_history *h, char ret_where[160])
{
	char *at = h->text;
	int r = 0;

	for (size_t number = 1; r == 0 && *at; number++) {
		char *end = strchr(at, '\n');

		if (end)
			*end = '\0';
		if (*at)
			r = line_read(h, at, number, ret_where);
		if (!end)
			break;
		at = end + 1;
	}
	if (r == 0 && h->count == 0) {
		snprintf(ret_where, 160, "no line at all");
		r = -EBADMSG;
	}
	return r;
}

int pp_history_parse(
	const char *text, size_t length, struct pp_history **ret_history, char ret_where[160])
{
	struct pp_history *h = calloc(1, sizeof(*h));
	int r = -ENOMEM;

	if (!h)
		return -ENOMEM;
	ret_where[0] = '\0';
	h->text = malloc(length + 1);
	if (h->text) {
		memcpy(h->text, text, length);
		h->text[length] = '\0';
		r = lines_read(h, ret_where);
	}
	if (r < 0) {
		pp_history_free(h);
		return r;
	}
	*ret_history = h;
	return 0;
}

struct pp_history *pp_history_free(struct pp_history *h)
{
	if (!h)
		return NULL;
	for (size_t i = 0; i < h->table_size; i++)
		free(h->table[i]);
	free(h->table);
	free(h->lines);
	free(h->text);
	free(h);
	return NULL;
}

size_t pp_history_count(const struct pp_history *h)
{
	return h->count;
}

const struct pp_line *pp_history_line(const struct pp_history *h, size_t index)
{
	return &h->lines[index];
}

const char *pp_history_text(const struct pp_history *h, const char *text)
{
	return h->table_size ? h->table[slot_of(h->table, h->table_size, text)] : NULL;
}

bool pp_history_sees(const struct pp_history *h, enum pp_line_kind kind)
{
	return h->sees[kind];
}

uint64_t pp_history_blur_us(const struct pp_history *h)
{
	return h->blur_us;
}
