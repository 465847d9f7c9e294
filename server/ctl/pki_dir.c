/* SPDX-License-Identifier: Apache-2.0 */
/* pki_dir.c -- files of the folder of keys. */
#include "pki_dir.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/text.h"
#include "crypto/pki.h"

#define PEM_MAX 65536

static const char *const authorities[] = { "service-ca", "post-ca", PP_PKI_OLD_SERVICES, NULL };

const char *pp_pki_dir_path(
	const char *dir, const char *name, const char *ending, char ret_path[PP_PATH_SIZE])
{
	snprintf(ret_path, PP_PATH_SIZE, "%s/%s%s", dir, name, ending);
	return ret_path;
}

int pp_pki_dir_join(
	const char *dir, const char *const *names, const char *ending, const char *target)
{
	struct pp_buf b = { 0 };
	char path[PP_PATH_SIZE], *text;
	size_t length, joined = 0;
	int r = 0;

	for (; r == 0 && *names; names++) {
		r = pp_file_read(
			pp_pki_dir_path(dir, *names, ending, path), PEM_MAX, &text, &length);
		if (r == 0) {
			pp_buf_add(&b, text, length);
			free(text);
			joined++;
		}
		r = r == -ENOENT ? 0 : r;
	}
	if (r == 0)
		r = joined > 0 ? pp_buf_take(&b, &text, &length) : -ENOENT;
	pp_buf_done(&b);
	if (r < 0)
		return r;
	r = pp_file_write(pp_pki_dir_path(dir, target, "", path), text, length, 0644);
	free(text);
	return r;
}

int pp_pki_dir_clients(const char *dir)
{
	/* The first file holds the old service authority as well, while there is one. */
	static const char *const names[] = { "service-ca", "post-ca", NULL };

	return pp_pki_dir_join(dir, names, ".crt", "clients-ca.pem");
}

int pp_pki_dir_revoke(const char *dir, const char *authority, const char *const *serials)
{
	char certs[3][PP_PATH_SIZE], keys[3][PP_PATH_SIZE], path[PP_PATH_SIZE];
	struct pp_pki_revocation of[3];
	bool fresh = access(pp_pki_dir_path(dir, "revoked.pem", "", path), F_OK) < 0;
	size_t count = 0;

	for (size_t i = 0; authorities[i]; i++) {
		bool meant = authority && strcmp(authority, authorities[i]) == 0;

		pp_pki_dir_path(dir, authorities[i], ".crt", certs[count]);
		pp_pki_dir_path(dir, authorities[i], ".key", keys[count]);
		if (access(certs[count], F_OK) < 0 && !meant)
			continue;
		if (access(keys[count], R_OK) < 0) {
			/* Its list stays as it is, in a file that has one. */
			if (meant || fresh)
				return -ENOKEY;
			continue;
		}
		of[count] = (struct pp_pki_revocation){ certs[count], keys[count],
			meant ? serials : NULL };
		count++;
	}
	return pp_pki_revoke(path, of, count);
}
