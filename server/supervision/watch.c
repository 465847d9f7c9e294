/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c -- a sorted table of deadlines. */
#include "supervision/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct pp_watch_post post;
	int64_t deadline_ms;
};
struct pp_watch {
	size_t count, size;
	struct entry *entries; /* by tenant, post */
};

int pp_watch_new(struct pp_watch **ret_watch)
{
	struct pp_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	*ret_watch = w;
	return 0;
}

struct pp_watch *pp_watch_free(struct pp_watch *w)
{
	if (w)
		free(w->entries);
	free(w);
	return NULL;
}

/* The place of the post, or where it would be. */
static size_t entry_find(
	const struct pp_watch *w, const char *tenant, const char *post, bool *ret_found)
{
	size_t low = 0, high = w->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = strcmp(tenant, w->entries[middle].post.tenant);

		if (r == 0)
			r = strcmp(post, w->entries[middle].post.post);
		if (r == 0) {
			*ret_found = true;
			return middle;
		}
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*ret_found = false;
	return low;
}

static int watch_grow(struct pp_watch *w)
{
	size_t size = w->size ? w->size * 2 : 64;
	struct entry *entries;

	if (w->count < w->size)
		return 0;
	entries = realloc(w->entries, size * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	w->entries = entries;
	w->size = size;
	return 0;
}

int pp_watch_heard(struct pp_watch *w, const char *tenant, const char *post, int64_t now_ms)
{
	bool found;
	size_t at = entry_find(w, tenant, post, &found);

	if (!found) {
		struct entry entry = { .deadline_ms = 0 };
		int r = watch_grow(w);

		if (r < 0)
			return r;
		snprintf(entry.post.tenant, sizeof(entry.post.tenant), "%s", tenant);
		snprintf(entry.post.post, sizeof(entry.post.post), "%s", post);
		memmove(w->entries + at + 1, w->entries + at, (w->count - at) * sizeof(entry));
		w->entries[at] = entry;
		w->count++;
	}
	w->entries[at].deadline_ms = now_ms + PP_STATE_STALE_MS;
	return 0;
}

bool pp_watch_is_watched(const struct pp_watch *w, const char *tenant, const char *post)
{
	bool found;

	(void)entry_find(w, tenant, post, &found);
	return found;
}

void pp_watch_hasten(struct pp_watch *w, const char *tenant, const char *post, int64_t now_ms)
{
	bool found;
	size_t at = entry_find(w, tenant, post, &found);

	if (found && w->entries[at].deadline_ms > now_ms + PP_WILL_GRACE_MS)
		w->entries[at].deadline_ms = now_ms + PP_WILL_GRACE_MS;
}

static void entry_remove(struct pp_watch *w, size_t at)
{
	w->count--;
	memmove(w->entries + at, w->entries + at + 1, (w->count - at) * sizeof(*w->entries));
}

void pp_watch_forget(struct pp_watch *w, const char *tenant, const char *post)
{
	bool found;
	size_t at = entry_find(w, tenant, post, &found);

	if (found)
		entry_remove(w, at);
}

bool pp_watch_next_lost(struct pp_watch *w, int64_t now_ms, struct pp_watch_post *ret_post)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->entries[i].deadline_ms > now_ms)
			continue;
		*ret_post = w->entries[i].post;
		entry_remove(w, i);
		return true;
	}
	return false;
}

bool pp_watch_at(const struct pp_watch *w, size_t index, struct pp_watch_post *ret_post)
{
	if (index >= w->count)
		return false;
	*ret_post = w->entries[index].post;
	return true;
}
