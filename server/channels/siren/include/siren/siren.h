/* SPDX-License-Identifier: Apache-2.0 */
/* siren/siren.h -- the channel "siren". */
#ifndef SIREN_SIREN_H
#define SIREN_SIREN_H

#include "channel/channel.h"

extern const struct pp_channel_ops pp_siren_ops;

#endif
