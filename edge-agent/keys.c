/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c -- the server's public keys: the installed list, or the one that a signed beat has put in
 * its place since. */
#include "edge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "core/text.h"

#define FILE_MAX 65536

static int parse(struct pp_edge *e, const char *path, const char *text)
{
	unsigned line = 0;
	int r = pp_inbox_keys_parse(text, &e->inbox, &line);

	if (r < 0 && line)
		pp_log(PP_LOG_ERROR, "keys.read",
			"file=%s line=%u why=\"expected a base64 public key\"", path, line);
	else if (r < 0)
		pp_log(PP_LOG_ERROR, "keys.read", "file=%s why=\"expected 1 to %d keys\"", path,
			PP_INBOX_KEYS_MAX);
	return r;
}

/* A rotated list holds only as long as the installed file is the one that it followed: who installs
 * a new file means it. */
static void load_rotated(struct pp_edge *e)
{
	char head[64], *text = NULL;
	size_t length;

	if (pp_file_read(e->keys_path, FILE_MAX, &text, &length) < 0)
		return;
	snprintf(head, sizeof(head), "# %s\n", e->keys_mark);
	if (strncmp(text, head, strlen(head)) == 0 && parse(e, e->keys_path, text) == 0)
		pp_log(PP_LOG_INFO, "keys.rotated", "file=%s keys=%zu", e->keys_path,
			e->inbox.key_count);
	free(text);
}

int pp_keys_load(struct pp_edge *e)
{
	const char *path = e->scalars->server_keys;
	uint8_t hash[PP_SHA256_SIZE];
	char hex[17], *text = NULL;
	size_t length;
	int r = pp_file_read(path, FILE_MAX, &text, &length);

	if (r < 0) {
		pp_log(PP_LOG_ERROR, "keys.read", "file=%s why=\"%s\"", path, strerror(-r));
		return r;
	}
	r = parse(e, path, text);
	pp_sha256(text, length, hash);
	pp_text_hex(hash, 8, hex);
	free(text);
	snprintf(e->keys_mark, sizeof(e->keys_mark), "after %s", hex);
	if (r == 0)
		load_rotated(e);
	return r;
}

void pp_keys_rotate(struct pp_edge *e, const struct pp_beat *beat)
{
	char *path, *text;

	if (!pp_inbox_keys_set(&e->inbox, beat))
		return;
	pp_log(PP_LOG_NOTICE, "keys.rotate", "keys=%zu", e->inbox.key_count);
	path = strdup(e->keys_path);
	text = pp_inbox_keys_print(&e->inbox, e->keys_mark);
	if (path && text) {
		pp_keeper_write(e->keeper, path, text);
		e->writes++;
		return;
	}
	free(path);
	free(text);
}
