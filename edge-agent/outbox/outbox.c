/* SPDX-License-Identifier: Apache-2.0 */
/* outbox.c -- opens the outbox, appends, marks what the server has. Reading rows back is in rows.c.
 */
#include "outbox/outbox.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "file.h"
#include "salvage.h"

#define KEEP_MS (90LL * 24 * 3600 * 1000)
#define EVICT_AT_ONCE 64
#define FILE_MAX (512u << 20)

static const char *const schema[] = {
	"CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, seq INTEGER "
	"NOT NULL,"
	" boot INTEGER NOT NULL, boot_id TEXT NOT NULL, receipted_alarms INTEGER NOT NULL) STRICT;"
	/* status: 0 open, 1 receipted, 2 refused, 3 damaged */
	"CREATE TABLE signal(seq INTEGER PRIMARY KEY, alarm INTEGER NOT NULL, topic TEXT NOT NULL,"
	" payload BLOB NOT NULL, signature BLOB NOT NULL, created INTEGER, status INTEGER NOT NULL "
	"DEFAULT 0,"
	" receipted INTEGER, incident TEXT, reason TEXT) STRICT;"
	"CREATE INDEX signal_status ON signal(status, seq);",
	/* See standing.c. word: what names a trouble; '': an alarm. seq 0: of an older epoch. */
	"CREATE TABLE standing(point TEXT NOT NULL, word TEXT NOT NULL, detail TEXT NOT NULL,"
	" alarm INTEGER NOT NULL, seq INTEGER NOT NULL, boot INTEGER NOT NULL, mono INTEGER NOT "
	"NULL, PRIMARY KEY (point, word)) STRICT, WITHOUT ROWID;",
	/* seal: see meta.c. salvage: signals of a damaged file, until they are receipted; topic,
	 * payload and signature stand side by side here as well, for carve.c. */
	"ALTER TABLE meta ADD COLUMN seal BLOB;"
	"CREATE TABLE salvage(id INTEGER PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
	" alarm INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,"
	" signature BLOB NOT NULL, refused INTEGER NOT NULL DEFAULT 0, UNIQUE(epoch, seq)) STRICT;",
	/* See aside.c. */
	"CREATE TABLE searched(name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
};

static int read_usage(struct pp_outbox *o)
{
	struct pp_stmt *s;
	int64_t salvaged;
	int r = pp_db_prepare(o->db,
		"SELECT count(*), coalesce(sum(length(payload)), 0),"
		" coalesce(sum(status IN (0, 2)), 0), coalesce(max(seq), 0) FROM signal",
		&s);

	if (r < 0)
		return r;
	r = pp_stmt_step(s);
	if (r < 0)
		return r;
	o->usage.rows = pp_column_i64(s, 0);
	o->usage.bytes = pp_column_i64(s, 1);
	o->usage.unreceipted = pp_column_i64(s, 2);
	r = pp_column_i64(s, 3) > o->mint.last_seq ? -EBADMSG : 0;
	pp_stmt_reset(s);
	if (r == 0)
		r = pp_salvage_count(o, &salvaged);
	if (r == 0)
		o->usage.unreceipted += salvaged;
	return r;
}

#define PAGE_CODE "error code="
#define CODE_NOMEM 7
#define CODE_IOERR 10

/* SQLite (3.40) names a page that could not be read among the damage: that is the disk's fault, and
 * perhaps only now. */
static int judge(const char *words)
{
	const char *code = strstr(words, PAGE_CODE);
	int64_t number = 0;

	if (strcmp(words, "ok") == 0)
		return 0;
	code = code ? code + strlen(PAGE_CODE) : "";
	if (pp_text_i64(code, strspn(code, "0123456789"), 0, INT32_MAX, &number) < 0)
		return -EBADMSG;
	number &= 0xff;
	return number == CODE_IOERR ? -EIO : number == CODE_NOMEM ? -ENOMEM : -EBADMSG;
}

