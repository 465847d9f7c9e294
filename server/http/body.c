/* SPDX-License-Identifier: Apache-2.0 */
/* body.c -- strict reading of JSON bodies. */
#include "body.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "json/json.h"

bool pp_body_type_is_json(const char *type)
{
	static const char wanted[] = "application/json";
	const size_t length = sizeof(wanted) - 1;

	if (type == NULL || strncasecmp(type, wanted, length) != 0)
		return false;
	return type[length] == '\0' || type[length] == ';' || type[length] == ' ';
}

static const struct pp_body_field *field_find(
	const struct pp_body_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	}
	return NULL;
}

static bool text_is_clean(const char *text, bool lines)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == 0x7f || (*p < 0x20 && !(lines && (*p == '\n' || *p == '\t'))))
			return false;
	}
	return true;
}

static int field_read(const struct pp_body_field *field, const struct pp_json *json,
	char detail[PP_BODY_DETAIL_SIZE])
{
	const char *text = NULL;
	int r = pp_json_get_text(json, field->name, field->max, &text);

	if (r == -ENOENT && field->optional) {
		*field->ret_text = NULL;
		return 0;
	}
	if (r == -ENOENT)
		snprintf(detail, PP_BODY_DETAIL_SIZE, "member '%s' is missing", field->name);
	else if (r == -EINVAL)
		snprintf(detail, PP_BODY_DETAIL_SIZE, "member '%s' must be a text", field->name);
	else if (r < 0 || strlen(text) < field->min)
		snprintf(detail, PP_BODY_DETAIL_SIZE, "member '%s' must have %zu to %zu bytes",
			field->name, field->min, field->max);
	else if (!text_is_clean(text, field->lines))
		snprintf(detail, PP_BODY_DETAIL_SIZE, "member '%s' has control characters",
			field->name);
	else {
		*field->ret_text = text;
		return 0;
	}
	return -EINVAL;
}

static int members_check(const struct pp_json *json, const struct pp_body_field *fields,
	size_t count, char detail[PP_BODY_DETAIL_SIZE])
{
	const struct pp_json *member;

	for (const char *key = pp_json_next(json, NULL, &member); key;
		key = pp_json_next(json, key, &member)) {
		if (field_find(fields, count, key) == NULL) {
			snprintf(detail, PP_BODY_DETAIL_SIZE, "unknown member '%.64s'", key);
			return -EINVAL;
		}
	}
	return 0;
}

int pp_body_read(const char *text, size_t length, const struct pp_body_field *fields, size_t count,
	struct pp_json **ret_json, char ret_detail[PP_BODY_DETAIL_SIZE])
{
	struct pp_json *json = NULL;
	char where[160] = "";
	int r = pp_json_parse(text, length, &json, where);

	if (r < 0) {
		snprintf(ret_detail, PP_BODY_DETAIL_SIZE, "the body is no JSON: %s", where);
		return r == -ENOMEM ? r : -EBADMSG;
	}
	if (!pp_json_is_object(json)) {
		snprintf(ret_detail, PP_BODY_DETAIL_SIZE, "the body must be a JSON object");
		r = -EINVAL;
	} else {
		r = members_check(json, fields, count, ret_detail);
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		r = field_read(&fields[i], json, ret_detail);
	if (r < 0) {
		pp_json_free(json);
		return r;
	}
	*ret_json = json;
	return 0;
}
