/* SPDX-License-Identifier: Apache-2.0 */
/* hasher_test.c -- passwords are hashed and checked beside the loop; the queue is short and
 * strangers cannot fill it. */
#include "hasher.h"

#include "pospin_test.h"

#include <errno.h>

#include "crypto/password.h"

static struct pp_loop *loop;
static struct pp_hasher *hasher;
static int answers, expected;
static bool answer_ok;
static char answer_hash[PP_PASSWORD_HASH_SIZE];
static char order[32];

static void on_answer(void *user, bool ok, const char *hash)
{
	const char *letter = user;

	answer_ok = ok;
	snprintf(answer_hash, sizeof(answer_hash), "%s", hash ? hash : "");
	order[answers++] = letter ? *letter : '-';
	if (answers == expected)
		pp_loop_stop(loop, 0);
}

static void wait_for(int count)
{
	expected = count;
	assert_int_equal(pp_loop_run(loop), 0);
}

static int set_up(void **state)
{
	(void)state;
	answers = 0;
	memset(order, 0, sizeof(order));
	assert_int_equal(pp_loop_new(&loop), 0);
	return pp_hasher_new(loop, &hasher);
}

static int tear_down(void **state)
{
	(void)state;
	hasher = pp_hasher_free(hasher);
	loop = pp_loop_free(loop);
	return 0;
}

static void a_password_matches_its_own_hash_only(void **state)
{
	struct pp_hasher_check check = { false, answer_hash, "kentongan 4-4" };
	char hash[PP_PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(pp_hasher_make(hasher, "kentongan 4-4", on_answer, NULL), 0);
	assert_int_equal(answers, 0);
	wait_for(1);
	assert_true(answer_ok);
	assert_true(strncmp(answer_hash, "$argon2id$", 10) == 0);
	memcpy(hash, answer_hash, sizeof(hash));
	check.hash = hash;
	assert_int_equal(pp_hasher_check(hasher, &check, on_answer, NULL), 0);
	wait_for(2);
	assert_true(answer_ok);
	check.password = "kentongan 4-5";
	assert_int_equal(pp_hasher_check(hasher, &check, on_answer, NULL), 0);
	wait_for(3);
	assert_false(answer_ok);
	assert_string_equal(answer_hash, "");
}

static void known_callers_come_first_and_strangers_cannot_take_every_place(void **state)
{
	const struct pp_hasher_check stranger = { false, "no hash", "x" },
				     known = { true, "no hash", "x" };
	static const char s = 's', k = 'k', first = 'f';
	int strangers = 0, knowns = 0, r;

	(void)state;
	/* One in work for some 100 ms while the others queue up. */
	assert_int_equal(
		pp_hasher_make(hasher, "long enough", on_answer, (void *)(uintptr_t)&first), 0);
	while ((r = pp_hasher_check(hasher, &stranger, on_answer, (void *)(uintptr_t)&s)) == 0)
		strangers++;
	assert_int_equal(r, -ENOBUFS);
	assert_in_range(strangers, PP_HASHER_STRANGERS - 1, PP_HASHER_STRANGERS);
	while ((r = pp_hasher_check(hasher, &known, on_answer, (void *)(uintptr_t)&k)) == 0)
		knowns++;
	assert_int_equal(r, -ENOBUFS);
	assert_true(knowns >= PP_HASHER_QUEUE - PP_HASHER_STRANGERS);
	wait_for(1 + strangers + knowns);
	assert_non_null(strstr(order, "kkkk"));
	assert_int_equal(order[answers - 1], 's');
	assert_true(strrchr(order, 'k') < strstr(order, "ss"));
}

static void what_waits_when_it_ends_is_never_called(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(pp_hasher_make(hasher, "long enough", on_answer, NULL), 0);
	hasher = pp_hasher_free(hasher);
	assert_int_equal(answers, 0);
}

static void a_password_or_hash_that_is_too_long_is_refused(void **state)
{
	char text[PP_HASHER_PASSWORD_MAX + 2];
	struct pp_hasher_check check = { true, text, "x" };

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(pp_hasher_make(hasher, text, on_answer, NULL), -EINVAL);
	assert_int_equal(pp_hasher_check(hasher, &check, on_answer, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_password_matches_its_own_hash_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			known_callers_come_first_and_strangers_cannot_take_every_place, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			what_waits_when_it_ends_is_never_called, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_password_or_hash_that_is_too_long_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
