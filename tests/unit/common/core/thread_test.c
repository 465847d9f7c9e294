/* SPDX-License-Identifier: Apache-2.0 */
/* thread_test.c -- threads that hand each other work. */
#include "core/thread.h"

#include "core/clock.h"
#include "pospin_test.h"

struct shared {
	struct pp_lock *lock;
	struct pp_condition *more;
	int turns, target;
	bool ending;
};

static void shared_new(struct shared *s)
{
	*s = (struct shared){ .turns = 0 };
	assert_int_equal(pp_lock_new(&s->lock), 0);
	assert_int_equal(pp_condition_new(&s->more), 0);
}

static void shared_free(struct shared *s)
{
	assert_null(pp_condition_free(s->more));
	assert_null(pp_lock_free(s->lock));
}

static void add_many(void *user)
{
	struct shared *s = user;

	for (int i = 0; i < 20000; i++) {
		pp_lock_enter(s->lock);
		s->turns++;
		pp_lock_leave(s->lock);
	}
}

static void a_lock_lets_one_thread_in_at_a_time(void **state)
{
	struct pp_thread *a, *b;
	struct shared s;

	(void)state;
	shared_new(&s);
	assert_int_equal(pp_thread_start(add_many, &s, &a), 0);
	assert_int_equal(pp_thread_start(add_many, &s, &b), 0);
	assert_null(pp_thread_join(a));
	assert_null(pp_thread_join(b));
	assert_int_equal(s.turns, 40000);
	shared_free(&s);
}

static void follow(void *user)
{
	struct shared *s = user;

	pp_lock_enter(s->lock);
	while (s->turns < s->target)
		assert_true(pp_condition_wait(s->more, s->lock, UINT64_MAX));
	s->turns = 0;
	pp_condition_wake_all(s->more);
	pp_lock_leave(s->lock);
}

static void a_thread_that_waits_is_woken(void **state)
{
	struct pp_thread *t;
	struct shared s;

	(void)state;
	shared_new(&s);
	s.target = 3;
	assert_int_equal(pp_thread_start(follow, &s, &t), 0);
	for (int i = 0; i < 3; i++) {
		pp_lock_enter(s.lock);
		s.turns++;
		pp_condition_wake(s.more);
		pp_lock_leave(s.lock);
	}
	pp_lock_enter(s.lock);
	while (s.turns > 0)
		assert_true(pp_condition_wait(s.more, s.lock, UINT64_MAX));
	pp_lock_leave(s.lock);
	pp_thread_join(t);
	shared_free(&s);
}

static void a_wait_ends_when_the_monotonic_clock_says_so(void **state)
{
	uint64_t until_us = pp_clock_mono_us() + 20000;
	struct shared s;

	(void)state;
	shared_new(&s);
	pp_lock_enter(s.lock);
	while (pp_condition_wait(s.more, s.lock, until_us))
		assert_true(pp_clock_mono_us() < until_us + 60000000);
	assert_true(pp_clock_mono_us() >= until_us);
	assert_false(pp_condition_wait(s.more, s.lock, 0)); /* long past */
	pp_lock_leave(s.lock);
	shared_free(&s);
}

static void nothing_is_freed_in_peace(void **state)
{
	(void)state;
	assert_null(pp_thread_join(NULL));
	assert_null(pp_lock_free(NULL));
	assert_null(pp_condition_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_lets_one_thread_in_at_a_time),
		cmocka_unit_test(a_thread_that_waits_is_woken),
		cmocka_unit_test(a_wait_ends_when_the_monotonic_clock_says_so),
		cmocka_unit_test(nothing_is_freed_in_peace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
