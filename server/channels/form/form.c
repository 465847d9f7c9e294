/* SPDX-License-Identifier: Apache-2.0 */
/* form.c -- templates are filled, answers are asked for one member. */
#include "form/form.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "json/json.h"

#define X(name, text) text,
static const char *const field_names[] = { PP_FORM_FIELDS(X) };
#undef X

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static bool is_json(const struct pp_form *form)
{
	const char *type = or_empty(form->type);

	return type[0] == '\0' || strcmp(type, "json") == 0;
}

static bool is_form(const struct pp_form *form)
{
	return strcmp(or_empty(form->type), "form") == 0;
}

/* The field of a "{{name}}" at text, and its length; -EINVAL: there is no such. */
static int field_find(const char *text, size_t *ret_length)
{
	const char *name = text + 2, *end = strstr(name, "}}");

	for (int i = 0; end && i < PP_FORM_FIELD_COUNT; i++) {
		if (strlen(field_names[i]) == (size_t)(end - name) &&
			memcmp(field_names[i], name, (size_t)(end - name)) == 0) {
			*ret_length = (size_t)(end - text) + 2;
			return i;
		}
	}
	return -EINVAL;
}

static int fields_check(const char *template, char ret_why[160])
{
	const char *at = template;

	while ((at = strstr(at, "{{")) != NULL) {
		size_t length;

		if (field_find(at, &length) < 0) {
			snprintf(ret_why, 160, "there is no field '%.20s': text, address, contact, "
					       "number, class, post, purpose, tenant, key", at);
			return -EINVAL;
		}
		at += length;
	}
	return 0;
}

/* Fields stand inside texts exactly where the template is JSON before it is filled: outside of a
 * text "{{" is none. */
static int template_check(const struct pp_form *form, char ret_why[160])
{
	const char *template = or_empty(form->template);
	struct pp_json *json = NULL;
	char where[160];

	if (strlen(template) > PP_FORM_TEMPLATE_MAX) {
		snprintf(ret_why, 160, "at most %d bytes", PP_FORM_TEMPLATE_MAX);
		return -EINVAL;
	}
	if (is_json(form) && template[0] &&
		pp_json_parse(template, strlen(template), &json, where) < 0) {
		snprintf(ret_why, 160, "no JSON, with fields inside of texts: %.100s", where);
		return -EINVAL;
	}
	pp_json_free(json);
	for (const char *c = template; is_form(form) && *c; c++) {
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || *c == '"') {
			snprintf(ret_why, 160, "a form has no blanks, line breaks or quotes");
			return -EINVAL;
		}
	}
	return fields_check(template, ret_why);
}

static int path_check(const char *path, const char *what, char ret_why[160])
{
	size_t length = strcspn(path, "=");

	if (strlen(path) <= PP_FORM_PATH_MAX &&
		(path[0] == '\0' || (length > 0 && path[0] != '.' && path[length - 1] != '.' &&
					    !strstr(path, ".."))))
		return 0;
	snprintf(ret_why, 160, "'%s' is no path of members such as messages.0.id, with or without "
			       "=value", what);
	return -EINVAL;
}

int pp_form_check(const struct pp_form *form, char ret_why[160])
{
	int r;

	if (!is_json(form) && !is_form(form)) {
		snprintf(ret_why, 160, "type: expected json or form");
		return -EINVAL;
	}
	r = template_check(form, ret_why);
	if (r == 0)
		r = path_check(or_empty(form->success), "success", ret_why);
	if (r == 0)
		r = path_check(or_empty(form->reference), "reference", ret_why);
	return r;
}

const char *pp_form_content_type(const struct pp_form *form)
{
	return is_json(form) ? "application/json" : "application/x-www-form-urlencoded";
}

/* ---- filling ---- */

static void json_escape(struct pp_buf *b, const char *value)
{
	for (const char *c = value; *c; c++) {
		unsigned char u = (unsigned char)*c;

		if (u == '"' || u == '\\')
			pp_buf_addf(b, "\\%c", u);
		else if (u < 0x20 || u == 0x7f || u == '<' || u == '>' || u == '&')
			pp_buf_addf(b, "\\u%04x", u);
		else
			pp_buf_add(b, c, 1);
	}
}

static void percent_encode(struct pp_buf *b, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (const char *c = value; *c; c++) {
		if (strchr(plain, *c))
			pp_buf_add(b, c, 1);
		else
			pp_buf_addf(b, "%%%02X", (unsigned char)*c);
	}
}

static int fields_fill(const struct pp_form *form, const char *const *values, struct pp_buf *b)
{
	const char *at = form->template;

	while (*at) {
		const char *next = strstr(at, "{{");
		size_t length = next ? (size_t)(next - at) : strlen(at);
		int field;

		pp_buf_add(b, at, length);
		at += length;
		if (!next)
			break;
		field = field_find(at, &length);
		if (field < 0)
			return -EINVAL;
		if (is_json(form))
			json_escape(b, or_empty(values[field]));
		else
			percent_encode(b, or_empty(values[field]));
		at += length;
	}
	return 0;
}

