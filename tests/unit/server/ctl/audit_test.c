/* SPDX-License-Identifier: Apache-2.0 */
/* audit_test.c -- the chain goes out as a file, and whoever has it finds what somebody changed. */
#include "streams.h"

#include "core/file.h"
#include "crypto/key_list.h"
#include "ledger/registrar.h"
#include "protocol/limits.h"

#define SAMPLE POSPIN_SOURCE_DIR "/packaging/examples/site-kendal.yaml"
#define BEGAN INT64_C(4098969600000) /* 2099-11-21T18:40Z, 01:40 of the 22nd in Jakarta */
#define EVENTS 5

static char *folder, record[600], keys[600], file[600];
static struct pp_key *signing_key;

static int record_make(void **state)
{
	struct pp_key_list list = { .count = 1 };
	char heads[600];
	const struct pp_ledger_options options = { record, heads, NULL };
	struct pp_ledger_options with_key = options;
	struct pp_ledger *ledger;
	struct said s;

	(void)state;
	folder = pp_test_folder();
	snprintf(record, sizeof(record), "%s/record.db", folder);
	snprintf(heads, sizeof(heads), "%s/heads.log", folder);
	snprintf(keys, sizeof(keys), "%s/keys.txt", folder);
	snprintf(file, sizeof(file), "%s/audit.jsonl", folder);
	assert_int_equal(pp_key_new(&signing_key), 0);
	pp_key_public(signing_key, list.keys[0]);
	assert_int_equal(pp_key_list_save(&list, keys), 0);
	SAY(&s, "import", "--record", record, SAMPLE);
	assert_int_equal(s.status, 0);
	said_done(&s);
	with_key.key = signing_key;
	assert_int_equal(pp_ledger_open(&with_key, &ledger), 0);
	for (int i = 0; i < EVENTS; i++) {
		struct pp_item *item = pp_item_new(PP_ITEM_SECURITY);

		snprintf(item->tenant, sizeof(item->tenant), "kendal");
		snprintf(item->post, sizeof(item->post), "boja-01");
		snprintf(item->in.security.kind, sizeof(item->in.security.kind), "forged");
		item->in.security.count = i + 1;
		item->arrived_ms = BEGAN + i * INT64_C(86400000);
		assert_int_equal(pp_ledger_apply(ledger, &item, 1, item->arrived_ms), 0);
		assert_int_equal(pp_ledger_heads_write(ledger), 0);
		pp_item_free(item);
	}
	pp_ledger_close(ledger);
	return 0;
}

static int record_remove(void **state)
{
	(void)state;
	signing_key = pp_key_free(signing_key);
	pp_test_folder_remove(folder);
	return 0;
}

static void file_write(const char *text)
{
	assert_int_equal(pp_file_write(file, text, strlen(text), 0600), 0);
}

static void what_is_exported_is_verified_with_the_keys_alone(void **state)
{
	struct said s, v;

	(void)state;
	SAY(&s, "audit", "export", "--record", record, "--keys", keys);
	assert_int_equal(s.status, 0);
	assert_says(s.err, "as it was written: tenant kendal, events 1 to 6");
	assert_says(s.err, "Signed by the server up to the last of them (5 heads).");
	file_write(s.out);
	SAY(&v, "audit", "verify", file, "--keys", keys);
	assert_string_equal(v.err, "");
	assert_int_equal(v.status, 0);
	assert_says(v.out, "events 1 to 6, ");
	assert_says(v.out, " to 2099-11-25T18:40:00Z\n");
	assert_says(v.out, "Signed by the server up to the last of them (5 heads).");
	said_done(&v);
	SAY(&v, "audit", "verify", file);
	assert_int_equal(v.status, 0);
	assert_says(v.out, "Without --keys no signature was checked (5 heads)");
	said_done(&v);
	said_done(&s);
}

