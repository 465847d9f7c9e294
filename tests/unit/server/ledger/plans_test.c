/* SPDX-License-Identifier: Apache-2.0 */
/* plans_test.c -- a book of plans becomes the record's, once, with one event and without names in
 * the chain. */
#include "ledger/plans.h"

#include "fixture.h"

#include <errno.h>

#include "book.h"
#include "plans/plans.h"
#include "store/registry.h"

#define DAY INT64_C(86400000)

static const char first[] =
	"tenant: kendal\n"
	"contacts:\n"
	"  rt: {name: Pak Budi, role: ketua-rt, verified: 2025-11-01, ways: [{sms:"
	" \"+6281234567890\"}]}\n"
	"  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n"
	"plans:\n"
	"  all: {classes: [all], area: [all], rings: {desk: {until: taken, steps: [{call: [rt],"
	" wait: 15s}]}}, fallback: {call: [siti], every: 60s}}\n";

static char *with(const char *from, const char *to)
{
	const char *at = strstr(first, from);
	char *text = malloc(sizeof(first) + strlen(to));

	assert_non_null(text);
	assert_non_null(at);
	snprintf(text, sizeof(first) + strlen(to), "%.*s%s%s", (int)(at - first), first, to,
		at + strlen(from));
	return text;
}

static int put(struct pp_test_record *r, const char *text, struct pp_plan_change *ret_change)
{
	struct pp_plans_file *file = NULL;
	struct pp_problem problem;
	int e = pp_plans_file_parse("p.yaml", text, strlen(text), &file, &problem);

	if (e < 0)
		fail_msg("%s", problem.text);
	e = pp_ledger_plan_put(r->ledger,
		&(struct pp_plan_order){ pp_plans_file_book(file), "ctl:root", -1 }, PP_TEST_NOW,
		ret_change);
	pp_plans_file_free(file);
	return e;
}

static int put_with(struct pp_test_record *r, const char *from, const char *to,
	struct pp_plan_change *ret_change)
{
	char *text = with(from, to);
	int e = put(r, text, ret_change);

	free(text);
	return e;
}

#define EVENTS "SELECT count(*) FROM event WHERE kind = 'plan.changed'"

static void the_same_file_again_writes_nothing(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_plan_change c;
	int64_t seen;

	assert_int_equal(put(r, first, &c), 0);
	assert_true(c.changed);
	assert_int_equal(c.rev, 1);
	assert_int_equal(c.added, 2);
	seen = pp_test_number(r, "SELECT value FROM meta WHERE key = 'plans_rev'");
	assert_int_equal(put(r, first, &c), 0);
	assert_false(c.changed);
	assert_int_equal(c.rev, 1);
	assert_int_equal(pp_test_number(r, EVENTS), 1);
	assert_int_equal(pp_test_number(r, "SELECT value FROM meta WHERE key = 'plans_rev'"), seen);
}

static void the_chain_holds_no_name_and_no_number(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_plan_change c;

	assert_int_equal(put(r, first, &c), 0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE body LIKE '%Budi%' OR body LIKE"
				  " '%+62%' OR body LIKE '%@%'"),
		0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM plan_rev WHERE body LIKE '%Budi%' OR body"
				  " LIKE '%+62%' OR body LIKE '%@%'"),
		0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM personal JOIN event USING (event_id)"
				  " WHERE kind = 'plan.changed' AND field = 'people' AND value LIKE"
				  " '%Budi%+6281234567890%'"),
		1);
	assert_int_equal(
		pp_test_number(r, "SELECT length(json_extract(body, '$.digest')) FROM event"
				  " WHERE kind = 'plan.changed'"),
		64);
}

static void a_contact_alone_changes_without_a_new_revision(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_plan_change c;

	assert_int_equal(put(r, first, &c), 0);
	assert_int_equal(put_with(r, "Pak Budi", "Pak Joko", &c), 0);
	assert_true(c.changed);
	assert_int_equal(c.rev, 1);
	assert_int_equal(c.altered, 1);
	assert_int_equal(c.added, 0);
	assert_int_equal(pp_test_number(r, EVENTS), 2);
	assert_int_equal(put_with(r, "wait: 15s", "wait: 20s", &c), 0);
	assert_int_equal(c.rev, 2);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM plan_rev"), 2);
}

static void who_is_no_longer_named_is_erased(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_plan_book *old = NULL;
	struct pp_plan_change c;
	char *text =
		with("  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n", "");
	char *called = strstr(text, "[siti]");

	assert_int_equal(put(r, first, &c), 0);
	memcpy(called, "[rt  ]", 6);
	assert_int_equal(put(r, text, &c), 0);
	free(text);
	assert_int_equal(c.removed, 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM contact"), 1);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM contact_way"), 1);
	/* The plan of before knows that there was somebody, and no more. */
	assert_int_equal(pp_plans_load(pp_ledger_db(r->ledger), "kendal", 1, &old), 0);
	assert_string_equal(old->contacts[1].id, "siti");
	assert_string_equal(old->contacts[1].name, "");
	pp_plan_book_free(old);
	assert_int_equal(put(r, first, &c), 0);
	assert_int_equal(c.added, 1);
	assert_int_equal(c.rev, 3);
}

static int verify_run(struct pp_ledger *l, void *user)
{
	int r = pp_contact_verified(l, "kendal", user, "contact:rt");

	return r < 0 ? r : 0;
}

