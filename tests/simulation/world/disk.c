/* SPDX-License-Identifier: Apache-2.0 */
/* disk.c -- a machine's file system: what programs call, and how it fails.
 *
 * A file has its content as programs see it, its content on the medium, and between them the writes
 * that were not synced, in order. A sync carries those that were there when it began to the medium;
 * one that fails forgets them, and calls the pages clean, as Linux does. A power cut keeps, of
 * writes, any subset, the kept ones perhaps torn; of changes to names (create, rename, remove) the
 * first few, because file systems keep a journal of those. */
#include "medium.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STALL_STEP_US 250000u
#define SYNC_US 1500u

struct disk *disk_new(void)
{
	struct disk *d = must(calloc(1, sizeof(*d)));

	d->last = &d->first;
	return d;
}

uint64_t disk_generation(const struct disk *d)
{
	return d->generation;
}

/* ---- faults ---- */

static struct disk *here(void)
{
	const struct world_node *n = world_node_current();

	assert(n);
	return n->disk;
}

static bool is_faulty(const struct disk *d, enum world_disk_fault fault)
{
	return !the_world.entered && the_world.now_us < d->until_us[fault];
}

void world_disk_fault(struct world_node *n, enum world_disk_fault fault, uint64_t until_us)
{
	n->disk->until_us[fault] = until_us;
}

void world_disk_heal(struct world_node *n)
{
	memset(n->disk->until_us, 0, sizeof(n->disk->until_us));
}

/* file: a member of the line, or "". */
static int hit(enum world_kind kind, const char *call, int error, const char *file)
{
	world_history("hit",
		"\"kind\":\"%s\",\"node\":\"%s\",\"call\":\"%s\",\"error\":\"%s\"%s",
		world_kind_text(kind), world_node_current()->name, call, strerrorname_np(-error),
		file);
	return error;
}

static void begin_fault(struct disk *d, enum world_kind kind, enum world_disk_fault fault)
{
	static const uint64_t spans_s[] = { 0, 1, 4, 20, 90 };
	uint64_t span_s = spans_s[world_choose(kind, 5)];

	if (span_s == 0)
		return;
	d->until_us[fault] = the_world.now_us + span_s * WORLD_S;
	world_history("hit", "\"kind\":\"%s\",\"node\":\"%s\",\"for\":%u", world_kind_text(kind),
		world_node_current()->name, (unsigned)span_s * 1000);
}

/* What every call meets: a disk that does not answer, a program that dies. */
static void touch(struct disk *d)
{
	if (!the_world.current)
		return;
	begin_fault(d, WORLD_CHOICE_disk_stall, WORLD_DISK_STALLED);
	while (is_faulty(d, WORLD_DISK_STALLED)) { /* in steps: it may be healed meanwhile */
		uint64_t left_us = d->until_us[WORLD_DISK_STALLED] - the_world.now_us;

		world_sleep(left_us < STALL_STEP_US ? left_us : STALL_STEP_US);
	}
	world_crash_point();
}

static int fail_write(struct disk *d, const char *call, bool grows)
{
	if (!the_world.current)
		return 0;
	if (is_faulty(d, WORLD_DISK_FAILING) || world_choose(WORLD_CHOICE_disk_write, 2))
		return hit(WORLD_CHOICE_disk_write, call, -EIO, "");
	begin_fault(d, WORLD_CHOICE_disk_full, WORLD_DISK_FULL);
	if (grows && is_faulty(d, WORLD_DISK_FULL))
		return hit(WORLD_CHOICE_disk_full, call, -ENOSPC, "");
	return 0;
}

/* `record` of /var/lib/pospin/record.db-wal. A tool's failure is its own: it says so, and ends. */
static void hit_file(const struct inode *i, char ret_member[80])
{
	const struct names *n = &i->disk->seen;
	const char *base = "";

	ret_member[0] = '\0';
	if (!process_is_service(the_world.current->process))
		return;
	for (size_t k = 0; k < n->count; k++)
		if (n->list[k].inode == i)
			base = strrchr(n->list[k].path, '/') + 1;
	if (base[0])
		snprintf(ret_member, 80, ",\"file\":\"%.*s\"", (int)strcspn(base, "."), base);
}

/* i: NULL of a folder. */
static int fail_sync(struct disk *d, const struct inode *i)
{
	static const uint64_t slow_us[] = { 0, 10000, 80000, 400000 };
	char file[80] = "";

	if (!the_world.current)
		return 0;
	world_sleep(SYNC_US + slow_us[world_choose(WORLD_CHOICE_disk_slow, 4)]);
	if (!is_faulty(d, WORLD_DISK_FAILING) && !world_choose(WORLD_CHOICE_disk_sync, 2))
		return 0;
	if (i)
		hit_file(i, file);
	return hit(WORLD_CHOICE_disk_sync, "sync", -EIO, file);
}

/* ---- files ---- */

bool disk_folder_exists(const char *path)
{
	const struct name *known = names_find(&here()->seen, path);

	return strcmp(path, "/") == 0 || (known && !known->inode);
}

static bool has_folder(const char *path)
{
	char *folder = path_folder(path);
	bool is = disk_folder_exists(folder);

	free(folder);
	return is;
}

/* The kernel answers for these, whatever the disk does; there are none in this world. */
static bool is_kernels(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0;
}

