/* SPDX-License-Identifier: Apache-2.0 */
/* file.c -- whole small files, read with a limit and replaced in one step. */
#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/text.h"

static int fd_read(int fd, size_t max, struct pp_buf *b)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		if ((size_t)n > max - b->length)
			return -EFBIG;
		pp_buf_add(b, chunk, (size_t)n);
		if (b->failed)
			return -ENOMEM;
	}
}

int pp_file_read(const char *path, size_t max, char **ret_text, size_t *ret_length)
{
	struct pp_buf b = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = fd_read(fd, max, &b);
	close(fd);
	if (r < 0) {
		pp_buf_done(&b);
		return r;
	}
	return pp_buf_take(&b, ret_text, ret_length);
}

static int fd_write(int fd, const void *data, size_t length)
{
	const char *p = data;

	while (length > 0) {
		ssize_t n = write(fd, p, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		length -= (size_t)n;
	}
	return 0;
}

static int temporary_fill(int fd, const void *data, size_t length, mode_t mode, bool sync)
{
	int r = fchmod(fd, mode) < 0 ? -errno : fd_write(fd, data, length);

	if (r == 0 && sync && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static char *folder_of(const char *path) /* NULL: no memory */
{
	const char *slash = strrchr(path, '/');

	return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

int pp_file_sync_name(const char *path)
{
	char *folder = folder_of(path);
	int fd, r;

	if (!folder)
		return -ENOMEM;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static int replace(const char *path, const void *data, size_t length, mode_t mode, bool sync)
{
	struct pp_buf b = { 0 };
	char *name;
	int fd, r;

	pp_buf_addf(&b, "%s.XXXXXX", path);
	r = pp_buf_take(&b, &name, NULL);
	if (r < 0)
		return r;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		free(name);
		return r;
	}
	r = temporary_fill(fd, data, length, mode, sync);
	if (r == 0 && rename(name, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(name);
	free(name);
	return r;
}

int pp_file_write(const char *path, const void *data, size_t length, mode_t mode)
{
	int r = replace(path, data, length, mode, true);

	return r < 0 ? r : pp_file_sync_name(path);
}

int pp_file_put(const char *path, const void *data, size_t length, mode_t mode)
{
	return replace(path, data, length, mode, false);
}

bool pp_file_is_in_memory(const char *path)
{
	char *folder = folder_of(path);
	struct statfs facts;
	bool is = folder && statfs(folder, &facts) == 0 &&
		(facts.f_type == TMPFS_MAGIC || facts.f_type == RAMFS_MAGIC);

	free(folder);
	return is;
}

static int dir_make_one(const char *path, mode_t mode)
{
	struct stat st;
	int error;

	if (mkdir(path, mode) == 0)
		return 0;
	error = errno;
	/* A parent may refuse us for other reasons (EACCES, EROFS) and yet be there. */
	if (stat(path, &st) < 0)
		return -error;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int pp_dir_make(const char *path, mode_t mode)
{
	char *copy;
	int r = 0;

	if (path[0] == '\0')
		return -EINVAL;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	for (char *p = copy + 1; r == 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		r = dir_make_one(copy, mode);
		*p = '/';
	}
	if (r == 0)
		r = dir_make_one(copy, mode);
	free(copy);
	return r;
}

int pp_file_rename(const char *from, const char *to)
{
	return rename(from, to) < 0 ? -errno : 0;
}

int pp_file_lock(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0)
		return -errno;
	/* Where locks cannot be had nobody can know who else is there. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return -EBUSY;
	}
	*ret_fd = fd;
	return 0;
}

void pp_file_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

int pp_dir_each(const char *path, pp_dir_fn *fn, void *user)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	if (!folder)
		return -errno;
	while ((entry = readdir(folder)))
		fn(user, entry->d_name);
	closedir(folder);
	return 0;
}

int pp_dir_free(const char *path, uint64_t *ret_bytes)
{
	struct statvfs facts;

	if (statvfs(path, &facts) < 0)
		return -errno;
	*ret_bytes = (uint64_t)facts.f_bavail * facts.f_frsize;
	return 0;
}
