/* SPDX-License-Identifier: Apache-2.0 */
/* medium.h -- what a disk is made of: contents and names, as programs see them and as they are on
 * the medium, and the changes between the two. */
#ifndef WORLD_MEDIUM_H
#define WORLD_MEDIUM_H

#include "inside.h"

#define PAGE 4096u

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

void *must(void *memory); /* asserts that it was allocated */
void bytes_resize(struct bytes *b, uint64_t size);
void bytes_put(struct bytes *b, const void *data, uint64_t length, uint64_t offset);
void bytes_copy(struct bytes *to, const struct bytes *from);
struct name *names_find(const struct names *n, const char *path);
void names_put(struct names *n, const char *path, struct inode *inode);
void names_drop(struct names *n, const char *path);
void names_copy(struct names *to, const struct names *from);
void renaming_apply(struct names *n, const struct renaming *r);
void rename_note(struct disk *d, const char *path, struct inode *inode);
void rename_drop_first(struct disk *d);
void change_note(struct inode *i, const void *data, uint64_t length, uint64_t offset);
void change_drop_first(struct inode *i);
void change_apply(struct bytes *b, const struct change *c, uint64_t from, uint64_t length);
size_t change_count(const struct inode *i);
void stale_note(struct inode *i, const struct change *c);
void stale_revive(struct inode *i, uint64_t offset, uint64_t length);
struct inode *inode_new(struct disk *d);
char *path_folder(const char *path);

#endif
