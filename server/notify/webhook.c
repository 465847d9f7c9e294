/* SPDX-License-Identifier: Apache-2.0 */
/* webhook.c -- headers, signature and body of a webhook. */
#include "notify/webhook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "crypto/sign.h"
#include "notify/notifier.h"

#define ANSWER_MAX 4096

static int sign(const struct pp_notification_row *row, int64_t now_ms, char ret_hex[65])
{
	struct pp_buf b = { 0 };
	uint8_t mac[PP_SHA256_SIZE];
	char *text;
	size_t length;
	int r;

	pp_buf_addf(&b, "%lld.%s", (long long)now_ms, row->body);
	r = pp_buf_take(&b, &text, &length);
	if (r < 0)
		return r;
	pp_hmac_sha256(row->secret, strlen(row->secret), text, length, mac);
	pp_text_hex(mac, sizeof(mac), ret_hex);
	free(text);
	return 0;
}

int pp_webhook_build(const struct pp_notification_row *row, int64_t now_ms, bool allow_private,
	struct pp_webhook *ret_webhook)
{
	struct pp_webhook *w = ret_webhook;
	char hex[65];
	int r = sign(row, now_ms, hex);

	if (r < 0)
		return r;
	/* The key stands in a header: a control character in it would begin another. */
	if (row->key[0] == '\0' || strpbrk(row->key, "\r\n"))
		return -EINVAL;
	memset(w, 0, sizeof(*w));
	snprintf(w->timestamp, sizeof(w->timestamp), "X-PosPin-Timestamp: %lld", (long long)now_ms);
	snprintf(w->signature, sizeof(w->signature), "X-PosPin-Signature: sha256=%s", hex);
	snprintf(w->key, sizeof(w->key), "Idempotency-Key: %s", row->key);
	w->headers[0] = "Content-Type: application/json";
	w->headers[1] = "User-Agent: PosPin/" POSPIN_VERSION;
	w->headers[2] = w->timestamp;
	w->headers[3] = w->signature;
	w->headers[4] = w->key;
	w->request = (struct pp_fetch_request){
		.method = "POST",
		.url = row->url,
		.headers = w->headers,
		.body = row->body,
		.length = strlen(row->body),
		.timeout_ms = PP_NOTIFIER_TIMEOUT_MS,
		.answer_limit = ANSWER_MAX,
		.public_only = !allow_private,
	};
	return 0;
}
