/* SPDX-License-Identifier: Apache-2.0 */
/* core/thread.h -- threads, locks, and conditions that wait by the monotonic clock (the one adapter
 * of pthread for rooms that keep a thread of their own). Everything is a heap object; whoever made
 * it frees it when nobody uses it any more. */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include <stdbool.h>
#include <stdint.h>

struct pp_thread;
typedef void pp_thread_fn(void *user);
/* -ENOMEM, -EAGAIN. Signals that are blocked here are blocked there. */
int pp_thread_start(pp_thread_fn *fn, void *user, struct pp_thread **ret_thread);
/* Waits until fn has returned; frees. NULL is fine; returns NULL. */
struct pp_thread *pp_thread_join(struct pp_thread *t);

struct pp_lock;
int pp_lock_new(struct pp_lock **ret_lock);      /* -ENOMEM */
struct pp_lock *pp_lock_free(struct pp_lock *l); /* NULL is fine; returns NULL */
void pp_lock_enter(struct pp_lock *l);           /* not twice by one thread */
void pp_lock_leave(struct pp_lock *l);

struct pp_condition;
int pp_condition_new(struct pp_condition **ret_condition);      /* -ENOMEM */
struct pp_condition *pp_condition_free(struct pp_condition *c); /* NULL is fine; returns NULL */
/* Inside the lock: leaves it, waits for a wake or until CLOCK_MONOTONIC shows until_us (UINT64_MAX:
 * no limit), and enters it again. May return without either: look again at what was waited for.
 * False: the time has come. */
bool pp_condition_wait(struct pp_condition *c, struct pp_lock *l, uint64_t until_us);
void pp_condition_wake(struct pp_condition *c); /* one of those that wait */
void pp_condition_wake_all(struct pp_condition *c);

#endif
