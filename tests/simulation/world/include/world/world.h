/* SPDX-License-Identifier: Apache-2.0 */
/* world/world.h -- the simulated world: true time, machines with clocks and disks, programs whose
 * threads are coroutines, and the history of what happened. There is one world in a process; a run
 * is a process of its own, so nothing is ever freed. Times are microseconds of true time since the
 * start of the run, unless a name says otherwise. Nothing here fails: what cannot be is an assert.
 *
 * The production code runs on it through the headers of its adapters alone: core/clock.h,
 * core/file.h, core/random.h, core/thread.h, core/local.h, loop/loop.h, sources/source.h and
 * SQLite's VFS are the world's; mqtt/mqtt.h and fetch/fetch.h are the town's. */
#ifndef WORLD_WORLD_H
#define WORLD_WORLD_H

#include "world/choices.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_NEVER UINT64_MAX
#define WORLD_MS 1000u
#define WORLD_S 1000000u

/* ---- time and events ---- */

uint64_t world_now_us(void);
typedef void world_fn(void *user);
/* Calls fn at that time (or now, if it has passed), on the scheduler's stack: fn may start and kill
 * programs, wake coroutines and change everything, but not wait. Of several at one time a choice
 * (order) decides. Returns a number for world_cancel; never 0. */
uint64_t world_at(uint64_t at_us, world_fn *fn, void *user);
uint64_t world_after(uint64_t delay_us, world_fn *fn, void *user);
void world_cancel(uint64_t number); /* 0, or one that has run: fine */
/* Runs until that time, or until nothing is left to do. Returns the time reached. */
uint64_t world_run_until(uint64_t until_us);

/* ---- history ---- */

/* One line: {"t":<ms, three decimals>,"event":"<event>"<, and what fmt yields>}. fmt begins without
 * a comma ("\"node\":\"%s\",\"seq\":%" PRId64); NULL: nothing more. tests/checkers/README.md has
 * the events. */
