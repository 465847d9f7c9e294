/* SPDX-License-Identifier: Apache-2.0 */
/* disk.c -- a machine's file system: what programs see, what a power cut would leave, and faults.
 *
 * A file has its content as programs see it, its content on the medium, and between them the writes
 * that were not synced, in order. A sync carries those that were there when it began to the medium;
 * one that fails forgets them, and calls the pages clean, as Linux does. A power cut keeps, of
 * writes, any subset, the kept ones perhaps torn; of changes to names (create, rename, remove) the
 * first few, because file systems keep a journal of those. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define PAGE 4096u
#define SECTOR 512u
#define STALL_STEP_US 250000u
#define SYNC_US 1500u

struct bytes {
	uint8_t *data;
	uint64_t size, room;
};

/* A write, or a change of size (data is NULL, offset the new size). */
struct change {
	struct change *next;
	uint8_t *data;
	uint64_t offset, length;
};

struct inode {
	struct inode *next; /* of the disk */
	struct disk *disk;
	struct bytes seen, medium;
	struct change *first, **last;
	uint8_t *stale; /* pages whose un-synced content a failed sync forgot */
	uint64_t stale_pages;
	struct world_process *holder;
	struct vfs_node *vfs;
};

struct name {
	char *path;
	struct inode *inode; /* NULL: a folder */
};

struct names {
	struct name *list;
	size_t count, size;
};

/* A change of names that is not on the medium yet: path stands for inode, or for nothing. */
struct renaming {
	struct renaming *next;
	char *path;
	struct inode *inode; /* NULL: path goes away */
};

struct disk {
	struct names seen, medium;
	struct inode *inodes;
	struct renaming *first, **last;
	uint64_t until_us[3]; /* of lasting faults */
	uint64_t generation;  /* rises with every change and every sync */
};

static void *need(void *memory)
{
	assert(memory);
	return memory;
}

struct disk *disk_new(void)
{
	struct disk *d = need(calloc(1, sizeof(*d)));

	d->last = &d->first;
	return d;
}

uint64_t disk_generation(const struct disk *d)
{
	return d->generation;
}

/* ---- bytes ---- */

static void bytes_resize(struct bytes *b, uint64_t size)
{
	if (size > b->room) {
		b->room = size > b->room + b->room / 2 ? size : b->room + b->room / 2;
		b->data = need(realloc(b->data, b->room));
	}
	if (size > b->size)
		memset(b->data + b->size, 0, size - b->size);
	b->size = size;
}

static void bytes_put(struct bytes *b, const void *data, uint64_t length, uint64_t offset)
{
	if (offset + length > b->size)
		bytes_resize(b, offset + length);
	if (length)
		memcpy(b->data + offset, data, length);
}

static void bytes_copy(struct bytes *to, const struct bytes *from)
{
	bytes_resize(to, 0);
	bytes_put(to, from->data, from->size, 0);
}

/* ---- names ---- */

static struct name *find(const struct names *n, const char *path)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->list[i].path, path) == 0)
			return &n->list[i];
	return NULL;
}

static void names_put(struct names *n, const char *path, struct inode *inode)
{
	struct name *known = find(n, path);

	if (known) {
		known->inode = inode;
		return;
	}
	if (n->count == n->size) {
		n->size = n->size ? 2 * n->size : 16;
		n->list = need(realloc(n->list, n->size * sizeof(*n->list)));
	}
	n->list[n->count++] = (struct name){ need(strdup(path)), inode };
}

static void names_drop(struct names *n, const char *path)
{
	struct name *known = find(n, path);

	if (!known)
		return;
	free(known->path);
	memmove(known, known + 1, (size_t)(n->list + --n->count - known) * sizeof(*known));
}

static void names_copy(struct names *to, const struct names *from)
{
	while (to->count > 0)
		free(to->list[--to->count].path);
	for (size_t i = 0; i < from->count; i++)
		names_put(to, from->list[i].path, from->list[i].inode);
}

