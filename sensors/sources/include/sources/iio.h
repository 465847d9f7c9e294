/* SPDX-License-Identifier: Apache-2.0 */
/* sources/iio.h -- analogue readings from the kernel's Industrial I/O devices, by their files in
 * sysfs (Documentation/ABI/testing/sysfs-bus-iio). */
#ifndef SOURCES_IIO_H
#define SOURCES_IIO_H

#include "sources/source.h"

#define PP_IIO_FOLDER "/sys/bus/iio/devices"
#define PP_IIO_MAX 24u     /* channels of a post */
#define PP_IIO_NAME_MAX 63 /* bytes of a device's or channel's name */

/* One channel of one device. */
struct pp_iio_channel {
	const char *id;      /* the point's, for messages */
	const char *device;  /* its `name` or `label`, never its number */
	const char *channel; /* "voltage0", "temp", "voltage0-voltage1", ... */
};

struct pp_iio; /* not thread-safe */

/* Folder and channels are borrowed for its life. Nothing is looked for yet. -ENOMEM, -E2BIG. The
 * caller owns *ret_iio. */
int pp_iio_new(const char *folder, const struct pp_iio_channel *channels, size_t count,
	struct pp_iio **ret_iio);
struct pp_iio *pp_iio_free(struct pp_iio *i); /* NULL is fine; returns NULL */
/* Reads channel `index` now: in_<channel>_input, or (in_<channel>_raw + offset) * scale, in the
 * unit that pp_iio_unit names. A device that went away is looked for anew by each read, under any
 * number. Reads a few small files, which lasts as long as the device's driver takes.
 * On failure *why has one line whose first word is that of the trouble: -ENODEV "lost ..." (no such
 * device), -ENOTUNIQ "ambiguous ..." (two devices bear the name), else "unreadable <file> ..."
 * (-EBADMSG: no number; -ERANGE: beyond 1e12; the file's own error). The first two words stay the
 * same while the cause does. */
int pp_iio_read(struct pp_iio *i, size_t index, double *ret_value, struct pp_source_why *why);
/* UCUM: "V" for voltage..., "A", "Cel", "%", "kPa", ...; "1" for a channel that is not known. */
const char *pp_iio_unit(const char *channel);
/* [a-z0-9] and in between "-" and "_": what a channel's name may be. */
bool pp_iio_channel_check(const char *channel);

#endif