static int check_file(struct pp_outbox *o)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db, "PRAGMA quick_check(1)", &s);

	if (r < 0)
		return r;
	r = pp_stmt_step(s);
	if (r < 0)
		return r;
	r = r == 1 ? judge(pp_column_text(s, 0)) : -EBADMSG;
	pp_stmt_reset(s);
	return r;
}

static bool is_damage(int r)
{
	return r == -EUCLEAN || r == -EINVAL || r == -ERANGE || r == -EBADMSG;
}

/* Only a file that is damaged itself is set aside, never one that a failing disk cannot read or
 * write now: its signals are still to be sent. */
static int blame(const char *path, int r)
{
	char *text = NULL;
	size_t length;

	if (r != -EUCLEAN && r != -EINVAL && r != -ERANGE)
		return r;
	if (pp_file_read(path, FILE_MAX, &text, &length) < 0)
		return r;
	free(text);
	return -EBADMSG;
}

static int open_file(struct pp_outbox *o, const struct pp_outbox_options *options)
{
	int r = pp_db_open(options->path, PP_DB_ALONE, &o->db);

	if (r == 0)
		r = check_file(o);
	if (r == 0)
		r = pp_db_settle(o->db);
	if (r == 0)
		r = pp_db_migrate(o->db, schema, sizeof(schema) / sizeof(schema[0]));
	if (r == 0)
		r = pp_db_begin(o->db);
	if (r < 0)
		return r;
	r = pp_outbox_meta_read(o, options->boot_id);
	if (r == 0)
		r = pp_outbox_mend(o);
	if (r == 0)
		r = read_usage(o);
	if (r < 0) {
		pp_db_rollback(o->db);
		return r;
	}
	return pp_db_commit(o->db);
}

static void signer_put(struct pp_key_list *signers, const struct pp_key *key)
{
	uint8_t public[PP_PUBLIC_KEY_SIZE];

	pp_key_public(key, public);
	pp_key_list_put(signers, public);
}

void pp_outbox_signers(const struct pp_outbox_options *options, struct pp_key_list *ret_signers)
{
	*ret_signers = options->signers ? *options->signers : (struct pp_key_list){ .count = 0 };
	signer_put(ret_signers, options->key);
}

void pp_outbox_rekey(struct pp_outbox *o, const struct pp_key *key)
{
	o->mint.key = key;
	signer_put(&o->signers, key);
}

int pp_outbox_open(const struct pp_outbox_options *options, struct pp_outbox **ret_outbox)
{
	struct pp_outbox *o = calloc(1, sizeof(*o));
	int r;

	if (!o)
		return -ENOMEM;
	assert(strlen(options->topic) < sizeof(o->mint.topic));
	memcpy(o->mint.topic, options->topic, strlen(options->topic) + 1);
	o->mint.key = options->key;
	o->rows_max = options->rows_max;
	o->bytes_max = options->bytes_max;
	pp_outbox_signers(options, &o->signers);
	r = open_file(o, options);
	if (is_damage(r)) {
		/* SQLite may call a read damage that has failed once: that is gone the second time.
		 */
		o->db = pp_db_close(o->db);
		r = open_file(o, options);
	}
	if (r < 0) {
		pp_outbox_close(o);
		return blame(options->path, r);
	}
	*ret_outbox = o;
	return 0;
}

struct pp_outbox *pp_outbox_close(struct pp_outbox *o)
{
	if (!o)
		return NULL;
	pp_db_close(o->db);
	free(o);
	return NULL;
}

