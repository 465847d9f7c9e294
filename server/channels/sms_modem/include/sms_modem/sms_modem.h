/* SPDX-License-Identifier: Apache-2.0 */
/* sms_modem/sms_modem.h -- the channel "sms" by a modem. */
#ifndef SMS_MODEM_SMS_MODEM_H
#define SMS_MODEM_SMS_MODEM_H

#include "channel/channel.h"

extern const struct pp_channel_ops pp_sms_modem_ops;

#endif
