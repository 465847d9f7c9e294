/* SPDX-License-Identifier: Apache-2.0 */
/* refusals_test.c -- a flood in simulated time. */
#include "intake/refusals.h"

#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

static struct pp_refused refused(const char *post, const char *kind)
{
	struct pp_refused r = { .tenant = "kendal" };

	snprintf(r.post, sizeof(r.post), "%s", post);
	snprintf(r.security.kind, sizeof(r.security.kind), "%s", kind);
	return r;
}

static void the_first_is_told_at_once_and_the_rest_once_a_minute(void **state)
{
	struct pp_refused forged = refused("boja-01", "forged"), got;
	struct pp_refusals *r;
	int told = 0;
	int64_t counted = 0;

	(void)state;
	assert_int_equal(pp_refusals_new(&r), 0);
	/* A thousand a second for five minutes. */
	for (int64_t ms = 0; ms < 300000; ms++) {
		if (pp_refusals_feed(r, &forged, ms)) {
			told++;
			counted++;
		}
		while (ms % 1000 == 0 && pp_refusals_next(r, ms, &got)) {
			told++;
			counted += got.security.count;
		}
	}
	assert_int_equal(told, 5);
	assert_true(pp_refusals_next(r, 400000, &got));
	assert_int_equal(counted + got.security.count, 300000);
	assert_string_equal(got.post, "boja-01");
	assert_string_equal(got.security.kind, "forged");
	/* A calm minute, and it is forgotten. */
	assert_false(pp_refusals_next(r, 500000, &got));
	assert_true(pp_refusals_feed(r, &forged, 500001));
	assert_null(pp_refusals_free(r));
}

static void posts_and_kinds_are_counted_apart(void **state)
{
	struct pp_refused a = refused("boja-01", "forged"), b = refused("boja-01", "unsigned"),
			  c = refused("", "unknown-post");
	struct pp_refusals *r;

	(void)state;
	assert_int_equal(pp_refusals_new(&r), 0);
	assert_true(pp_refusals_feed(r, &a, 0));
	assert_true(pp_refusals_feed(r, &b, 0));
	assert_true(pp_refusals_feed(r, &c, 0));
	assert_false(pp_refusals_feed(r, &a, 1));
	pp_refusals_free(r);
}

static void the_table_is_bounded_and_heals(void **state)
{
	struct pp_refusals *r;
	struct pp_refused got;
	int told = 0;

	(void)state;
	assert_int_equal(pp_refusals_new(&r), 0);
	for (int i = 0; i < 1000; i++) {
		char post[16];

		snprintf(post, sizeof(post), "p%d", i);
		struct pp_refused one = refused(post, "forged");

		told += pp_refusals_feed(r, &one, 0);
	}
	assert_int_equal(told, PP_REFUSALS_MAX);
	assert_false(pp_refusals_next(r, PP_REFUSALS_EVERY_MS, &got));
	struct pp_refused late = refused("p999", "forged");

	assert_true(pp_refusals_feed(r, &late, PP_REFUSALS_EVERY_MS));
	pp_refusals_free(r);
}

static void without_memory_there_is_no_table_and_tenants_are_counted_apart(void **state)
{
	struct pp_refused one = refused("boja-01", "forged"), other = one;
	struct pp_refusals *r = NULL;

	(void)state;
	memory_fail(1);
	assert_true(pp_refusals_new(&r) < 0);
	assert_true(memory_has_failed());
	assert_int_equal(pp_refusals_new(&r), 0);
	snprintf(other.tenant, sizeof(other.tenant), "serang");
	assert_true(pp_refusals_feed(r, &one, 0));
	assert_true(pp_refusals_feed(r, &other, 0));
	assert_false(pp_refusals_feed(r, &one, 1));
	pp_refusals_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_told_at_once_and_the_rest_once_a_minute),
		cmocka_unit_test(posts_and_kinds_are_counted_apart),
		cmocka_unit_test(the_table_is_bounded_and_heals),
		cmocka_unit_test(without_memory_there_is_no_table_and_tenants_are_counted_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
