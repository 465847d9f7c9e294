/* SPDX-License-Identifier: Apache-2.0 */
/* contacts_test.c -- a contact is tested by a message, and verified by the code that comes back. */
#include "ledger/plans.h"

#include "fixture.h"

#include <errno.h>

#include "book.h"
#include "plans/plans.h"

static const char plan[] =
	"tenant: kendal\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, ways: [{sms: \"+6281234567890\"}]}\n"
	"  bot: {name: Bot, role: bot, language: en, ways: [{webhook: bot}]}\n"
	"plans:\n"
	"  all: {classes: [all], area: [all], rings: {desk: {until: taken, steps: [{call: [bot],"
	" wait: 15s}]}}, fallback: {call: [rt], every: 60s}}\n";

static void book_put(struct pp_test_record *r, const char *text)
{
	struct pp_plans_file *file = NULL;
	struct pp_plan_change change;
	struct pp_problem problem;

	assert_int_equal(pp_plans_file_parse("p.yaml", text, strlen(text), &file, &problem), 0);
	assert_int_equal(
		pp_ledger_plan_put(r->ledger,
			&(struct pp_plan_order){ pp_plans_file_book(file), "ctl:root", -1 },
			PP_TEST_NOW, &change),
		0);
	pp_plans_file_free(file);
}

static void plan_put(struct pp_test_record *r)
{
	book_put(r, plan);
}

static struct pp_item test(struct pp_test_record *r, const char *contact)
{
	return action_apply(
		r, (struct pp_action){ .type = PP_ACTION_CONTACT_TEST, .name = contact });
}

static struct pp_item say(struct pp_test_record *r, const char *code, const char *word)
{
	return action_apply(r, (struct pp_action){ .type = PP_ACTION_CALL_ANSWER,
				       .code = code,
				       .state = word,
				       .text = "sms" });
}

static struct pp_item answer(struct pp_test_record *r, const char *code)
{
	return say(r, code, "accepted");
}

/* The seven digits of the newest test message. */
static void code_read(struct pp_test_record *r, char ret_code[8])
{
	struct pp_stmt *s;
	const char *at;

	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger),
				 "SELECT text FROM notification WHERE purpose = 'test'"
				 " ORDER BY notification_id DESC",
				 &s),
		0);
	assert_int_equal(pp_stmt_step(s), 1);
	for (at = pp_column_text(s, 0); strspn(at, "0123456789") != 7; at++)
		assert_true(*at != '\0');
	snprintf(ret_code, 8, "%.7s", at);
	pp_stmt_reset(s);
}

#define VERIFIED "SELECT verified FROM contact WHERE contact = 'rt'"

static void a_contact_is_verified_by_its_code_and_by_nothing_else(void **state)
{
	struct pp_test_record *r = *state;
	char code[8], other[8];

	plan_put(r);
	assert_int_equal(test(r, "rt").out.action.error, 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE channel = 'sms' AND"
				  " contact = 'rt' AND address = '+6281234567890' AND purpose ="
				  " 'test' AND state = 'queued'"),
		1);
	code_read(r, code);
	snprintf(other, sizeof(other), "%s", strcmp(code, "0000000") == 0 ? "1234567" : "0000000");
	assert_true(answer(r, other).out.action.error < 0);
	assert_int_equal(pp_test_number(r, VERIFIED), 0);
	assert_int_equal(answer(r, code).out.action.error, 0);
	assert_true(pp_test_number(r, VERIFIED) > PP_TEST_NOW);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE kind ="
					   " 'contact.verified' AND actor = 'contact:rt'"),
		1);
	/* Once. */
	assert_int_equal(answer(r, code).out.action.error, -ENOENT);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE body LIKE '%+62%'"), 0);
}

