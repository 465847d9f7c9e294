/* SPDX-License-Identifier: Apache-2.0 */
/* memory_fails.c -- stands between the unit tests and the allocator (ld's --wrap). */
#include "memory_fails.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);
char *__wrap_strdup(const char *text);

static _Thread_local unsigned long left; /* allocations up to the one that fails; 0: none does */
static _Thread_local bool has_failed;

void memory_fail(unsigned long nth)
{
	left = nth;
	has_failed = false;
}

bool memory_has_failed(void)
{
	left = 0;
	return has_failed;
}

static bool fails_now(void)
{
	if (left == 0 || --left > 0)
		return false;
	has_failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *data, size_t size)
{
	return fails_now() ? NULL : __real_realloc(data, size);
}

char *__wrap_strdup(const char *text)
{
	return fails_now() ? NULL : __real_strdup(text);
}
