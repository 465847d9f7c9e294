/* SPDX-License-Identifier: Apache-2.0 */
/* query_read_test.c -- rows as JSON, in one consistent read. */
#include "read.h"

#include "record.h"
#include "json_text.h"

static void columns_become_members_of_their_type(void **state)
{
	static const char *const names[] = { "t", "i", "r", "b", NULL, "null" };
	struct record *r = *state;
	struct pp_json *list = pp_json_list();

	assert_int_equal(read_rows(r->db, "SELECT 'x', 7, 0.5, 1, 'skipped', NULL", PP_NO_ARGS,
				 "tirb.t", names, list),
		0);
	assert_json(list, "[{\"t\":\"x\",\"i\":7,\"r\":0.5,\"b\":true,\"null\":null}]");
}

static void a_read_sees_one_state_of_the_record(void **state)
{
	struct record *r = *state;
	struct pp_db *reader;
	char path[600];
	int64_t before, during, after;

	snprintf(path, sizeof(path), "%s/record.db", r->folder);
	assert_int_equal(pp_db_open(path, PP_DB_READ, &reader), 0);
	assert_int_equal(read_begin(reader), 0);
	assert_int_equal(
		pp_store_number(reader, "SELECT count(*) FROM webhook", PP_NO_ARGS, &before), 0);
	record_exec(r, "DELETE FROM webhook");
	assert_int_equal(
		pp_store_number(reader, "SELECT count(*) FROM webhook", PP_NO_ARGS, &during), 0);
	assert_int_equal(read_end(reader, 0), 0);
	assert_int_equal(
		pp_store_number(reader, "SELECT count(*) FROM webhook", PP_NO_ARGS, &after), 0);
	assert_int_equal(before, 2);
	assert_int_equal(during, 2);
	assert_int_equal(after, 0);
	assert_int_equal(read_begin(reader), 0);
	assert_int_equal(read_end(reader, -7), -7);
	pp_db_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(columns_become_members_of_their_type),
		RECORD_TEST(a_read_sees_one_state_of_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
