/* SPDX-License-Identifier: Apache-2.0 */
/* aside.c -- the names beside the outbox, against those that it has searched. */
#include "aside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "file.h"

#define WORD ".damaged-"

struct search {
	struct pp_outbox *o;
	const char *path, *base, *after;
	char *best; /* PP_ASIDE_MAX; "": none */
	int error;
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* 1: searched; 0: not. */
static int is_searched(struct pp_outbox *o, const char *name)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "SELECT 1 FROM searched WHERE name = ?", &s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, base_of(name));
	r = pp_stmt_step(s);
	pp_stmt_reset(s);
	return r;
}

/* A power cut may have kept the new name of the log and not that of the file, or the other way
 * round: either stands for both. False: it is no such name. */
static bool stem(const struct search *s, const char *name, char ret_stem[PP_ASIDE_MAX])
{
	size_t length = strlen(s->base), digits;

	if (strncmp(name, s->base, length) != 0 || strncmp(name + length, WORD, strlen(WORD)) != 0)
		return false;
	length += strlen(WORD);
	digits = strspn(name + length, "-0123456789");
	if (digits > 0 && name[length + digits - 1] == '-')
		digits--; /* of "-wal" */
	if (digits == 0 || (name[length + digits] && strcmp(name + length + digits, "-wal") != 0))
		return false;
	return snprintf(ret_stem, PP_ASIDE_MAX, "%.*s%.*s", (int)(s->base - s->path), s->path,
		       (int)(length + digits), name) < PP_ASIDE_MAX;
}

static void on_name(void *user, const char *name)
{
	struct search *s = user;
	char found[PP_ASIDE_MAX];
	int r;

	if (s->error || !stem(s, name, found) || strcmp(found, s->after) <= 0 ||
		(s->best[0] && strcmp(found, s->best) >= 0))
		return;
	r = is_searched(s->o, found);
	if (r < 0)
		s->error = r;
	if (r == 0)
		memcpy(s->best, found, sizeof(found));
}

int pp_aside_next(
	struct pp_outbox *o, const char *path, const char *after, char ret_name[PP_ASIDE_MAX])
{
	struct search s = { .o = o, .path = path, .base = base_of(path), .after = after };
	char folder[PP_ASIDE_MAX], best[PP_ASIDE_MAX] = "";
	int length = (int)(s.base - path) - 1, r; /* of the folder, without its slash */

	if (length > 0 && (size_t)length >= sizeof(folder))
		return -ENAMETOOLONG;
	if (length > 0)
		snprintf(folder, sizeof(folder), "%.*s", length, path);
	else
		snprintf(folder, sizeof(folder), "%s", length == 0 ? "/" : ".");
	s.best = best;
	r = pp_dir_each(folder, on_name, &s);
	if (r == 0)
		r = s.error;
	if (r < 0 || !best[0])
		return r;
	memcpy(ret_name, best, sizeof(best));
	return 1;
}

int pp_aside_searched(struct pp_outbox *o, const char *name)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(
		o->db, "INSERT INTO searched (name) VALUES (?) ON CONFLICT DO NOTHING", &s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, base_of(name));
	return pp_stmt_run(s);
}

/* 1: it cannot be read now: searched again when the outbox is next opened. */
static int read_aside(struct pp_salvage *salvage, const char *aside)
{
	char log[PP_ASIDE_MAX + 8];
	int file, wal;

	snprintf(log, sizeof(log), "%s-wal", aside);
	file = pp_salvage_read(salvage, aside);
	wal = pp_salvage_read(salvage, log);
	return file < 0 || wal < 0;
}

int pp_aside_search(struct pp_outbox *o, struct pp_salvage *salvage, const char *aside)
{
	bool again = read_aside(salvage, aside);
	int kept = 0, r = pp_outbox_begin(o);

	if (r == 0)
		r = kept = pp_salvage_keep(salvage, o);
	if (r >= 0 && !again)
		r = pp_aside_searched(o, aside);
	if (r < 0) {
		pp_outbox_rollback(o);
		return r;
	}
	r = pp_outbox_commit(o);
	return r < 0 ? r : kept;
}
