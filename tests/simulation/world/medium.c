/* SPDX-License-Identifier: Apache-2.0 */
/* medium.c -- contents, names, and changes that are not on the medium yet. */
#include "medium.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void *must(void *memory)
{
	assert(memory);
	return memory;
}

/* ---- bytes ---- */

void bytes_resize(struct bytes *b, uint64_t size)
{
	if (size > b->room) {
		b->room = size > b->room + b->room / 2 ? size : b->room + b->room / 2;
		b->data = must(realloc(b->data, b->room));
	}
	if (size > b->size)
		memset(b->data + b->size, 0, size - b->size);
	b->size = size;
}

void bytes_put(struct bytes *b, const void *data, uint64_t length, uint64_t offset)
{
	if (offset + length > b->size)
		bytes_resize(b, offset + length);
	if (length)
		memcpy(b->data + offset, data, length);
}

void bytes_copy(struct bytes *to, const struct bytes *from)
{
	bytes_resize(to, 0);
	bytes_put(to, from->data, from->size, 0);
}

/* ---- names ---- */

struct name *names_find(const struct names *n, const char *path)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->list[i].path, path) == 0)
			return &n->list[i];
	return NULL;
}

void names_put(struct names *n, const char *path, struct inode *inode)
{
	struct name *known = names_find(n, path);

	if (known) {
		known->inode = inode;
		return;
	}
	if (n->count == n->size) {
		n->size = n->size ? 2 * n->size : 16;
		n->list = must(realloc(n->list, n->size * sizeof(*n->list)));
	}
	n->list[n->count++] = (struct name){ must(strdup(path)), inode };
}

void names_drop(struct names *n, const char *path)
{
	struct name *known = names_find(n, path);

	if (!known)
		return;
	free(known->path);
	memmove(known, known + 1, (size_t)(n->list + --n->count - known) * sizeof(*known));
}

void names_copy(struct names *to, const struct names *from)
{
	while (to->count > 0)
		free(to->list[--to->count].path);
	for (size_t i = 0; i < from->count; i++)
		names_put(to, from->list[i].path, from->list[i].inode);
}

void renaming_apply(struct names *n, const struct renaming *r)
{
	if (r->inode)
		names_put(n, r->path, r->inode);
	else
		names_drop(n, r->path);
}

void rename_note(struct disk *d, const char *path, struct inode *inode)
{
	struct renaming *r = must(calloc(1, sizeof(*r)));

	r->path = must(strdup(path));
	r->inode = inode;
	*d->last = r;
	d->last = &r->next;
	renaming_apply(&d->seen, r);
}

void rename_drop_first(struct disk *d)
{
	struct renaming *r = d->first;

	d->first = r->next;
	if (!d->first)
		d->last = &d->first;
	free(r->path);
	free(r);
}

/* ---- changes ---- */

void change_note(struct inode *i, const void *data, uint64_t length, uint64_t offset)
{
	struct change *c = must(calloc(1, sizeof(*c)));

	c->offset = offset;
	c->length = length;
	if (data) {
		c->data = must(malloc(length + 1));
		memcpy(c->data, data, length);
	}
	*i->last = c;
	i->last = &c->next;
	i->disk->generation++;
}

void change_drop_first(struct inode *i)
{
	struct change *c = i->first;

	i->first = c->next;
	if (!i->first)
		i->last = &i->first;
	free(c->data);
	free(c);
}

/* The first `length` bytes of it. */
void change_apply(struct bytes *b, const struct change *c, uint64_t from, uint64_t length)
{
	if (c->data)
		bytes_put(b, c->data + from, length, c->offset + from);
	else
		bytes_resize(b, c->offset);
}

size_t change_count(const struct inode *i)
{
	size_t count = 0;

	for (const struct change *c = i->first; c; c = c->next)
		count++;
	return count;
}

void stale_note(struct inode *i, const struct change *c)
{
	uint64_t end = (c->offset + c->length + PAGE - 1) / PAGE;

	if (!c->data || c->length == 0)
		return;
	if (end > i->stale_pages) {
		i->stale = must(realloc(i->stale, end));
		memset(i->stale + i->stale_pages, 0, end - i->stale_pages);
		i->stale_pages = end;
	}
	memset(i->stale + c->offset / PAGE, 1, end - c->offset / PAGE);
}

/* A page that is written to again is dirty as a whole: what a failed sync forgot of it comes along.
 */
void stale_revive(struct inode *i, uint64_t offset, uint64_t length)
{
	for (uint64_t page = offset / PAGE; page * PAGE < offset + length; page++) {
		uint64_t at = page * PAGE, size = i->seen.size - at;

		if (page >= i->stale_pages || !i->stale[page] || at >= i->seen.size)
			continue;
		i->stale[page] = 0;
		change_note(i, i->seen.data + at, size < PAGE ? size : PAGE, at);
	}
}

/* ---- inodes ---- */

struct inode *inode_new(struct disk *d)
{
	struct inode *i = must(calloc(1, sizeof(*i)));

	i->disk = d;
	i->last = &i->first;
	i->next = d->inodes;
	d->inodes = i;
	return i;
}

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	return must(strndup(path, slash && slash > path ? (size_t)(slash - path) : 1));
}
