/* SPDX-License-Identifier: Apache-2.0 */
/* status_test.c -- plain words about the spool, also while there is nothing to read. */
#include "pospin_test.h"

#include "db/db.h"
#include "recorder/spool.h"
#include "recorder/status.h"
#include "store/schema.h"

static char *status_of(char *folder, int *ret_result)
{
	char record[600], spool[600], *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	struct pp_recorder_settings s = { .record = record, .spool_path = spool, .spool_mb = 1 };

	snprintf(record, sizeof(record), "%s/record.db", folder);
	snprintf(spool, sizeof(spool), "%s/spool.db", folder);
	*ret_result = pp_recorder_status(&s, out);
	fclose(out);
	return text;
}

static void it_says_what_waits_and_what_was_set_aside(void **state)
{
	char *folder = pp_test_folder(), path[600], *text;
	struct pp_spool *spool = NULL;
	struct pp_db *db = NULL;
	int r;

	(void)state;
	snprintf(path, sizeof(path), "%s/record.db", folder);
	assert_int_equal(pp_db_open(path, PP_DB_WRITE, &db), 0);
	assert_int_equal(pp_db_migrate(db, pp_store_scripts, pp_store_script_count), 0);
	snprintf(path, sizeof(path), "%s/spool.db", folder);
	assert_int_equal(pp_spool_open(path, 1 << 20, false, &spool), 0);
	assert_int_equal(pp_spool_begin(spool), 0);
	assert_int_equal(pp_spool_add(spool, "bad line", 1), 0);
	assert_int_equal(pp_spool_add(spool, "good line", 1), 0);
	assert_int_equal(pp_spool_commit(spool), 0);
	assert_int_equal(pp_spool_poison(spool, "HTTP 400 no"), 0);
	text = status_of(folder, &r);
	assert_int_equal(r, 0);
	assert_non_null(strstr(text, "lines waiting for the store: 1\n"));
	assert_non_null(strstr(text, "events of the record taken: 0 of 0\n"));
	assert_non_null(strstr(text, "HTTP 400 no\n    bad line\n"));
	free(text);
	pp_spool_close(spool);
	pp_db_close(db);
	pp_test_folder_remove(folder);
}

static void it_says_so_when_nothing_can_be_read(void **state)
{
	char *folder = pp_test_folder(), *text;
	int r;

	(void)state;
	text = status_of(folder, &r);
	assert_true(r < 0);
	assert_non_null(strstr(text, "record.db cannot be read"));
	assert_non_null(strstr(text, "spool.db cannot be read"));
	free(text);
	pp_test_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_waits_and_what_was_set_aside),
		cmocka_unit_test(it_says_so_when_nothing_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