static void renaming_apply(struct names *n, const struct renaming *r)
{
	if (r->inode)
		names_put(n, r->path, r->inode);
	else
		names_drop(n, r->path);
}

static void rename_note(struct disk *d, const char *path, struct inode *inode)
{
	struct renaming *r = need(calloc(1, sizeof(*r)));

	r->path = need(strdup(path));
	r->inode = inode;
	*d->last = r;
	d->last = &r->next;
	renaming_apply(&d->seen, r);
}

static void rename_drop_first(struct disk *d)
{
	struct renaming *r = d->first;

	d->first = r->next;
	if (!d->first)
		d->last = &d->first;
	free(r->path);
	free(r);
}

/* ---- changes ---- */

static void change_note(struct inode *i, const void *data, uint64_t length, uint64_t offset)
{
	struct change *c = need(calloc(1, sizeof(*c)));

	c->offset = offset;
	c->length = length;
	if (data) {
		c->data = need(malloc(length + 1));
		memcpy(c->data, data, length);
	}
	*i->last = c;
	i->last = &c->next;
	i->disk->generation++;
}

static void change_drop_first(struct inode *i)
{
	struct change *c = i->first;

	i->first = c->next;
	if (!i->first)
		i->last = &i->first;
	free(c->data);
	free(c);
}

/* The first `length` bytes of it. */
static void change_apply(struct bytes *b, const struct change *c, uint64_t from, uint64_t length)
{
	if (c->data)
		bytes_put(b, c->data + from, length, c->offset + from);
	else
		bytes_resize(b, c->offset);
}

static size_t change_count(const struct inode *i)
{
	size_t count = 0;

	for (const struct change *c = i->first; c; c = c->next)
		count++;
	return count;
}

static void stale_note(struct inode *i, const struct change *c)
{
	uint64_t end = (c->offset + c->length + PAGE - 1) / PAGE;

	if (!c->data || c->length == 0)
		return;
	if (end > i->stale_pages) {
		i->stale = need(realloc(i->stale, end));
		memset(i->stale + i->stale_pages, 0, end - i->stale_pages);
		i->stale_pages = end;
	}
	memset(i->stale + c->offset / PAGE, 1, end - c->offset / PAGE);
}

/* A page that is written to again is dirty as a whole: what a failed sync forgot of it comes along.
 */
static void stale_revive(struct inode *i, uint64_t offset, uint64_t length)
{
	for (uint64_t page = offset / PAGE; page * PAGE < offset + length; page++) {
		uint64_t at = page * PAGE, size = i->seen.size - at;

		if (page >= i->stale_pages || !i->stale[page] || at >= i->seen.size)
			continue;
		i->stale[page] = 0;
		change_note(i, i->seen.data + at, size < PAGE ? size : PAGE, at);
	}
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

static int hit(enum world_kind kind, const char *call, int error)
{
	world_history("hit", "\"kind\":\"%s\",\"node\":\"%s\",\"call\":\"%s\",\"error\":\"%s\"",
		world_kind_text(kind), world_node_current()->name, call, strerrorname_np(-error));
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
		return hit(WORLD_CHOICE_disk_write, call, -EIO);
	begin_fault(d, WORLD_CHOICE_disk_full, WORLD_DISK_FULL);
	if (grows && is_faulty(d, WORLD_DISK_FULL))
		return hit(WORLD_CHOICE_disk_full, call, -ENOSPC);
	return 0;
}

static int fail_sync(struct disk *d)
{
	static const uint64_t slow_us[] = { 0, 10000, 80000, 400000 };

	if (!the_world.current)
		return 0;
	world_sleep(SYNC_US + slow_us[world_choose(WORLD_CHOICE_disk_slow, 4)]);
	if (is_faulty(d, WORLD_DISK_FAILING) || world_choose(WORLD_CHOICE_disk_sync, 2))
		return hit(WORLD_CHOICE_disk_sync, "sync", -EIO);
	return 0;
}

/* ---- files ---- */

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return need(strndup(path, slash && slash > path ? (size_t)(slash - path) : 1));
}

