/* SPDX-License-Identifier: Apache-2.0 */
/* random.c -- the kernel's random bytes. */
#include "core/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void pp_random(void *ret_data, size_t length)
{
	char *at = ret_data;

	while (length > 0) {
		ssize_t n = getrandom(at, length, 0);

		/* Carrying on with guessable epochs, tokens or keys would be worse than not
		 * carrying on. */
		if (n < 0 && errno != EINTR)
			abort();
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
	}
}
