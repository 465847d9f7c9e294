/* SPDX-License-Identifier: Apache-2.0 */
/* hang_loop.c -- preloaded into a daemon, it lets the main thread alone hang in its loop for good
 * when the file that HANG_LOOP names is there, which it takes away: what a watchdog is for, and
 * what stopping a whole process does not show. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static void hang(void)
{
	const char *file = getenv("HANG_LOOP");

	if (file && gettid() == getpid() && unlink(file) == 0)
		for (;;)
			pause();
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	int (*next)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");

	hang();
	return next(fd, events, max, timeout);
}

int epoll_pwait2(int fd, struct epoll_event *events, int max, const struct timespec *timeout,
	const sigset_t *mask)
{
	int (*next)(int, struct epoll_event *, int, const struct timespec *, const sigset_t *) =
		dlsym(RTLD_NEXT, "epoll_pwait2");

	hang();
	return next(fd, events, max, timeout, mask);
}
