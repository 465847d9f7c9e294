/* SPDX-License-Identifier: Apache-2.0 */
/* memory_fails.h -- memory that runs out when a test says so, for the thread that says it. Every
 * unit test is linked so that our own libraries' allocations come here first
 * (cmake/PosPinRoom.cmake); those of foreign libraries do not. */
#ifndef MEMORY_FAILS_H
#define MEMORY_FAILS_H

#include <stdbool.h>

/* The nth allocation from now on fails, once; 1 is the next. */
void memory_fail(unsigned long nth);
/* Whether it has failed; from now on there is memory again. */
bool memory_has_failed(void);

#endif
