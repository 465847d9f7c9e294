/* SPDX-License-Identifier: Apache-2.0 */
/* record.h -- a record in a temporary folder with two tenants, two posts and some points. */
#ifndef TEST_STORE_RECORD_H
#define TEST_STORE_RECORD_H

#include "pospin_test.h"

#include "store/args.h"
#include "store/incidents.h"
#include "store/schema.h"
#include "store/timeline.h"

struct record {
	char *folder;
	struct pp_db *db;
};

static const char record_rows[] =
	"INSERT INTO tenant VALUES ('kendal', 'Kabupaten Kendal', 'KDL', 'Asia/Jakarta', 1),"
	" ('serang', 'Kota Serang', 'SRG', 'Asia/Jakarta', 0);"
	"INSERT INTO kecamatan VALUES ('kendal', 'k1', 'Boja'), ('serang', 'k1', 'Serang');"
	"INSERT INTO desa VALUES ('kendal', 'd1', 'k1', 'Bebengan'),"
	" ('serang', 'd1', 'k1', 'Cipare');"
	"INSERT INTO post VALUES"
	" ('kendal', 'boja-01', 'Poskamling Boja', 'd1', '01', -7.1, 110.2, 'Pak Budi', NULL, 1),"
	" ('kendal', 'boja-02', 'Poskamling Dua', 'd1', '02', -7.2, 110.3, NULL, NULL, 1),"
	" ('serang', 'boja-01', 'Pos Serang', 'd1', '01', -6.1, 106.1, NULL, NULL, 1);"
	"INSERT INTO point VALUES"
	" ('kendal', 'boja-01', 'panic-crime', 'panic', 'crime', 0, 'Tombol', 'Button'),"
	" ('kendal', 'boja-01', 'panic-silent', 'panic', 'crime', 1, 'Senyap', 'Silent');"
	"INSERT INTO webhook (tenant, name, url, secret, active)"
	" VALUES ('kendal', 'bot', 'https://bot/', 's', 1),"
	" ('kendal', 'old', 'https://old/', 's', 0);";

static inline int record_set_up(void **state)
{
	struct record *r = calloc(1, sizeof(*r));
	char path[600];

	assert_non_null(r);
	r->folder = pp_test_folder();
	snprintf(path, sizeof(path), "%s/record.db", r->folder);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &r->db), 0);
	assert_int_equal(pp_db_migrate(r->db, pp_store_scripts, pp_store_script_count), 0);
	if (pp_db_exec(r->db, record_rows) < 0)
		fail_msg("%s", pp_db_error(r->db));
	*state = r;
	return 0;
}

static inline int record_tear_down(void **state)
{
	struct record *r = *state;

	pp_db_close(r->db);
	pp_test_folder_remove(r->folder);
	free(r);
	return 0;
}

static inline void record_exec(struct record *r, const char *sql)
{
	if (pp_db_exec(r->db, sql) < 0)
		fail_msg("%s: %s", sql, pp_db_error(r->db));
}

/* An open incident of boja-01 of kendal with one alarm signal. */
static inline struct pp_incident record_incident(struct record *r, enum pp_class class, int64_t seq)
{
	struct pp_incident i = { .tenant = "kendal",
		.post = "boja-01",
		.class = class,
		.occurred_ms = 900,
		.opened_ms = 1000 };
	struct pp_signal s = { .epoch = 0xabc,
		.seq = seq,
		.boot = 1,
		.at_ms = PP_AT_UNKNOWN,
		.point = "panic-crime",
		.kind = PP_KIND_PANIC,
		.type = PP_SIGNAL_ALARM,
		.class = class };
	uint8_t sig[PP_SIGNATURE_SIZE] = { 0 };
	struct pp_origin o;
	struct pp_signal_row row = { .origin = &o,
		.signal = &s,
		.occurred_ms = 900,
		.arrived_ms = 1000,
		.occurred_by = "mono",
		.payload = "{}",
		.length = 2,
		.sig = sig };
	int64_t id;

	pp_origin_init(&o, "kendal", "boja-01", s.epoch);
	assert_int_equal(pp_store_incident_number(r->db, "kendal", 2026, i.number), 0);
	assert_int_equal(pp_store_incident_add(r->db, &i), 0);
	assert_int_equal(pp_store_signal_add(r->db, &row, &id), 0);
	assert_int_equal(pp_store_signal_attach(r->db, id, i.incident_id), 0);
	assert_int_equal(pp_store_incident_signal(r->db, &i), 0);
	return i;
}

static inline int64_t record_event(
	struct record *r, const struct pp_incident *i, const char *kind, const char *body)
{
	struct pp_event_row e = { .at_ms = 1000,
		.tenant = "kendal",
		.kind = kind,
		.actor = "user:budi",
		.body = body,
		.incident_id = i ? i->incident_id : 0,
		.post = i ? i->post : NULL };

	assert_int_equal(pp_store_head(r->db, "kendal", &e.height, e.previous), 0);
	e.height++;
	memset(e.hash, (int)e.height, sizeof(e.hash));
	assert_int_equal(pp_store_event_add(r->db, &e), 0);
	return e.event_id;
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)

#endif