bool disk_folder_exists(const char *path)
{
	const struct name *known = find(&here()->seen, path);

	return strcmp(path, "/") == 0 || (known && !known->inode);
}

static bool has_folder(const char *path)
{
	char *folder = folder_of(path);
	bool is = disk_folder_exists(folder);

	free(folder);
	return is;
}

static struct inode *inode_new(struct disk *d)
{
	struct inode *i = need(calloc(1, sizeof(*i)));

	i->disk = d;
	i->last = &i->first;
	i->next = d->inodes;
	d->inodes = i;
	return i;
}

int disk_open(const char *path, int flags, struct inode **ret_inode)
{
	struct disk *d = here();
	struct name *known;
	int r;

	touch(d);
	known = find(&d->seen, path);
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
		known = find(&d->seen, path);
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
		return hit(WORLD_CHOICE_disk_read, "read", -EIO);
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
	r = fail_sync(i->disk);
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
	char *its = folder_of(path);
	bool is = strcmp(its, folder) == 0;

	free(its);
	return is;
}

int disk_sync_folder(const char *path)
{
	struct disk *d = here();
	char *folder = folder_of(path);
	size_t count = 0, upto = 0;
	int r;

	touch(d);
	for (struct renaming *n = d->first; n; n = n->next) {
		count++;
		if (is_in(n->path, folder))
			upto = count;
	}
	free(folder);
	r = fail_sync(d);
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
	known = find(&d->seen, from);
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
	known = find(&d->seen, path);
	if (!known || !known->inode)
		return -ENOENT;
	r = fail_write(d, "unlink", false);
	if (r == 0)
		rename_note(d, path, NULL);
	return r;
}

