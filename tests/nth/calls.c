/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c -- found before the C library's and the sanitizer's, by every library of the process: an
 * allocation, or a call for a file, that fails when its turn has come. */
#include "calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool armed;
static atomic_long seen[CALLS_KINDS], chosen;
static atomic_int kind;
static atomic_bool fired;
static char fired_at[32];
static _Thread_local bool exempt;

void calls_arm(enum calls_kind of, long nth)
{
	seen[CALLS_OWN] = seen[CALLS_LIBRARY] = 0;
	kind = (int)of;
	chosen = nth;
	fired = false;
	armed = true;
}

long calls_disarm(enum calls_kind of)
{
	armed = false;
	return seen[of];
}

bool calls_fired(const char **ret_name)
{
	*ret_name = fired_at;
	return fired;
}

/* True: this one fails. */
static bool turn(enum calls_kind of, const char *name)
{
	if (!armed || exempt || atomic_fetch_add(&seen[of], 1) + 1 != chosen || (int)of != kind)
		return false;
	for (size_t i = 0; i + 1 < sizeof(fired_at) && name[i]; i++)
		fired_at[i] = name[i];
	fired = true;
	return true;
}

/* A full disk and a broken one take turns. */
static int file_errno(void)
{
	return chosen % 2 ? EIO : ENOSPC;
}

/* AddressSanitizer asks this when a thread begins, and bears no failure. */
int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
	int (*next)(pthread_t thread, pthread_attr_t * attr) =
		(__typeof__(next))dlsym(RTLD_NEXT, "pthread_getattr_np");
	int r;

	exempt = true;
	r = next(thread, attr);
	exempt = false;
	return r;
}

/* ---- memory ---- */

extern const char __executable_start, etext;

/* Our rooms are linked into the program; what is outside of it is a library's own business. */
static _Thread_local bool as_library;

static void *(*json_malloc)(size_t size);
static void *json_allocate(size_t size)
{
	void *at;

	as_library = true;
	at = json_malloc(size);
	as_library = false;
	return at;
}

/* What jansson asks for comes through our adapter (common/json), and is jansson's business still.
 */
void calls_adopt_json(void)
{
	json_free_t release;

	json_get_alloc_funcs(&json_malloc, &release);
	json_set_alloc_funcs(json_allocate, release);
}

static enum calls_kind caller(const void *at)
{
	const char *code = at;

	if (as_library)
		return CALLS_LIBRARY;
	return code >= &__executable_start && code < &etext ? CALLS_OWN : CALLS_LIBRARY;
}

void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *at, size_t size) __attribute__((weak));
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t size)
{
	if (turn(caller(__builtin_return_address(0)), "malloc"))
		return no_memory();
	return __interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	if (turn(caller(__builtin_return_address(0)), "calloc"))
		return no_memory();
	return __interceptor_calloc ? __interceptor_calloc(count, size)
				    : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
	if (size && turn(caller(__builtin_return_address(0)), "realloc"))
		return no_memory();
	return __interceptor_realloc ? __interceptor_realloc(at, size) : __libc_realloc(at, size);
}

static char *copy_of(const char *text, size_t length, enum calls_kind of)
{
	char *copy;

	if (turn(of, "strdup"))
		return no_memory();
	exempt = true;
	copy = malloc(length + 1);
	exempt = false;
	if (!copy)
		return NULL;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *strndup(const char *text, size_t max)
{
	return copy_of(text, strnlen(text, max), caller(__builtin_return_address(0)));
}

char *strdup(const char *text)
{
	return copy_of(text, strlen(text), caller(__builtin_return_address(0)));
}

/* ---- files: the kernel's own calls, because these are reached before anything is set up ---- */

static int fail(int error)
{
	errno = error;
	return -1;
}

#define OPEN(name)                                                                                 \
	int name(const char *path, int flags, ...)                                                 \
	{                                                                                          \
		va_list args;                                                                      \
		mode_t mode;                                                                       \
                                                                                                   \
		va_start(args, flags);                                                             \
		mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                   \
		va_end(args);                                                                      \
		return turn(CALLS_OWN, #name)                                                      \
			       ? fail(chosen % 2 ? EMFILE : ENOSPC)                                \
			       : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);            \
	}
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *data, size_t length)
{
	return fd > 2 && turn(CALLS_OWN, "write") ? fail(file_errno())
						  : syscall(SYS_write, fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at)
{
	return turn(CALLS_OWN, "pwrite") ? fail(file_errno())
					 : syscall(SYS_pwrite64, fd, data, length, at);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at)
{
	return turn(CALLS_OWN, "pwrite64") ? fail(file_errno())
					   : syscall(SYS_pwrite64, fd, data, length, at);
}

ssize_t read(int fd, void *data, size_t length)
{
	return turn(CALLS_OWN, "read") ? fail(EIO) : syscall(SYS_read, fd, data, length);
}

ssize_t pread(int fd, void *data, size_t length, off_t at)
{
	return turn(CALLS_OWN, "pread") ? fail(EIO) : syscall(SYS_pread64, fd, data, length, at);
}

ssize_t pread64(int fd, void *data, size_t length, off64_t at)
{
	return turn(CALLS_OWN, "pread64") ? fail(EIO) : syscall(SYS_pread64, fd, data, length, at);
}

/* No power is cut here: the judge sees the same files whether a sync that works has waited or not.
 */
int fsync(int fd)
{
	(void)fd;
	return turn(CALLS_OWN, "fsync") ? fail(file_errno()) : 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return turn(CALLS_OWN, "fdatasync") ? fail(file_errno()) : 0;
}

int ftruncate(int fd, off_t length)
{
	return turn(CALLS_OWN, "ftruncate") ? fail(EIO) : (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate64(int fd, off64_t length)
{
	return turn(CALLS_OWN, "ftruncate64") ? fail(EIO) : (int)syscall(SYS_ftruncate, fd, length);
}

int rename(const char *from, const char *to)
{
	return turn(CALLS_OWN, "rename") ? fail(EIO) : (int)syscall(SYS_rename, from, to);
}

void *mmap64(void *at, size_t length, int prot, int flags, int fd, off64_t from)
{
	if (fd < 0 || !turn(CALLS_OWN, "mmap64"))
		return (void *)syscall(SYS_mmap, at, length, prot, flags, fd, from);
	errno = ENOMEM;
	return MAP_FAILED;
}
