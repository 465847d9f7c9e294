/* SPDX-License-Identifier: Apache-2.0 */
/* intake_fuzz.c -- whatever comes to the server with whatever properties: an item comes only of
 * what a valid key of an active post has signed, unretained, and holds the very bytes that came.
 * Input: a byte of properties, a byte that damages the signature, the topic's line, the payload. */
#include "fuzz.h"

#include "intake/verify.h"
#include "protocol/seal.h"
#include "store/schema.h"

enum { RETAINED = 1, SIGNED = 2, FOR_ANOTHER_TOPIC = 8, DAMAGED = 16, KEY_SHIFT = 5 };
/* Whose key: of boja-01, a revoked one of it, of boja-02 (not active), of nobody. */
enum { BOJA_01, REVOKED, BOJA_02, NOBODY, KEYS };

static struct pp_key *keys[KEYS];
static struct pp_directory *directory;

static void key_add(struct pp_db *db, const char *post, int which, const char *revoked)
{
	uint8_t public[PP_PUBLIC_KEY_SIZE];
	char sql[200];
	struct pp_stmt *s;

	pp_key_public(keys[which], public);
	snprintf(sql, sizeof(sql),
		"INSERT INTO post_key (tenant, post, key, added, revoked)"
		" VALUES ('kendal', '%s', ?, %d, %s)",
		post, which, revoked);
	MUST_HOLD(pp_db_prepare(db, sql, &s) == 0);
	pp_stmt_blob(s, 1, public, sizeof(public));
	MUST_HOLD(pp_stmt_run(s) == 0);
}

static void set_up(void)
{
	char path[256];
	struct pp_db *db;

	if (directory)
		return;
	for (int i = 0; i < KEYS; i++)
		MUST_HOLD(pp_key_new(&keys[i]) == 0);
	MUST_HOLD(pp_db_open(fuzz_path("record.db", path), PP_DB_WRITE, &db) == 0);
	MUST_HOLD(pp_db_migrate(db, pp_store_scripts, pp_store_script_count) == 0);
	MUST_HOLD(pp_db_exec(db, "INSERT INTO tenant VALUES ('kendal', 'K', 'KDL',"
				 " 'Asia/Jakarta', 1);"
				 "INSERT INTO kecamatan VALUES ('kendal', 'k', 'Boja');"
				 "INSERT INTO desa VALUES ('kendal', 'd', 'k', 'Bebengan');"
				 "INSERT INTO post VALUES ('kendal', 'boja-01', 'S', 'd', '03',"
				 " -7.1, 110.28, 'RT', '0812', 1);"
				 "INSERT INTO post VALUES ('kendal', 'boja-02', 'D', 'd', '03',"
				 " -7.1, 110.28, 'RT', '0812', 0);") == 0);
	key_add(db, "boja-01", BOJA_01, "NULL");
	key_add(db, "boja-01", REVOKED, "5");
	key_add(db, "boja-02", BOJA_02, "NULL");
	MUST_HOLD(pp_directory_load(db, &directory) == 0);
	pp_db_close(db);
}

static void verdict_check(const struct pp_intake *in, const struct pp_message *m, bool authentic)
{
	bool signal = in->item && in->item->type == PP_ITEM_SIGNAL;

	if (in->refusal != PP_REFUSED_NONE) {
		MUST_HOLD(!in->item && in->why[0]);
		MUST_HOLD(!in->has_receipt || (in->receipt.result == PP_RECEIPT_REFUSED &&
						      m->signature && in->receipt.seq >= 1));
		return;
	}
	MUST_HOLD(!m->retained && strcmp(in->topic.tenant, "kendal") == 0 && !in->has_receipt);
	MUST_HOLD((in->item == NULL) == (in->topic.channel == PP_CHANNEL_WILL));
	MUST_HOLD(!in->item || authentic);
	MUST_HOLD(!in->item || strcmp(in->item->post, "boja-01") == 0);
	MUST_HOLD(!signal ||
		  (in->item->in.signal.length == m->length &&
			  memcmp(in->item->in.signal.payload, m->payload, m->length) == 0 &&
			  in->item->in.signal.signal.seq >= 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned properties = fuzz_byte(&in);
	uint8_t damage = fuzz_byte(&in), signature[PP_SIGNATURE_SIZE];
	unsigned key = properties >> KEY_SHIFT & 3;
	char topic[PP_TOPIC_MAX + 40];
	struct pp_message m = { .topic = topic, .retained = properties & RETAINED };
	struct pp_intake out = { 0 };
	char *payload;

	set_up();
	(void)fuzz_text(&in, '\n', topic, sizeof(topic));
	payload = malloc(in.left);
	MUST_HOLD(payload || in.left == 0);
	if (in.left)
		memcpy(payload, in.at, in.left);
	m.payload = payload;
	m.length = in.left;
	if (properties & SIGNED &&
		pp_seal(keys[key],
			properties & FOR_ANOTHER_TOPIC ? "pospin/v1/kendal/boja-02/state" : topic,
			payload, in.left, signature) == 0)
		m.signature = signature;
	if (properties & DAMAGED)
		signature[damage % PP_SIGNATURE_SIZE] ^= (uint8_t)(1 + damage / 64);
	MUST_HOLD(pp_intake_verify(directory, &m, &out) == 0);
	verdict_check(&out, &m,
		m.signature && key == BOJA_01 && !(properties & (FOR_ANOTHER_TOPIC | DAMAGED)));
	pp_item_free(out.item);
	free(payload);
	return 0;
}