void world_history(const char *event, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Each line as it is written, without newline, is given to fn as well. */
typedef void world_line_fn(void *user, const char *line, size_t length);
void world_history_to(world_line_fn *fn, void *user);
uint64_t world_history_hash(void); /* of all lines so far */
uint64_t world_history_count(void);

/* ---- machines ---- */

struct world_node;
/* Is off until world_node_boot. Its disk is empty. name is copied. */
struct world_node *world_node_new(const char *name);
const char *world_node_name(const struct world_node *n);
struct world_node *world_node_find(const char *name); /* NULL: there is none */
/* A new boot: monotonic clock from about 0, another boot id, the disk as it survived. fn starts the
 * machine's programs; it runs as an event when the boot is done, and again after each later boot.
 */
void world_node_boot(struct world_node *n, world_fn *fn, void *user);
/* Power cut: every program dies, the disk keeps what it must and, by choice, some of the rest. The
 * machine is off until it is booted again. */
void world_node_cut(struct world_node *n);
bool world_node_is_on(const struct world_node *n);
/* Of the running coroutine, or of world_node_enter; NULL: none. */
struct world_node *world_node_current(void);
/* Lets code that runs as an event (a peek, an import) use the adapters as though on that machine,
 * without faults and without waiting. Does not nest. */
void world_node_enter(struct world_node *n);
void world_node_leave(void);
/* Calls fn at once as though it were an event, from a coroutine too: a witness that looks at a disk
 * at the moment of a thing. */
void world_aside(world_fn *fn, void *user);
/* fn is called as part of each power cut of n, whoever made it. One per machine. */
void world_node_on_cut(struct world_node *n, world_fn *fn, void *user);

/* ---- clocks of a machine ---- */

uint64_t world_mono_us(const struct world_node *n);                   /* its CLOCK_MONOTONIC now */
uint64_t world_true_us(const struct world_node *n, uint64_t mono_us); /* when it will show that */
int64_t world_wall_ms(const struct world_node *n);
void world_wall_set(struct world_node *n, int64_t wall_ms); /* a step */
void world_wall_synchronise(struct world_node *n, bool is); /* what adjtimex says; is: and right */
void world_drift_set(struct world_node *n, int32_t ppm);    /* of all its clocks, from now on */
#define WORLD_EPOCH_MS 1763750400000 /* the right wall clock at the start of the run */
int64_t world_true_wall_ms(void);

/* ---- programs ---- */

struct world_process;
/* main runs in a coroutine of its own; from other files of the world's adapters it gets threads. */
struct world_process *world_process_start(
	struct world_node *n, const char *name, int (*main)(void *user), void *user);
const char *world_process_name(const struct world_process *p);
struct world_node *world_process_node(const struct world_process *p);
struct world_process *world_process_current(void); /* NULL: an event */
bool world_process_is_alive(const struct world_process *p);
/* To the source that pp_loop_add_signal made; without one it kills. */
void world_process_signal(struct world_process *p, int signal);
/* kill -9: its coroutines never run again (not even when it kills itself), its locks and
 * descriptors go, what it wrote stays in the machine's memory. */
void world_process_kill(struct world_process *p);
/* SIGSTOP and SIGCONT. */
void world_process_freeze(struct world_process *p, bool frozen);
/* fn runs once, however p ends (code: what main returned, or -1: it was killed), as part of it: a
 * broker notices here that a connection is gone. */
typedef void world_end_fn(void *user, struct world_process *p, int code);
void world_process_on_end(struct world_process *p, world_end_fn *fn, void *user);
/* A place at which a program may be killed, or its machine lose power, by choice (kill, cut): the
 * world's own adapters call it before and after everything that others can see; the town's should
 * call it at theirs. Does nothing in an event. Does not return if it strikes. */
void world_crash_point(void);
/* Who starts things again: called as an event after a choice (kill, cut) of world_crash_point has
 * struck. NULL: nobody. cut: the machine is off. */
typedef void world_crash_fn(void *user, struct world_node *n, struct world_process *p, bool cut);
void world_on_crash(world_crash_fn *fn, void *user); /* several may be told */

/* ---- waiting, in coroutines ---- */

struct world_thread; /* a coroutine */
/* Another thread of the running program. */
struct world_thread *world_thread_start(const char *name, world_fn *fn, void *user);
struct world_thread *world_thread_current(void); /* NULL: an event */
bool world_thread_is_done(const struct world_thread *t);
/* Gives way until world_thread_wake, or until that time (WORLD_NEVER: no limit). True: it was
 * woken. A wake that came before the wait counts. */
bool world_thread_wait(uint64_t until_us);
void world_thread_wake(struct world_thread *t); /* NULL, or one of a dead program: fine */
void world_sleep(uint64_t us); /* in an event, or after world_node_enter: does nothing */

/* ---- descriptors, for what hands one to a loop ---- */

int world_fd_new(void);                     /* of the running program; not ready */
void world_fd_ready(int fd, bool readable); /* wakes the loop that waits for it */
void world_fd_close(int fd);                /* also done for it at the program's end */

/* ---- disks ---- */

/* Puts a file there as though it had been there for ever (durable), with its folders. */
void world_disk_put(struct world_node *n, const char *path, const void *data, size_t length);
/* What a program would read now. The caller frees *ret_data. False: no such file. */
bool world_disk_get(struct world_node *n, const char *path, void **ret_data, size_t *ret_length);
void world_disk_remove(struct world_node *n, const char *path); /* durably */
/* Makes to's disk a copy of from's: as programs see it, or as it would be if the power went now (by
 * the same rules, and choices, as world_node_cut; least: nothing that was not synced). The copy is
 * durable. No program may have files open on `to'. */
enum world_disk_view { WORLD_DISK_SEEN, WORLD_DISK_AFTER_CUT, WORLD_DISK_LEAST };
void world_disk_copy(
	const struct world_node *from, enum world_disk_view view, struct world_node *to);
/* Faults that last; WORLD_NEVER: until healed. Each goes into the history by its caller. */
enum world_disk_fault { WORLD_DISK_FULL, WORLD_DISK_STALLED, WORLD_DISK_FAILING };
void world_disk_fault(struct world_node *n, enum world_disk_fault fault, uint64_t until_us);
void world_disk_heal(struct world_node *n);
/* Bytes that were damaged where they lay: flips bits at that offset of a file, durably. False: the
 * file is shorter. */
bool world_disk_damage(struct world_node *n, const char *path, size_t offset, uint8_t mask);

/* ---- keys ---- */

/* An Ed25519 private key in PEM, the same for the same name in every run; keys of a run need no
 * randomness and no time. */
#define WORLD_PEM_MAX 256
void world_key_pem(const char *name, char ret_pem[WORLD_PEM_MAX]);

/* ---- the whole ---- */

/* Once per process, after a chooser is set; before everything else. */
void world_begin(void);
/* No choice but those of order and amount strikes any more: what is broken stays until it is healed
 * by who broke it. Disks are healed at once. */
void world_heal(void);
bool world_is_healed(void);
/* Lines of the programs' logs go to standard error (--verbose of the runner), with true time. */
void world_log_show(bool show);

#endif
