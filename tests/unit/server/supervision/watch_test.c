/* SPDX-License-Identifier: Apache-2.0 */
/* watch_test.c -- silence in simulated time. */
#include "supervision/watch.h"

#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

static void a_post_is_lost_after_45_seconds_of_silence_once(void **state)
{
	struct pp_watch_post post;
	struct pp_watch *w;

	(void)state;
	assert_int_equal(pp_watch_new(&w), 0);
	assert_int_equal(pp_watch_heard(w, "kendal", "boja-01", 1000), 0);
	assert_false(pp_watch_next_lost(w, 45999, &post));
	assert_true(pp_watch_next_lost(w, 46000, &post));
	assert_string_equal(post.tenant, "kendal");
	assert_string_equal(post.post, "boja-01");
	assert_false(pp_watch_next_lost(w, 99000, &post));
	assert_int_equal(pp_watch_heard(w, "kendal", "boja-01", 100000), 0);
	assert_true(pp_watch_next_lost(w, 145000, &post));
	assert_null(pp_watch_free(w));
}

static void steps_of_hearing_and_wills(void **state)
{
	static const struct {
		char what; /* h heard, w will, f forget */
		int64_t now, alive, lost;
	} steps[] = {
		{ 'h', 0, 44999, 45000 }, { 'h', 10000, 54999, 55000 },
		{ 'w', 11000, 25999, 26000 }, /* hastens */
		{ 'w', 12000, 25999, 26000 }, /* never postpones */
		{ 'h', 13000, 57999, 58000 }, /* it is alive after all */
		{ 'w', 50000, 57999, 58000 }, /* the promise comes first */
	};
	struct pp_watch_post post;

	(void)state;
	for (size_t last = 0; last < PP_COUNT(steps); last++) {
		struct pp_watch *w;

		assert_int_equal(pp_watch_new(&w), 0);
		for (size_t i = 0; i <= last; i++) {
			if (steps[i].what == 'h')
				assert_int_equal(pp_watch_heard(w, "t", "p", steps[i].now), 0);
			else
				pp_watch_hasten(w, "t", "p", steps[i].now);
		}
		assert_false(pp_watch_next_lost(w, steps[last].alive, &post));
		assert_true(pp_watch_next_lost(w, steps[last].lost, &post));
		pp_watch_free(w);
	}
}

static void posts_that_are_not_watched_are_never_lost(void **state)
{
	struct pp_watch_post post;
	struct pp_watch *w;

	(void)state;
	assert_int_equal(pp_watch_new(&w), 0);
	pp_watch_hasten(w, "kendal", "boja-01", 0);
	assert_false(pp_watch_next_lost(w, INT64_MAX, &post));
	assert_int_equal(pp_watch_heard(w, "kendal", "boja-01", 0), 0);
	pp_watch_forget(w, "kendal", "boja-01");
	pp_watch_forget(w, "kendal", "boja-01");
	assert_false(pp_watch_next_lost(w, INT64_MAX, &post));
	assert_false(pp_watch_at(w, 0, &post));
	pp_watch_free(w);
}

static void a_thousand_posts_are_each_lost_once(void **state)
{
	struct pp_watch_post post;
	struct pp_watch *w;
	int lost = 0;

	(void)state;
	assert_int_equal(pp_watch_new(&w), 0);
	for (int i = 0; i < 1000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%d", (i * 7919) % 1000);
		assert_int_equal(pp_watch_heard(w, i % 2 ? "a" : "b", name, i), 0);
	}
	for (int64_t now = 45000; now < 46000; now++) {
		while (pp_watch_next_lost(w, now, &post))
			lost++;
	}
	assert_int_equal(lost, 1000);
	pp_watch_free(w);
}

static void without_memory_the_watch_says_so_and_keeps_whom_it_had(void **state)
{
	struct pp_watch_post post;
	struct pp_watch *w = NULL;
	char name[16];

	(void)state;
	memory_fail(1);
	assert_int_equal(pp_watch_new(&w), -ENOMEM);
	assert_true(memory_has_failed());
	assert_null(pp_watch_free(NULL));
	assert_int_equal(pp_watch_new(&w), 0);
	for (int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "boja-%02d", i);
		assert_int_equal(pp_watch_heard(w, "kendal", name, 0), 0);
	}
	memory_fail(1);
	assert_int_equal(pp_watch_heard(w, "kendal", "boja-99", 0), -ENOMEM);
	assert_true(memory_has_failed());
	assert_true(pp_watch_at(w, 63, &post));
	assert_string_equal(post.post, "boja-63");
	assert_false(pp_watch_at(w, 64, &post));
	pp_watch_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_post_is_lost_after_45_seconds_of_silence_once),
		cmocka_unit_test(steps_of_hearing_and_wills),
		cmocka_unit_test(posts_that_are_not_watched_are_never_lost),
		cmocka_unit_test(a_thousand_posts_are_each_lost_once),
		cmocka_unit_test(without_memory_the_watch_says_so_and_keeps_whom_it_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
