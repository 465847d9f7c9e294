/* SPDX-License-Identifier: Apache-2.0 */
/* webhook/webhook.h -- the channel "webhook". */
#ifndef WEBHOOK_WEBHOOK_H
#define WEBHOOK_WEBHOOK_H

#include "channel/channel.h"

extern const struct pp_channel_ops pp_webhook_ops;

#endif
