/* SPDX-License-Identifier: Apache-2.0 */
/* hasher.h -- a thread for argon2id, which takes some 100 ms and 64 MiB: one password at a time,
 * never on the loop. */
#ifndef HTTP_HASHER_H
#define HTTP_HASHER_H

#include <stdbool.h>

#include "loop/loop.h"

#define PP_HASHER_QUEUE 16     /* passwords waiting, at most */
#define PP_HASHER_STRANGERS 12 /* of them, of callers who are not known yet */
#define PP_HASHER_PASSWORD_MAX 256

struct pp_hasher;

/* ok: the password matches / the hash was made (then hash is it, else NULL). On the loop. */
typedef void pp_hasher_fn(void *user, bool ok, const char *hash);

int pp_hasher_new(struct pp_loop *loop, struct pp_hasher **ret_hasher);
/* Waits for the password in work; what still waits is never called. NULL is fine; returns NULL. */
struct pp_hasher *pp_hasher_free(struct pp_hasher *h);
/* -ENOBUFS: too many wait; fn is then never called. Texts are copied and wiped after use. */
int pp_hasher_make(struct pp_hasher *h, const char *password, pp_hasher_fn *fn, void *user);
struct pp_hasher_check {
	bool known; /* comes before strangers, and has places that they cannot take */
	const char *hash, *password;
};
int pp_hasher_check(
	struct pp_hasher *h, const struct pp_hasher_check *check, pp_hasher_fn *fn, void *user);

#endif
