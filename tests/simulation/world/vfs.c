/* SPDX-License-Identifier: Apache-2.0 */
/* vfs.c -- SQLite's file system on the simulated disk (sqlite.org/c3ref/io_methods.html): locks and
 * shared memory live as long as somebody who has the file open. */
#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define REGIONS_MAX 64

struct file;

/* Of an inode: who has it open. */
struct vfs_node {
	struct file *files;
	int region_count;
	void *regions[REGIONS_MAX];
};

struct file {
	sqlite3_file base;
	struct file *next; /* of the inode */
	struct file *all_next, **all_at;
	struct inode *inode;
	struct vfs_node *node;
	struct world_process *process;
	char path[512];
	int level; /* SQLITE_LOCK_ */
	bool name_is_due, uses_memory;
	uint16_t shared, exclusive; /* shared-memory locks */
};

static int last_error;
static struct file *open_files; /* of all programs */

/* What sqlite3_system_errno tells. */
static int failed(int error, int code)
{
	last_error = -error;
	return error == -ENOSPC ? SQLITE_FULL : code;
}

static struct file *file_of(sqlite3_file *f)
{
	return (struct file *)f;
}

/* ---- opening and closing ---- */

static void memory_free(struct vfs_node *n)
{
	for (int i = 0; i < n->region_count; i++)
		n->regions[i] = NULL; /* leaked: a dead program's SQLite may point there */
	n->region_count = 0;
}

static void leave(struct file *f)
{
	struct file **at = &f->node->files;
	bool used = false;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	for (const struct file *other = f->node->files; other; other = other->next)
		used |= other->uses_memory;
	if (!used)
		memory_free(f->node);
	*f->all_at = f->all_next;
	if (f->all_next)
		f->all_next->all_at = f->all_at;
}

/* Locks go; the memory is SQLite's and stays. */
void vfs_process_end(struct world_process *p)
{
	for (struct file *f = open_files, *next; f; f = next) {
		next = f->all_next;
		if (f->process == p)
			leave(f);
	}
}

