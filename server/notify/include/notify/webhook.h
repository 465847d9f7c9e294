/* SPDX-License-Identifier: Apache-2.0 */
/* notify/webhook.h -- a notification as an HTTP request. Pure. */
#ifndef NOTIFY_WEBHOOK_H
#define NOTIFY_WEBHOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "fetch/fetch.h"
#include "store/query.h"

struct pp_webhook {
	struct pp_fetch_request request; /* points into the row and into this struct: do not copy */
	const char *headers[7];
	char timestamp[48], signature[112], key[112];
};

/* POST of the row's body with X-PosPin-Timestamp (UTC ms), X-PosPin-Signature ("sha256=" and hex of
 * HMAC-SHA256 over timestamp "." body, with the webhook's secret) and Idempotency-Key. -EINVAL: the
 * row holds no request. */
int pp_webhook_build(const struct pp_notification_row *row, int64_t now_ms, bool allow_private,
	struct pp_webhook *ret_webhook);

#endif
