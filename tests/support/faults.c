/* SPDX-License-Identifier: Apache-2.0 */
/* faults.c -- preloaded into a real program: its wall clock and its disk, misbehaving as a test
 * says. The switches lie in the file POSPIN_FAULTS (tests/support/faults.mjs writes it), mapped, so
 * that they act at once. Faults of the disk meet only files whose path holds POSPIN_FAULTS_PATH. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* Eight bytes each, in this order: faults.mjs knows them by it. */
struct switches {
	int64_t wall_ms;      /* added to CLOCK_REALTIME */
	int64_t synchronised; /* what adjtimex says: 0 what is true, 1 yes, 2 no */
	int64_t sync_errno;   /* what a sync fails with once sync_passes is 0; 0: it works */
	int64_t sync_passes;  /* counts down */
	int64_t sync_us;      /* every sync takes this much longer */
	int64_t write_errno;  /* what every write fails with; 0: it works */
	int64_t open_errno;   /* what opening for writing fails with */
	int64_t syncs, syncs_failed, writes_failed; /* counted here */
	int64_t call_signal; /* what the process gets at a chosen call; 0: nothing; told once */
	int64_t call_kind;   /* which: 1 sync, 2 write to the disk, 3 send into the network */
	int64_t call_passes; /* so many calls of that kind pass before; counts down */
	int64_t call_after;  /* 0: instead of the call, 1: once it has been made */
};

enum { CALL_SYNC = 1, CALL_WRITE, CALL_SEND };

