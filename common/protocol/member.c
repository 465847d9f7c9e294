/* SPDX-License-Identifier: Apache-2.0 */
/* member.c -- readers and writers that every message uses. */
#include "member.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

int pp_refuse(char *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (why)
		vsnprintf(why, PP_WHY_SIZE, fmt, args);
	va_end(args);
	return -EBADMSG;
}

/* ---- whole messages ---- */

int pp_message_parse(const char *text, size_t length, struct pp_json **ret_message, char *why)
{
	struct pp_json *message;
	int64_t version;
	int error;

	if (length > PP_PAYLOAD_MAX)
		return pp_refuse(why, "longer than %d bytes", PP_PAYLOAD_MAX);
	error = pp_json_parse(text, length, &message, why);
	if (error)
		return error;
	if (!pp_json_is_object(message)) {
		pp_json_free(message);
		return pp_refuse(why, "not an object");
	}
	if (pp_json_has(message, "v") && pp_json_get_i64(message, "v", 1, 1, &version)) {
		pp_json_free(message);
		(void)pp_refuse(why, "v: not 1");
		return -EPROTONOSUPPORT;
	}
	*ret_message = message;
	return 0;
}

int pp_message_print(struct pp_json *message, char **ret_text, size_t *ret_length)
{
	char *text;
	size_t length;
	int error = pp_json_print(message, &text, &length);

	pp_json_free(message);
	if (error)
		return error;
	if (length > PP_PAYLOAD_MAX) {
		free(text);
		return -EMSGSIZE;
	}
	*ret_text = text;
	*ret_length = length;
	return 0;
}

/* ---- members ---- */

void pp_member_set_epoch(struct pp_json *object, uint64_t epoch)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)epoch);
	(void)pp_json_set_text(object, "epoch", hex);
}

int pp_member_epoch(const struct pp_json *object, uint64_t *ret_epoch, char *why)
{
	const char *hex;
	uint64_t epoch;

	if (pp_json_get_text(object, "epoch", 16, &hex) || strlen(hex) != 16 ||
		strspn(hex, "0123456789abcdef") != 16)
		return pp_refuse(why, "epoch: not 16 lower-case hex digits");
	epoch = strtoull(hex, NULL, 16);
	*ret_epoch = epoch;
	return 0;
}

int pp_member_whole(
	const struct pp_json *object, const char *key, int64_t min, int64_t *ret_value, char *why)
{
	if (pp_json_get_i64(object, key, min, PP_WHOLE_MAX, ret_value))
		return pp_refuse(why, "%s: not an integer of %lld to 2^53-1", key, (long long)min);
	return 0;
}

int pp_member_whole_or(const struct pp_json *object, const char *key, int64_t absent,
	int64_t *ret_value, char *why)
{
	int error = pp_json_get_i64(object, key, 0, PP_WHOLE_MAX, ret_value);

	if (error == -ENOENT)
		*ret_value = absent;
	else if (error)
		return pp_refuse(why, "%s: neither null nor an integer of 0 to 2^53-1", key);
	return 0;
}

int pp_member_text(
	const struct pp_json *object, const char *key, char *ret_text, size_t size, char *why)
{
	const char *text = "";
	int error = pp_json_get_text(object, key, SIZE_MAX, &text);

	if (error && error != -ENOENT)
		return pp_refuse(why, "%s: not a text", key);
	(void)pp_text_fit(text, ret_text, size);
	return 0;
}

int pp_member_list(const struct pp_json *object, const char *key, size_t max,
	const struct pp_json **ret_list, char *why)
{
	const struct pp_json *list = NULL;
	int error = pp_json_get_list(object, key, &list);

	if (error && error != -ENOENT)
		return pp_refuse(why, "%s: not a list", key);
	if (list && pp_json_count(list) > max)
		return pp_refuse(why, "%s: more than %zu", key, max);
	*ret_list = list;
	return 0;
}

/* ---- texts ---- */

bool pp_text_fit(const char *text, char *ret_text, size_t size)
{
	size_t length = strlen(text);
	bool changed = length >= size;

	if (changed)
		for (length = size - 1; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
			length--;
	for (size_t i = 0; i < length; i++) {
		bool control = (unsigned char)text[i] < 0x20 || text[i] == 0x7f;

		ret_text[i] = control ? '?' : text[i];
		changed |= control;
	}
	ret_text[length] = '\0';
	return changed;
}

bool pp_point_fit(const char *name, char ret_point[PP_POINT_MAX + 1])
{
	size_t length = strnlen(name, PP_POINT_MAX);
	bool changed = name[length] != '\0';

	for (size_t i = 0; i < length; i++) {
		/* A name begins with a letter or digit, so that no tool takes it for an option. */
		bool fine = pp_text_is_slug(name + i, 1, 1) || (name[i] == '-' && i > 0);

		ret_point[i] = fine ? name[i] : i > 0 ? '-' : 'x';
		changed |= !fine;
	}
	ret_point[length] = '\0';
	return changed;
}