static void a_verified_contact_stays_so_while_its_ways_stay(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_plan_change c;
	char id[] = "rt", nobody[] = "nobody";
	static const char verified[] = "SELECT verified FROM contact WHERE contact = 'rt'";

	assert_int_equal(put(r, first, &c), 0);
	assert_int_equal(pp_test_number(r, verified), INT64_C(1761955200000));
	assert_int_equal(pp_ledger_transact(r->ledger, PP_TEST_NOW + DAY, verify_run, id), 0);
	assert_int_equal(pp_ledger_transact(r->ledger, PP_TEST_NOW + DAY, verify_run, nobody), 0);
	assert_int_equal(pp_test_number(r, verified), PP_TEST_NOW + DAY);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'contact.verified'"), 1);
	/* The file's older day does not take it back ... */
	assert_int_equal(put(r, first, &c), 0);
	assert_false(c.changed);
	/* ... another number does. */
	assert_int_equal(put_with(r, "+6281234567890", "+6281234567899", &c), 0);
	assert_int_equal(pp_test_number(r, verified), INT64_C(1761955200000));
}

static struct pp_item action(struct pp_test_record *r, const char *text, int64_t registry_rev)
{
	return action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_PLAN, .text = text, .registry_rev = registry_rev });
}

static void the_servers_order_is_held_to_tenant_form_and_registry(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item answers;
	int64_t rev;

	assert_int_equal(pp_store_registry_rev(pp_ledger_db(r->ledger), &rev), 0);
	answers = action(r, first, rev);
	assert_int_equal(answers.out.action.error, 0);
	assert_string_equal(answers.out.action.state, "changed");
	assert_int_equal(answers.out.action.rev, 1);
	assert_string_equal(action(r, first, rev).out.action.state, "unchanged");
	answers = action(r, first, rev + 1);
	assert_int_equal(answers.out.action.error, -EPERM);
	assert_string_equal(
		answers.out.action.reason, "the registry has changed meanwhile: try again");
	answers = action(r, "tenant: serang\n", rev);
	assert_int_equal(answers.out.action.error, -EINVAL);
	assert_string_equal(answers.out.action.reason, "body:1:1: 'plans' is missing or empty");
	assert_int_equal(action(r, NULL, rev).out.action.error, -EINVAL);
	answers = action_apply(r, (struct pp_action){ .tenant = "serang",
					  .type = PP_ACTION_PLAN,
					  .text = first,
					  .registry_rev = rev });
	assert_int_equal(answers.out.action.error, -EINVAL);
	assert_string_equal(answers.out.action.reason, "tenant: the plan is another tenant's");
}

static void a_tenant_that_is_not_there_gets_no_plan(void **state)
{
	struct pp_plan_change c;

	assert_int_equal(put_with(*state, "kendal", "nowhere", &c), -ENOENT);
}

#define LATER                                                                                      \
	"UPDATE plan_rev SET body = replace(body, '\"plans\"', '\"plans_of_a_later_version\"')"

static void a_plan_that_cannot_be_read_loses_no_alarm_and_the_next_import_mends_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_plan_change c;
	char *text =
		with("  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n", "");

	assert_int_equal(put(r, first, &c), 0);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger), LATER), 0);
	pp_test_record_reopen(r);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	assert_int_equal(signal_apply(r, &s, PP_TEST_NOW).error, 0);
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM incident"), 1);
	pp_test_text_is(r, "SELECT plan FROM ladder", "");
	/* Whoever the new file names no more is erased all the same. */
	memcpy(strstr(text, "[siti]"), "[rt  ]", 6);
	assert_int_equal(put(r, text, &c), 0);
	free(text);
	assert_int_equal(c.rev, 2);
	assert_int_equal(c.removed, 1);
	pp_test_text_is(r, "SELECT group_concat(contact) FROM contact", "rt");
}

static const char without_rt[] =
	"tenant: kendal\n"
	"contacts:\n"
	"  siti: {name: Bu Siti, role: piket, ways: [{mail: siti@example.id}]}\n"
	"plans:\n"
	"  all: {classes: [all], area: [all], rings: {desk: {until: taken, steps: [{call: [siti],"
	" wait: 15s}]}}, fallback: {call: [siti], every: 60s}}\n";

static void an_erased_contact_is_sent_nothing_and_no_number_of_it_stays(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1), again = pp_test_alarm(2);
	struct pp_plan_change c;

	assert_int_equal(put(r, first, &c), 0);
	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
	again.class = PP_CLASS_FIRE;
	(void)signal_apply(r, &again, PP_TEST_NOW);
	assert_int_equal(pp_db_exec(pp_ledger_db(r->ledger),
				 "UPDATE notification SET state = 'sent', attempts = 1"
				 " WHERE contact = 'rt' AND incident_id = 1"),
		0);
	pp_test_text_is(r,
		"SELECT group_concat(state || address) FROM notification WHERE contact = 'rt'",
		"sent+6281234567890,queued+6281234567890");
	assert_int_equal(put(r, without_rt, &c), 0);
	pp_test_text_is(r,
		"SELECT group_concat(state || address || text) FROM notification"
		" WHERE contact = 'rt'",
		"sent,withdrawn");
	/* Not even that others have it. */
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE,
						 .incident = "KDL-25-000001" })
				 .out.action.error,
		0);
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM notification WHERE contact = 'rt'"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(the_same_file_again_writes_nothing),
		RECORD_TEST(the_chain_holds_no_name_and_no_number),
		RECORD_TEST(a_contact_alone_changes_without_a_new_revision),
		RECORD_TEST(who_is_no_longer_named_is_erased),
		RECORD_TEST(a_verified_contact_stays_so_while_its_ways_stay),
		RECORD_TEST(the_servers_order_is_held_to_tenant_form_and_registry),
		RECORD_TEST(a_tenant_that_is_not_there_gets_no_plan),
		RECORD_TEST(an_erased_contact_is_sent_nothing_and_no_number_of_it_stays),
		RECORD_TEST(
			a_plan_that_cannot_be_read_loses_no_alarm_and_the_next_import_mends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
