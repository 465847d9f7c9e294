/* SPDX-License-Identifier: Apache-2.0 */
/* schema_test.c -- what the tables themselves forbid. */
#include "record.h"

#include <errno.h>

static void the_timeline_is_append_only(void **state)
{
	struct record *r = *state;

	record_event(r, NULL, "security", "{}");
	assert_int_equal(pp_db_exec(r->db, "UPDATE event SET body = '[]'"), -EINVAL);
	assert_int_equal(pp_db_exec(r->db, "DELETE FROM event"), -EINVAL);
	assert_non_null(strstr(pp_db_error(r->db), "append-only"));
}

static void a_tenants_heights_and_prefixes_are_its_own(void **state)
{
	struct record *r = *state;

	record_event(r, NULL, "security", "{}");
	assert_int_equal(
		pp_db_exec(r->db,
			"INSERT INTO event (tenant, height, at, kind, actor, body, previous,"
			" hash) VALUES ('kendal', 1, 0, 'x', 'y', '{}', x'', x'')"),
		-EEXIST);
	assert_int_equal(pp_db_exec(r->db,
				 "INSERT INTO tenant VALUES ('kediri', 'Kediri', 'KDL', 'UTC', 0)"),
		-EEXIST);
}

static void migrating_again_changes_nothing(void **state)
{
	struct record *r = *state;

	assert_int_equal(pp_db_migrate(r->db, pp_store_scripts, pp_store_script_count), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(the_timeline_is_append_only),
		RECORD_TEST(a_tenants_heights_and_prefixes_are_its_own),
		RECORD_TEST(migrating_again_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
