/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c -- the event loop of a thread, on sd-event and sd-daemon. */
#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

struct pp_loop {
	sd_event *event;
	size_t sources; /* not freed yet */
	bool stopped;
	int code;
};

struct pp_loop_source {
	struct pp_loop *loop;
	sd_event_source *event_source;
	union {
		pp_loop_fd_fn *fd;
		pp_loop_fn *plain;
		pp_loop_signal_fn *signal;
	} fn;
	void *user;
	int wake_fd; /* -1 unless this is a wake */
};

int pp_loop_new(struct pp_loop **ret_loop)
{
	struct pp_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return -ENOMEM;
	int r = sd_event_new(&loop->event);
	if (r < 0) {
		free(loop);
		return r;
	}
	*ret_loop = loop;
	return 0;
}

struct pp_loop *pp_loop_free(struct pp_loop *loop)
{
	if (!loop)
		return NULL;
	assert(loop->sources == 0);
	sd_event_unref(loop->event);
	free(loop);
	return NULL;
}

int pp_loop_run(struct pp_loop *loop)
{
	/* Not sd_event_loop: after sd_event_exit an sd_event can never run again. */
	while (!loop->stopped) {
		int r = sd_event_run(loop->event, UINT64_MAX);
		if (r < 0)
			return r;
	}
	loop->stopped = false;
	return loop->code;
}

void pp_loop_stop(struct pp_loop *loop, int code)
{
	loop->stopped = true;
	loop->code = code;
}

uint64_t pp_loop_now_us(const struct pp_loop *loop)
{
	uint64_t now = 0;
	int r = sd_event_now(loop->event, CLOCK_MONOTONIC, &now);

	assert(r >= 0);
	return now;
}

static struct pp_loop_source *source_new(struct pp_loop *loop, void *user)
{
	struct pp_loop_source *source = calloc(1, sizeof(*source));

	if (!source)
		return NULL;
	source->loop = loop;
	source->user = user;
	source->wake_fd = -1;
	loop->sources++;
	return source;
}

struct pp_loop_source *pp_loop_source_free(struct pp_loop_source *source)
{
	if (!source)
		return NULL;
	sd_event_source_disable_unref(source->event_source);
	if (source->wake_fd >= 0)
		close(source->wake_fd);
	source->loop->sources--;
	free(source);
	return NULL;
}

/* Hands a source whose sd-event half was made with result r to the caller, or frees it. */
static int source_commit(struct pp_loop_source *source, int r, struct pp_loop_source **ret_source)
{
	if (r < 0) {
		pp_loop_source_free(source);
		return r;
	}
	*ret_source = source;
	return 0;
}

/* In all callbacks: fn may free the source, so nothing is touched after it. They return 0 always,
 * because sd-event silently disables a source whose callback fails. */
static int on_fd(sd_event_source *s, int fd, uint32_t events, void *user)
{
	struct pp_loop_source *source = user;

	(void)s;
	source->fn.fd(source->user, fd, events);
	return 0;
}

static int on_time(sd_event_source *s, uint64_t at_us, void *user)
{
	struct pp_loop_source *source = user;

	(void)s;
	(void)at_us;
	source->fn.plain(source->user);
	return 0;
}

static int on_signal(sd_event_source *s, const struct signalfd_siginfo *info, void *user)
{
	struct pp_loop_source *source = user;

	(void)s;
	source->fn.signal(source->user, (int)info->ssi_signo);
	return 0;
}

static int on_wake(sd_event_source *s, int fd, uint32_t events, void *user)
{
	struct pp_loop_source *source = user;
	uint64_t count;

	(void)s;
	(void)events;
	/* Emptied before fn, so that a wake during fn is not lost. */
	ssize_t n = read(fd, &count, sizeof(count));
	(void)n; /* EAGAIN cannot be: only this thread reads */
	source->fn.plain(source->user);
	return 0;
}

int pp_loop_add_fd(struct pp_loop *loop, int fd, uint32_t events, pp_loop_fd_fn *fn, void *user,
	struct pp_loop_source **ret_source)
{
	struct pp_loop_source *source = source_new(loop, user);

	if (!source)
		return -ENOMEM;
	source->fn.fd = fn;
	int r = sd_event_add_io(loop->event, &source->event_source, fd, events, on_fd, source);
	return source_commit(source, r, ret_source);
}

int pp_loop_set_fd_events(struct pp_loop_source *source, uint32_t events)
{
	return sd_event_source_set_io_events(source->event_source, events);
}

int pp_loop_add_timer(struct pp_loop *loop, uint64_t accuracy_us, pp_loop_fn *fn, void *user,
	struct pp_loop_source **ret_source)
{
	struct pp_loop_source *source = source_new(loop, user);

	if (!source)
		return -ENOMEM;
	source->fn.plain = fn;
	/* sd-event takes an accuracy of 0 as its default, which is 250 ms. */
	int r = sd_event_add_time(loop->event, &source->event_source, CLOCK_MONOTONIC, UINT64_MAX,
		accuracy_us ? accuracy_us : 1, on_time, source);
	if (r >= 0)
		r = sd_event_source_set_enabled(source->event_source, SD_EVENT_OFF);
	return source_commit(source, r, ret_source);
}

int pp_loop_arm_at(struct pp_loop_source *timer, uint64_t mono_us)
{
	if (mono_us == UINT64_MAX)
		return sd_event_source_set_enabled(timer->event_source, SD_EVENT_OFF);
	int r = sd_event_source_set_time(timer->event_source, mono_us);
	if (r < 0)
		return r;
	return sd_event_source_set_enabled(timer->event_source, SD_EVENT_ONESHOT);
}

int pp_loop_add_signal(struct pp_loop *loop, int signal, pp_loop_signal_fn *fn, void *user,
	struct pp_loop_source **ret_source)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	int r = -pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (r < 0)
		return r;
	struct pp_loop_source *source = source_new(loop, user);
	if (!source)
		return -ENOMEM;
	source->fn.signal = fn;
	r = sd_event_add_signal(loop->event, &source->event_source, signal, on_signal, source);
	return source_commit(source, r, ret_source);
}

int pp_loop_add_wake(
	struct pp_loop *loop, pp_loop_fn *fn, void *user, struct pp_loop_source **ret_source)
{
	struct pp_loop_source *source = source_new(loop, user);

	if (!source)
		return -ENOMEM;
	source->fn.plain = fn;
	source->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = source->wake_fd < 0 ? -errno : 0;
	if (r >= 0)
		r = sd_event_add_io(loop->event, &source->event_source, source->wake_fd, EPOLLIN,
			on_wake, source);
	return source_commit(source, r, ret_source);
}

void pp_loop_wake(struct pp_loop_source *source)
{
	uint64_t one = 1;

	assert(source->wake_fd >= 0);
	ssize_t n = write(source->wake_fd, &one, sizeof(one));
	(void)n; /* EAGAIN: 2^64 - 2 wakes wait already */
}

void pp_notify(const char *state)
{
	(void)sd_notify(0, state);
}

uint64_t pp_watchdog_us(void)
{
	uint64_t interval = 0;

	return sd_watchdog_enabled(0, &interval) > 0 ? interval : 0;
}
