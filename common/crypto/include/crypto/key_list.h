/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/key_list.h -- a file of public keys, as posts pin the server's: one base64 key a line;
 * empty lines and lines that begin with '#' are comments. */
#ifndef CRYPTO_KEY_LIST_H
#define CRYPTO_KEY_LIST_H

#include "crypto/sign.h"

#include <stddef.h>
#include <stdint.h>

#define PP_KEY_LIST_MAX 64 /* a year each, for a lifetime */

struct pp_key_list {
	size_t count; /* at least 1 */
	uint8_t keys[PP_KEY_LIST_MAX][PP_PUBLIC_KEY_SIZE];
};

/* -EBADMSG: *ret_line (from 1, may be NULL) is no key, or comes twice; 0 when there is no key at
 * all. -E2BIG: more than PP_KEY_LIST_MAX, *ret_line is the first too many. */
int pp_key_list_parse(
	const char *text, size_t length, struct pp_key_list *ret_list, unsigned *ret_line);
/* The same on a file; also the -errno of reading it, with line 0. */
int pp_key_list_load(const char *path, struct pp_key_list *ret_list, unsigned *ret_line);
/* Puts key in front, unless the list has it already. The last one of a full list goes. */
void pp_key_list_put(struct pp_key_list *list, const uint8_t key[PP_PUBLIC_KEY_SIZE]);
/* Writes the file whole, mode 0644. */
int pp_key_list_save(const struct pp_key_list *list, const char *path);

#endif
