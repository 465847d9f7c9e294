/* SPDX-License-Identifier: Apache-2.0 */
/* exported.h -- a chain of a few events as the lines that an export makes of it. */
#ifndef TEST_LEDGER_EXPORTED_H
#define TEST_LEDGER_EXPORTED_H

#include "fixture.h"

#include "ledger/audit.h"

#define LINES_MAX 64

struct exported {
	char *lines[LINES_MAX];
	size_t count;
	struct pp_audit_report report;
};

static inline int exported_line(void *user, const char *line, size_t length)
{
	struct exported *x = user;

	assert_true(x->count < LINES_MAX);
	assert_int_equal(line[length - 1], '\n');
	x->lines[x->count] = strndup(line, length - 1);
	assert_non_null(x->lines[x->count++]);
	return 0;
}

static inline void exported_done(struct exported *x)
{
	for (size_t i = 0; i < x->count; i++)
		free(x->lines[i]);
	x->count = 0;
}

/* Four events of kendal: import, opened, step, note; heads behind the first two batches and the
 * note. */
static inline void exported_fill(struct pp_test_record *r)
{
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_NOTE, .incident = "KDL-25-000001", .text = "Pak Budi" });
}

static inline void exported_make(
	struct exported *x, struct pp_test_record *r, int64_t from_ms, int64_t to_ms)
{
	const struct pp_audit_wish wish = { .tenant = "kendal",
		.from_ms = from_ms,
		.to_ms = to_ms,
		.heads_path = r->heads_path,
		.keys = { (const uint8_t(*)[PP_PUBLIC_KEY_SIZE])r->public_key, 1 } };

	*x = (struct exported){ .count = 0 };
	assert_int_equal(
		pp_audit_export(pp_ledger_db(r->ledger), &wish, exported_line, x, &x->report), 0);
}

#endif
