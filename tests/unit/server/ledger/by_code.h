/* SPDX-License-Identifier: Apache-2.0 */
/* by_code.h -- whoever was called answers with the code of his message. */
#ifndef TEST_LEDGER_BY_CODE_H
#define TEST_LEDGER_BY_CODE_H

#include "fixture.h"

/* Whoever the call has told answers with the code that stands in his message. */
static inline struct pp_action_result answer(
	struct pp_test_record *r, int64_t call_id, const char *state)
{
	char sql[120], code[8] = "";
	struct pp_stmt *s;
	const char *at;

	snprintf(sql, sizeof(sql),
		"SELECT text FROM notification WHERE call_id = %d AND purpose = 'alarm'",
		(int)call_id);
	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger), sql, &s), 0);
	assert_int_equal(pp_stmt_step(s), 1);
	at = strstr(pp_column_text(s, 0), "YA ");
	assert_non_null(at);
	memcpy(code, at + 3, 7);
	pp_stmt_reset(s);
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL_ANSWER,
				       .code = code,
				       .state = state,
				       .actor = "server" })
		.out.action;
}

#endif
