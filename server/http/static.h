/* SPDX-License-Identifier: Apache-2.0 */
/* static.h -- the console's built files: small, of known types, below one folder and never beside
 * it. */
#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H

#include <stddef.h>

#define PP_STATIC_MAX 4194304 /* bytes of a file */
#define PP_STATIC_ETAG_SIZE 20

struct pp_static;

struct pp_static_file {
	const char *type;
	char *data; /* the caller frees it */
	size_t length;
	char etag[PP_STATIC_ETAG_SIZE]; /* of the content, with its quotes */
};

/* -errno when folder is none. */
int pp_static_new(const char *folder, struct pp_static **ret_static);
struct pp_static *pp_static_free(struct pp_static *s); /* NULL is fine; returns NULL */
/* path as in the request: "/" is /index.html. Segments [A-Za-z0-9_-][A-Za-z0-9._-]*, four at most,
 * no symbolic links. -ENOENT: no such file or kind of file; -EFBIG; or what the disk says. */
int pp_static_read(const struct pp_static *s, const char *path, struct pp_static_file *ret_file);

#endif