int disk_open(const char *path, int flags, struct inode **ret_inode)
{
	struct disk *d = here();
	struct name *known;
	int r;

	if (is_kernels(path))
		return -ENOENT;
	touch(d);
	known = names_find(&d->seen, path);
	if (known && !known->inode)
		return -EISDIR;
	if (known && flags & DISK_EXCLUSIVE)
		return -EEXIST;
	if (!known) {
		r = !(flags & DISK_CREATE) || !has_folder(path) ? -ENOENT
								: fail_write(d, "open", true);
		if (r < 0)
			return r;
		rename_note(d, path, inode_new(d));
		known = names_find(&d->seen, path);
	}
	*ret_inode = known->inode;
	return flags & DISK_TRUNCATE ? disk_truncate(known->inode, 0) : 0;
}

uint64_t disk_size(const struct inode *i)
{
	return i->seen.size;
}

int disk_read(struct inode *i, void *data, size_t length, uint64_t offset)
{
	uint64_t left = offset < i->seen.size ? i->seen.size - offset : 0;

	if (the_world.current && (is_faulty(i->disk, WORLD_DISK_STALLED)))
		touch(i->disk);
	if (the_world.current && world_choose(WORLD_CHOICE_disk_read, 2))
		return hit(WORLD_CHOICE_disk_read, "read", -EIO, "");
	if (left > length)
		left = length;
	if (left)
		memcpy(data, i->seen.data + offset, left);
	return (int)left;
}

int disk_write(struct inode *i, const void *data, size_t length, uint64_t offset)
{
	int r;

	touch(i->disk);
	r = fail_write(i->disk, "write", offset + length > i->seen.size);
	if (r < 0)
		return r;
	bytes_put(&i->seen, data, length, offset);
	change_note(i, data, length, offset);
	stale_revive(i, offset, length);
	return 0;
}

int disk_truncate(struct inode *i, uint64_t size)
{
	int r;

	touch(i->disk);
	r = fail_write(i->disk, "truncate", false);
	if (r < 0)
		return r;
	bytes_resize(&i->seen, size);
	change_note(i, NULL, 0, size);
	return 0;
}

int disk_sync(struct inode *i)
{
	size_t count = change_count(i);
	int r;

	touch(i->disk);
	r = fail_sync(i->disk, i);
	i->disk->generation++;
	for (; count > 0 && i->first; count--) {
		if (r == 0)
			change_apply(&i->medium, i->first, 0, i->first->length);
		else
			stale_note(i, i->first);
		change_drop_first(i);
	}
	world_crash_point();
	return r;
}

static bool is_in(const char *path, const char *folder)
{
	char *its = path_folder(path);
	bool is = strcmp(its, folder) == 0;

	free(its);
	return is;
}

int disk_sync_folder(const char *path)
{
	struct disk *d = here();
	char *folder = path_folder(path);
	size_t count = 0, upto = 0;
	int r;

	touch(d);
	for (struct renaming *n = d->first; n; n = n->next) {
		count++;
		if (is_in(n->path, folder))
			upto = count;
	}
	free(folder);
	r = fail_sync(d, NULL);
	d->generation++;
	/* Names that were changed before are in the same journal. */
	for (; r == 0 && upto > 0 && d->first; upto--) {
		renaming_apply(&d->medium, d->first);
		rename_drop_first(d);
	}
	return r;
}

int disk_rename(const char *from, const char *to)
{
	struct disk *d = here();
	struct name *known;
	struct inode *inode;
	int r;

	touch(d);
	known = names_find(&d->seen, from);
	if (!known || !known->inode)
		return -ENOENT;
	r = fail_write(d, "rename", false);
	if (r < 0)
		return r;
	inode = known->inode;
	/* One step on the medium as well: both are noted, and a cut takes both or none. */
	rename_note(d, to, inode);
	rename_note(d, from, NULL);
	return 0;
}

int disk_unlink(const char *path)
{
	struct disk *d = here();
	struct name *known;
	int r;

	touch(d);
	known = names_find(&d->seen, path);
	if (!known || !known->inode)
		return -ENOENT;
	r = fail_write(d, "unlink", false);
	if (r == 0)
		rename_note(d, path, NULL);
	return r;
}

bool disk_exists(const char *path)
{
	return names_find(&here()->seen, path) != NULL;
}

int disk_each(const char *folder, void (*fn)(void *user, const char *name), void *user)
{
	const struct names *n = &here()->seen;

	if (!disk_folder_exists(folder))
		return -ENOENT;
	for (size_t i = 0; i < n->count; i++)
		if (is_in(n->list[i].path, folder))
			fn(user, strrchr(n->list[i].path, '/') + 1);
	return 0;
}

/* Folders are made when a machine is set up; that they could be lost again is not of interest. */
int disk_folder_make(const char *path)
{
	struct disk *d = here();
	char *above;

	if (disk_folder_exists(path))
		return 0;
	if (names_find(&d->seen, path))
		return -ENOTDIR;
	above = path_folder(path);
	(void)disk_folder_make(above);
	free(above);
	names_put(&d->seen, path, NULL);
	names_put(&d->medium, path, NULL);
	return 0;
}

int disk_lock(struct inode *i, struct world_process *p)
{
	if (i->holder)
		return -EBUSY;
	i->holder = p;
	return 0;
}

void disk_unlock(struct inode *i)
{
	i->holder = NULL;
}

void disk_process_end(struct world_process *p)
{
	for (struct inode *i = p->node->disk->inodes; i; i = i->next)
		if (i->holder == p)
			i->holder = NULL;
}

struct vfs_node **disk_vfs(struct inode *i)
{
	return &i->vfs;
}
