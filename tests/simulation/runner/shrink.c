/* SPDX-License-Identifier: Apache-2.0 */
/* shrink.c -- zeroing kinds, spans and single choices, then smaller values. */
#include "shrink.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int saved_write(const struct saved *s, const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return -errno;
	fprintf(file, "seed %" PRIu64 "\n", s->seed);
	for (size_t i = 0; i < s->count; i++)
		fprintf(file, "%s %" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
			world_kind_text(s->list[i].kind), s->list[i].ordinal, s->list[i].n,
			s->list[i].value);
	return fclose(file) == 0 ? 0 : -errno;
}

static int kind_parse(const char *text)
{
	for (int i = 0; i < WORLD_KIND_COUNT; i++)
		if (strcmp(text, world_kind_text((enum world_kind)i)) == 0)
			return i;
	return -EBADMSG;
}

int saved_read(const char *path, struct saved *s)
{
	FILE *file = fopen(path, "r");
	struct world_choice c;
	char kind[32];
	int r = file ? 0 : -errno, n;

	if (!file)
		return r;
	s->count = 0;
	if (fscanf(file, "seed %" SCNu64, &s->seed) != 1)
		r = -EBADMSG;
	while (r == 0 && (n = fscanf(file, " %31s %" SCNu32 " %" SCNu32 " %" SCNu32, kind,
				  &c.ordinal, &c.n, &c.value)) != EOF) {
		int k = n == 4 ? kind_parse(kind) : -EBADMSG;

		if (k < 0 || s->count == TRIAL_CHOICES_MAX) {
			r = -EBADMSG;
			break;
		}
		c.kind = (enum world_kind)k;
		s->list[s->count++] = c;
	}
	fclose(file);
	return r;
}

struct work {
	struct pool *pool;
	struct saved *best;
	struct world_choice *tried;
	int check; /* what must be found again; -2: no end */
	unsigned left, made;
};

static bool fails(struct work *w, const struct world_choice *list, size_t count)
{
	const struct trial t = { .seed = w->best->seed,
		.listed = true,
		.list = list,
		.count = count,
		.quiet_log = true };
	const struct outcome *out;

	w->left--;
	w->made++;
	out = pool_try(w->pool, &t);
	if (!out->done)
		return w->check == -2;
	return out->breaches > 0 && out->check == w->check;
}

/* Without the choices [from, to), or those of a kind. */
static bool try_without(struct work *w, size_t from, size_t to, int kind)
{
	size_t n = 0;

	for (size_t i = 0; i < w->best->count; i++) {
		bool out = kind >= 0 ? (int)w->best->list[i].kind == kind : i >= from && i < to;

		if (!out)
			w->tried[n++] = w->best->list[i];
	}
	if (n == w->best->count || !fails(w, w->tried, n))
		return false;
	memcpy(w->best->list, w->tried, n * sizeof(*w->tried));
	w->best->count = n;
	return true;
}

static void drop_kinds(struct work *w)
{
	for (int kind = 0; kind < WORLD_KIND_COUNT && w->left; kind++)
		(void)try_without(w, 0, 0, kind);
}

static void drop_spans(struct work *w)
{
	for (size_t span = (w->best->count + 1) / 2; span >= 1 && w->left; span /= 2) {
		for (size_t at = w->best->count; at > 0 && w->left;) {
			size_t from = at > span ? at - span : 0;

			(void)try_without(w, from, at, -1);
			at = from < w->best->count ? from : w->best->count;
		}
	}
}

static void make_smaller(struct work *w)
{
	for (size_t i = 0; i < w->best->count && w->left; i++) {
		uint32_t value = w->best->list[i].value;
		bool smaller;

		if (value < 2)
			continue;
		memcpy(w->tried, w->best->list, w->best->count * sizeof(*w->tried));
		w->tried[i].value = 1;
		smaller = fails(w, w->tried, w->best->count);
		if (!smaller && value > 3 && w->left) {
			w->tried[i].value = value / 2;
			smaller = fails(w, w->tried, w->best->count);
		}
		if (smaller)
			w->best->list[i] = w->tried[i];
	}
}

unsigned shrink(
	struct pool *p, struct saved *s, const struct outcome *out, unsigned tries, bool *ret_same)
{
	struct work w = { .pool = p,
		.best = s,
		.check = out->done ? out->check : -2,
		.left = tries,
		.tried = malloc(TRIAL_CHOICES_MAX * sizeof(struct world_choice)) };

	assert(w.tried && tries > 0);
	*ret_same = fails(&w, s->list, s->count);
	if (*ret_same) {
		drop_kinds(&w);
		drop_spans(&w);
		make_smaller(&w);
	}
	free(w.tried);
	return w.made;
}
