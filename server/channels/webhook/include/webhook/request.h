/* SPDX-License-Identifier: Apache-2.0 */
/* webhook/request.h -- a message as an HTTP request. Pure. */
#ifndef WEBHOOK_REQUEST_H
#define WEBHOOK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "channel/channel.h"

struct pp_webhook {
	struct pp_fetch_request request; /* points into the message and into this struct: do not
					    copy */
	const char *headers[7];
	char timestamp[48], signature[112], key[112], type[64], authorization[300];
	char *body;
};

/* POST of the message's body, or of the target's template filled, with X-PosPin-Timestamp (UTC ms),
 * X-PosPin-Signature ("sha256=" and hex of HMAC-SHA256 over timestamp "." body, with the webhook's
 * secret) and Idempotency-Key. -EINVAL: the message makes no request. pp_webhook_done frees. */
int pp_webhook_build(const struct pp_message *message, int64_t now_ms, bool allow_private,
	struct pp_webhook *ret_webhook);
void pp_webhook_done(struct pp_webhook *w);

#endif
