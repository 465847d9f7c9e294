/* SPDX-License-Identifier: Apache-2.0 */
/* policy_test.c -- every kind of answer leads to its state and its next try. */
#include "notify/policy.h"

#include "pospin_test.h"

#include <errno.h>

#define NOW 1763750400000

static struct pp_notify_verdict judge(
	int error, long status, long retry_after, int64_t attempts, int64_t age_ms)
{
	struct pp_fetch_answer answer = {
		.error = error, .status = status, .retry_after_s = retry_after
	};
	struct pp_channel_outcome outcome;
	struct pp_notify_try t = {
		.outcome = &outcome,
		.attempts = attempts,
		.created_ms = NOW - age_ms,
		.now_ms = NOW,
	};
	struct pp_notify_verdict v;

	pp_channel_http_judge(&answer, &(struct pp_form){ .template = "" }, "a setting", &outcome);
	pp_notify_judge(&t, &v);
	return v;
}

static void every_answer_has_its_verdict(void **state)
{
	static const struct {
		int error;
		long status, retry_after;
		int64_t attempts, age_ms;
		enum pp_notify_state want;
		int64_t wait_ms;
	} cases[] = {
		{ 0, 200, -1, 0, 0, PP_NOTIFY_SENT, 0 },
		{ 0, 204, -1, 7, 80000000, PP_NOTIFY_SENT, 0 },
		{ 0, 202, -1, 0, 90000000, PP_NOTIFY_SENT, 0 },
		{ 0, 301, -1, 0, 0, PP_NOTIFY_FAILED, 0 },
		{ 0, 400, -1, 0, 0, PP_NOTIFY_FAILED, 0 },
		{ 0, 401, -1, 0, 0, PP_NOTIFY_FAILED, 0 },
		{ 0, 404, 5, 0, 0, PP_NOTIFY_FAILED, 0 },
		{ 0, 410, -1, 0, 0, PP_NOTIFY_FAILED, 0 },
		{ 0, 408, -1, 0, 0, PP_NOTIFY_QUEUED, 1000 },
		{ 0, 425, -1, 1, 0, PP_NOTIFY_QUEUED, 2000 },
		{ 0, 429, -1, 2, 0, PP_NOTIFY_QUEUED, 4000 },
		{ 0, 429, 30, 0, 0, PP_NOTIFY_QUEUED, 30000 },
		{ 0, 429, 1, 5, 0, PP_NOTIFY_QUEUED, 32000 },
		{ 0, 503, 120, 0, 0, PP_NOTIFY_QUEUED, 120000 },
		{ 0, 503, 999999, 0, 0, PP_NOTIFY_QUEUED, 3600000 },
		{ 0, 500, 120, 0, 0, PP_NOTIFY_QUEUED, 1000 },
		{ 0, 502, -1, 8, 0, PP_NOTIFY_QUEUED, 256000 },
		{ 0, 504, -1, 9, 0, PP_NOTIFY_QUEUED, 300000 },
		{ 0, 504, -1, 300, 0, PP_NOTIFY_QUEUED, 300000 },
		{ 0, 504, -1, 1000000, 0, PP_NOTIFY_FAILED, 0 },
		{ -ECONNREFUSED, 0, -1, 0, 0, PP_NOTIFY_QUEUED, 1000 },
		{ -ETIMEDOUT, 0, -1, 3, 0, PP_NOTIFY_QUEUED, 8000 },
		{ -EACCES, 0, -1, 0, 0, PP_NOTIFY_FAILED, 0 },
		{ -EINVAL, 0, -1, 0, 0, PP_NOTIFY_FAILED, 0 },
		{ 0, 500, -1, 9, 86400000 - 300001, PP_NOTIFY_QUEUED, 300000 },
		{ 0, 500, -1, 9, 86400000 - 300000, PP_NOTIFY_FAILED, 0 },
		{ -ETIMEDOUT, 0, -1, 8, 90000000, PP_NOTIFY_FAILED, 0 },
		/* The clock was set right by more than a day. */
		{ -ETIMEDOUT, 0, -1, 0, 90000000, PP_NOTIFY_QUEUED, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_notify_verdict v = judge(cases[i].error, cases[i].status,
			cases[i].retry_after, cases[i].attempts, cases[i].age_ms);

		print_message("%zu: %s: %s\n", i, pp_notify_state_text(v.state), v.detail);
		assert_int_equal(v.state, cases[i].want);
		assert_int_equal(v.wait_ms, cases[i].wait_ms);
		assert_true(v.detail[0] != '\0');
	}
}

static void waits_are_spread_by_a_fifth_at_most(void **state)
{
	struct pp_channel_outcome outcome = { .word = PP_CHANNEL_AGAIN, .retry_after_s = -1 };
	struct pp_notify_try t = {
		.outcome = &outcome, .attempts = 20, .created_ms = NOW, .now_ms = NOW
	};
	struct pp_notify_verdict v;

	(void)state;
	for (uint32_t jitter = 0; jitter < 5000; jitter += 7) {
		t.jitter = jitter;
		pp_notify_judge(&t, &v);
		assert_in_range(v.wait_ms, 240000, 300000);
	}
}

static void who_can_be_reached_another_way_is_not_tried_for_long(void **state)
{
	static const struct {
		bool person, has_next;
		int64_t attempts, age_ms;
		enum pp_notify_state want;
		int64_t wait_ms;
	} cases[] = {
		{ true, false, 20, 3600000, PP_NOTIFY_QUEUED, 60000 },
		{ true, true, 0, 0, PP_NOTIFY_QUEUED, 1000 },
		{ true, true, 3, 20000, PP_NOTIFY_QUEUED, 8000 },
		{ true, true, 3, 22000, PP_NOTIFY_FAILED, 0 },
		{ false, false, 20, 3600000, PP_NOTIFY_QUEUED, 300000 },
	};
	struct pp_channel_outcome outcome = { .word = PP_CHANNEL_AGAIN, .retry_after_s = -1 };
	struct pp_notify_verdict v;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		pp_notify_judge(&(struct pp_notify_try){ .outcome = &outcome,
					.attempts = cases[i].attempts,
					.created_ms = NOW - cases[i].age_ms,
					.now_ms = NOW,
					.person = cases[i].person,
					.has_next = cases[i].has_next },
			&v);
		assert_int_equal(v.state, cases[i].want);
		assert_int_equal(v.state == PP_NOTIFY_QUEUED ? v.wait_ms : 0,
			cases[i].wait_ms);
	}
}