static struct switches *switches;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("POSPIN_FAULTS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at =
		fd < 0 ? MAP_FAILED
		       : mmap(NULL, sizeof(*switches), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at != MAP_FAILED)
		switches = at;
	if (fd >= 0)
		close(fd);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* ---- the disk ---- */

static bool path_is_meant(const char *path)
{
	const char *part = getenv("POSPIN_FAULTS_PATH");

	return switches && path && (!part || strstr(path, part));
}

static bool is_meant(int fd)
{
	char name[40], path[4096];
	ssize_t n;

	if (!switches)
		return false;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return path_is_meant(path);
}

static int fail(int64_t error)
{
	errno = (int)error;
	return -1;
}

/* Whether a signal waits for calls of this kind. */
static bool call_counts(int kind)
{
	return switches && switches->call_signal && switches->call_kind == kind;
}

static void call_strike(void)
{
	int number = (int)switches->call_signal;

	switches->call_signal = 0;
	(void)kill(getpid(), number);
}

/* One call more of those that count: strikes when it is the one, and answers whether to strike once
 * it has been made. */
static bool call_begin(void)
{
	if (switches->call_passes-- > 0)
		return false;
	if (switches->call_after)
		return true;
	call_strike();
	return false;
}

static bool is_network(int fd)
{
	int domain = AF_UNIX;
	socklen_t length = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
	       (domain == AF_INET || domain == AF_INET6);
}

/* 0: let it through. */
static int sync_begin(int fd)
{
	if (!is_meant(fd))
		return 0;
	switches->syncs++;
	if (switches->sync_us) {
		const struct timespec ts = { .tv_sec = switches->sync_us / 1000000,
			.tv_nsec = switches->sync_us % 1000000 * 1000 };

		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
	}
	if (!switches->sync_errno || switches->sync_passes-- > 0)
		return 0;
	switches->syncs_failed++;
	return fail(switches->sync_errno);
}

static int sync_with(int (*next)(int), int fd)
{
	bool strikes = call_counts(CALL_SYNC) && is_meant(fd) && call_begin();
	int r = sync_begin(fd) < 0 ? -1 : next(fd);

	if (strikes)
		call_strike();
	return r;
}

int fsync(int fd)
{
	return sync_with(NEXT(fsync), fd);
}

int fdatasync(int fd)
{
	return sync_with(NEXT(fdatasync), fd);
}

/* Whether the signal is due once this write has been made. */
static bool write_begin(int fd)
{
	if (call_counts(CALL_WRITE))
		return is_meant(fd) && call_begin();
	return call_counts(CALL_SEND) && is_network(fd) && call_begin();
}

static ssize_t strike_after(bool strikes, ssize_t n)
{
	if (strikes)
		call_strike();
	return n;
}

static bool write_fails(int fd)
{
	if (!switches || !switches->write_errno || !is_meant(fd))
		return false;
	switches->writes_failed++;
	return true;
}

ssize_t write(int fd, const void *data, size_t length)
{
	bool strikes = write_begin(fd);

	return write_fails(fd) ? fail(switches->write_errno)
			       : strike_after(strikes, NEXT(write)(fd, data, length));
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at)
{
	bool strikes = write_begin(fd);

	return write_fails(fd) ? fail(switches->write_errno)
			       : strike_after(strikes, NEXT(pwrite)(fd, data, length, at));
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at)
{
	bool strikes = write_begin(fd);

	return write_fails(fd) ? fail(switches->write_errno)
			       : strike_after(strikes, NEXT(pwrite64)(fd, data, length, at));
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
	bool strikes = call_counts(CALL_SEND) && is_network(fd) && call_begin();

	return strike_after(strikes, NEXT(send)(fd, data, length, flags));
}

int ftruncate(int fd, off_t length)
{
	return write_fails(fd) ? fail(switches->write_errno) : NEXT(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
	return write_fails(fd) ? fail(switches->write_errno) : NEXT(ftruncate64)(fd, length);
}

static bool open_fails(const char *path, int flags)
{
	return switches && switches->open_errno && (flags & O_ACCMODE) != O_RDONLY &&
	       path_is_meant(path);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_fails(path, flags) ? fail(switches->open_errno) : NEXT(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_fails(path, flags) ? fail(switches->open_errno)
				       : NEXT(open64)(path, flags, mode);
}

/* ---- the wall clock ---- */

static int64_t offset_ms(void)
{
	return switches ? switches->wall_ms : 0;
}

static void add_ms(struct timespec *ts, int64_t ms)
{
	int64_t ns = ts->tv_nsec + ms % 1000 * 1000000;

	ts->tv_sec += ms / 1000 + ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
	if (ts->tv_nsec < 0) {
		ts->tv_nsec += 1000000000;
		ts->tv_sec--;
	}
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
	int r = NEXT(clock_gettime)(id, ret);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		add_ms(ret, offset_ms());
	return r;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	ret->tv_sec = ts.tv_sec;
	ret->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (ret)
		*ret = ts.tv_sec;
	return ts.tv_sec;
}

/* Waits until a moment of the wall clock end with that clock, also when it steps meanwhile: hence
 * in short pieces. */
static bool piece(const struct timespec *until, struct timespec *ret)
{
	struct timespec now, end = *until;
	bool last;

	(void)NEXT(clock_gettime)(CLOCK_REALTIME, &now);
	add_ms(&end, -offset_ms());
	add_ms(&now, 20);
	last = end.tv_sec < now.tv_sec || (end.tv_sec == now.tv_sec && end.tv_nsec <= now.tv_nsec);
	*ret = last ? end : now;
	if (ret->tv_sec < 0)
		*ret = (struct timespec){ 0 };
	return last;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
	const struct timespec *restrict until)
{
	struct timespec end, now, wall;
	bool last;
	int r;

	/* A condition may be made for another clock: a moment far from the wall clock's is that. */
	(void)NEXT(clock_gettime)(CLOCK_MONOTONIC, &now);
	(void)clock_gettime(CLOCK_REALTIME, &wall);
	if (!offset_ms() || llabs(until->tv_sec - now.tv_sec) < llabs(until->tv_sec - wall.tv_sec))
		return NEXT(pthread_cond_timedwait)(cond, mutex, until);
	do {
		last = piece(until, &end);
		r = NEXT(pthread_cond_timedwait)(cond, mutex, &end);
	} while (r == ETIMEDOUT && !last);
	return r;
}

int adjtimex(struct timex *tx)
{
	int state = NEXT(adjtimex)(tx);

	if (!switches || !switches->synchronised)
		return state;
	if (switches->synchronised == 2) {
		tx->status |= STA_UNSYNC;
		return TIME_ERROR;
	}
	tx->status &= ~STA_UNSYNC;
	return TIME_OK;
}
