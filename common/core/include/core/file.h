/* SPDX-License-Identifier: Apache-2.0 */
/* core/file.h -- whole small files: read with a limit, write so that a power cut leaves the old or
 * the new one. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads all of path, at most max bytes (-EFBIG). *ret_text is NUL-terminated beyond *ret_length
 * (which may be NULL); the caller frees it. */
int pp_file_read(const char *path, size_t max, char **ret_text, size_t *ret_length);
/* Temporary file beside it, fsync, rename, fsync of the folder. mode is exact: the umask is not
 * applied. */
int pp_file_write(const char *path, const void *data, size_t length, mode_t mode);
/* The same without a sync: other programs see the old or the new one, a power cut leaves anything.
 */
int pp_file_put(const char *path, const void *data, size_t length, mode_t mode);
/* In one step, in place of what had that name; a power cut may undo it. -ENOENT. */
int pp_file_rename(const char *from, const char *to);
/* Syncs the folder that holds path: without it a power cut may forget a new name, or bring back an
 * old one, though the content is on the disk. */
int pp_file_sync_name(const char *path);
/* Whether the folder that holds path is on a file system in memory (tmpfs): what is there outlives
 * a program and not the machine, and nobody waits there for a disk. */
bool pp_file_is_in_memory(const char *path);
/* Makes the file if it is not there, and keeps others from locking it as long as *ret_fd is open:
 * -EBUSY. The program's end, however it comes, unlocks. */
int pp_file_lock(const char *path, int *ret_fd);
void pp_file_unlock(int fd); /* closes it; < 0 is fine */

/* Creates path and its parents; fine if they exist. */
int pp_dir_make(const char *path, mode_t mode);
/* Calls fn with each name in that folder, in any order; "." and ".." too. */
typedef void pp_dir_fn(void *user, const char *name);
int pp_dir_each(const char *path, pp_dir_fn *fn, void *user);
int pp_dir_free(const char *path, uint64_t *ret_bytes); /* what a program may still write there */

#endif
