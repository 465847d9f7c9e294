/* SPDX-License-Identifier: Apache-2.0 */
/* json.c -- the adapter of jansson: a pp_json is a json_t under another name. */
#include "json/json.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#define DEPTH_MAX 16
/* Every decimal of up to 15 digits survives reading and writing; 17 would turn 48.7
 * into 48.700000000000003. */
#define REAL_DIGITS 15
/* What is larger would be rounded up to something that no reader takes. */
#define REAL_MAX 1.79769313486231e308

/* A failed builder gets a type that jansson does not know, so that jansson itself refuses all
 * further use. */
#define SPOILT_NO_MEMORY 100
#define SPOILT_NO_UTF8 200

/* jansson's readers want json_t * where they change nothing. */
static json_t *raw(const struct pp_json *v)
{
	return (json_t *)(uintptr_t)v;
}

static struct pp_json *cooked(json_t *v)
{
	return (struct pp_json *)v;
}

static int spoilt(const json_t *v)
{
	if (!v || (int)v->type >= SPOILT_NO_UTF8)
		return v ? -EINVAL : -ENOMEM;
	return (int)v->type >= SPOILT_NO_MEMORY ? -ENOMEM : 0;
}

static int spoil(json_t *v, int error)
{
	int mark = error == -EINVAL ? SPOILT_NO_UTF8 : SPOILT_NO_MEMORY;

	v->type = (json_type)((int)v->type + mark);
	return error;
}

/* ---- memory ---- */

/* jansson reports a failed allocation as wrong syntax, with no reason at all, or not: a token that
 * outgrows its buffer then lacks a letter, and nobody is told. So its allocations come through
 * here. The state is the thread's own, and holds from the beginning of one call to its end. */
static _Thread_local bool memory_was_short;

static void *allocate(size_t size)
{
	void *at = malloc(size);

	if (!at)
		memory_was_short = true;
	return at;
}

__attribute__((constructor)) static void allocator_set(void)
{
	json_set_alloc_funcs(allocate, free);
}

/* ---- parsing ---- */

/* 0, or the offset of the bracket that opens level DEPTH_MAX + 1. Wrong JSON is left for jansson to
 * find. */
static size_t too_deep(const char *text, size_t length)
{
	unsigned depth = 0;
	bool in_text = false;

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (in_text && c == '\\')
			i++;
		else if (c == '"')
			in_text = !in_text;
		else if (in_text)
			continue;
		else if ((c == '{' || c == '[') && ++depth > DEPTH_MAX)
			return i;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return 0;
}

static void say_where(const json_error_t *error, char ret_where[160])
{
	/* jansson quotes the text it stopped at; reasons are logged and payloads are not, so that
	 * part goes. */
	const char *near = strstr(error->text, " near '");
	int length = near ? (int)(near - error->text) : (int)strlen(error->text);

	if (error->line < 0)
		snprintf(ret_where, 160, "%.*s", length, error->text);
	else
		snprintf(ret_where, 160, "line %d, column %d: %.*s", error->line, error->column,
			length, error->text);
}

int pp_json_parse(const char *text, size_t length, struct pp_json **ret_value, char ret_where[160])
{
	json_error_t error = { .line = -1 };
	json_t *value;
	size_t deep = too_deep(text, length);
	const char *nul = memchr(text, '\0', length);

	/* jansson loses one that stands behind a number, and reads the rest. */
	if (nul) {
		if (ret_where)
			snprintf(ret_where, 160, "byte %td: NUL", nul - text);
		return -EBADMSG;
	}
	if (deep) {
		if (ret_where)
			snprintf(ret_where, 160, "byte %zu: more than %d levels", deep, DEPTH_MAX);
		return -EBADMSG;
	}
	memory_was_short = false;
	value = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (!value || memory_was_short) {
		json_decref(value);
		if (ret_where)
			say_where(&error, ret_where);
		return memory_was_short ? -ENOMEM : -EBADMSG;
	}
	*ret_value = cooked(value);
	return 0;
}

struct pp_json *pp_json_free(struct pp_json *v)
{
	json_t *value = raw(v);

	if (value && spoilt(value)) /* jansson frees by type */
		value->type = (json_type)((int)value->type % SPOILT_NO_MEMORY);
	json_decref(value);
	return NULL;
}

int pp_json_print(const struct pp_json *v, char **ret_text, size_t *ret_length)
{
	int error = spoilt(raw(v));
	char *text;

	if (error)
		return error;
	memory_was_short = false;
	text = json_dumps(
		raw(v), JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));
	if (!text || memory_was_short) {
		free(text);
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_length = strlen(text);
	return 0;
}

/* ---- reading ---- */

static int member_get(const struct pp_json *object, const char *key, json_t **ret_member)
{
	json_t *member;

	if (!json_is_object(raw(object)))
		return -EINVAL;
	member = json_object_get(raw(object), key);
	if (!member || json_is_null(member))
		return -ENOENT;
	*ret_member = member;
	return 0;
}

int pp_json_get_i64(
	const struct pp_json *object, const char *key, int64_t min, int64_t max, int64_t *ret_value)
{
	json_t *member;
	int error = member_get(object, key, &member);

	if (error)
		return error;
	if (!json_is_integer(member))
		return -EINVAL;
	if (json_integer_value(member) < min || json_integer_value(member) > max)
		return -ERANGE;
	*ret_value = json_integer_value(member);
	return 0;
}

int pp_json_get_bool(const struct pp_json *object, const char *key, bool *ret_value)
{
	json_t *member;
	int error = member_get(object, key, &member);

	if (error)
		return error;
	if (!json_is_boolean(member))
		return -EINVAL;
	*ret_value = json_is_true(member);
	return 0;
}

