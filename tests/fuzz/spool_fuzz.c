/* SPDX-License-Identifier: Apache-2.0 */
/* spool_fuzz.c -- a spool that the disk has damaged is either refused or goes on: it says how many
 * lines wait, gives them, takes more, and never gives what it has dropped. Input: edits of a good
 * spool's files, see damage.h. */
#include "fuzz.h"

#include <unistd.h>

#include "damage.h"
#include "recorder/spool.h"

#define LINES 40

static struct damage_image images[2];
static char path[256], log_path[260];

static void set_up(void)
{
	struct pp_spool *s;
	char lines[200];

	if (path[0])
		return;
	(void)fuzz_path("spool.db", path);
	snprintf(log_path, sizeof(log_path), "%s-wal", path);
	MUST_HOLD(pp_spool_open(path, 1 << 22, false, &s) == 0);
	MUST_HOLD(pp_spool_begin(s) == 0 && pp_spool_set_cursor(s, 77) == 0);
	for (int i = 0; i < LINES; i++) {
		snprintf(lines, sizeof(lines), "sample,post=boja-01 value=%d 1%s", i,
			i % 2 ? "\nsample value=2 2\nsample value=3 3" : "");
		MUST_HOLD(pp_spool_add(s, lines, i % 2 ? 3 : 1) == 0);
	}
	MUST_HOLD(pp_spool_commit(s) == 0 && pp_spool_poison(s, "refused") == 0);
	damage_take(path, &images[0]);
	damage_take(log_path, &images[1]);
	pp_spool_close(s);
}

/* What waits, taken in pieces; false: it cannot be read. */
static bool drain(struct pp_spool *s)
{
	int64_t last = 0, before = INT64_MIN;
	struct pp_buf text = { 0 };
	int count;

	while ((count = pp_spool_peek(s, 16, &text, &last)) > 0) {
		size_t lines = 0;

		for (size_t i = 0; i < text.length; i++)
			lines += text.data[i] == '\n';
		MUST_HOLD(count <= 16 && lines >= (size_t)count && last > before);
		before = last;
		pp_buf_done(&text);
		if (pp_spool_drop(s, last) < 0)
			return false;
	}
	pp_buf_done(&text);
	return count == 0;
}

static void spool_check(struct pp_spool *s)
{
	int64_t waiting = 0, poison = 0, cursor, last, bytes;
	struct pp_buf text = { 0 };

	(void)pp_spool_count(s, &waiting, &poison);
	(void)pp_spool_cursor(s, &cursor);
	(void)pp_spool_bytes(s, &bytes);
	(void)pp_spool_poison(s, "refused again");
	if (!drain(s))
		return;
	if (pp_spool_begin(s) < 0)
		return;
	if (pp_spool_add(s, "event value=1i 5", 1) < 0) {
		pp_spool_rollback(s);
		return;
	}
	if (pp_spool_commit(s) < 0)
		return;
	if (pp_spool_peek(s, 16, &text, &last) == 1)
		MUST_HOLD(strcmp(text.data, "event value=1i 5\n") == 0);
	pp_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct pp_spool *s = NULL;
	char shm[264];

	set_up();
	snprintf(shm, sizeof(shm), "%s-shm", path);
	(void)unlink(shm);
	damage_apply(&in, images, 2);
	damage_put(&images[0], path);
	damage_put(&images[1], log_path);
	if (pp_spool_open(path, 1 << 22, false, &s) == 0) {
		MUST_HOLD(s && pp_spool_error(s));
		spool_check(s);
	} else {
		MUST_HOLD(!s);
	}
	pp_spool_close(s);
	return 0;
}
