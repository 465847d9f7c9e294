/* SPDX-License-Identifier: Apache-2.0 */
/* checkup/archive.h -- named texts in one .tar.gz, readable for its owner alone. */
#ifndef CHECKUP_ARCHIVE_H
#define CHECKUP_ARCHIVE_H

#include <stddef.h>

#define PP_ARCHIVE_FILES_MAX 32

struct pp_archive;

/* name: the folder inside. Works in a new folder beside path, which must not exist (-EEXIST); path
 * appears whole, or not at all. -errno of the files. */
int pp_archive_new(const char *path, const char *name, struct pp_archive **ret_archive);
/* file: letters, digits, '-' and '.'. */
int pp_archive_add(struct pp_archive *a, const char *file, const void *data, size_t length);
/* Writes it; -ENOENT: there is no /bin/tar; -EIO: tar has failed. a stays the caller's to free. */
int pp_archive_finish(struct pp_archive *a);
struct pp_archive *pp_archive_free(struct pp_archive *a); /* NULL is fine; returns NULL */

#endif
