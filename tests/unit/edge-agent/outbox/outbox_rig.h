/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_rig.h -- a folder, a key, drafts, and a disk whose syncs and writes can be made to fail.
 */
#ifndef OUTBOX_RIG_H
#define OUTBOX_RIG_H

#include "outbox/outbox.h"

#include "pospin_test.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define TOPIC "pospin/v1/kendal/boja-01/signal"
#define BOOT_ID "00000000000000000000000000000001"

/* SQLite and core/file.c reach these instead of the C library's. */
static atomic_int sync_error;
static atomic_int syncs;
static atomic_bool sync_hangs;

static inline int rig_sync(int fd, long number)
{
	syncs++;
	while (sync_hangs)
		syscall(SYS_sched_yield);
	if (sync_error == 0)
		return (int)syscall(number, fd);
	errno = sync_error;
	return -1;
}
int fsync(int fd)
{
	return rig_sync(fd, SYS_fsync);
}
int fdatasync(int fd)
{
	return rig_sync(fd, SYS_fdatasync);
}

static char *folder;
static char path[512];
static struct pp_key *key;
static const struct pp_outbox_now now = { .mono_ms = 5000, .wall_ms = 1763750400000 };

static inline int rig_begin(void **state)
{
	(void)state;
	sync_error = 0;
	sync_hangs = false;
	folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/outbox.db", folder);
	assert_int_equal(pp_key_new(&key), 0);
	return 0;
}

static inline int rig_end(void **state)
{
	(void)state;
	key = pp_key_free(key);
	pp_test_folder_remove(folder);
	return 0;
}

static inline struct pp_outbox_options rig_options(void)
{
	return (struct pp_outbox_options){ .path = path,
		.topic = TOPIC,
		.key = key,
		.boot_id = BOOT_ID,
		.rows_max = 100,
		.bytes_max = 1 << 20 };
}

static inline struct pp_draft rig_draft(uint64_t ticket, enum pp_signal_type type)
{
	struct pp_draft draft = { .ticket = ticket };

	draft.signal.kind = PP_KIND_PANIC;
	draft.signal.type = type;
	draft.signal.mono_ms = 1000 + (int64_t)ticket;
	draft.signal.at_ms = PP_AT_UNKNOWN;
	memcpy(draft.signal.point, "panic-crime", 12);
	if (type == PP_SIGNAL_ALARM)
		draft.signal.class = PP_CLASS_CRIME;
	return draft;
}

#endif