static void a_code_is_over_after_a_day_and_when_another_was_sent(void **state)
{
	struct pp_test_record *r = *state;
	char first[8], second[8];

	plan_put(r);
	(void)test(r, "rt");
	code_read(r, first);
	(void)test(r, "rt");
	code_read(r, second);
	assert_int_equal(answer(r, first).out.action.error, -ENOENT);
	assert_int_equal(
		pp_db_exec(pp_ledger_db(r->ledger), "UPDATE contact_code SET at = at - 86400001"),
		0);
	assert_int_equal(answer(r, second).out.action.error, -ENOENT);
	assert_int_equal(pp_test_number(r, VERIFIED), 0);
}

static void who_is_not_in_the_plan_cannot_be_tested(void **state)
{
	struct pp_test_record *r = *state;

	assert_int_equal(test(r, "rt").out.action.error, -ENOENT);
	plan_put(r);
	assert_int_equal(test(r, "nobody").out.action.error, -ENOENT);
	assert_int_equal(test(r, NULL).out.action.error, -ENOENT);
	assert_int_equal(test(r, "bot").out.action.error, 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM notification WHERE target = 'bot'"
					   " AND channel = 'webhook' AND purpose = 'test'"),
		1);
}

static void whoever_says_no_to_a_test_is_not_verified(void **state)
{
	struct pp_test_record *r = *state;
	char code[8];

	plan_put(r);
	(void)test(r, "rt");
	code_read(r, code);
	assert_int_equal(answer(r, code).out.action.error, 0);
	assert_true(pp_test_number(r, VERIFIED) > 0);
	(void)test(r, "rt");
	code_read(r, code);
	assert_int_equal(say(r, code, "on-scene").out.action.error, -EPERM);
	assert_int_equal(say(r, code, "refused").out.action.error, 0);
	assert_true(pp_test_number(r, VERIFIED) < 0);
	pp_test_text_is(r,
		"SELECT group_concat(kind || ' ' || actor) FROM event WHERE kind IN"
		" ('contact.verified', 'contact.denied')",
		"contact.verified contact:rt,contact.denied contact:rt");
	assert_int_equal(answer(r, code).out.action.error, -ENOENT);
}

/* The file says what was true before. */
static void whoever_has_said_no_is_not_verified_by_the_same_file(void **state)
{
	struct pp_test_record *r = *state;
	char code[8], *text = strdup(plan), *at = strstr(text, "role: ketua-rt"), dated[900];

	snprintf(dated, sizeof(dated), "%.*sverified: 2025-11-01, %s", (int)(at - text), text, at);
	free(text);
	book_put(r, dated);
	assert_true(pp_test_number(r, VERIFIED) > 0);
	(void)test(r, "rt");
	code_read(r, code);
	assert_int_equal(say(r, code, "refused").out.action.error, 0);
	book_put(r, dated);
	assert_true(pp_test_number(r, VERIFIED) < 0);
	/* A day that came after it, or his own yes, is news. */
	(void)test(r, "rt");
	code_read(r, code);
	assert_int_equal(answer(r, code).out.action.error, 0);
	assert_true(pp_test_number(r, VERIFIED) > 0);
}

static void a_test_of_the_old_number_does_not_verify_the_new_one(void **state)
{
	struct pp_test_record *r = *state;
	char code[8], other[sizeof(plan)];

	plan_put(r);
	(void)test(r, "rt");
	code_read(r, code);
	memcpy(other, plan, sizeof(other));
	memcpy(strstr(other, "Budi"), "Joko", 4);
	book_put(r, other); /* another name: the number is the same */
	memcpy(strstr(other, "+6281234567890"), "+6289999999999", 14);
	book_put(r, other);
	assert_int_equal(answer(r, code).out.action.error, -ENOENT);
	assert_int_equal(pp_test_number(r, VERIFIED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_contact_is_verified_by_its_code_and_by_nothing_else),
		RECORD_TEST(a_code_is_over_after_a_day_and_when_another_was_sent),
		RECORD_TEST(who_is_not_in_the_plan_cannot_be_tested),
		RECORD_TEST(whoever_says_no_to_a_test_is_not_verified),
		RECORD_TEST(whoever_has_said_no_is_not_verified_by_the_same_file),
		RECORD_TEST(a_test_of_the_old_number_does_not_verify_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
