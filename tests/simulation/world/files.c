/* SPDX-License-Identifier: Apache-2.0 */
/* files.c -- core/file.h, core/lines.h and core/local.h on the simulated disk. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/lines.h"
#include "core/local.h"
#include "inside.h"

#define LOCKS_MAX 1024

struct pp_lines {
	struct inode *inode;
};

/* Descriptors of locks: an index. */
static struct inode *locks[LOCKS_MAX];
static int lock_count;

/* Folders are made without their last slash, and a path has no double ones. */
static void tidy(const char *path, char ret_path[512])
{
	size_t n = 0;

	assert(strlen(path) < 512);
	for (const char *p = path; *p; p++)
		if (*p != '/' || n == 0 || ret_path[n - 1] != '/')
			ret_path[n++] = *p;
	while (n > 1 && ret_path[n - 1] == '/')
		n--;
	ret_path[n] = '\0';
}

bool pp_file_is_in_memory(const char *path)
{
	return strncmp(path, "/run/", 5) == 0;
}

static int memory_read(const char *path, char **ret_text, size_t *ret_length)
{
	struct world_node *n = world_node_current();

	if (strcmp(n->run.path, path) != 0)
		return -ENOENT;
	*ret_text = strndup(n->run.text, n->run.length);
	assert(*ret_text);
	if (ret_length)
		*ret_length = n->run.length;
	return 0;
}

/* In memory: nobody puts anything on a disk. */
int pp_file_put(const char *path, const void *data, size_t length, mode_t mode)
{
	struct world_node *n = world_node_current();

	(void)mode;
	assert(pp_file_is_in_memory(path));
	world_crash_point();
	assert(strlen(path) < sizeof(n->run.path) &&
		(!n->run.path[0] || strcmp(n->run.path, path) == 0));
	snprintf(n->run.path, sizeof(n->run.path), "%s", path);
	free(n->run.text);
	n->run.text = strndup(data, length);
	assert(n->run.text);
	n->run.length = length;
	world_crash_point();
	return 0;
}

int pp_file_read(const char *path, size_t max, char **ret_text, size_t *ret_length)
{
	struct inode *i;
	char tidied[512], *text;
	int r;

	if (pp_file_is_in_memory(path))
		return memory_read(path, ret_text, ret_length);
	tidy(path, tidied);
	r = disk_open(tidied, 0, &i);
	if (r < 0)
		return r;
	if (disk_size(i) > max)
		return -EFBIG;
	text = malloc(disk_size(i) + 1);
	assert(text);
	r = disk_read(i, text, disk_size(i), 0);
	if (r < 0) {
		free(text);
		return r;
	}
	text[r] = '\0';
	*ret_text = text;
	if (ret_length)
		*ret_length = (size_t)r;
	return 0;
}

static int fill(const char *path, const void *data, size_t length)
{
	struct inode *i;
	int r = disk_open(path, DISK_CREATE | DISK_EXCLUSIVE, &i);

	if (r == 0)
		r = disk_write(i, data, length, 0);
	return r == 0 ? disk_sync(i) : r;
}

int pp_file_write(const char *path, const void *data, size_t length, mode_t mode)
{
	char tidied[512], name[540];
	int r;

	(void)mode;
	tidy(path, tidied);
	snprintf(name, sizeof(name), "%s.%06x", tidied, (unsigned)(world_random() & 0xffffff));
	r = fill(name, data, length);
	if (r == 0)
		r = disk_rename(name, tidied);
	if (r < 0)
		(void)disk_unlink(name);
	return r < 0 ? r : disk_sync_folder(tidied);
}

int pp_file_rename(const char *from, const char *to)
{
	char a[512], b[512];

	tidy(from, a);
	tidy(to, b);
	return disk_rename(a, b);
}

int pp_file_sync_name(const char *path)
{
	char tidied[512];

	tidy(path, tidied);
	return disk_sync_folder(tidied);
}

int pp_file_lock(const char *path, int *ret_fd)
{
	struct inode *i;
	char tidied[512];
	int r;

	tidy(path, tidied);
	r = disk_open(tidied, DISK_CREATE, &i);
	if (r == 0)
		r = disk_lock(i, world_process_current());
	if (r < 0)
		return r;
	assert(lock_count < LOCKS_MAX);
	locks[lock_count] = i;
	*ret_fd = lock_count++;
	return 0;
}

void pp_file_unlock(int fd)
{
	if (fd >= 0)
		disk_unlock(locks[fd]);
}

int pp_dir_make(const char *path, mode_t mode)
{
	char tidied[512];

	(void)mode;
	if (!path[0])
		return -EINVAL;
	tidy(path, tidied);
	return disk_folder_make(tidied);
}

int pp_dir_each(const char *path, pp_dir_fn *fn, void *user)
{
	char tidied[512];

	tidy(path, tidied);
	return disk_each(tidied, fn, user);
}

int pp_dir_free(const char *path, uint64_t *ret_bytes)
{
	char tidied[512];

	tidy(path, tidied);
	if (!disk_folder_exists(tidied))
		return -ENOENT;
	*ret_bytes = (uint64_t)1 << 32;
	return 0;
}

/* ---- lines ---- */

static int end_mend(struct inode *i)
{
	uint64_t end = disk_size(i), was = end;
	char last;
	int r = 1;

	while (end > 0 && (r = disk_read(i, &last, 1, end - 1)) == 1 && last != '\n')
		end--;
	return r < 0 ? r : end < was ? disk_truncate(i, end) : 0;
}

int pp_lines_open(const char *path, mode_t mode, struct pp_lines **ret_lines)
{
	struct pp_lines *l = calloc(1, sizeof(*l));
	char tidied[512];
	int r;

	(void)mode;
	assert(l);
	tidy(path, tidied);
	r = disk_open(tidied, DISK_CREATE, &l->inode);
	if (r == 0)
		r = end_mend(l->inode);
	if (r == 0)
		r = disk_sync_folder(tidied);
	if (r < 0) {
		free(l);
		return r;
	}
	*ret_lines = l;
	return 0;
}

struct pp_lines *pp_lines_close(struct pp_lines *l)
{
	free(l);
	return NULL;
}

int pp_lines_append(struct pp_lines *l, const char *text, size_t length)
{
	int r = disk_write(l->inode, text, length, disk_size(l->inode));

	return r < 0 ? r : disk_sync(l->inode);
}

int pp_lines_tail(
	struct pp_lines *l, size_t max, char **ret_text, size_t *ret_length, bool *ret_whole)
{
	uint64_t size = disk_size(l->inode), length = size < max ? size : max;
	char *text = malloc(length + 1);
	int r = disk_read(l->inode, text, length, size - length);

	assert(text);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret_text = text;
	*ret_length = (size_t)r;
	*ret_whole = length == size;
	return 0;
}

/* ---- sockets of the tools: nobody asks ---- */

int pp_local_listen(const char *path)
{
	(void)path;
	return world_fd_new();
}

int pp_local_tell(int fd, const char *text, size_t length)
{
	(void)fd;
	(void)text;
	(void)length;
	return -EAGAIN;
}

void pp_local_close(int fd, const char *path)
{
	(void)path;
	if (fd >= 0)
		world_fd_close(fd);
}

int pp_local_ask(const char *path, int timeout_ms, size_t max, char **ret_text, size_t *ret_length)
{
	(void)path;
	(void)timeout_ms;
	(void)max;
	(void)ret_text;
	(void)ret_length;
	return -ENOENT;
}
