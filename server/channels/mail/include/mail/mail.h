/* SPDX-License-Identifier: Apache-2.0 */
/* mail/mail.h -- the channel "mail". */
#ifndef MAIL_MAIL_H
#define MAIL_MAIL_H

#include "channel/channel.h"

extern const struct pp_channel_ops pp_mail_ops;

#endif
