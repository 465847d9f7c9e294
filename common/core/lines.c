/* SPDX-License-Identifier: Apache-2.0 */
/* lines.c -- appends under the file's lock, and syncs. */
#include "core/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

struct pp_lines {
	int fd;
};

/* Nobody has been told of a line without its end: it goes, so that the next one is not written
 * behind it. The lock is against another program's appending. */
static int end_mend(int fd)
{
	ssize_t n = 1;
	off_t end;
	char last;
	int r = flock(fd, LOCK_EX) < 0 ? -errno : 0;

	end = r == 0 ? lseek(fd, 0, SEEK_END) : 0;
	while (end > 0 && (n = pread(fd, &last, 1, end - 1)) == 1 && last != '\n')
		end--;
	/* What cannot be read now may be a whole line. */
	if (r == 0 && n < 0)
		r = -errno;
	if (r == 0 && ftruncate(fd, end) < 0 && errno != EINVAL) /* EINVAL: not a regular file */
		r = -errno;
	(void)flock(fd, LOCK_UN);
	return r;
}

int pp_lines_open(const char *path, mode_t mode, struct pp_lines **ret_lines)
{
	struct pp_lines *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, mode);
	r = l->fd < 0 ? -errno : end_mend(l->fd);
	if (r == 0)
		r = pp_file_sync_name(path);
	if (r < 0) {
		pp_lines_close(l);
		return r;
	}
	*ret_lines = l;
	return 0;
}

struct pp_lines *pp_lines_close(struct pp_lines *l)
{
	if (l && l->fd >= 0)
		close(l->fd);
	free(l);
	return NULL;
}

static int all_write(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			length -= (size_t)n;
		}
	}
	return 0;
}

int pp_lines_append(struct pp_lines *l, const char *text, size_t length)
{
	int r = flock(l->fd, LOCK_EX) < 0 ? -errno : 0;

	if (r == 0) {
		r = all_write(l->fd, text, length);
		(void)flock(l->fd, LOCK_UN);
	}
	if (r == 0 && fsync(l->fd) < 0)
		r = -errno;
	return r;
}

int pp_lines_tail(
	struct pp_lines *l, size_t max, char **ret_text, size_t *ret_length, bool *ret_whole)
{
	struct stat facts;
	size_t length;
	ssize_t n;
	char *text;

	if (fstat(l->fd, &facts) < 0)
		return -errno;
	length = facts.st_size < (off_t)max ? (size_t)facts.st_size : max;
	text = malloc(length + 1);
	if (!text)
		return -ENOMEM;
	n = pread(l->fd, text, length, facts.st_size - (off_t)length);
	if (n < 0) {
		int error = errno;

		free(text);
		return -error;
	}
	*ret_text = text;
	*ret_length = (size_t)n;
	*ret_whole = (off_t)length == facts.st_size;
	return 0;
}