static void a_clock_that_was_set_back_keeps_nobody_from_the_next_way(void **state)
{
	struct pp_channel_outcome outcome = { .word = PP_CHANNEL_AGAIN, .retry_after_s = -1 };
	struct pp_notify_verdict v = { .state = PP_NOTIFY_QUEUED };
	int64_t tries = 0, now_ms = NOW;

	(void)state;
	for (; v.state == PP_NOTIFY_QUEUED && tries < 20; tries++)
		pp_notify_judge(&(struct pp_notify_try){ .outcome = &outcome,
					.attempts = tries,
					.created_ms = NOW + 8 * 3600000,
					.now_ms = now_ms += v.wait_ms,
					.person = true,
					.has_next = true },
			&v);
	assert_int_equal(v.state, PP_NOTIFY_FAILED);
	assert_in_range(now_ms - NOW, 10000, 40000);
}

static void a_siren_is_not_sounded_an_hour_later(void **state)
{
	struct pp_channel_outcome outcome = { .word = PP_CHANNEL_AGAIN,
		.retry_after_s = -1,
		.detail = "not heard" };
	struct pp_notify_try t = {
		.outcome = &outcome, .attempts = 2, .created_ms = NOW, .person = true, .soon = true
	};
	struct pp_notify_verdict v;

	(void)state;
	t.now_ms = NOW + 55999;
	pp_notify_judge(&t, &v);
	assert_int_equal(v.state, PP_NOTIFY_QUEUED);
	t.now_ms = NOW + 56000;
	pp_notify_judge(&t, &v);
	assert_int_equal(v.state, PP_NOTIFY_FAILED);
	assert_string_equal(v.detail, "not heard, given up after 60 s");
}

static void what_the_provider_says_is_the_state(void **state)
{
	static const struct {
		enum pp_channel_word word;
		const char *want;
	} cases[] = { { PP_CHANNEL_TAKEN, "sent" }, { PP_CHANNEL_DELIVERED, "delivered" },
		{ PP_CHANNEL_AGAIN, "queued" }, { PP_CHANNEL_REFUSED, "failed" } };
	struct pp_notify_verdict v;

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_channel_outcome outcome = { .word = cases[i].word, .retry_after_s = -1 };

		pp_notify_judge(&(struct pp_notify_try){ .outcome = &outcome,
					.created_ms = NOW,
					.now_ms = NOW },
			&v);
		assert_string_equal(pp_notify_state_text(v.state), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_has_its_verdict),
		cmocka_unit_test(waits_are_spread_by_a_fifth_at_most),
		cmocka_unit_test(who_can_be_reached_another_way_is_not_tried_for_long),
		cmocka_unit_test(a_clock_that_was_set_back_keeps_nobody_from_the_next_way),
		cmocka_unit_test(a_siren_is_not_sounded_an_hour_later),
		cmocka_unit_test(what_the_provider_says_is_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
