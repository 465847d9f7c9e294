/* SPDX-License-Identifier: Apache-2.0 */
/* actions_test.c -- what people do, what they are refused, and why. */
#include "fixture.h"

#include <errno.h>

static void an_incident_is_worked_to_its_end(void **state)
{
	static const struct {
		struct pp_action action;
		int want;
		const char *text; /* state after it, or the reason */
	} steps[] = {
		{ { .type = PP_ACTION_CLOSE, .code = "real" }, -EPERM,
			"incident KDL-25-000001 is not acknowledged yet: acknowledge it first" },
		{ { .type = PP_ACTION_DISPATCH, .unit = "Damkar 1" }, -EPERM,
			"incident KDL-25-000001 is not acknowledged yet: acknowledge it first" },
		{ { .type = PP_ACTION_ACKNOWLEDGE }, 0, "acknowledged" },
		{ { .type = PP_ACTION_ACKNOWLEDGE, .actor = "user:budi" }, -EPERM,
			"incident KDL-25-000001 is acknowledged already, by user:siti" },
		{ { .type = PP_ACTION_ON_SCENE }, -EPERM,
			"incident KDL-25-000001 has no unit under way: dispatch one first" },
		{ { .type = PP_ACTION_DISPATCH, .unit = "" }, -EINVAL,
			"unit: expected 1 to 64 bytes of text" },
		{ { .type = PP_ACTION_DISPATCH, .unit = "Damkar 1" }, 0, "dispatched" },
		{ { .type = PP_ACTION_DISPATCH, .unit = "Patroli 2" }, 0, "dispatched" },
		{ { .type = PP_ACTION_NOTE, .text = "" }, -EINVAL,
			"text: expected 1 to 2000 bytes of text" },
		{ { .type = PP_ACTION_NOTE, .text = "a\x1b[31m" }, -EINVAL,
			"text: expected 1 to 2000 bytes of text" },
		{ { .type = PP_ACTION_NOTE, .text = "Api di dapur\nPak Budi" }, 0, "dispatched" },
		{ { .type = PP_ACTION_ON_SCENE }, 0, "on-scene" },
		{ { .type = PP_ACTION_CLOSE }, -EINVAL,
			"code: expected one of real, nuisance, prank, test, fault, unfounded" },
		{ { .type = PP_ACTION_CLOSE, .code = "real", .text = "padam" }, 0, "closed" },
		{ { .type = PP_ACTION_CLOSE, .code = "real" }, -EPERM,
			"incident KDL-25-000001 is closed already, by user:siti" },
		{ { .type = PP_ACTION_NOTE, .text = "laporan selesai" }, 0, "closed" },
		{ { .type = PP_ACTION_NOTE, .text = "x", .tenant = "serang" }, -ENOENT,
			"there is no such incident" },
		{ { .type = PP_ACTION_NOTE, .text = "x", .tenant = "nowhere" }, -ENOENT,
			"there is no such tenant" },
	};
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_action a = steps[i].action;
		struct pp_item got;
		const char *text;

		a.incident = "KDL-25-000001";
		got = action_apply(r, a);
		text = got.out.action.error ? got.out.action.reason : got.out.action.state;
		if (got.out.action.error != steps[i].want || strcmp(text, steps[i].text) != 0)
			fail_msg("step %zu: %d '%s'", i, got.out.action.error, text);
	}
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event"
		" WHERE incident_id > 0 ORDER BY event_id)",
		"incident.opened ladder.step incident.acknowledged ladder.ended"
		" incident.dispatched incident.dispatched incident.note incident.on-scene"
		" incident.closed incident.note");
}

static void an_alarm_that_joins_under_the_hand_that_closes_is_not_closed_with_it(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	const struct pp_action close = { .type = PP_ACTION_CLOSE,
		.tenant = "kendal",
		.actor = "user:siti",
		.code = "real",
		.incident = "KDL-25-000001" };
	struct pp_item got, *item = pp_item_new(PP_ITEM_ACTION);

	signal_apply(r, &s, PP_TEST_NOW);
	action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	s.seq = 2;
	signal_apply(r, &s, PP_TEST_NOW + 4000);
	got = action_apply(r, close);
	assert_int_equal(got.out.action.error, -EPERM);
	assert_string_equal(got.out.action.reason,
		"incident KDL-25-000001 has had a new alarm a moment ago: look at it first");
	assert_string_equal(got.out.action.state, "acknowledged");
	/* Time to look at it. */
	item->in.action = &close;
	snprintf(item->tenant, sizeof(item->tenant), "%s", "kendal");
	assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW + 4000 + 3001), 0);
	assert_string_equal(item->out.action.state, "closed");
	pp_item_free(item);
}

static void a_move_lets_the_post_ask_again_and_a_note_does_not(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);
	struct pp_item got;

	signal_apply(r, &s, PP_TEST_NOW);
	got = action_apply(
		r, (struct pp_action){
			   .type = PP_ACTION_NOTE, .incident = "KDL-25-000001", .text = "x" });
	assert_false(got.out.progress);
	got = action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	assert_true(got.out.progress);
	assert_string_equal(got.post, "boja-01");
	assert_int_equal(got.out.action.rev, 3);
}

