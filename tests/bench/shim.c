/* SPDX-License-Identifier: Apache-2.0 */
/* shim.c -- preloaded into a program: BENCH_SYNC_US makes every sync so much slower, as a worn card
 * is; BENCH_WIRE names a file that gets the time (CLOCK_MONOTONIC, microseconds, a line each) at
 * which a PUBLISH of a signal is handed to TLS; BENCH_NO_CACHE keeps SQLite's page caches at
 * nothing, whatever the program wants. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void slow_down(void)
{
	const char *text = getenv("BENCH_SYNC_US");
	long us = text ? strtol(text, NULL, 10) : 0;
	struct timespec wait = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	if (us > 0)
		(void)nanosleep(&wait, NULL);
}

static int sync_next(const char *name, int fd)
{
	union {
		void *symbol;
		int (*call)(int);
	} next = { .symbol = dlsym(RTLD_NEXT, name) };

	slow_down();
	return next.call(fd);
}

int fsync(int fd)
{
	return sync_next("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_next("fdatasync", fd);
}

static void note(const void *data, int length)
{
	const char *path = getenv("BENCH_WIRE");
	struct timespec now;
	char line[32];

	if (!path || length < 32 || *(const unsigned char *)data >> 4 != 3 ||
		!memmem(data, (size_t)length, "/signal", 7))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int n = snprintf(line, sizeof(line), "%lld\n",
		(long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)!write(fd, line, (size_t)n);
	close(fd);
}

/* Each connection runs some PRAGMA through it when it is opened. */
typedef int exec_fn(void *db, const char *sql, void *fn, void *user, char **error);
exec_fn sqlite3_exec;
int sqlite3_exec(void *db, const char *sql, void *fn, void *user, char **error)
{
	union {
		void *symbol;
		exec_fn *call;
	} next = { .symbol = dlsym(RTLD_NEXT, "sqlite3_exec") };
	int r = next.call(db, sql, fn, user, error);

	if (getenv("BENCH_NO_CACHE") && strncmp(sql, "PRAGMA ", 7) == 0)
		(void)next.call(db, "PRAGMA cache_size=-16", NULL, NULL, NULL);
	return r;
}

int SSL_write(void *ssl, const void *data, int length);
int SSL_write(void *ssl, const void *data, int length)
{
	union {
		void *symbol;
		int (*call)(void *, const void *, int);
	} next = { .symbol = dlsym(RTLD_NEXT, "SSL_write") };

	note(data, length);
	return next.call(ssl, data, length);
}
