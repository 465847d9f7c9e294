/* SPDX-License-Identifier: Apache-2.0 */
/* pospin_record.h -- a ledger in a temporary folder with one small site, and signals for it.
 * For tests that link the room `ledger`. */
#ifndef POSPIN_RECORD_H
#define POSPIN_RECORD_H

#include "pospin_test.h"

#include "ledger/registrar.h"

#define PP_TEST_NOW 1763750400000 /* 2025-11-21T18:40:00Z: the 22nd in Jakarta */

static const char pp_test_site[] =
	"tenants:\n"
	"  - id: kendal\n"
	"    name: Kabupaten Kendal\n"
	"    prefix: KDL\n"
	"    timezone: Asia/Jakarta\n"
	"    sample: true\n"
	"    kecamatan:\n"
	"      - {code: k1, name: Boja, desa: [{code: d1, name: Bebengan}]}\n"
	"    webhooks:\n"
	"      - {name: bot, url: 'https://bot/', secret: 0123456789abcdef}\n"
	"      - {name: siren, url: 'https://siren/', secret: 0123456789abcdef}\n"
	"    posts:\n"
	"      - id: boja-01\n"
	"        name: Poskamling Boja\n"
	"        desa: d1\n"
	"        rw: '01'\n"
	"        latitude: -7.1\n"
	"        longitude: 110.2\n"
	"        points:\n"
	"          - {id: panic-crime, kind: panic, class: crime, label: {id: Tombol, en:"
	" Button}}\n"
	"          - {id: panic-fire, kind: panic, class: fire, label: {id: Api, en: Fire}}\n"
	"          - {id: panic-silent, kind: panic, class: crime, silent: true,\n"
	"             label: {id: Senyap, en: Silent}}\n"
	"          - {id: mains, kind: mains, label: {id: Listrik, en: Mains}}\n"
	"      - {id: boja-02, name: Dua, desa: d1, rw: '02', latitude: -7.2, longitude: 110.3,\n"
	"         points: []}\n"
	"  - {id: serang, name: Serang, prefix: SRG, timezone: Asia/Jakarta, posts: [],\n"
	"     kecamatan: []}\n";

struct pp_test_record {
	char *folder;
	char record_path[600], heads_path[600], key_path[600];
	struct pp_key *key; /* of the server */
	uint8_t public_key[1][PP_PUBLIC_KEY_SIZE];
	struct pp_ledger *ledger;
};

static inline void pp_test_import(struct pp_ledger *l, const char *yaml)
{
	struct pp_import_counts counts;
	struct pp_problem problem = { "" };
	struct pp_yaml *root = NULL;
	struct pp_site *site = NULL;

	if (pp_yaml_parse("site.yaml", yaml, strlen(yaml), &root, &problem) < 0 ||
		pp_site_read(root, &site, &problem) < 0 ||
		pp_ledger_import(l, site, "ctl:test", PP_TEST_NOW, &counts, &problem) < 0)
		fail_msg("%s", problem.text);
	pp_site_free(site);
	pp_yaml_free(root);
}

static inline void pp_test_record_reopen(struct pp_test_record *r)
{
	const struct pp_ledger_options options = { r->record_path, r->heads_path, r->key };

	r->ledger = pp_ledger_close(r->ledger);
	assert_int_equal(pp_ledger_open(&options, &r->ledger), 0);
}

static inline void pp_test_record_init(struct pp_test_record *r)
{
	*r = (struct pp_test_record){ .folder = pp_test_folder() };
	snprintf(r->record_path, sizeof(r->record_path), "%s/record.db", r->folder);
	snprintf(r->heads_path, sizeof(r->heads_path), "%s/heads.log", r->folder);
	snprintf(r->key_path, sizeof(r->key_path), "%s/server.key", r->folder);
	assert_int_equal(pp_key_new(&r->key), 0);
	assert_int_equal(pp_key_save(r->key, r->key_path), 0);
	pp_key_public(r->key, r->public_key[0]);
	pp_test_record_reopen(r);
	pp_test_import(r->ledger, pp_test_site);
}

static inline void pp_test_record_done(struct pp_test_record *r)
{
	pp_ledger_close(r->ledger);
	pp_key_free(r->key);
	pp_test_folder_remove(r->folder);
}

/* An alarm of boja-01; change what the test is about. */
static inline struct pp_signal pp_test_alarm(int64_t seq)
{
	return (struct pp_signal){ .epoch = 0x9f3c2a77d01b44e2,
		.seq = seq,
		.boot = 17,
		.mono_ms = 100000 + seq,
		.at_ms = PP_AT_UNKNOWN,
		.point = "panic-crime",
		.kind = PP_KIND_PANIC,
		.type = PP_SIGNAL_ALARM,
		.class = PP_CLASS_CRIME };
}

static inline struct pp_item *pp_test_signal_item(const struct pp_signal *s, int64_t arrived_ms)
{
	struct pp_item *item = pp_item_new(PP_ITEM_SIGNAL);

	assert_non_null(item);
	snprintf(item->tenant, sizeof(item->tenant), "%s", "kendal");
	snprintf(item->post, sizeof(item->post), "%s", "boja-01");
	item->arrived_ms = arrived_ms;
	item->in.signal.signal = *s;
	assert_int_equal(pp_signal_encode(s, &item->in.signal.payload, &item->in.signal.length), 0);
	return item;
}

/* Applies one signal by itself; the caller frees the item. */
static inline struct pp_item *pp_test_signal_apply(
	struct pp_test_record *r, const struct pp_signal *s, int64_t now_ms)
{
	struct pp_item *item = pp_test_signal_item(s, now_ms);

	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, now_ms), 0);
	assert_int_equal(pp_ledger_heads_write(r->ledger), 0);
	return item;
}

static inline int64_t pp_test_number(struct pp_test_record *r, const char *sql)
{
	struct pp_stmt *s;
	int64_t value;

	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger), sql, &s), 0);
	assert_int_equal(pp_stmt_step(s), 1);
	value = pp_column_i64(s, 0);
	pp_stmt_reset(s);
	return value;
}

/* Compares the first column of the first row. */
static inline void pp_test_text_is(struct pp_test_record *r, const char *sql, const char *want)
{
	struct pp_stmt *s;

	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger), sql, &s), 0);
	if (pp_stmt_step(s) != 1)
		fail_msg("no row: %s", sql);
	if (!pp_column_text(s, 0) || strcmp(pp_column_text(s, 0), want) != 0)
		fail_msg("%s: got '%s', want '%s'", sql, pp_column_text(s, 0), want);
	pp_stmt_reset(s);
}

#endif