static int file_close(sqlite3_file *base)
{
	leave(file_of(base));
	return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *data, int length, sqlite3_int64 offset)
{
	int n = disk_read(file_of(base)->inode, data, (size_t)length, (uint64_t)offset);

	if (n < 0)
		return failed(n, SQLITE_IOERR_READ);
	if (n == length)
		return SQLITE_OK;
	memset((char *)data + n, 0, (size_t)(length - n));
	return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *data, int length, sqlite3_int64 offset)
{
	int r = disk_write(file_of(base)->inode, data, (size_t)length, (uint64_t)offset);

	return r < 0 ? failed(r, SQLITE_IOERR_WRITE) : SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	int r = disk_truncate(file_of(base)->inode, (uint64_t)size);

	return r < 0 ? failed(r, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
}

/* As SQLite on Unix: the name of a journal or log is synced with its first content, whoever made
 * the file, and whether that went well is nobody's concern. (Both seen by strace, 3.40.) */
static int file_sync(sqlite3_file *base, int flags)
{
	struct file *f = file_of(base);
	int r = disk_sync(f->inode);

	(void)flags;
	if (r < 0)
		return failed(r, SQLITE_IOERR_FSYNC);
	if (f->name_is_due)
		(void)disk_sync_folder(f->path);
	f->name_is_due = false;
	return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
	*ret_size = (sqlite3_int64)disk_size(file_of(base)->inode);
	return SQLITE_OK;
}

/* ---- locks of the whole file (lockingv3.html) ---- */

static bool others_hold(const struct file *f, int level)
{
	for (const struct file *other = f->node->files; other; other = other->next)
		if (other != f && other->level >= level)
			return true;
	return false;
}

static int file_lock(sqlite3_file *base, int level)
{
	struct file *f = file_of(base);

	if (f->level >= level)
		return SQLITE_OK;
	if (level == SQLITE_LOCK_SHARED && others_hold(f, SQLITE_LOCK_PENDING))
		return SQLITE_BUSY;
	if (level >= SQLITE_LOCK_RESERVED && others_hold(f, SQLITE_LOCK_RESERVED))
		return SQLITE_BUSY;
	if (level == SQLITE_LOCK_EXCLUSIVE && others_hold(f, SQLITE_LOCK_SHARED)) {
		f->level = SQLITE_LOCK_PENDING;
		return SQLITE_BUSY;
	}
	f->level = level;
	return SQLITE_OK;
}

static int file_unlock(sqlite3_file *base, int level)
{
	if (file_of(base)->level > level)
		file_of(base)->level = level;
	return SQLITE_OK;
}

static int file_reserved(sqlite3_file *base, int *ret_reserved)
{
	const struct file *f = file_of(base);

	*ret_reserved = f->level >= SQLITE_LOCK_RESERVED || others_hold(f, SQLITE_LOCK_RESERVED);
	return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *argument)
{
	(void)base;
	(void)op;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *base)
{
	(void)base;
	return 4096;
}

/* As SQLite on Unix takes a disk to be; disk.c tears no byte outside a write. */
static int file_traits(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- shared memory of a log ---- */

static int memory_map(
	sqlite3_file *base, int region, int size, int extend, void volatile **ret_memory)
{
	struct file *f = file_of(base);
	struct vfs_node *n = f->node;

	assert(region < REGIONS_MAX);
	f->uses_memory = true;
	while (extend && n->region_count <= region) {
		n->regions[n->region_count] = calloc(1, (size_t)size);
		assert(n->regions[n->region_count]);
		n->region_count++;
	}
	*ret_memory = region < n->region_count ? n->regions[region] : NULL;
	return SQLITE_OK;
}

static int memory_lock(sqlite3_file *base, int offset, int count, int flags)
{
	struct file *f = file_of(base);
	uint16_t mask = (uint16_t)(((1u << (offset + count)) - 1) & ~((1u << offset) - 1));

	if (flags & SQLITE_SHM_UNLOCK) {
		f->shared &= (uint16_t)~mask;
		f->exclusive &= (uint16_t)~mask;
		return SQLITE_OK;
	}
	for (const struct file *other = f->node->files; other; other = other->next)
		if (other != f && ((other->exclusive & mask) ||
					  (flags & SQLITE_SHM_EXCLUSIVE && other->shared & mask)))
			return SQLITE_BUSY;
	if (flags & SQLITE_SHM_EXCLUSIVE)
		f->exclusive |= mask;
	else
		f->shared |= mask;
	return SQLITE_OK;
}

static void memory_barrier(sqlite3_file *base)
{
	(void)base;
}

static int memory_unmap(sqlite3_file *base, int also_file)
{
	struct file *f = file_of(base);
	bool used = false;

	(void)also_file;
	f->uses_memory = false;
	for (const struct file *other = f->node->files; other; other = other->next)
		used |= other->uses_memory;
	if (!used)
		memory_free(f->node);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
	.xShmMap = memory_map,
	.xShmLock = memory_lock,
	.xShmBarrier = memory_barrier,
	.xShmUnmap = memory_unmap,
};

/* ---- the file system ---- */

static int vfs_open(
	sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *base, int flags, int *ret_flags)
{
	struct file *f = file_of(base);
	struct vfs_node **node;
	bool is_log = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
	int how = flags & SQLITE_OPEN_CREATE ? DISK_CREATE : 0, r;

	(void)vfs;
	assert(path && strlen(path) < sizeof(f->path)); /* temporary tables are in memory */
	memset(f, 0, sizeof(*f));
	r = disk_open(path, how, &f->inode);
	if (r < 0)
		return failed(r, SQLITE_CANTOPEN);
	memcpy(f->path, path, strlen(path) + 1);
	f->process = world_process_current();
	f->name_is_due = is_log && flags & SQLITE_OPEN_CREATE;
	node = disk_vfs(f->inode);
	if (!*node)
		*node = calloc(1, sizeof(**node));
	assert(*node);
	f->node = *node;
	f->next = f->node->files;
	f->node->files = f;
	f->all_next = open_files;
	f->all_at = &open_files;
	if (open_files)
		open_files->all_at = &f->all_next;
	open_files = f;
	f->base.pMethods = &methods;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	int r = disk_unlink(path);

	(void)vfs;
	if (r == -ENOENT)
		return SQLITE_IOERR_DELETE_NOENT;
	if (r < 0)
		return failed(r, SQLITE_IOERR_DELETE);
	r = sync_folder ? disk_sync_folder(path) : 0;
	return r < 0 ? failed(r, SQLITE_IOERR_DIR_FSYNC) : SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret_is)
{
	(void)vfs;
	(void)flags;
	*ret_is = disk_exists(path);
	return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *path, int size, char *ret_path)
{
	(void)vfs;
	if ((int)strlen(path) >= size)
		return SQLITE_CANTOPEN;
	memcpy(ret_path, path, strlen(path) + 1);
	return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *vfs, int length, char *ret_data)
{
	(void)vfs;
	for (int i = 0; i < length; i++)
		ret_data[i] = (char)world_random();
	return length;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	world_sleep((uint64_t)us);
	return us;
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
	const struct world_node *n = world_node_current();

	(void)vfs;
	/* Milliseconds since noon in Greenwich on November 24, 4714 B.C. */
	*ret_ms = 210866760000000 + (n ? world_wall_ms(n) : 0);
	return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *vfs, int size, char *ret_text)
{
	(void)vfs;
	(void)size;
	(void)ret_text;
	return last_error;
}

static sqlite3_vfs world_vfs = {
	.iVersion = 2,
	.szOsFile = (int)sizeof(struct file),
	.mxPathname = 511,
	.zName = "world",
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full_name,
	.xRandomness = vfs_random,
	.xSleep = vfs_sleep,
	.xCurrentTimeInt64 = vfs_time,
	.xGetLastError = vfs_error,
};

void vfs_begin(void)
{
	int r = sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);

	if (r == SQLITE_OK)
		r = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (r == SQLITE_OK)
		r = sqlite3_vfs_register(&world_vfs, 1);
	assert(r == SQLITE_OK);
}
