/* SPDX-License-Identifier: Apache-2.0 */
/* plan_put.h -- makes a dispatch file the plan of a test's record. */
#ifndef TEST_LEDGER_PLAN_PUT_H
#define TEST_LEDGER_PLAN_PUT_H

#include "pospin_record.h"

#include "ledger/plans.h"
#include "plans/plans.h"

static inline void plan_put(struct pp_test_record *r, const char *text)
{
	struct pp_plans_file *file = NULL;
	struct pp_plan_change change;
	struct pp_problem problem;

	if (pp_plans_file_parse("p.yaml", text, strlen(text), &file, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_int_equal(pp_ledger_plan_put(r->ledger,
				 &(struct pp_plan_order){
					 pp_plans_file_book(file), "ctl:root", -1 },
				 PP_TEST_NOW, &change),
		0);
	pp_plans_file_free(file);
}

#endif