bool disk_exists(const char *path)
{
	return find(&here()->seen, path) != NULL;
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
	if (find(&d->seen, path))
		return -ENOTDIR;
	above = folder_of(path);
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

/* ---- power cuts ---- */

enum cut { CUT_ALL, CUT_NONE, CUT_SOME };

/* What of one write is on the medium: all, nothing, or a part whose ends are those of sectors, or
 * any. */
static void change_survive(struct bytes *b, const struct change *c, enum cut cut)
{
	uint64_t from = 0, length = c->length, sectors = c->length / SECTOR;

	if (cut == CUT_NONE || (cut == CUT_SOME && world_pick(WORLD_CHOICE_survive, 2)))
		return;
	if (cut == CUT_SOME && length > 1)
		switch (world_choose(WORLD_CHOICE_tear, 4)) {
		case 1: /* its beginning, in sectors */
			length = SECTOR * world_pick(WORLD_CHOICE_tear, (uint32_t)sectors + 1);
			break;
		case 2: /* its end */
			from = SECTOR * world_pick(WORLD_CHOICE_tear, (uint32_t)sectors + 1);
			length -= from;
			break;
		case 3: /* its beginning, to any byte */
			length = world_pick(WORLD_CHOICE_tear, (uint32_t)length);
			break;
		default:
			break;
		}
	if (!c->data || length)
		change_apply(b, c, from, length);
}

static void inode_cut(const struct inode *i, enum cut cut, struct bytes *ret_bytes)
{
	bytes_copy(ret_bytes, &i->medium);
	for (const struct change *c = i->first; c; c = c->next)
		change_survive(ret_bytes, c, cut);
}

static void names_cut(const struct disk *d, enum cut cut, struct names *ret_names)
{
	uint32_t count = 0, keep;

	names_copy(ret_names, &d->medium);
	for (const struct renaming *r = d->first; r; r = r->next)
		count++;
	keep = cut == CUT_NONE ? 0 : count;
	if (cut == CUT_SOME)
		keep = count - world_pick(WORLD_CHOICE_survive, count + 1);
	for (const struct renaming *r = d->first; r && keep > 0; r = r->next, keep--) {
		/* The second half of a rename comes with the first. */
		renaming_apply(ret_names, r);
		if (keep == 1 && r->inode && r->next && !r->next->inode)
			renaming_apply(ret_names, r->next);
	}
}

/* to: empty. */
static void copy_cut(const struct disk *from, enum cut cut, struct disk *to)
{
	struct names names = { 0 };

	names_cut(from, cut, &names);
	for (size_t i = 0; i < names.count; i++) {
		struct inode *was = names.list[i].inode, *is = was ? inode_new(to) : NULL;

		if (is) {
			inode_cut(was, cut, &is->seen);
			bytes_copy(&is->medium, &is->seen);
		}
		names_put(&to->seen, names.list[i].path, is);
		names_put(&to->medium, names.list[i].path, is);
	}
}

static enum cut cut_pick(void)
{
	return (enum cut)world_pick(WORLD_CHOICE_survive, 3);
}

void disk_cut(struct disk *d)
{
	struct disk *left = disk_new();
	struct disk was = *d;

	copy_cut(&was, cut_pick(), left);
	/* Programs that are dead hold pointers into what was: it stays. */
	*d = *left;
	if (!d->first)
		d->last = &d->first;
	for (struct inode *i = d->inodes; i; i = i->next)
		i->disk = d;
	memcpy(d->until_us, was.until_us, sizeof(d->until_us));
	d->generation = was.generation + 1;
}

/* ---- from outside ---- */

void world_disk_copy(
	const struct world_node *from, enum world_disk_view view, struct world_node *to)
{
	enum cut cut = view == WORLD_DISK_SEEN ? CUT_ALL : CUT_NONE;
	struct disk *d = to->disk;

	if (view == WORLD_DISK_AFTER_CUT)
		cut = cut_pick();
	*d = (struct disk){ 0 };
	d->last = &d->first;
	if (view != WORLD_DISK_SEEN) {
		copy_cut(from->disk, cut, d);
		return;
	}
	for (size_t i = 0; i < from->disk->seen.count; i++) {
		const struct name *n = &from->disk->seen.list[i];
		struct inode *is = n->inode ? inode_new(d) : NULL;

		if (is) {
			bytes_copy(&is->seen, &n->inode->seen);
			bytes_copy(&is->medium, &is->seen);
		}
		names_put(&d->seen, n->path, is);
		names_put(&d->medium, n->path, is);
	}
}

void world_disk_put(struct world_node *n, const char *path, const void *data, size_t length)
{
	struct world_node *was = the_world.entered;
	struct inode *i = inode_new(n->disk);
	char *folder = folder_of(path);

	assert(!the_world.current);
	the_world.entered = n;
	(void)disk_folder_make(folder);
	the_world.entered = was;
	free(folder);
	bytes_put(&i->seen, data, length, 0);
	bytes_put(&i->medium, data, length, 0);
	names_put(&n->disk->seen, path, i);
	names_put(&n->disk->medium, path, i);
}

bool world_disk_get(struct world_node *n, const char *path, void **ret_data, size_t *ret_length)
{
	const struct name *known = find(&n->disk->seen, path);

	if (!known || !known->inode)
		return false;
	*ret_data = need(calloc(1, known->inode->seen.size + 1));
	if (known->inode->seen.size)
		memcpy(*ret_data, known->inode->seen.data, known->inode->seen.size);
	*ret_length = known->inode->seen.size;
	return true;
}

void world_disk_remove(struct world_node *n, const char *path)
{
	names_drop(&n->disk->seen, path);
	names_drop(&n->disk->medium, path);
}

bool world_disk_damage(struct world_node *n, const char *path, size_t offset, uint8_t mask)
{
	const struct name *known = find(&n->disk->seen, path);

	if (!known || !known->inode || offset >= known->inode->seen.size)
		return false;
	known->inode->seen.data[offset] ^= mask;
	if (offset < known->inode->medium.size)
		known->inode->medium.data[offset] ^= mask;
	return true;
}
