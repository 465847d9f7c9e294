/* SPDX-License-Identifier: Apache-2.0 */
/* loop/loop.h -- the event loop of a thread (the one adapter of sd-event and sd-daemon).
 * Each loop belongs to the thread that runs it; only pp_loop_wake may be called from others. */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct pp_loop;
/* One thing that is waited for; owned by the caller, freed before the loop. */
struct pp_loop_source;

int pp_loop_new(struct pp_loop **ret_loop);
struct pp_loop *pp_loop_free(struct pp_loop *loop);
/* Runs until pp_loop_stop; returns its code, or -errno. May run again afterwards. */
int pp_loop_run(struct pp_loop *loop);
void pp_loop_stop(struct pp_loop *loop, int code);
/* CLOCK_MONOTONIC when the loop last woke, microseconds: read once per wake. */
uint64_t pp_loop_now_us(const struct pp_loop *loop);

typedef void pp_loop_fd_fn(void *user, int fd, uint32_t events); /* EPOLLIN, EPOLLOUT, ... */
typedef void pp_loop_fn(void *user);
typedef void pp_loop_signal_fn(void *user, int signal);

int pp_loop_add_fd(struct pp_loop *loop, int fd, uint32_t events, pp_loop_fd_fn *fn, void *user,
	struct pp_loop_source **ret_source);
int pp_loop_set_fd_events(struct pp_loop_source *source, uint32_t events);
/* A timer, not armed. Fires once each time it is armed. accuracy_us: how late it may be so that
 * wake-ups can be shared. */
int pp_loop_add_timer(struct pp_loop *loop, uint64_t accuracy_us, pp_loop_fn *fn, void *user,
	struct pp_loop_source **ret_source);
int pp_loop_arm_at(struct pp_loop_source *timer, uint64_t mono_us); /* UINT64_MAX disarms */
/* SIGINT, SIGTERM, SIGHUP, SIGUSR1: the signal must be blocked in every thread: call before threads
 * are made. */
int pp_loop_add_signal(struct pp_loop *loop, int signal, pp_loop_signal_fn *fn, void *user,
	struct pp_loop_source **ret_source);
/* Something other threads may wake: fn runs on the loop's thread, once for any number of wakes
 * before it. */
int pp_loop_add_wake(
	struct pp_loop *loop, pp_loop_fn *fn, void *user, struct pp_loop_source **ret_source);
void pp_loop_wake(struct pp_loop_source *source);
/* NULL is fine; returns NULL. Inside the source's own function too. */
struct pp_loop_source *pp_loop_source_free(struct pp_loop_source *source);

/* Tells systemd; does nothing where nobody listens. state as in sd_notify(3): "READY=1",
 * "WATCHDOG=1", "STATUS=..." */
void pp_notify(const char *state);
/* The watchdog interval that systemd asks for, microseconds; 0: none. */
uint64_t pp_watchdog_us(void);

#endif
