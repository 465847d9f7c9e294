/* SPDX-License-Identifier: Apache-2.0 */
/* request.c -- headers, signature and body of a webhook. */
#include "webhook/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "crypto/sign.h"

#define ANSWER_MAX 4096

static int sign(const struct pp_message *m, int64_t now_ms, const char *body, char ret_hex[65])
{
	struct pp_buf b = { 0 };
	uint8_t mac[PP_SHA256_SIZE];
	char *text;
	size_t length;
	int r;

	pp_buf_addf(&b, "%lld.%s", (long long)now_ms, body);
	r = pp_buf_take(&b, &text, &length);
	if (r < 0)
		return r;
	pp_hmac_sha256(m->secret, strlen(m->secret), text, length, mac);
	pp_text_hex(mac, sizeof(mac), ret_hex);
	free(text);
	return 0;
}

static int body_fill(const struct pp_message *m, char **ret_body)
{
	struct pp_message_values values;
	int r;

	if (m->form.template[0] == '\0') {
		*ret_body = strdup(m->body);
		return *ret_body ? 0 : -ENOMEM;
	}
	r = pp_message_values(m, &values);
	if (r < 0)
		return r;
	r = pp_form_fill(&m->form, values.all, ret_body);
	pp_message_values_done(&values);
	return r;
}

static void headers_fill(struct pp_webhook *w, const struct pp_message *m, int64_t now_ms,
	const char *signature)
{
	size_t count = 0;

	snprintf(w->type, sizeof(w->type), "Content-Type: %s", pp_form_content_type(&m->form));
	snprintf(w->timestamp, sizeof(w->timestamp), "X-PosPin-Timestamp: %lld", (long long)now_ms);
	snprintf(w->signature, sizeof(w->signature), "X-PosPin-Signature: sha256=%s", signature);
	snprintf(w->key, sizeof(w->key), "Idempotency-Key: %s", m->key);
	snprintf(w->authorization, sizeof(w->authorization), "Authorization: %s", m->authorization);
	w->headers[count++] = w->type;
	w->headers[count++] = "User-Agent: PosPin/" POSPIN_VERSION;
	w->headers[count++] = w->timestamp;
	w->headers[count++] = w->signature;
	w->headers[count++] = w->key;
	if (m->authorization[0])
		w->headers[count++] = w->authorization;
}

int pp_webhook_build(const struct pp_message *m, int64_t now_ms, bool allow_private,
	struct pp_webhook *ret_webhook)
{
	struct pp_webhook *w = ret_webhook;
	char hex[65], *body;
	int r;

	/* These stand in headers: a control character in one would begin another. */
	if (m->key[0] == '\0' || strpbrk(m->key, "\r\n") || strpbrk(m->authorization, "\r\n"))
		return -EINVAL;
	r = body_fill(m, &body);
	if (r == 0) {
		r = sign(m, now_ms, body, hex);
		if (r < 0)
			free(body);
	}
	if (r < 0)
		return r;
	memset(w, 0, sizeof(*w));
	w->body = body;
	headers_fill(w, m, now_ms, hex);
	w->request = (struct pp_fetch_request){
		.method = "POST",
		.url = m->url,
		.headers = w->headers,
		.body = w->body,
		.length = strlen(w->body),
		.timeout_ms = PP_CHANNEL_TIMEOUT_MS,
		.answer_limit = ANSWER_MAX,
		.public_only = !allow_private,
	};
	return 0;
}

void pp_webhook_done(struct pp_webhook *w)
{
	free(w->body);
	w->body = NULL;
}
