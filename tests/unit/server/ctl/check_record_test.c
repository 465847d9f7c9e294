/* SPDX-License-Identifier: Apache-2.0 */
/* check_record_test.c -- a record, its heads and its posts, changed until something is wrong. */
#include "examined.h"

#include "db/db.h"
#include "ledger/registrar.h"

static void record_change(const struct examined *x, const char *sql)
{
	struct pp_db *db = NULL;

	assert_int_equal(pp_db_open(x->record, PP_DB_WRITE, &db), 0);
	if (pp_db_exec(db, sql) < 0)
		fail_msg("%s: %s", sql, pp_db_error(db));
	pp_db_close(db);
}

/* An event with its signed head, as the server makes them. */
static void event_make(const struct examined *x)
{
	char key_path[700], heads[700];
	struct pp_ledger_options options = { .record_path = x->record, .heads_path = heads };
	struct pp_item *item = pp_item_new(PP_ITEM_SECURITY);
	struct pp_ledger *ledger;
	struct pp_key *key;

	in_site(x, "data/heads.log", heads);
	assert_int_equal(pp_key_load(in_site(x, "pki/server-signing.key", key_path), &key), 0);
	options.key = key;
	assert_int_equal(pp_ledger_open(&options, &ledger), 0);
	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->in.security.kind, sizeof(item->in.security.kind), "forged");
	item->arrived_ms = 1763750400000;
	assert_int_equal(pp_ledger_apply(ledger, &item, 1, item->arrived_ms), 0);
	assert_int_equal(pp_ledger_heads_write(ledger), 0);
	pp_item_free(item);
	pp_ledger_close(ledger);
	pp_key_free(key);
}

static void a_sound_record_is_in_step_with_its_heads(void **state)
{
	struct examined *x = *state;

	event_make(x);
	site_expect_worst(x, pp_check_record, PP_FINDING_OK);
	EXPECT(x, pp_check_record, OK, "heads", "in step");
	EXPECT(x, pp_check_integrity, OK, "record.integrity", "sound");
}

static void a_record_that_is_older_than_its_heads_or_other_is_named(void **state)
{
	struct examined *x = *state;

	event_make(x);
	site_shell(x, "cp data/record.db old.db");
	event_make(x);
	site_shell(x, "rm -f data/record.db-*; mv old.db data/record.db");
	EXPECT(x, pp_check_record, FAIL, "heads", "an older copy, or was cut");
	event_make(x);
	EXPECT(x, pp_check_record, OK, "heads", "in step");
	record_change(x, "DROP TRIGGER event_no_update; UPDATE event SET hash = x'00'"
			 " WHERE height = (SELECT max(height) FROM event)");
	EXPECT(x, pp_check_record, FAIL, "heads", "is not what its signed head says");
}

static void heads_that_are_not_written_are_named(void **state)
{
	struct examined *x = *state;

	event_make(x);
	site_shell(x, "rm data/heads.log");
	EXPECT(x, pp_check_record, WARN, "heads", "have no signed head");
}

static void a_record_that_is_none_or_of_another_form_is_named(void **state)
{
	struct examined *x = *state;

	record_change(x, "PRAGMA journal_mode = DELETE");
	EXPECT(x, pp_check_record, FAIL, "record.journal", "not wal");
	record_change(x, "PRAGMA user_version = 999");
	EXPECT(x, pp_check_record, FAIL, "record.schema", "form 999");
	site_shell(x, "rm -f data/record.db-*; head -c 100000 /dev/urandom >data/record.db");
	EXPECT(x, pp_check_record, FAIL, "record", "damaged, or no record");
	site_shell(x, "rm data/record.db");
	EXPECT(x, pp_check_record, FAIL, "record", "No such file");
}

static void damaged_pages_are_found(void **state)
{
	struct examined *x = *state;

	site_shell(x, "rm -f data/record.db-*; s=$(stat -c %s data/record.db);"
		      " dd if=/dev/urandom of=data/record.db bs=1 seek=$((s / 2)) count=20000 "
		      "conv=notrunc");
	EXPECT(x, pp_check_integrity, FAIL, "record.integrity", "damaged");
}

static void posts_that_need_somebody_are_named(void **state)
{
	struct examined *x = *state;

	EXPECT(x, pp_check_posts, WARN, "posts.never-heard", "kendal/");
	EXPECT(x, pp_check_posts, WARN, "points.never-tested", " more");
	EXPECT(x, pp_check_posts, OK, "webhooks", "no webhook has failed");
	record_change(x,
		"INSERT INTO post_state (tenant, post, arrived, supervised, config, version, "
		"oldest)"
		" SELECT tenant, post, 1, 0, 'c', '0.0.1', 0 FROM post");
	EXPECT(x, pp_check_posts, FAIL, "posts.silent", "kendal/");
	EXPECT(x, pp_check_posts, WARN, "version.posts", "version 0.0.1");
	record_change(x, "UPDATE post_state SET supervised = 1");
	EXPECT(x, pp_check_posts, OK, "posts", "every active post is heard");
}

static void the_disk_is_looked_at(void **state)
{
	struct examined *x = *state;

	EXPECT(x, pp_check_machine, OK, "disk", "MiB left");
	site_shell(x, "mv data elsewhere");
	EXPECT(x, pp_check_machine, FAIL, "disk", "No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_sound_record_is_in_step_with_its_heads),
		SITE_TEST(a_record_that_is_older_than_its_heads_or_other_is_named),
		SITE_TEST(heads_that_are_not_written_are_named),
		SITE_TEST(a_record_that_is_none_or_of_another_form_is_named),
		SITE_TEST(damaged_pages_are_found),
		SITE_TEST(posts_that_need_somebody_are_named),
		SITE_TEST(the_disk_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
