/* SPDX-License-Identifier: Apache-2.0 */
/* static.c -- files opened segment by segment from the folder's descriptor, so that no path can
 * leave it. */
#include "static.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "crypto/sign.h"

#define DEPTH_MAX 4
#define SEGMENT_MAX 100

struct pp_static {
	int folder;
};

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".map", "application/json" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/vnd.microsoft.icon" },
	{ ".woff2", "font/woff2" },
	{ ".wav", "audio/wav" },
	{ ".mp3", "audio/mpeg" },
	{ ".ogg", "audio/ogg" },
};

int pp_static_new(const char *folder, struct pp_static **ret_static)
{
	struct pp_static *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->folder < 0) {
		int r = -errno;

		free(s);
		return r;
	}
	*ret_static = s;
	return 0;
}

struct pp_static *pp_static_free(struct pp_static *s)
{
	if (s)
		close(s->folder);
	free(s);
	return NULL;
}

static const char *type_of(const char *path)
{
	const size_t length = strlen(path);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i].ending);

		if (length > n && strcmp(path + length - n, types[i].ending) == 0)
			return types[i].type;
	}
	return NULL;
}

static bool segment_is_fine(const char *text, size_t length)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

	return length > 0 && length <= SEGMENT_MAX && text[0] != '.' &&
	       strspn(text, letters) >= length;
}

/* path without its first slash. Returns a descriptor. */
static int file_open(const struct pp_static *s, const char *path)
{
	int folder = s->folder, fd = -ENOENT;

	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		size_t length = strcspn(path, "/");
		bool last = path[length] == '\0';
		char name[SEGMENT_MAX + 1] = "";

		fd = -ENOENT;
		if (!segment_is_fine(path, length))
			break;
		memcpy(name, path, length);
		fd = openat(folder, name,
			O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
				(last ? O_RDONLY : O_PATH | O_DIRECTORY));
		fd = fd < 0 ? -errno : fd;
		if (folder != s->folder)
			close(folder);
		if (last || fd < 0)
			return fd == -ENOTDIR || fd == -ELOOP ? -ENOENT : fd;
		folder = fd;
		path += length + 1;
		fd = -ENOENT;
	}
	if (folder != s->folder)
		close(folder);
	return fd;
}

static int file_load(int fd, char **ret_data, size_t *ret_length)
{
	struct stat st;
	char *data;
	size_t size, got = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	if (st.st_size > PP_STATIC_MAX)
		return -EFBIG;
	size = (size_t)st.st_size;
	data = malloc(size + 1);
	if (data == NULL)
		return -ENOMEM;
	while (got < size) {
		ssize_t n = read(fd, data + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) { /* shorter than it was a moment ago: it is being written */
			int error = n < 0 ? -errno : -EAGAIN;

			free(data);
			return error;
		}
		got += (size_t)n;
	}
	*ret_data = data;
	*ret_length = size;
	return 0;
}

static void etag_make(const char *data, size_t length, char ret_etag[PP_STATIC_ETAG_SIZE])
{
	uint8_t hash[PP_SHA256_SIZE];
	char hex[2 * PP_SHA256_SIZE + 1];

	pp_sha256(data, length, hash);
	pp_text_hex(hash, sizeof(hash), hex);
	ret_etag[0] = '"';
	memcpy(ret_etag + 1, hex, 16);
	memcpy(ret_etag + 17, "\"", 2);
}

int pp_static_read(const struct pp_static *s, const char *path, struct pp_static_file *ret_file)
{
	struct pp_static_file file = { 0 };
	int fd, r;

	if (strcmp(path, "/") == 0)
		path = "/index.html";
	file.type = type_of(path);
	if (path[0] != '/' || file.type == NULL)
		return -ENOENT;
	fd = file_open(s, path + 1);
	if (fd < 0)
		return fd;
	r = file_load(fd, &file.data, &file.length);
	close(fd);
	if (r < 0)
		return r;
	etag_make(file.data, file.length, file.etag);
	*ret_file = file;
	return 0;
}
