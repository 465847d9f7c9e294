/* SPDX-License-Identifier: Apache-2.0 */
/* calls.h -- which call fails; see calls.c. */
#ifndef NTH_CALLS_H
#define NTH_CALLS_H

#include <stdbool.h>

enum calls_kind {
	CALLS_OWN,     /* our allocations, and everybody's calls for files */
	CALLS_LIBRARY, /* allocations inside of SQLite, OpenSSL, jansson, the C library */
	CALLS_KINDS
};
void calls_adopt_json(void); /* once, first of all */
void calls_arm(enum calls_kind of, long nth); /* 0: none, they are only counted */
long calls_disarm(enum calls_kind of);        /* how many there were */
bool calls_fired(const char **ret_name);      /* has one failed, and which */

#endif
