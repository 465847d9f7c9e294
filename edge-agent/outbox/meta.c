/* SPDX-License-Identifier: Apache-2.0 */
/* meta.c -- the one row that says how far the outbox has counted. It is sealed with a hash, because
 * a wrong number there gives numbers twice or skips them, and nothing else would notice. */
#include "outbox/outbox.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "file.h"

/* The topic is in it: another post's outbox is not ours, even when it is whole. */
static int seal(const struct pp_outbox *o, uint8_t ret_seal[PP_SHA256_SIZE])
{
	struct pp_buf b = { 0 };
	char *text;
	size_t length;
	int r;

	pp_buf_addf(&b, "pospin-outbox-1\n%s\n%016" PRIx64 " %" PRId64 " %" PRId64 " %s %" PRId64,
		o->mint.topic, o->mint.epoch, o->mint.last_seq, o->mint.boot, o->boot_id,
		o->usage.receipted_alarms);
	r = pp_buf_take(&b, &text, &length);
	if (r < 0)
		return r;
	pp_sha256(text, length, ret_seal);
	free(text);
	return 0;
}

int pp_outbox_meta_write(struct pp_outbox *o)
{
	uint8_t hash[PP_SHA256_SIZE];
	struct pp_stmt *s;
	char epoch[17];
	int r = pp_db_prepare(o->db,
		"INSERT OR REPLACE INTO meta"
		" (id, epoch, seq, boot, boot_id, receipted_alarms, seal)"
		" VALUES (1, ?, ?, ?, ?, ?, ?)",
		&s);

	if (r == 0)
		r = seal(o, hash);
	if (r < 0)
		return r;
	snprintf(epoch, sizeof(epoch), "%016" PRIx64, o->mint.epoch);
	pp_stmt_text(s, 1, epoch);
	pp_stmt_i64(s, 2, o->mint.last_seq);
	pp_stmt_i64(s, 3, o->mint.boot);
	pp_stmt_text(s, 4, o->boot_id);
	pp_stmt_i64(s, 5, o->usage.receipted_alarms);
	pp_stmt_blob(s, 6, hash, sizeof(hash));
	return pp_stmt_run(s);
}

static int parse_epoch(const char *hex, uint64_t *ret_epoch)
{
	uint8_t bytes[8];
	uint64_t epoch = 0;

	if (!hex || strlen(hex) != 16 || pp_text_unhex(hex, 16, bytes, sizeof(bytes)) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < sizeof(bytes); i++)
		epoch = epoch << 8 | bytes[i];
	*ret_epoch = epoch;
	return 0;
}

/* A file of an earlier version has no seal yet. */
static int check_seal(const struct pp_outbox *o, const struct pp_stmt *s)
{
	uint8_t hash[PP_SHA256_SIZE];
	size_t length = 0;
	const void *kept = pp_column_blob(s, 5, &length);
	int r = seal(o, hash);

	if (r < 0 || !kept)
		return r;
	return length == sizeof(hash) && memcmp(kept, hash, length) == 0 ? 0 : -EBADMSG;
}

static int read_row(struct pp_outbox *o, const struct pp_stmt *s)
{
	int r = parse_epoch(pp_column_text(s, 0), &o->mint.epoch);

	o->mint.last_seq = pp_column_i64(s, 1);
	o->mint.boot = pp_column_i64(s, 2);
	snprintf(o->boot_id, sizeof(o->boot_id), "%s", pp_column_text(s, 3));
	o->usage.receipted_alarms = pp_column_i64(s, 4);
	return r < 0 ? r : check_seal(o, s);
}

/* A new outbox gets its epoch; a new kernel boot gets its number. */
int pp_outbox_meta_read(struct pp_outbox *o, const char *boot_id)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(
		o->db, "SELECT epoch, seq, boot, boot_id, receipted_alarms, seal FROM meta", &s);

	if (r == 0)
		r = pp_stmt_step(s);
	if (r < 0)
		return r;
	if (r == 0) {
		o->mint.epoch = pp_mint_epoch();
		o->mint.boot = 1;
	} else {
		r = read_row(o, s);
		pp_stmt_reset(s);
		o->mint.boot += strcmp(o->boot_id, boot_id) != 0;
	}
	snprintf(o->boot_id, sizeof(o->boot_id), "%s", boot_id);
	/* Written anew even where nothing is new: a disk that can only be read is lost, and must
	 * not look found. */
	return r < 0 ? r : pp_outbox_meta_write(o);
}