static void days_are_the_tenants(void **state)
{
	static const struct {
		const char *from, *to, *says;
	} cases[] = {
		{ "--from=2099-11-22", "--to=2099-11-22",
			"2099-11-21T18:40:00Z to "
			"2099-11-21T18:40:00Z" },
		{ "--from=2099-11-22T01:41", "--to=2099-11-24",
			"2099-11-22T18:40:00Z to "
			"2099-11-23T18:40:00Z" },
		{ "--from=2099-11-22T01:40", "--to=2099-11-22T01:40", "to 2099-11-21T18:40:00Z" },
		{ "--from=2199-01-01", "--to=2199-12-31", "no events in that time" },
	};
	static const char *const wrong[] = { "2099-02-30", "2099-11", "2099-11-22 10:00",
		"2099-11-22T10:61", "yesterday" };
	struct said s;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		SAY(&s, "audit", "export", "--record", record, cases[i].from, cases[i].to);
		assert_int_equal(s.status, 0);
		assert_says(s.err, cases[i].says);
		said_done(&s);
	}
	for (size_t i = 0; i < PP_COUNT(wrong); i++) {
		SAY(&s, "audit", "export", "--record", record, "--to", wrong[i]);
		assert_int_equal(s.status, 1);
		assert_says(s.err, "--to: expected a day");
		assert_string_equal(s.out, "");
		said_done(&s);
	}
	SAY(&s, "audit", "export", "--record", record, "--from=2099-01-02", "--to=2099-01-01");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "--to is before --from");
	said_done(&s);
	SAY(&s, "audit", "export", "--record", record, "--tenant=serang");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "there is no such tenant");
	said_done(&s);
}

static void whoever_changes_the_file_is_found(void **state)
{
	struct said s, v;
	char *at;

	(void)state;
	SAY(&s, "audit", "export", "--record", record);
	assert_int_equal(s.status, 0);
	at = strstr(s.out, "\\\"count\\\":3");
	assert_non_null(at);
	at[strlen("\\\"count\\\":")] = '9';
	file_write(s.out);
	SAY(&v, "audit", "verify", file, "--keys", keys);
	assert_int_equal(v.status, 1);
	assert_says(v.err, "IS NOT AS IT WAS WRITTEN: ");
	assert_says(v.err, "first: event 4 has been changed");
	assert_string_equal(v.out, "");
	said_done(&v);
	at[strlen("\\\"count\\\":")] = '3';
	*strstr(s.out, "{\"end\"") = '\0'; /* the line of the end */
	file_write(s.out);
	SAY(&v, "audit", "verify", file, "--keys", keys);
	assert_int_equal(v.status, 1);
	assert_says(v.err, "it was cut off behind line");
	said_done(&v);
	said_done(&s);
}

static void what_cannot_be_read_is_said(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "audit", "verify", "/nowhere/audit.jsonl");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "No such file");
	said_done(&s);
	SAY(&s, "audit", "verify", keys);
	assert_int_equal(s.status, 1);
	assert_says(s.err, "line 1 cannot be read");
	said_done(&s);
	file_write("");
	SAY(&s, "audit", "verify", file);
	assert_int_equal(s.status, 1);
	assert_says(s.err, "it is empty");
	said_done(&s);
	SAY(&s, "audit", "export", "--record", "/nowhere/record.db");
	assert_int_equal(s.status, 1);
	said_done(&s);
	SAY(&s, "audit", "export", "--record", record, "--heads=/nowhere/heads.log");
	assert_int_equal(s.status, 1);
	assert_says(s.err, "No such file");
	said_done(&s);
}

static void without_heads_it_says_what_it_is_worth(void **state)
{
	struct said s;

	(void)state;
	SAY(&s, "audit", "export", "--record", record, "--heads=/dev/null", "--keys", keys);
	assert_int_equal(s.status, 0);
	assert_says(s.err, "No signed head is with it");
	said_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_exported_is_verified_with_the_keys_alone),
		cmocka_unit_test(days_are_the_tenants),
		cmocka_unit_test(whoever_changes_the_file_is_found),
		cmocka_unit_test(what_cannot_be_read_is_said),
		cmocka_unit_test(without_heads_it_says_what_it_is_worth),
	};

	return cmocka_run_group_tests(tests, record_make, record_remove);
}
