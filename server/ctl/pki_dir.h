/* SPDX-License-Identifier: Apache-2.0 */
/* pki_dir.h -- what lies in the folder of keys, and what is joined of it for the broker. Private to
 * the room. */
#ifndef CTL_PKI_DIR_H
#define CTL_PKI_DIR_H

#include <stddef.h>

#define PP_PATH_SIZE 4096

/* The authorities whose clients the broker lets in: `service-ca`, `post-ca` and, while the first is
 * being replaced, the one before it. Files are <name>.crt and <name>.key. */
#define PP_PKI_OLD_SERVICES "service-ca.old"

/* "<dir>/<name><ending>" */
const char *pp_pki_dir_path(
	const char *dir, const char *name, const char *ending, char ret_path[PP_PATH_SIZE]);
/* Puts the files one behind the other into <dir>/<target>. Names that are not there are left out,
 * unless none is: -ENOENT. */
int pp_pki_dir_join(
	const char *dir, const char *const *names, const char *ending, const char *target);
/* clients-ca.pem: all authorities of clients. */
int pp_pki_dir_clients(const char *dir);
/* revoked.pem: makes the lists of the authorities anew, each for ten years, and adds serials to
 * that of `authority` (NULL: to none). How many were not in it; -ENOKEY: the key of one is not
 * there and its list neither, or it is the one that is to be added to. */
int pp_pki_dir_revoke(const char *dir, const char *authority, const char *const *serials);

#endif
