/* SPDX-License-Identifier: Apache-2.0 */
/* sms_http/sms_http.h -- the channel "sms" by an HTTP gateway. */
#ifndef SMS_HTTP_SMS_HTTP_H
#define SMS_HTTP_SMS_HTTP_H

#include "channel/channel.h"

extern const struct pp_channel_ops pp_sms_http_ops;

#endif