int pp_outbox_set_aside(const char *path, int64_t wall_ms, char ret_name[PP_ASIDE_MAX])
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	char from[4096], to[PP_ASIDE_MAX];
	int r;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (snprintf(from, sizeof(from), "%s%s", path, parts[i]) >= (int)sizeof(from))
			return -ENAMETOOLONG;
		snprintf(to, sizeof(to), "%s.damaged-%" PRId64 "%s", path, wall_ms, parts[i]);
		r = pp_file_rename(from, to);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	snprintf(ret_name, PP_ASIDE_MAX, "%s.damaged-%" PRId64, path, wall_ms);
	return pp_file_sync_name(path);
}

/* The last tenth is kept for alarms, and for the post's own word that it is full. */
static bool has_room(const struct pp_outbox *o, bool urgent)
{
	int64_t rows = urgent ? o->rows_max : o->rows_max - o->rows_max / 10;
	int64_t bytes = urgent ? o->bytes_max : o->bytes_max - o->bytes_max / 10;

	return o->usage.rows < rows && o->usage.bytes + PP_PAYLOAD_MAX <= bytes;
}

/* Could there be room, once everything receipted had gone? */
static bool room_for_troubles(const struct pp_outbox *o)
{
	return o->usage.unreceipted < o->rows_max - o->rows_max / 10;
}

void pp_outbox_facts(const struct pp_outbox *o, struct pp_outbox_facts *ret_facts)
{
	*ret_facts = (struct pp_outbox_facts){
		.epoch = o->mint.epoch,
		.boot = o->mint.boot,
		.last_seq = o->mint.last_seq,
		.rows = o->usage.rows,
		.bytes = o->usage.bytes,
		.unreceipted = o->usage.unreceipted,
		.receipted_alarms = o->usage.receipted_alarms,
		.room = room_for_troubles(o),
	};
}

const char *pp_outbox_error(const struct pp_outbox *o)
{
	return pp_db_error(o->db);
}

int pp_outbox_begin(struct pp_outbox *o)
{
	o->saved_mint = o->mint;
	o->saved_usage = o->usage;
	return pp_db_begin(o->db);
}

static void restore(struct pp_outbox *o)
{
	o->mint = o->saved_mint;
	o->usage = o->saved_usage;
}

int pp_outbox_commit(struct pp_outbox *o)
{
	int r = 0;

	if (o->mint.epoch != o->saved_mint.epoch || o->mint.last_seq != o->saved_mint.last_seq ||
		o->usage.receipted_alarms != o->saved_usage.receipted_alarms)
		r = pp_outbox_meta_write(o);
	if (r < 0) {
		pp_outbox_rollback(o);
		return r;
	}
	r = pp_db_commit(o->db);
	if (r < 0)
		restore(o);
	return r;
}

void pp_outbox_rollback(struct pp_outbox *o)
{
	pp_db_rollback(o->db);
	restore(o);
}

static int delete_rows(struct pp_outbox *o, struct pp_stmt *s)
{
	int r;

	while ((r = pp_stmt_step(s)) == 1) {
		o->usage.rows--;
		o->usage.bytes -= pp_column_i64(s, 0);
	}
	return r;
}

static int evict(struct pp_outbox *o)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db,
		"DELETE FROM signal WHERE seq IN (SELECT seq FROM signal WHERE status = 1"
		" ORDER BY seq LIMIT ?) RETURNING length(payload)",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, EVICT_AT_ONCE);
	return delete_rows(o, s);
}

int pp_outbox_purge(struct pp_outbox *o, const struct pp_outbox_now *now)
{
	struct pp_stmt *s;
	int r;

	if (now->wall_ms == PP_AT_UNKNOWN)
		return 0;
	r = pp_db_prepare(o->db,
		"DELETE FROM signal WHERE status = 1 AND receipted < ? RETURNING length(payload)",
		&s);
	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, now->wall_ms - KEEP_MS);
	return delete_rows(o, s);
}

static void bind_when(struct pp_stmt *s, int index, const struct pp_outbox_now *now)
{
	if (now->wall_ms == PP_AT_UNKNOWN)
		pp_stmt_null(s, index);
	else
		pp_stmt_i64(s, index, now->wall_ms);
}

