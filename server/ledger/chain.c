/* SPDX-License-Identifier: Apache-2.0 */
/* chain.c -- hashes of events, and signed heads as lines. */
#include "ledger/chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int pp_chain_hash(const uint8_t previous[PP_SHA256_SIZE], const struct pp_event_row *event,
	uint8_t ret_hash[PP_SHA256_SIZE])
{
	struct pp_buf b = { 0 };
	char *text;
	size_t length;
	int r;

	pp_buf_add(&b, previous, PP_SHA256_SIZE);
	pp_buf_addf(&b, "%" PRId64 "\n%" PRId64 "\n%s\n%s\n%s\n%s\n%s\n%s", event->height,
		event->at_ms, event->kind, event->actor, or_empty(event->number),
		or_empty(event->post), or_empty(event->point), event->body);
	r = pp_buf_take(&b, &text, &length);
	if (r < 0)
		return r;
	pp_sha256(text, length, ret_hash);
	free(text);
	return 0;
}

int pp_chain_personal(const uint8_t *salt, size_t salt_length, const char *text, char ret_hex[65])
{
	struct pp_buf b = { 0 };
	uint8_t hash[PP_SHA256_SIZE];
	char *data;
	size_t length;
	int r;

	pp_buf_add(&b, salt, salt_length);
	pp_buf_add(&b, text, strlen(text));
	r = pp_buf_take(&b, &data, &length);
	if (r < 0)
		return r;
	pp_sha256(data, length, hash);
	free(data);
	pp_text_hex(hash, sizeof(hash), ret_hex);
	return 0;
}

static size_t head_text(const struct pp_head *head, char ret_text[PP_HEAD_LINE_MAX])
{
	char hex[2 * PP_SHA256_SIZE + 1];
	int length;

	pp_text_hex(head->hash, sizeof(head->hash), hex);
	length = snprintf(ret_text, PP_HEAD_LINE_MAX,
		"pospin-head-1\n%s %" PRId64 " %s %" PRId64 "\n", head->tenant, head->height, hex,
		head->at_ms);
	return (size_t)length;
}

int pp_head_format(
	const struct pp_head *head, const struct pp_key *key, char ret_line[PP_HEAD_LINE_MAX])
{
	char text[PP_HEAD_LINE_MAX], hex[2 * PP_SHA256_SIZE + 1], sig64[96];
	uint8_t sig[PP_SIGNATURE_SIZE];
	int r = pp_sign(key, text, head_text(head, text), sig);

	if (r < 0)
		return r;
	pp_base64(sig, sizeof(sig), sig64);
	pp_text_hex(head->hash, sizeof(head->hash), hex);
	snprintf(ret_line, PP_HEAD_LINE_MAX, "%s %" PRId64 " %s %" PRId64 " %s\n", head->tenant,
		head->height, hex, head->at_ms, sig64);
	return 0;
}

/* The next word up to a blank; the text behind it. NULL: there is none. */
static const char *word_take(const char *text, const char *end, char *ret_word, size_t size)
{
	const char *blank = memchr(text, ' ', (size_t)(end - text));
	size_t length = (size_t)((blank ? blank : end) - text);

	if (length == 0 || length >= size)
		return NULL;
	memcpy(ret_word, text, length);
	ret_word[length] = '\0';
	return blank ? blank + 1 : end;
}

static int head_split(const char *line, size_t length, struct pp_head *ret_head,
	uint8_t ret_sig[PP_SIGNATURE_SIZE])
{
	char words[5][100];
	const char *end = line + length;

	for (int i = 0; i < 5; i++) {
		line = word_take(line, end, words[i], sizeof(words[i]));
		if (!line)
			return -EBADMSG;
	}
	if (line != end || strlen(words[0]) >= sizeof(ret_head->tenant) ||
		pp_text_i64(words[1], strlen(words[1]), 1, INT64_MAX, &ret_head->height) < 0 ||
		pp_text_unhex(words[2], strlen(words[2]), ret_head->hash,
			sizeof(ret_head->hash)) < 0 ||
		pp_text_i64(words[3], strlen(words[3]), 0, INT64_MAX, &ret_head->at_ms) < 0 ||
		pp_unbase64(words[4], strlen(words[4]), ret_sig, PP_SIGNATURE_SIZE) < 0)
		return -EBADMSG;
	memcpy(ret_head->tenant, words[0], strlen(words[0]) + 1);
	return 0;
}

int pp_head_read(const char *line, size_t length, struct pp_head *ret_head)
{
	uint8_t sig[PP_SIGNATURE_SIZE];

	return head_split(line, length, ret_head, sig);
}

int pp_head_parse(const char *line, size_t length, const uint8_t (*keys)[PP_PUBLIC_KEY_SIZE],
	size_t count, struct pp_head *ret_head)
{
	struct pp_head head;
	char text[PP_HEAD_LINE_MAX];
	uint8_t sig[PP_SIGNATURE_SIZE];
	int r = head_split(line, length, &head, sig);

	if (r < 0)
		return r;
	length = head_text(&head, text);
	for (size_t i = 0; i < count; i++) {
		if (!pp_verify(keys[i], text, length, sig))
			continue;
		*ret_head = head;
		return 0;
	}
	return -EKEYREJECTED;
}
