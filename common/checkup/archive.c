/* SPDX-License-Identifier: Apache-2.0 */
/* archive.c -- files in a temporary folder, and the program tar. */
#include "checkup/archive.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"

#define PATH_SIZE 4096

struct pp_archive {
	char path[PATH_SIZE], folder[PATH_SIZE], name[64];
	size_t count;
	char *files[PP_ARCHIVE_FILES_MAX]; /* whole paths */
};

static int inside(const struct pp_archive *a, const char *file, char ret_path[PATH_SIZE])
{
	int n = snprintf(ret_path, PATH_SIZE, "%s/%s%s%s", a->folder, a->name, file ? "/" : "",
		file ? file : "");

	return n > 0 && n < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static int folder_make(struct pp_archive *a)
{
	char copy[PATH_SIZE], inner[PATH_SIZE];

	snprintf(copy, sizeof(copy), "%s", a->path);
	if (snprintf(a->folder, sizeof(a->folder), "%s/.pospin-bundle-XXXXXX", dirname(copy)) >=
		(int)sizeof(a->folder)) {
		a->folder[0] = '\0';
		return -ENAMETOOLONG;
	}
	if (!mkdtemp(a->folder)) {
		a->folder[0] = '\0';
		return -errno;
	}
	if (inside(a, NULL, inner) < 0)
		return -ENAMETOOLONG;
	return mkdir(inner, 0700) < 0 ? -errno : 0;
}

int pp_archive_new(const char *path, const char *name, struct pp_archive **ret_archive)
{
	struct pp_archive *a;
	int r;

	if (strlen(path) >= PATH_SIZE - 8)
		return -ENAMETOOLONG;
	if (access(path, F_OK) == 0)
		return -EEXIST;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	snprintf(a->path, sizeof(a->path), "%s", path);
	snprintf(a->name, sizeof(a->name), "%s", name);
	r = folder_make(a);
	if (r < 0)
		pp_archive_free(a);
	else
		*ret_archive = a;
	return r;
}

int pp_archive_add(struct pp_archive *a, const char *file, const void *data, size_t length)
{
	char path[PATH_SIZE];
	int r = inside(a, file, path);

	assert(a->count < PP_ARCHIVE_FILES_MAX && file[0] != '.' && !strchr(file, '/'));
	if (r == 0)
		r = pp_file_write(path, data, length, 0600);
	if (r < 0)
		return r;
	a->files[a->count] = strdup(path);
	return a->files[a->count] ? (a->count++, 0) : -ENOMEM;
}

/* tar's standard output is the file: it is ours, with our mode, before tar writes a byte. */
static int tar_run(struct pp_archive *a, int out)
{
	char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
	char *const environment[] = { path, locale, NULL };
	char *const arguments[] = { (char[]){ "tar" }, (char[]){ "-cz" },
		(char[]){ "--owner=root:0" }, (char[]){ "--group=root:0" }, (char[]){ "-C" },
		a->folder, a->name, NULL };
	posix_spawn_file_actions_t actions;
	int status = 0, r;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -ENOMEM;
	r = -posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (r == 0)
		r = -posix_spawn(&pid, "/bin/tar", &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (r < 0)
		return r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

int pp_archive_finish(struct pp_archive *a)
{
	char part[PATH_SIZE];
	int out, r;

	if (snprintf(part, sizeof(part), "%s/part", a->folder) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	out = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = tar_run(a, out);
	if (r == 0 && fsync(out) < 0)
		r = -errno;
	close(out);
	/* A link, not a rename: what somebody has put there meanwhile stays. */
	if (r == 0 && link(part, a->path) < 0)
		r = -errno;
	(void)unlink(part);
	return r;
}

struct pp_archive *pp_archive_free(struct pp_archive *a)
{
	char inner[PATH_SIZE];

	if (!a)
		return NULL;
	for (size_t i = 0; i < a->count; i++) {
		(void)unlink(a->files[i]);
		free(a->files[i]);
	}
	if (a->folder[0]) {
		if (inside(a, NULL, inner) == 0)
			(void)rmdir(inner);
		(void)rmdir(a->folder);
	}
	free(a);
	return NULL;
}
