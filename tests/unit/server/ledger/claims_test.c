/* SPDX-License-Identifier: Apache-2.0 */
/* claims_test.c -- offers that are accepted or not, and holders who are gone. */
#include "fixture.h"

#include <errno.h>

#include "merged.h"

#define NUMBER "KDL-25-000001"

static void user_add(struct pp_test_record *r, const char *name)
{
	assert_int_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_USER_CREATE,
						 .name = name,
						 .text = name,
						 .secret = "$argon2id$",
						 .role = "operator" })
				 .out.action.error,
		0);
}

static void held_by(struct pp_test_record *r, const char *actor)
{
	struct pp_signal s = pp_test_alarm(1);

	assert_int_equal(pp_ledger_boot(r->ledger, 1, 1000), 0);
	(void)signal_apply(r, &s, PP_TEST_NOW);
	(void)action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_ACKNOWLEDGE, .actor = actor, .incident = NUMBER });
}

static struct pp_action_result offer(struct pp_test_record *r, const char *by, const char *to)
{
	return action_apply(r,
		(struct pp_action){
			.type = PP_ACTION_HAND_OVER, .actor = by, .incident = NUMBER, .name = to })
		.out.action;
}

static struct pp_action_result take(struct pp_test_record *r, const char *by)
{
	return action_apply(r,
		(struct pp_action){ .type = PP_ACTION_TAKE_OVER, .actor = by, .incident = NUMBER })
		.out.action;
}

static struct pp_item gone(struct pp_test_record *r, const char *holder)
{
	struct pp_item *item = pp_item_new(PP_ITEM_RETURN), answers;

	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	snprintf(item->in.claim.holder, sizeof(item->in.claim.holder), "%s", holder);
	item->in.claim.incident_id = 1;
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 30000), 0);
	assert_int_equal(item->error, 0);
	answers = *item;
	pp_item_free(item);
	return answers;
}

static void whoever_is_offered_it_has_it_when_he_accepts_and_not_before(void **state)
{
	struct pp_test_record *r = *state;

	user_add(r, "siti");
	user_add(r, "andi");
	held_by(r, "user:budi");
	assert_int_equal(take(r, "user:siti").error, -EPERM);
	assert_int_equal(offer(r, "user:andi", "siti").error, -EPERM);
	assert_int_equal(offer(r, "user:budi", "nobody").error, -EINVAL);
	assert_int_equal(offer(r, "user:budi", "Siti!").error, -EINVAL);
	user_add(r, "tini");
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_USER_SET,
				      .name = "tini",
				      .role = "engineer" });
	assert_int_equal(offer(r, "user:budi", "tini").error, -EINVAL); /* could not take it */
	assert_int_equal(offer(r, "user:budi", "siti").error, 0);
	pp_test_text_is(r, "SELECT acknowledged_by FROM incident", "user:budi");
	assert_int_equal(take(r, "user:andi").error, -EPERM);
	assert_int_equal(take(r, "user:siti").error, 0);
	pp_test_text_is(r, "SELECT acknowledged_by || ' ' || state FROM incident",
		"user:siti acknowledged");
	assert_int_equal(take(r, "user:siti").error, -EPERM); /* it was one offer */
	pp_test_text_is(r,
		"SELECT group_concat(kind || ' ' || actor || ' '"
		" || json_extract(body, '$.user'), ', ') FROM event"
		" WHERE kind IN ('incident.offered', 'incident.handed-over')",
		"incident.offered user:budi user:siti, incident.handed-over user:siti user:budi");
}

