/* SPDX-License-Identifier: Apache-2.0 */
/* memo.c -- a line that says whose it is and of which boot, then one for each restore. */
#include "memo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

#define BYTES_MAX 16384

static void add_name(struct pp_buf *b, const struct pp_outbox_options *whose)
{
	pp_buf_addf(b, "%s %s\n", whose->boot_id, whose->topic);
}

/* The point, a blank, the moment, which has been. */
static void read_line(const char *line, size_t length, int64_t now_ms, struct pp_ends *ends)
{
	struct pp_draft draft = { .signal.type = PP_SIGNAL_RESTORE };
	const char *blank = memchr(line, ' ', length);
	size_t point = blank ? (size_t)(blank - line) : 0;

	if (!pp_text_is_slug(line, point, PP_POINT_MAX) ||
		pp_text_i64(blank + 1, length - point - 1, 0, now_ms, &draft.signal.mono_ms) < 0)
		return;
	memcpy(draft.signal.point, line, point);
	(void)pp_ends_note(ends, &draft);
}

void pp_memo_read(const char *path, const struct pp_outbox_options *whose, int64_t now_ms,
	struct pp_ends *ends)
{
	struct pp_buf name = { 0 };
	char *text;

	if (pp_file_read(path, BYTES_MAX, &text, NULL) < 0)
		return;
	add_name(&name, whose);
	if (!name.failed && strncmp(text, name.data, name.length) == 0)
		for (const char *line = text + name.length; *line;) {
			size_t length = strcspn(line, "\n");

			read_line(line, length, now_ms, ends);
			line += length + (line[length] == '\n');
		}
	pp_buf_done(&name);
	free(text);
}

int pp_memo_write(
	const char *path, const struct pp_outbox_options *whose, const struct pp_ends *ends)
{
	struct pp_buf b = { 0 };
	size_t length;
	char *text;
	int r;

	add_name(&b, whose);
	for (size_t i = 0; i < ends->count; i++)
		if (ends->list[i].type == PP_SIGNAL_RESTORE)
			pp_buf_addf(&b, "%s %" PRId64 "\n", ends->list[i].point,
				ends->list[i].mono_ms);
	r = pp_buf_take(&b, &text, &length);
	if (r < 0)
		return r;
	r = pp_file_put(path, text, length, 0640);
	free(text);
	return r;
}
