/* SPDX-License-Identifier: Apache-2.0 */
/* cut.c -- what a power cut leaves of a disk, and disks as they are seen and changed from outside.
 */
#include "medium.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512u

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

/* What is changed from outside is on the medium, and names that were changed before it are too. */
static void names_settle(struct disk *d)
{
	while (d->first) {
		renaming_apply(&d->medium, d->first);
		rename_drop_first(d);
	}
}

void world_disk_put(struct world_node *n, const char *path, const void *data, size_t length)
{
	struct world_node *was = the_world.entered;
	struct inode *i = inode_new(n->disk);
	char *folder = path_folder(path);

	assert(!the_world.current);
	the_world.entered = n;
	(void)disk_folder_make(folder);
	the_world.entered = was;
	free(folder);
	bytes_put(&i->seen, data, length, 0);
	bytes_put(&i->medium, data, length, 0);
	names_settle(n->disk);
	names_put(&n->disk->seen, path, i);
	names_put(&n->disk->medium, path, i);
}

bool world_disk_get(struct world_node *n, const char *path, void **ret_data, size_t *ret_length)
{
	const struct name *known = names_find(&n->disk->seen, path);

	if (!known || !known->inode)
		return false;
	*ret_data = must(calloc(1, known->inode->seen.size + 1));
	if (known->inode->seen.size)
		memcpy(*ret_data, known->inode->seen.data, known->inode->seen.size);
	*ret_length = known->inode->seen.size;
	return true;
}

void world_disk_remove(struct world_node *n, const char *path)
{
	names_settle(n->disk);
	names_drop(&n->disk->seen, path);
	names_drop(&n->disk->medium, path);
}

bool world_disk_damage(struct world_node *n, const char *path, size_t offset, uint8_t mask)
{
	const struct name *known = names_find(&n->disk->seen, path);

	if (!known || !known->inode || offset >= known->inode->seen.size)
		return false;
	known->inode->seen.data[offset] ^= mask;
	if (offset < known->inode->medium.size)
		known->inode->medium.data[offset] ^= mask;
	return true;
}
