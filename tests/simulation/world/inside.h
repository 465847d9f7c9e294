/* SPDX-License-Identifier: Apache-2.0 */
/* inside.h -- the world behind its headers, shared by its modules. */
#ifndef WORLD_INSIDE_H
#define WORLD_INSIDE_H

#include "world/world.h"

#include <sys/types.h>

#define NODES_MAX 64u
#define THREADS_MAX 8u /* of a program */
#define NOTICES_MAX 16u

struct disk;
struct wires;
struct context; /* coroutine.c: a stack and where it stands */

enum thread_state { THREAD_READY, THREAD_WAITING, THREAD_DONE };

struct world_thread {
	struct world_process *process;
	const char *name;
	struct context *context;
	enum thread_state state;
	bool woken, held; /* held: was to run while its program was frozen */
	uint64_t event;   /* that will run it; 0: none */
	world_fn *fn;
	void *user;
	struct world_thread *joiner;
};

struct notice {
	world_end_fn *fn;
	void *user;
};

struct world_process {
	struct world_node *node;
	struct world_process *next; /* of the node */
	char name[32];
	int (*main)(void *user);
	void *user;
	bool alive, frozen, ready;
	int code;
	size_t thread_count, notice_count;
	struct world_thread threads[THREADS_MAX];
	struct notice notices[NOTICES_MAX];
	/* loop.c */
	struct pp_loop *loops;
	uint64_t watchdog_us, watchdog_event;
};

struct world_node {
	char name[64];
	unsigned number;
	bool on;
	unsigned boots;
	uint64_t booting; /* the event that will finish the boot */
	world_fn *boot_fn;
	void *boot_user;
	struct world_process *processes; /* the living and the dead, the newest first */
	/* clock.c: at true time ref_us the clocks showed these. */
	uint64_t ref_us, mono_ref_us;
	int64_t wall_ref_us;
	int32_t drift_ppm;
	bool synchronised;
	int64_t told_us; /* how far the monotonic clock had run from true time when last told */
	struct disk *disk;
	/* Its file system in memory, /run: one file, which a power cut takes. */
	struct {
		char path[64], *text;
		size_t length;
	} run;
	struct wires *wires;
	world_fn *cut_fn;
	void *cut_user;
};

struct world {
	uint64_t now_us;
	bool begun, healed, show_log;
	struct world_thread *current;
	struct world_node *entered;
	size_t node_count;
	struct world_node *nodes[NODES_MAX];
};
extern struct world the_world;

/* ---- coroutine.c ---- */
struct context *context_new(void (*fn)(void *user), void *user);
void context_run(struct context *c);   /* from the scheduler, until it gives way */
void context_yield(struct context *c); /* from c back to the scheduler */
void context_free(struct context *c);  /* never the one that runs; NULL is fine */

/* ---- process.c ---- */
/* Ends without any more words: coroutines, descriptors, locks. code as for world_end_fn. */
/* What systemd keeps running. */
bool process_is_service(const struct world_process *p);
void process_end(struct world_process *p, int code);
_Noreturn void thread_vanish(void); /* the running coroutine is of a program that has died */

/* ---- clock.c ---- */
void clock_boot(struct world_node *n);

/* ---- loop.c ---- */
void loop_process_end(struct world_process *p);
bool loop_signal(struct world_process *p, int signal); /* false: nobody takes it */

/* ---- disk.c: a file system, by whole paths. All calls -errno; they choose faults, wait and offer
 * crash points themselves. ---- */
struct inode;
struct disk *disk_new(void);
void disk_cut(struct disk *d);
/* Another number whenever something was written or synced. */
uint64_t disk_generation(const struct disk *d);
void disk_process_end(struct world_process *p);
enum { DISK_CREATE = 1, DISK_EXCLUSIVE = 2, DISK_TRUNCATE = 4 };
int disk_open(const char *path, int flags, struct inode **ret_inode);
int disk_read(struct inode *i, void *data, size_t length, uint64_t offset); /* bytes read */
int disk_write(struct inode *i, const void *data, size_t length, uint64_t offset);
int disk_truncate(struct inode *i, uint64_t size);
uint64_t disk_size(const struct inode *i);
int disk_sync(struct inode *i);
int disk_sync_folder(const char *path); /* of the folder that holds path */
int disk_rename(const char *from, const char *to);
int disk_unlink(const char *path);
bool disk_exists(const char *path);
int disk_each(const char *folder, void (*fn)(void *user, const char *name), void *user);
int disk_folder_make(const char *path);
bool disk_folder_exists(const char *path);
/* One holder; released with its program. -EBUSY. */
int disk_lock(struct inode *i, struct world_process *p);
void disk_unlock(struct inode *i);
/* The VFS's own of a file. */
struct vfs_node;
struct vfs_node **disk_vfs(struct inode *i);

/* ---- vfs.c ---- */
void vfs_begin(void);
void vfs_process_end(struct world_process *p);

/* ---- wires.c ---- */
void wires_process_end(struct world_process *p);
void wires_cut(struct world_node *n);

/* ---- random.c ---- */
uint64_t random_next(uint64_t *state);
uint64_t world_random(void);

#endif