int pp_json_get_real(const struct pp_json *object, const char *key, double *ret_value)
{
	double value;
	json_t *member;
	int error = member_get(object, key, &member);

	if (error)
		return error;
	if (!json_is_number(member))
		return -EINVAL;
	value = json_number_value(member);
	if (fabs(value) > REAL_MAX)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int pp_json_get_text(
	const struct pp_json *object, const char *key, size_t max, const char **ret_text)
{
	json_t *member;
	int error = member_get(object, key, &member);

	if (error)
		return error;
	if (!json_is_string(member))
		return -EINVAL;
	if (json_string_length(member) > max)
		return -ERANGE;
	*ret_text = json_string_value(member);
	return 0;
}

int pp_json_get_object(
	const struct pp_json *object, const char *key, const struct pp_json **ret_object)
{
	json_t *member;
	int error = member_get(object, key, &member);

	if (error)
		return error;
	if (!json_is_object(member))
		return -EINVAL;
	*ret_object = cooked(member);
	return 0;
}

int pp_json_get_list(const struct pp_json *object, const char *key, const struct pp_json **ret_list)
{
	json_t *member;
	int error = member_get(object, key, &member);

	if (error)
		return error;
	if (!json_is_array(member))
		return -EINVAL;
	*ret_list = cooked(member);
	return 0;
}

bool pp_json_is_object(const struct pp_json *v)
{
	return json_is_object(raw(v));
}

bool pp_json_is_list(const struct pp_json *v)
{
	return json_is_array(raw(v));
}

bool pp_json_has(const struct pp_json *object, const char *key)
{
	return json_object_get(raw(object), key) != NULL;
}

size_t pp_json_count(const struct pp_json *v)
{
	return json_is_array(raw(v)) ? json_array_size(raw(v)) : json_object_size(raw(v));
}

const struct pp_json *pp_json_item(const struct pp_json *list, size_t index)
{
	return cooked(json_array_get(raw(list), index));
}

const char *pp_json_item_text(const struct pp_json *list, size_t index)
{
	return json_string_value(json_array_get(raw(list), index));
}

int pp_json_item_i64(const struct pp_json *list, size_t index, int64_t *ret_value)
{
	const json_t *item = json_array_get(raw(list), index);

	if (!item)
		return -ENOENT;
	if (!json_is_integer(item))
		return -EINVAL;
	*ret_value = json_integer_value(item);
	return 0;
}

const char *pp_json_next(
	const struct pp_json *object, const char *key, const struct pp_json **ret_member)
{
	json_t *o = raw(object);
	void *at =
		key ? json_object_iter_next(o, json_object_iter_at(o, key)) : json_object_iter(o);

	if (!at)
		return NULL;
	*ret_member = cooked(json_object_iter_value(at));
	return json_object_iter_key(at);
}

/* ---- building ---- */

struct pp_json *pp_json_object(void)
{
	return cooked(json_object());
}

struct pp_json *pp_json_list(void)
{
	return cooked(json_array());
}

/* Takes value. Puts it into an object under key, or (key NULL) at the end of a list. */
static int put(struct pp_json *into, const char *key, json_t *value)
{
	json_t *v = raw(into);
	int error = spoilt(v);
	int value_error = spoilt(value);

	if (error || value_error) {
		pp_json_free(cooked(value));
		return error ? error : spoil(v, value_error);
	}
	assert(key ? json_is_object(v) : json_is_array(v));
	if (key ? json_object_set_new(v, key, value) : json_array_append_new(v, value))
		return spoil(v, -ENOMEM);
	return 0;
}

/* jansson says NULL both for no memory and for no UTF-8; ret_error tells them apart. */
static json_t *text_new(const char *text, int *ret_error)
{
	json_t *value;

	memory_was_short = false;
	value = text ? json_string(text) : json_null();
	*ret_error = memory_was_short ? -ENOMEM : -EINVAL;
	return value;
}

static int put_text(struct pp_json *into, const char *key, const char *text)
{
	int error;
	json_t *value = text_new(text, &error);

	if (!value && !spoilt(raw(into)))
		return spoil(raw(into), error);
	return put(into, key, value);
}

int pp_json_set_i64(struct pp_json *object, const char *key, int64_t value)
{
	return put(object, key, json_integer(value));
}

int pp_json_set_bool(struct pp_json *object, const char *key, bool value)
{
	return put(object, key, json_boolean(value));
}

int pp_json_set_real(struct pp_json *object, const char *key, double value)
{
	/* False for NaN too. */
	bool writable = fabs(value) <= REAL_MAX;

	return put(object, key, writable ? json_real(value) : json_null());
}

int pp_json_set_text(struct pp_json *object, const char *key, const char *value)
{
	return put_text(object, key, value);
}

int pp_json_set_null(struct pp_json *object, const char *key)
{
	return put(object, key, json_null());
}

int pp_json_set(struct pp_json *object, const char *key, struct pp_json *value)
{
	return put(object, key, raw(value));
}

int pp_json_add(struct pp_json *list, struct pp_json *value)
{
	return put(list, NULL, raw(value));
}

int pp_json_add_i64(struct pp_json *list, int64_t value)
{
	return put(list, NULL, json_integer(value));
}

int pp_json_add_text(struct pp_json *list, const char *value)
{
	return put_text(list, NULL, value);
}

struct pp_json *pp_json_copy(const struct pp_json *v)
{
	return cooked(json_deep_copy(raw(v)));
}
