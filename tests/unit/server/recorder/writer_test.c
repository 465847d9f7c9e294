/* SPDX-License-Identifier: Apache-2.0 */
/* writer_test.c -- every answer of a store leads to one next step, and none loses a line. */
#include "pospin_test.h"

#include <errno.h>

#include "recorder/writer.h"

struct step {
	int error;
	long status, retry_after_s;
	int64_t sent;
	enum pp_writer_next want;
	int64_t want_count;
	uint64_t want_wait_us;
};

static void play(const struct step *steps, size_t count)
{
	struct pp_writer w;

	pp_writer_init(&w);
	for (size_t i = 0; i < count; i++) {
		struct pp_writer_answer a = { steps[i].error, steps[i].status,
			steps[i].retry_after_s, steps[i].sent };

		assert_int_equal(pp_writer_answered(&w, &a), steps[i].want);
		assert_int_equal(w.count, steps[i].want_count);
		assert_int_equal(w.wait_us, steps[i].want_wait_us);
	}
}

static void a_refused_line_is_found_by_halving_and_set_aside_alone(void **state)
{
	static const struct step steps[] = {
		{ 0, 400, -1, 4, PP_WRITER_AGAIN, 2, 0 },
		{ 0, 400, -1, 2, PP_WRITER_AGAIN, 1, 0 },
		{ 0, 400, -1, 1, PP_WRITER_POISON, 1, 0 },
		{ 0, 204, -1, 1, PP_WRITER_DROP, 2, 0 },
		{ 0, 204, -1, 2, PP_WRITER_DROP, 4, 0 },
	};

	(void)state;
	play(steps, PP_COUNT(steps));
}

static void too_large_a_batch_is_halved_and_grows_back(void **state)
{
	static const struct step steps[] = {
		{ 0, 413, -1, 5000, PP_WRITER_AGAIN, 2500, 0 },
		{ 0, 413, -1, 2500, PP_WRITER_AGAIN, 1250, 0 },
		{ 0, 204, -1, 1250, PP_WRITER_DROP, 2500, 0 },
		{ 0, 200, -1, 2500, PP_WRITER_DROP, 5000, 0 },
	};

	(void)state;
	play(steps, PP_COUNT(steps));
}

static void an_outage_waits_ever_longer_up_to_a_minute_and_ends_at_once(void **state)
{
	static const struct step steps[] = {
		{ -ECONNREFUSED, 0, -1, 9, PP_WRITER_WAIT, 5000, 1000000 },
		{ -ETIMEDOUT, 0, -1, 9, PP_WRITER_WAIT, 5000, 2000000 },
		{ 0, 500, -1, 9, PP_WRITER_WAIT, 5000, 4000000 },
		{ 0, 401, -1, 9, PP_WRITER_WAIT, 5000, 8000000 },
		{ 0, 404, -1, 9, PP_WRITER_WAIT, 5000, 16000000 },
		{ 0, 503, -1, 9, PP_WRITER_WAIT, 5000, 32000000 },
		{ 0, 301, -1, 9, PP_WRITER_WAIT, 5000, 60000000 },
		{ 0, 429, 3, 9, PP_WRITER_WAIT, 5000, 3000000 },
		{ 0, 429, 86400, 9, PP_WRITER_WAIT, 5000, 600000000 },
		{ 0, 204, -1, 9, PP_WRITER_DROP, 5000, 0 },
		{ -ECONNREFUSED, 0, -1, 9, PP_WRITER_WAIT, 5000, 1000000 },
	};

	(void)state;
	play(steps, PP_COUNT(steps));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_line_is_found_by_halving_and_set_aside_alone),
		cmocka_unit_test(too_large_a_batch_is_halved_and_grows_back),
		cmocka_unit_test(an_outage_waits_ever_longer_up_to_a_minute_and_ends_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
