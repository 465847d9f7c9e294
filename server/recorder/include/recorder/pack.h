/* SPDX-License-Identifier: Apache-2.0 */
/* recorder/pack.h -- gzip (RFC 1952) of a batch (the one adapter of zlib). */
#ifndef RECORDER_PACK_H
#define RECORDER_PACK_H

#include <stddef.h>

/* The caller frees *ret_data. -ENOMEM, -EFBIG (over 4 GiB). */
int pp_pack(const void *data, size_t length, void **ret_data, size_t *ret_length);

#endif