static void personal_texts_are_only_hashes_on_the_timeline(void **state)
{
	struct pp_test_record *r = *state;
	struct pp_signal s = pp_test_alarm(1);

	signal_apply(r, &s, PP_TEST_NOW);
	action_apply(r,
		(struct pp_action){ .type = PP_ACTION_ACKNOWLEDGE, .incident = "KDL-25-000001" });
	action_apply(r, (struct pp_action){ .type = PP_ACTION_CLOSE,
				.incident = "KDL-25-000001",
				.code = "prank",
				.text = "anak Pak Budi" });
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE body LIKE '%Budi%'"), 0);
	pp_test_text_is(r, "SELECT value FROM personal", "anak Pak Budi");
	assert_int_equal(pp_test_number(r, "SELECT length(json_extract(body, '$.note')) FROM event"
					   " WHERE kind = 'incident.closed'"),
		64);
}

static void people_are_created_and_come_and_go(void **state)
{
	static const struct {
		struct pp_action action;
		int want;
	} steps[] = {
		{ { .type = PP_ACTION_SESSION_OPEN,
			  .name = "siti",
			  .until_ms = PP_TEST_NOW * 2,
			  .ends_ms = PP_TEST_NOW * 2 },
			-ENOENT },
		{ { .type = PP_ACTION_USER_CREATE,
			  .name = "siti",
			  .text = "Bu Siti",
			  .secret = "h",
			  .role = "boss" },
			-EINVAL },
		{ { .type = PP_ACTION_USER_CREATE,
			  .name = "Siti!",
			  .text = "Bu Siti",
			  .secret = "h",
			  .role = "operator" },
			-EINVAL },
		{ { .type = PP_ACTION_USER_CREATE,
			  .name = "siti",
			  .text = "",
			  .secret = "h",
			  .role = "operator" },
			-EINVAL },
		{ { .type = PP_ACTION_USER_CREATE,
			  .name = "siti",
			  .text = "Bu Siti",
			  .secret = "h",
			  .role = "operator" },
			0 },
		{ { .type = PP_ACTION_USER_CREATE,
			  .name = "siti",
			  .text = "Bu Siti",
			  .secret = "h",
			  .role = "operator" },
			-EEXIST },
		{ { .type = PP_ACTION_SESSION_OPEN,
			  .name = "siti",
			  .until_ms = PP_TEST_NOW * 2,
			  .ends_ms = PP_TEST_NOW * 2 },
			0 },
		{ { .type = PP_ACTION_SESSION_KEEP, .name = "siti", .until_ms = PP_TEST_NOW * 3 },
			0 },
		{ { .type = PP_ACTION_SESSION_CLOSE }, 0 },
		{ { .type = PP_ACTION_SESSION_CLOSE }, -ENOENT },
	};
	struct pp_test_record *r = *state;

	for (size_t i = 0; i < PP_COUNT(steps); i++) {
		struct pp_item got = action_apply(r, steps[i].action);

		if (got.out.action.error != steps[i].want)
			fail_msg("step %zu: %d '%s'", i, got.out.action.error,
				got.out.action.reason);
	}
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event"
		" WHERE kind <> 'registry.imported' ORDER BY event_id)",
		"user.created session.opened session.closed");
	assert_int_equal(
		pp_test_number(r, "SELECT count(*) FROM event WHERE body LIKE '%Bu Siti%'"), 0);
}

static void nothing_is_changed_by_nobody(void **state)
{
	static const char *const nobody[] = { NULL, "", "user:\n", "user:\xff" };
	struct pp_test_record *r = *state;
	int64_t events = pp_test_number(r, "SELECT count(*) FROM event");

	for (size_t i = 0; i < PP_COUNT(nobody); i++) {
		const struct pp_action action = { .type = PP_ACTION_USER_CREATE,
			.tenant = "kendal",
			.actor = nobody[i],
			.name = "siti",
			.text = "Bu Siti",
			.secret = "h",
			.role = "operator" };
		struct pp_item *item = pp_item_new(PP_ITEM_ACTION);

		snprintf(item->tenant, sizeof(item->tenant), "kendal");
		item->in.action = &action;
		assert_int_equal(pp_ledger_apply(r->ledger, &item, 1, PP_TEST_NOW), 0);
		assert_int_equal(item->out.action.error, -EINVAL);
		pp_item_free(item);
	}
	assert_int_equal(pp_test_number(r, "SELECT count(*) FROM event"), events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(an_incident_is_worked_to_its_end),
		RECORD_TEST(an_alarm_that_joins_under_the_hand_that_closes_is_not_closed_with_it),
		RECORD_TEST(a_move_lets_the_post_ask_again_and_a_note_does_not),
		RECORD_TEST(personal_texts_are_only_hashes_on_the_timeline),
		RECORD_TEST(people_are_created_and_come_and_go),
		RECORD_TEST(nothing_is_changed_by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