static int insert_row(
	struct pp_outbox *o, const struct pp_parcel *parcel, const struct pp_outbox_now *now)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db,
		"INSERT INTO signal(seq, alarm, topic, payload, signature, created)"
		" VALUES (?, ?, ?, ?, ?, ?)",
		&s);

	if (r < 0)
		return r;
	pp_stmt_i64(s, 1, parcel->seq);
	pp_stmt_i64(s, 2, parcel->alarm);
	pp_stmt_text(s, 3, parcel->topic);
	pp_stmt_blob(s, 4, parcel->payload, parcel->length);
	pp_stmt_blob(s, 5, parcel->signature, sizeof(parcel->signature));
	bind_when(s, 6, now);
	return pp_stmt_run(s);
}

int pp_outbox_insert(struct pp_outbox *o, const struct pp_draft *draft,
	const struct pp_outbox_now *now, struct pp_parcel **ret_parcel)
{
	struct pp_parcel *parcel = NULL;
	int r = pp_mint_make(&o->mint, draft, &parcel);

	if (r < 0)
		return r;
	r = insert_row(o, parcel, now);
	if (r == 0 && !draft->late)
		r = pp_outbox_stand(o, &draft->signal, parcel->seq);
	if (r < 0) {
		pp_parcel_free(parcel);
		return r;
	}
	o->usage.rows++;
	o->usage.unreceipted++;
	o->usage.bytes += (int64_t)parcel->length;
	*ret_parcel = parcel;
	return 0;
}

int pp_outbox_append(struct pp_outbox *o, const struct pp_draft *draft,
	const struct pp_outbox_now *now, struct pp_parcel **ret_parcel)
{
	bool urgent = draft->signal.type == PP_SIGNAL_ALARM || draft->signal.kind == PP_KIND_POST;

	if (!has_room(o, urgent)) {
		int r = evict(o);

		if (r < 0)
			return r;
		if (!has_room(o, urgent))
			return -ENOBUFS;
	}
	return pp_outbox_insert(o, draft, now, ret_parcel);
}

static int refuse(struct pp_outbox *o, const struct pp_receipt *receipt)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(o->db,
		"UPDATE signal SET status = 2, reason = ? WHERE seq = ? AND status IN (0, 2)", &s);

	if (r < 0)
		return r;
	pp_stmt_text(s, 1, receipt->reason);
	pp_stmt_i64(s, 2, receipt->seq);
	r = pp_stmt_run(s);
	return r < 0 ? r : pp_db_changes(o->db) ? 0 : -ENOENT;
}

/* Counts the alarms that a statement with "RETURNING alarm" has marked as receipted. */
static int mark(struct pp_outbox *o, struct pp_stmt *s)
{
	int r, marked = 0;

	while ((r = pp_stmt_step(s)) == 1) {
		o->usage.unreceipted--;
		o->usage.receipted_alarms += pp_column_i64(s, 0);
		marked++;
	}
	return r < 0 ? r : marked;
}

int pp_outbox_receipt(
	struct pp_outbox *o, const struct pp_receipt *receipt, const struct pp_outbox_now *now)
{
	struct pp_stmt *s;
	int r;

	if (receipt->epoch != o->mint.epoch)
		return pp_salvage_receipt(o, receipt);
	if (receipt->result == PP_RECEIPT_REFUSED)
		return refuse(o, receipt);
	r = pp_db_prepare(o->db,
		"UPDATE signal SET status = 1, receipted = ?, incident = ?"
		" WHERE seq = ? AND status IN (0, 2) RETURNING alarm",
		&s);
	if (r < 0)
		return r;
	bind_when(s, 1, now);
	pp_stmt_text(s, 2, receipt->incident);
	pp_stmt_i64(s, 3, receipt->seq);
	r = mark(o, s);
	return r < 0 ? r : r > 0 ? 0 : -ENOENT;
}
