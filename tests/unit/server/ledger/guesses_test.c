/* SPDX-License-Identifier: Apache-2.0 */
/* guesses_test.c -- whoever guesses codes by text message is soon not looked at, and whoever was
 * sent one always is. */
#include "by_plan.h"

#include <errno.h>

#include "dispatch/callout.h"

#define HOUR_MS INT64_C(3600000)
#define RT "+6281234567890"

/* rt is called by a text message, siti by a letter. */
static void night_of_codes(struct pp_test_record *r)
{
	night_begin(r, PEOPLE PLAN NEIGHBOURS(STEP("\"contact:rt\", \"contact:siti\"", "1h"))
			       FALLBACK("webhook:all"));
}

static void code_of(struct pp_test_record *r, int64_t call_id, char ret_code[8])
{
	char sql[120];
	struct pp_stmt *s;

	snprintf(sql, sizeof(sql), "SELECT spoken FROM call WHERE call_id = %d", (int)call_id);
	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger), sql, &s), 0);
	assert_int_equal(pp_stmt_step(s), 1);
	snprintf(ret_code, 8, "%s", pp_column_text(s, 0));
	pp_stmt_reset(s);
}

struct said {
	int error;
	bool wrong, unseen;
	char reason[160];
};

static struct said say(
	struct pp_test_record *r, const char *from, const char *code, int64_t now_ms)
{
	const struct pp_action action = { .type = PP_ACTION_CALL_ANSWER,
		.tenant = "",
		.actor = "",
		.code = code,
		.state = "accepted",
		.name = from,
		.text = "sms" };
	struct pp_item *item = pp_item_new(PP_ITEM_ACTION);
	struct said said;

	item->in.action = &action;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + now_ms), 0);
	assert_int_equal(item->error, 0);
	said = (struct said){ item->out.action.error, item->out.code_wrong,
		item->out.code_unseen, "" };
	snprintf(said.reason, sizeof(said.reason), "%s", item->out.action.reason);
	pp_item_free(item);
	return said;
}

/* One that is of no call, the n-th. */
static struct said guess(struct pp_test_record *r, const char *from, unsigned n, int64_t now_ms)
{
	char code[PP_CALLOUT_CODE_SIZE], used[2][8];
	uint64_t random = 1000 + n;

	code_of(r, 1, used[0]);
	code_of(r, 2, used[1]);
	do {
		pp_callout_code_make(random += 100, code);
	} while (strcmp(code, used[0]) == 0 || strcmp(code, used[1]) == 0);
	return say(r, from, code, now_ms);
}

static void calls_are(struct pp_test_record *r, const char *want)
{
	pp_test_text_is(r,
		"SELECT group_concat(contact || ' ' || state || ' ' || reason, ', ') FROM"
		" (SELECT * FROM call ORDER BY call_id)",
		want);
}

static void after_five_wrong_codes_a_stranger_is_not_looked_at_for_an_hour(void **state)
{
	struct pp_test_record *r = *state;
	struct said said, unseen;
	char code[8];

	night_of_codes(r);
	code_of(r, 1, code);
	for (unsigned i = 0; i < 5; i++) {
		said = guess(r, "+6285550001111", i, i);
		assert_int_equal(said.error, -ENOENT);
		assert_true(said.wrong);
	}
	unseen = say(r, "085550001111", code, 10); /* however it is written */
	assert_true(unseen.unseen && !unseen.wrong);
	/* What he is told is what he was told before. */
	assert_int_equal(unseen.error, said.error);
	assert_string_equal(unseen.reason, said.reason);
	calls_are(r, "rt notified , siti notified ");
	/* Others are not he. */
	assert_true(guess(r, "+6285550002222", 9, 11).wrong);
	assert_int_equal(say(r, "+6285550001111", code, HOUR_MS).error, 0);
	calls_are(r, "rt accepted , siti stopped ");
}

static void it_is_told_once_and_a_restart_forgets_nothing(void **state)
{
	struct pp_test_record *r = *state;

	night_of_codes(r);
	for (unsigned i = 0; i < 4; i++)
		(void)guess(r, "+6285550001111", i, 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'security'"), 0);
	for (unsigned i = 4; i < 9; i++)
		assert_int_equal(guess(r, "+6285550001111", i, 0).wrong, i == 4);
	pp_test_text_is(r,
		"SELECT group_concat(tenant || ' ' || json_extract(body, '$.kind') || ' ' ||"
		" json_extract(body, '$.count')) FROM event WHERE kind = 'security'",
		"kendal guessed-codes 5,serang guessed-codes 5");
	/* It lies in the record, without the number. */
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM guess"), 2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM guess WHERE who LIKE '%5555%'"
					   " OR who LIKE '%0001111%'"),
		0);
}

