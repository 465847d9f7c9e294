/* SPDX-License-Identifier: Apache-2.0 */
/* verify_test.c -- an edited, cut or rewritten timeline does not go unseen. */
#include "streams.h"

#include <errno.h>

#include "core/file.h"
#include "crypto/key_list.h"
#include "ledger/registrar.h"
#include "protocol/limits.h"

#define SAMPLE POSPIN_SOURCE_DIR "/packaging/examples/site-kendal.yaml"
#define EVENTS 5

static char *folder, record[600], heads[600], keys[600];
static struct pp_key *signing_key;

/* A record with its head signed after every one of a few notes on the timeline. */
static void events_make(const char *record_path, const char *heads_path, int64_t at_ms)
{
	struct pp_ledger_options options = {
		.record_path = record_path, .heads_path = heads_path, .key = signing_key
	};
	struct pp_ledger *ledger;

	assert_int_equal(pp_ledger_open(&options, &ledger), 0);
	for (int i = 0; i < EVENTS; i++) {
		struct pp_item *item = pp_item_new(PP_ITEM_SECURITY);

		snprintf(item->tenant, sizeof(item->tenant), "kendal");
		snprintf(item->post, sizeof(item->post), "boja-01");
		snprintf(item->in.security.kind, sizeof(item->in.security.kind), "forged");
		item->in.security.count = i + 1;
		item->arrived_ms = at_ms + i;
		assert_int_equal(pp_ledger_apply(ledger, &item, 1, item->arrived_ms), 0);
		assert_int_equal(pp_ledger_heads_write(ledger), 0);
		assert_int_equal(item->error, 0);
		pp_item_free(item);
	}
	pp_ledger_close(ledger);
}

static int record_make(void **state)
{
	struct pp_key_list list = { .count = 1 };
	struct said s;

	(void)state;
	folder = pp_test_folder();
	snprintf(record, sizeof(record), "%s/record.db", folder);
	snprintf(heads, sizeof(heads), "%s/heads.log", folder);
	snprintf(keys, sizeof(keys), "%s/keys.txt", folder);
	assert_int_equal(pp_key_new(&signing_key), 0);
	pp_key_public(signing_key, list.keys[0]);
	assert_int_equal(pp_key_list_save(&list, keys), 0);
	SAY(&s, "import", "--record", record, SAMPLE);
	assert_int_equal(s.status, 0);
	said_done(&s);
	events_make(record, heads, 1763750400000);
	return 0;
}

static int record_remove(void **state)
{
	(void)state;
	signing_key = pp_key_free(signing_key);
	pp_test_folder_remove(folder);
	return 0;
}

static void verify(struct said *s)
{
	SAY(s, "verify", "--record", record, "--heads", heads, "--keys", keys);
}

static void assert_found_wrong(const char *says)
{
	struct said s;

	verify(&s);
	assert_int_equal(s.status, 1);
	assert_says(s.err, "IS NOT AS IT WAS WRITTEN");
	assert_says(s.err, says);
	assert_string_equal(s.out, "");
	said_done(&s);
}

/* Whoever owns the file can take its triggers away. */
static void tamper(const char *sql)
{
	struct pp_db *db;

	assert_int_equal(pp_db_open(record, PP_DB_WRITE, &db), 0);
	assert_int_equal(
		pp_db_exec(db, "DROP TRIGGER event_no_update; DROP TRIGGER event_no_delete"), 0);
	assert_int_equal(pp_db_exec(db, sql), 0);
	pp_db_close(db);
}

static void a_record_as_it_was_written_passes(void **state)
{
	struct said s;

	(void)state;
	verify(&s);
	assert_string_equal(s.err, "");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "as it was written: 6 events of 1 tenants");
	assert_says(s.out, "5 signed heads");
	said_done(&s);
}

static void without_heads_the_answer_says_what_it_is_worth(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "verify", "--record", record, "--tenant=kendal");
	assert_int_equal(s.status, 0);
	assert_says(s.out, "No signed head was there to compare with");
	said_done(&s);
	SAY(&s, "verify", "--record", record, "--heads", heads);
	assert_int_equal(s.status, 2);
	said_done(&s);
}

static void an_edited_event_is_found_with_its_height(void **state)
{
	(void)state;
	tamper("UPDATE event SET body = replace(body, 'forged', 'unsigned') WHERE height = 3");
	assert_found_wrong("tenant kendal: event 3 has been changed");
}

static void an_event_taken_out_is_found(void **state)
{
	(void)state;
	tamper("DELETE FROM event WHERE height = 4");
	assert_found_wrong("tenant kendal: event 5 follows event 3");
}

static void a_chain_that_was_cut_off_is_found(void **state)
{
	(void)state;
	tamper("DELETE FROM event WHERE height > 4");
	assert_found_wrong("tenant kendal: event 5 is missing, but its head was signed");
}

/* Another record, perfect in itself and even signed, beside the heads that were there first. */
static void a_chain_that_was_written_anew_is_found(void **state)
{
	char forged[620], forged_heads[620];
	struct said s;

	(void)state;
	snprintf(forged, sizeof(forged), "%s.forged", record);
	snprintf(forged_heads, sizeof(forged_heads), "%s.forged", heads);
	SAY(&s, "import", "--record", forged, SAMPLE);
	assert_int_equal(s.status, 0);
	said_done(&s);
	events_make(forged, forged_heads, 1763750999999);
	assert_int_equal(rename(forged, record), 0);
	assert_found_wrong("tenant kendal: event 2 is not the one whose head was signed");
}

static void heads_that_somebody_else_signed_are_found(void **state)
{
	struct pp_key_list list = { .count = 1 };
	struct pp_key *other;

	(void)state;
	assert_int_equal(pp_key_new(&other), 0);
	pp_key_public(other, list.keys[0]);
	pp_key_free(other);
	assert_int_equal(pp_key_list_save(&list, keys), 0);
	assert_found_wrong("is not signed by a known key");
}

static void what_cannot_be_read_is_named(void **state)
{
	struct said s;

	(void)state;
	assert_int_equal(pp_file_write(keys, "nonsense\n", 9, 0644), 0);
	verify(&s);
	assert_int_equal(s.status, 1);
	assert_says(s.err, "keys.txt:1: expected a public key");
	said_done(&s);
	SAY(&s, "verify", "--record", "/nowhere/record.db");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "/nowhere/record.db");
	said_done(&s);
}

#define ON_A_RECORD(test) cmocka_unit_test_setup_teardown(test, record_make, record_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_RECORD(a_record_as_it_was_written_passes),
		ON_A_RECORD(without_heads_the_answer_says_what_it_is_worth),
		ON_A_RECORD(an_edited_event_is_found_with_its_height),
		ON_A_RECORD(an_event_taken_out_is_found),
		ON_A_RECORD(a_chain_that_was_cut_off_is_found),
		ON_A_RECORD(a_chain_that_was_written_anew_is_found),
		ON_A_RECORD(heads_that_somebody_else_signed_are_found),
		ON_A_RECORD(what_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
