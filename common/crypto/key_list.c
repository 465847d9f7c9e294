/* SPDX-License-Identifier: Apache-2.0 */
/* key_list.c -- a file of public keys. */
#include "crypto/key_list.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

#define FILE_MAX 16384

static size_t line_trimmed(const char *line, size_t length)
{
	while (length > 0 && strchr(" \t\r", line[length - 1]))
		length--;
	return length;
}

static int key_add(struct pp_key_list *list, const char *line, size_t length)
{
	uint8_t key[PP_PUBLIC_KEY_SIZE];

	if (pp_unbase64(line, length, key, sizeof(key)) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < list->count; i++) {
		if (memcmp(list->keys[i], key, sizeof(key)) == 0)
			return -EBADMSG;
	}
	if (list->count == PP_KEY_LIST_MAX)
		return -E2BIG;
	memcpy(list->keys[list->count++], key, sizeof(key));
	return 0;
}

int pp_key_list_parse(
	const char *text, size_t length, struct pp_key_list *ret_list, unsigned *ret_line)
{
	struct pp_key_list list = { 0 };
	unsigned number = 0;
	int r = 0;

	for (size_t at = 0; r == 0 && at < length; number++) {
		const char *line = text + at, *end = memchr(line, '\n', length - at);
		size_t size = end ? (size_t)(end - line) : length - at;
		size_t trimmed = line_trimmed(line, size);

		if (trimmed > 0 && line[0] != '#')
			r = key_add(&list, line, trimmed);
		at += size + 1;
	}
	if (r == 0 && list.count == 0) {
		r = -EBADMSG;
		number = 0;
	}
	if (r < 0) {
		if (ret_line)
			*ret_line = number;
		return r;
	}
	*ret_list = list;
	return 0;
}

int pp_key_list_load(const char *path, struct pp_key_list *ret_list, unsigned *ret_line)
{
	size_t length;
	char *text;
	int r = pp_file_read(path, FILE_MAX, &text, &length);

	if (r < 0) {
		if (ret_line)
			*ret_line = 0;
		return r;
	}
	r = pp_key_list_parse(text, length, ret_list, ret_line);
	free(text);
	return r;
}

void pp_key_list_put(struct pp_key_list *list, const uint8_t key[PP_PUBLIC_KEY_SIZE])
{
	for (size_t i = 0; i < list->count; i++)
		if (memcmp(list->keys[i], key, PP_PUBLIC_KEY_SIZE) == 0)
			return;
	list->count -= list->count == PP_KEY_LIST_MAX;
	memmove(list->keys + 1, list->keys, list->count * sizeof(list->keys[0]));
	memcpy(list->keys[0], key, PP_PUBLIC_KEY_SIZE);
	list->count++;
}

int pp_key_list_save(const struct pp_key_list *list, const char *path)
{
	char line[4 * ((PP_PUBLIC_KEY_SIZE + 2) / 3) + 1];
	struct pp_buf b = { 0 };
	size_t length;
	char *text;
	int r;

	assert(list->count >= 1 && list->count <= PP_KEY_LIST_MAX);
	pp_buf_addf(&b, "# Public keys of the PosPin server, Ed25519, base64: what it signs is "
			"believed.\n");
	for (size_t i = 0; i < list->count; i++) {
		pp_base64(list->keys[i], PP_PUBLIC_KEY_SIZE, line);
		pp_buf_addf(&b, "%s\n", line);
	}
	r = pp_buf_take(&b, &text, &length);
	if (r < 0)
		return r;
	r = pp_file_write(path, text, length, 0644);
	free(text);
	return r;
}
