/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c -- the server's public keys: the installed list, or the one that a signed beat has put in
 * its place since. */
#include "edge.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "crypto/keyring.h"

static_assert(PP_INBOX_KEYS_MAX <= PP_STATE_KEYS_MAX, "a state names every key that a post trusts");

#define FILE_MAX 65536
#define WRITE_AGAIN_US 10000000u

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

/* No answer within that time (the disk hangs, too much waits for it) is a failure as well. */
static void save(struct pp_edge *e)
{
	char *path = strdup(e->keys_path);
	char *text = pp_inbox_keys_print(&e->inbox, e->keys_mark);

	e->keys_retry_us = pp_loop_now_us(e->loop) + WRITE_AGAIN_US;
	if (path && text) {
		pp_keeper_write(e->keeper, path, text);
		e->writes++;
		return;
	}
	free(path);
	free(text);
}

void pp_keys_rotate(struct pp_edge *e, const struct pp_beat *beat)
{
	if (!pp_inbox_keys_set(&e->inbox, beat))
		return;
	pp_log(PP_LOG_NOTICE, "keys.rotate", "keys=%zu", e->inbox.key_count);
	save(e);
}

void pp_keys_wrote(struct pp_edge *e, const struct pp_store_answer *a)
{
	if (strcmp(a->why, e->keys_path) != 0)
		return;
	e->keys_retry_us =
		a->error == 0 ? UINT64_MAX : pp_loop_now_us(e->loop) + WRITE_AGAIN_US;
}

void pp_keys_step(struct pp_edge *e)
{
	if (pp_loop_now_us(e->loop) >= e->keys_retry_us)
		save(e);
}

void pp_keys_name(const struct pp_edge *e, struct pp_state *state)
{
	state->key_count = e->inbox.key_count;
	for (size_t i = 0; i < e->inbox.key_count; i++)
		pp_key_id(e->inbox.keys[i], state->keys[i]);
}