int pp_form_fill(const struct pp_form *form, const char *const values[PP_FORM_FIELD_COUNT],
	char **ret_body)
{
	struct pp_buf b = { 0 };
	size_t length;
	char *body;
	int r = fields_fill(form, values, &b);

	if (r == 0)
		r = pp_buf_take(&b, &body, &length);
	if (r < 0) {
		pp_buf_done(&b);
		return r;
	}
	/* A value that is no UTF-8 would make no JSON. */
	if (length > PP_FORM_FILLED_MAX || !pp_text_is_utf8(body, length)) {
		free(body);
		return length > PP_FORM_FILLED_MAX ? -EMSGSIZE : -EINVAL;
	}
	*ret_body = body;
	return 0;
}

/* ---- answers ---- */

/* A scalar as text. false: it is not there, or null, or no scalar. */
static bool member_text(const struct pp_json *object, const char *key, char *ret_text, size_t size)
{
	const char *text;
	int64_t number;
	double real;
	bool truth;

	if (pp_json_get_text(object, key, size - 1, &text) == 0)
		snprintf(ret_text, size, "%s", text);
	else if (pp_json_get_bool(object, key, &truth) == 0)
		snprintf(ret_text, size, "%s", truth ? "true" : "false");
	else if (pp_json_get_i64(object, key, INT64_MIN, INT64_MAX, &number) == 0)
		snprintf(ret_text, size, "%lld", (long long)number);
	else if (pp_json_get_real(object, key, &real) == 0)
		snprintf(ret_text, size, "%.15g", real);
	else
		return false;
	return true;
}

/* One step of a path into an object or a list; NULL: there is nothing to go on in. */
static const struct pp_json *member_enter(const struct pp_json *in, const char *key)
{
	const struct pp_json *out = NULL;
	int64_t index;

	if (pp_json_is_list(in)) {
		if (pp_text_i64(key, strlen(key), 0, 1000, &index) < 0 ||
			(size_t)index >= pp_json_count(in))
			return NULL;
		return pp_json_item(in, (size_t)index);
	}
	if (pp_json_get_object(in, key, &out) < 0 && pp_json_get_list(in, key, &out) < 0)
		return NULL;
	return out;
}

static bool item_text(const struct pp_json *list, const char *key, char *ret_text, size_t size)
{
	int64_t index, number;
	const char *text;

	if (pp_text_i64(key, strlen(key), 0, 1000, &index) < 0 ||
		(size_t)index >= pp_json_count(list))
		return false;
	text = pp_json_item_text(list, (size_t)index);
	if (text)
		snprintf(ret_text, size, "%s", text);
	else if (pp_json_item_i64(list, (size_t)index, &number) == 0)
		snprintf(ret_text, size, "%lld", (long long)number);
	return text || pp_json_item_i64(list, (size_t)index, &number) == 0;
}

static bool path_text(const struct pp_json *json, const char *path, char *ret_text, size_t size)
{
	char copy[PP_FORM_PATH_MAX + 1], *key = copy, *dot;

	snprintf(copy, sizeof(copy), "%s", path);
	copy[strcspn(copy, "=")] = '\0';
	while (json && (dot = strchr(key, '.')) != NULL) {
		*dot = '\0';
		json = member_enter(json, key);
		key = dot + 1;
	}
	if (!json)
		return false;
	return pp_json_is_list(json) ? item_text(json, key, ret_text, size)
				     : member_text(json, key, ret_text, size);
}

static bool success_read(const struct pp_json *json, const char *success)
{
	const char *want = strchr(success, '=');
	char got[200];

	if (!path_text(json, success, got, sizeof(got)))
		return false;
	return want ? strcmp(got, want + 1) == 0 : got[0] && strcmp(got, "false") != 0;
}

static void reference_read(const struct pp_json *json, const char *path, char *ret_reference)
{
	if (path[0] == '\0' || !path_text(json, path, ret_reference, PP_FORM_REFERENCE_SIZE)) {
		ret_reference[0] = '\0';
		return;
	}
	for (const char *c = ret_reference; *c; c++) {
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			ret_reference[0] = '\0';
	}
}

bool pp_form_is_success(const struct pp_form *form, const char *body, size_t length,
	char ret_reference[PP_FORM_REFERENCE_SIZE])
{
	const char *success = or_empty(form->success);
	struct pp_json *json;
	bool taken;

	if (ret_reference)
		ret_reference[0] = '\0';
	if (success[0] == '\0' && or_empty(form->reference)[0] == '\0')
		return true;
	if (pp_json_parse(body, length, &json, NULL) < 0)
		return success[0] == '\0';
	taken = success[0] == '\0' || success_read(json, success);
	if (taken && ret_reference)
		reference_read(json, or_empty(form->reference), ret_reference);
	pp_json_free(json);
	return taken;
}
