/* SPDX-License-Identifier: Apache-2.0 */
/* core/random.h -- bytes that nobody can guess: epochs, salts, tokens, jitter. */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <stddef.h>

/* Thread-safe. Aborts when the system has no randomness. */
void pp_random(void *ret_data, size_t length);

#endif
