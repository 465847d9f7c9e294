/* SPDX-License-Identifier: Apache-2.0 */
/* aside_test.c -- which names beside an outbox are files that were set aside and not searched. */
#include "outbox_rig.h"

#include "aside.h"

static void put(const char *name)
{
	char file[700];
	FILE *f;

	snprintf(file, sizeof(file), "%s/%s", folder, name);
	f = fopen(file, "we");
	assert_non_null(f);
	fclose(f);
}

static struct pp_outbox *open_outbox(void)
{
	struct pp_outbox_options options = rig_options();
	struct pp_outbox *o;

	assert_int_equal(pp_outbox_open(&options, &o), 0);
	return o;
}

static void mark(struct pp_outbox *o, const char *name)
{
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_aside_searched(o, name), 0);
	assert_int_equal(pp_outbox_commit(o), 0);
}

static void names_come_in_order_until_each_is_searched(void **state)
{
	struct pp_outbox *o = open_outbox();
	char name[PP_ASIDE_MAX] = "", first[PP_ASIDE_MAX], want[700];

	(void)state;
	assert_int_equal(pp_aside_next(o, path, "", name), 0);
	put("outbox.db.damaged-7");
	put("outbox.db.damaged-3");
	put("outbox.db.damaged-3-wal");
	assert_int_equal(pp_aside_next(o, path, "", first), 1);
	snprintf(want, sizeof(want), "%s.damaged-3", path);
	assert_string_equal(first, want);
	assert_int_equal(pp_aside_next(o, path, first, name), 1);
	snprintf(want, sizeof(want), "%s.damaged-7", path);
	assert_string_equal(name, want);
	assert_int_equal(pp_aside_next(o, path, name, name), 0);
	mark(o, first);
	pp_outbox_close(o);
	o = open_outbox();
	assert_int_equal(pp_aside_next(o, path, "", name), 1);
	assert_string_equal(name, want);
	mark(o, name);
	assert_int_equal(pp_aside_next(o, path, "", name), 0);
	pp_outbox_close(o);
}

static void a_log_alone_stands_for_its_file(void **state)
{
	struct pp_outbox *o = open_outbox();
	char name[PP_ASIDE_MAX], want[700];

	(void)state;
	put("outbox.db.damaged--42-wal"); /* a clock before 1970 */
	assert_int_equal(pp_aside_next(o, path, "", name), 1);
	snprintf(want, sizeof(want), "%s.damaged--42", path);
	assert_string_equal(name, want);
	pp_outbox_close(o);
}

static void other_names_are_no_business_of_its(void **state)
{
	static const char *const names[] = { "outbox.db.damaged-", "outbox.db.damaged-x",
		"outbox.db.damaged-4-shm", "outbox.db.damaged-4.gz", "outbox.db-wal.damaged-4",
		"other.db.damaged-4", "xoutbox.db.damaged-4", "post-keys" };
	struct pp_outbox *o = open_outbox();
	char name[PP_ASIDE_MAX];

	(void)state;
	for (size_t i = 0; i < PP_COUNT(names); i++)
		put(names[i]);
	assert_int_equal(pp_aside_next(o, path, "", name), 0);
	pp_outbox_close(o);
}

static void a_mark_that_is_rolled_back_was_never_made(void **state)
{
	struct pp_outbox *o = open_outbox();
	char name[PP_ASIDE_MAX];

	(void)state;
	put("outbox.db.damaged-5");
	assert_int_equal(pp_aside_next(o, path, "", name), 1);
	assert_int_equal(pp_outbox_begin(o), 0);
	assert_int_equal(pp_aside_searched(o, name), 0);
	pp_outbox_rollback(o);
	assert_int_equal(pp_aside_next(o, path, "", name), 1);
	pp_outbox_close(o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_begin, rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_come_in_order_until_each_is_searched),
		TEST(a_log_alone_stands_for_its_file),
		TEST(other_names_are_no_business_of_its),
		TEST(a_mark_that_is_rolled_back_was_never_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