static void an_incident_whose_holder_is_gone_is_open_again_and_the_desk_is_rung_anew(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item item;

	user_add(r, "siti");
	held_by(r, "user:budi");
	assert_int_equal(offer(r, "user:budi", "siti").error, 0);
	item = gone(r, "user:andi"); /* not his */
	assert_false(item.out.progress);
	item = gone(r, "user:budi");
	assert_true(item.out.progress);
	assert_string_equal(item.post, "boja-01");
	pp_test_text_is(r, "SELECT state FROM incident", "open");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'ladder.step'"
					   " AND json_extract(body, '$.ring') = 'desk'"),
		2);
	assert_int_equal(take(r, "user:siti").error, -EPERM); /* the offer is gone with him */
	assert_false(gone(r, "user:budi").out.progress);
}

static void help_that_is_on_its_way_stays_so_when_the_desk_is_gone(void **state)
{
	struct pp_test_record *r = *state;

	held_by(r, "user:budi");
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_DISPATCH,
				      .actor = "user:budi",
				      .incident = NUMBER,
				      .unit = "Damkar 1" });
	assert_false(gone(r, "user:budi").out.progress);
	pp_test_text_is(
		r, "SELECT state FROM incident WHERE acknowledged_by IS NULL", "dispatched");
	assert_string_equal(action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE,
						    .actor = "user:siti",
						    .incident = NUMBER })
				    .out.action.state,
		"dispatched");
	pp_test_text_is(r, "SELECT acknowledged_by FROM incident", "user:siti");
}

static void is_back_by(struct pp_test_record *r, struct pp_action change)
{
	struct pp_item item;

	user_add(r, "budi");
	user_add(r, "siti");
	held_by(r, "user:budi");
	change.name = "siti"; /* not his */
	assert_false(action_apply(r, change).out.progress);
	change.name = "budi";
	item = action_apply(r, change);
	assert_int_equal(item.out.action.error, 0);
	assert_true(item.out.progress);
	assert_string_equal(item.post, "boja-01");
	pp_test_text_is(r, "SELECT state || coalesce(acknowledged_by, '') FROM incident", "open");
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event WHERE kind = 'ladder.step'"
					   " AND json_extract(body, '$.ring') = 'desk'"),
		2);
	pp_test_text_is(r, "SELECT body ->> 'user' FROM event WHERE kind = 'incident.returned'",
		"user:budi");
}

/* His new pages may not show it, and would hold it all the same. */
static void whose_rights_change_holds_nothing(void **state)
{
	is_back_by(*state,
		(struct pp_action){ .type = PP_ACTION_USER_SET, .role = "engineer" });
}

static void whose_region_changes_holds_nothing(void **state)
{
	is_back_by(*state, (struct pp_action){ .type = PP_ACTION_USER_SET, .kecamatan = "" });
}

static void who_is_disabled_holds_nothing(void **state)
{
	is_back_by(*state,
		(struct pp_action){ .type = PP_ACTION_USER_ACTIVE, .state = "disabled" });
}

static void the_posts_of_all_that_he_held_are_told(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_item item;

	user_add(r, "budi");
	held_by(r, "user:budi");
	press(r, "boja-02", 1, PP_CLASS_CRIME, 0); /* far away: another incident */
	(void)action_apply(r, (struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE,
				      .actor = "user:budi",
				      .incident = "KDL-25-000002" });
	item = action_apply(r, (struct pp_action){ .type = PP_ACTION_USER_ACTIVE,
				       .name = "budi",
				       .state = "disabled" });
	assert_true(item.out.progress);
	assert_string_equal(item.post, "boja-01");
	assert_int_equal(item.out.also_count, 1);
	assert_string_equal(item.out.also[0], "boja-02");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)
		TEST(whoever_is_offered_it_has_it_when_he_accepts_and_not_before),
		TEST(an_incident_whose_holder_is_gone_is_open_again_and_the_desk_is_rung_anew),
		TEST(help_that_is_on_its_way_stays_so_when_the_desk_is_gone),
		TEST(whose_rights_change_holds_nothing),
		TEST(whose_region_changes_holds_nothing),
		TEST(who_is_disabled_holds_nothing),
		TEST(the_posts_of_all_that_he_held_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
