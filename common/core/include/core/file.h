/* SPDX-License-Identifier: Apache-2.0 */
/* core/file.h -- whole small files: read with a limit, write so that a power cut leaves the old or
 * the new one. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Reads all of path, at most max bytes (-EFBIG). *ret_text is NUL-terminated beyond *ret_length
 * (which may be NULL); the caller frees it. */
int pp_file_read(const char *path, size_t max, char **ret_text, size_t *ret_length);
/* Temporary file beside it, fsync, rename, fsync of the folder. mode is exact: the umask is not
 * applied. */
int pp_file_write(const char *path, const void *data, size_t length, mode_t mode);
/* Creates path and its parents; fine if they exist. */
int pp_dir_make(const char *path, mode_t mode);

#endif
