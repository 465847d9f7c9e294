/* SPDX-License-Identifier: Apache-2.0 */
/* audit_form.c -- an event of the chain as an object of JSON, and back. */
#include "audit_form.h"

#include <errno.h>
#include <string.h>

#include "core/text.h"
#include "crypto/sign.h"

struct text_member {
	const char *name, *value;
};

static void text_set(struct pp_json *object, const struct text_member *member)
{
	if (member->value)
		(void)pp_json_set_text(object, member->name, member->value);
	else
		(void)pp_json_set_null(object, member->name);
}

static void hash_set(struct pp_json *object, const char *name, const uint8_t hash[PP_SHA256_SIZE])
{
	char hex[2 * PP_SHA256_SIZE + 1];

	pp_text_hex(hash, PP_SHA256_SIZE, hex);
	(void)pp_json_set_text(object, name, hex);
}

struct pp_json *pp_audit_event_json(const struct pp_event_row *row)
{
	const struct text_member texts[] = { { "kind", row->kind }, { "actor", row->actor },
		{ "incident", row->number }, { "post", row->post }, { "point", row->point },
		{ "body", row->body } };
	struct pp_json *object = pp_json_object();

	(void)pp_json_set_i64(object, "height", row->height);
	(void)pp_json_set_i64(object, "at", row->at_ms);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		text_set(object, &texts[i]);
	hash_set(object, "previous", row->previous);
	hash_set(object, "hash", row->hash);
	return object;
}

/* Null counts as none. */
static int text_get(const struct pp_json *line, const char *name, const char **ret_text)
{
	int r = pp_json_get_text(line, name, PP_AUDIT_LINE_MAX, ret_text);

	if (r == -ENOENT && pp_json_has(line, name)) {
		*ret_text = NULL;
		return 0;
	}
	return r < 0 ? -EBADMSG : 0;
}

static int hash_get(const struct pp_json *line, const char *name, uint8_t ret_hash[PP_SHA256_SIZE])
{
	const char *hex;

	if (pp_json_get_text(line, name, 2 * PP_SHA256_SIZE, &hex) < 0)
		return -EBADMSG;
	return pp_text_unhex(hex, strlen(hex), ret_hash, PP_SHA256_SIZE) < 0 ? -EBADMSG : 0;
}

int pp_audit_event_read(const struct pp_json *line, struct pp_event_row *row)
{
	if (pp_json_get_i64(line, "height", 1, INT64_MAX, &row->height) < 0 ||
		pp_json_get_i64(line, "at", INT64_MIN, INT64_MAX, &row->at_ms) < 0 ||
		text_get(line, "kind", &row->kind) < 0 ||
		text_get(line, "actor", &row->actor) < 0 ||
		text_get(line, "incident", &row->number) < 0 ||
		text_get(line, "post", &row->post) < 0 ||
		text_get(line, "point", &row->point) < 0 ||
		text_get(line, "body", &row->body) < 0 || !row->kind || !row->actor || !row->body ||
		hash_get(line, "previous", row->previous) < 0 ||
		hash_get(line, "hash", row->hash) < 0)
		return -EBADMSG;
	return 0;
}

bool pp_audit_is_zero(const uint8_t hash[32])
{
	uint8_t any = 0;

	for (size_t i = 0; i < PP_SHA256_SIZE; i++)
		any |= hash[i];
	return any == 0;
}
