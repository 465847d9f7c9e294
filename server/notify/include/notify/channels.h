/* SPDX-License-Identifier: Apache-2.0 */
/* notify/channels.h -- the table of channels. */
#ifndef NOTIFY_CHANNELS_H
#define NOTIFY_CHANNELS_H

#include "channel/channel.h"

/* Several of one name are ways of the same channel: those that are set up take turns, try by try.
 */
extern const struct pp_channel_ops *const pp_channels[];
extern const size_t pp_channel_count;
/* NULL: the address will do for the channel of that name; else what is wrong with it, English. */
const char *pp_channel_address_check(const char *name, const char *address);

#endif