static void many_numbers_that_guess_shut_out_strangers_and_nobody_who_was_called(void **state)
{
	struct pp_test_record *r = *state;
	char rt[8], siti[8], from[20];

	night_of_codes(r);
	code_of(r, 1, rt);
	code_of(r, 2, siti);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(from, sizeof(from), "+62855500%05u", i);
		assert_true(guess(r, from, i, 0).wrong);
	}
	assert_true(guess(r, "+6285599999999", 21, 0).unseen);
	assert_true(say(r, "+6285599999999", siti, 0).unseen); /* hers, and no phone of hers */
	assert_true(say(r, RT, siti, 0).unseen);               /* nor is it his */
	assert_int_equal(say(r, "0812-3456-7890", rt, 0).error, 0);
	calls_are(r, "rt accepted , siti stopped ");
	pp_test_text_is(r,
		"SELECT json_extract(body, '$.detail') FROM event WHERE kind = 'security' AND"
		" tenant = 'kendal'",
		"codes of calls, from any number");
}

static void whose_number_was_forged_is_heard_and_the_desk_reads_of_the_doubt(void **state)
{
	struct pp_test_record *r = *state;
	char code[8];

	night_of_codes(r);
	code_of(r, 1, code);
	for (unsigned i = 0; i < 50; i++)
		(void)guess(r, RT, i, 0);
	assert_int_equal(pp_test_number(r, "SELECT count FROM guess WHERE who = ''"), 5);
	assert_int_equal(say(r, RT, code, 0).error, 0);
	calls_are(r, "rt accepted setelah 5 kode salah dari nomor ini: telepon balik / after 5"
		     " wrong codes from this number: call back, siti stopped ");
}

static void a_gateway_that_names_no_sender_has_the_share_of_all(void **state)
{
	struct pp_test_record *r = *state;
	char code[8];

	night_of_codes(r);
	code_of(r, 1, code);
	for (unsigned i = 0; i < 19; i++)
		assert_true(guess(r, i % 2 ? NULL : "BANK", i, 0).wrong);
	assert_int_equal(say(r, NULL, code, 0).error, 0);
}

static void the_code_of_a_call_that_is_over_is_no_guess(void **state)
{
	struct pp_test_record *r = *state;
	char code[8];
	struct said said;

	night_of_codes(r);
	code_of(r, 1, code);
	night_taken(r);
	night_over(r);
	said = say(r, RT, code, 0);
	assert_int_equal(said.error, -ENOENT);
	assert_false(said.wrong || said.unseen);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM guess"), 0);
}

static void a_test_is_answered_by_whom_it_went_to_whoever_guesses(void **state)
{
	struct pp_test_record *r = *state;
	char code[8] = "";
	struct pp_stmt *s;
	const char *at;

	night_of_codes(r);
	(void)action_apply(
		r, (struct pp_action){ .type = PP_ACTION_CONTACT_TEST, .name = "rt" });
	assert_int_equal(pp_db_prepare(pp_ledger_db(r->ledger),
				 "SELECT text FROM notification WHERE purpose = 'test'", &s),
		0);
	assert_int_equal(pp_stmt_step(s), 1);
	at = strstr(pp_column_text(s, 0), "YA ");
	assert_non_null(at);
	memcpy(code, at + 3, 7);
	pp_stmt_reset(s);
	for (unsigned i = 0; i < 6; i++) {
		(void)guess(r, RT, i, 0);
		(void)guess(r, "+6285550001111", i, 0);
	}
	assert_true(say(r, "+6285550001111", code, 0).unseen);
	assert_int_equal(say(r, RT, code, 0).error, 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'contact.verified'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(after_five_wrong_codes_a_stranger_is_not_looked_at_for_an_hour),
		TEST(it_is_told_once_and_a_restart_forgets_nothing),
		TEST(many_numbers_that_guess_shut_out_strangers_and_nobody_who_was_called),
		TEST(whose_number_was_forged_is_heard_and_the_desk_reads_of_the_doubt),
		TEST(a_gateway_that_names_no_sender_has_the_share_of_all),
		TEST(the_code_of_a_call_that_is_over_is_no_guess),
		TEST(a_test_is_answered_by_whom_it_went_to_whoever_guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
