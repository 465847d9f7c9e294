/* SPDX-License-Identifier: Apache-2.0 */
/* pack.c -- zlib behind one call. */
#include "recorder/pack.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

int pp_pack(const void *data, size_t length, void **ret_data, size_t *ret_length)
{
	z_stream z = { 0 };
	size_t size;
	Bytef *out;
	int r;

	if (length > UINT_MAX)
		return -EFBIG;
	/* 13 bits of window, because lines repeat what stands a line before, and memory is counted;
	 * 16 more ask for gzip's own header and checksum. */
	if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 13 + 16, 7, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	size = deflateBound(&z, (uLong)length);
	out = size <= UINT_MAX ? malloc(size) : NULL;
	if (!out) {
		(void)deflateEnd(&z);
		return -ENOMEM;
	}
	z.next_in = data;
	z.avail_in = (uInt)length;
	z.next_out = out;
	z.avail_out = (uInt)size;
	r = deflate(&z, Z_FINISH);
	*ret_length = z.total_out;
	(void)deflateEnd(&z);
	if (r != Z_STREAM_END) {
		free(out);
		return -ENOMEM;
	}
	*ret_data = out;
	return 0;
}
