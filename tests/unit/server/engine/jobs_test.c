/* SPDX-License-Identifier: Apache-2.0 */
/* jobs_test.c -- actions keep their texts and their order, and are answered exactly once. */
#include "jobs.h"

#include "pospin_test.h"

#include <errno.h>

struct heard {
	int calls;
	char all[64];
};

static void hear(void *user, const struct pp_action_result *result)
{
	struct heard *h = user;

	h->calls++;
	snprintf(h->all + strlen(h->all), sizeof(h->all) - strlen(h->all), "%s ", result->reason);
}

static void texts_are_copied_and_absent_ones_stay_absent(void **state)
{
	char unit[] = "Damkar 1";
	struct pp_action a = { .type = PP_ACTION_DISPATCH, .tenant = "kendal", .unit = unit };
	struct pp_jobs *j;
	struct pp_job *job;

	(void)state;
	assert_int_equal(pp_jobs_new(&j), 0);
	assert_int_equal(pp_jobs_submit(j, &a, NULL, NULL), 0);
	memset(unit, 'x', sizeof(unit) - 1);
	job = pp_jobs_take(j);
	assert_non_null(job);
	assert_string_equal(job->action.unit, "Damkar 1");
	assert_string_equal(job->action.tenant, "kendal");
	assert_null(job->action.code);
	pp_jobs_answer(j, job);
	pp_jobs_finish(j);
	assert_null(pp_jobs_free(j));
}

static void answers_come_in_order_exactly_once(void **state)
{
	struct pp_action a = { .tenant = "kendal" };
	struct heard h = { 0 };
	struct pp_jobs *j;
	struct pp_job *job;

	(void)state;
	assert_int_equal(pp_jobs_new(&j), 0);
	assert_null(pp_jobs_take(j));
	for (int i = 0; i < 3; i++)
		assert_int_equal(pp_jobs_submit(j, &a, hear, &h), 0);
	for (int i = 0; (job = pp_jobs_take(j)); i++) {
		snprintf(job->result.reason, sizeof(job->result.reason), "%d", i);
		pp_jobs_answer(j, job);
	}
	assert_int_equal(h.calls, 0);
	pp_jobs_finish(j);
	pp_jobs_finish(j);
	assert_string_equal(h.all, "0 1 2 ");
	pp_jobs_free(j);
}

static void there_is_room_for_so_many_and_not_one_more(void **state)
{
	struct pp_action a = { .tenant = "kendal" };
	struct heard h = { 0 };
	struct pp_jobs *j;
	struct pp_job *job;

	(void)state;
	assert_int_equal(pp_jobs_new(&j), 0);
	for (int i = 0; i < PP_ENGINE_JOBS_MAX; i++)
		assert_int_equal(pp_jobs_submit(j, &a, hear, &h), 0);
	assert_int_equal(pp_jobs_submit(j, &a, hear, &h), -ENOBUFS);
	job = pp_jobs_take(j);
	pp_jobs_answer(j, job);
	assert_int_equal(pp_jobs_submit(j, &a, hear, &h), -ENOBUFS);
	pp_jobs_finish(j);
	assert_int_equal(pp_jobs_submit(j, &a, hear, &h), 0);
	pp_jobs_close(j);
	assert_int_equal(pp_jobs_submit(j, &a, hear, &h), -EIO);
	while ((job = pp_jobs_take(j)))
		pp_jobs_answer(j, job);
	pp_jobs_finish(j);
	assert_int_equal(h.calls, PP_ENGINE_JOBS_MAX + 1);
	pp_jobs_free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_copied_and_absent_ones_stay_absent),
		cmocka_unit_test(answers_come_in_order_exactly_once),
		cmocka_unit_test(there_is_room_for_so_many_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
