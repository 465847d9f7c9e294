/* SPDX-License-Identifier: Apache-2.0 */
/* people_test.c -- users, their sessions and factors, and what of it the timeline tells. */
#include "fixture.h"

#include <errno.h>

struct step {
	struct pp_action action;
	int want;
};

static void steps_apply(struct pp_test_record *r, const struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pp_item got = action_apply(r, steps[i].action);

		if (got.out.action.error != steps[i].want)
			fail_msg("step %zu: %d '%s'", i, got.out.action.error,
				got.out.action.reason);
	}
}

#define CREATE(who, roles, ...)                                                                    \
	{                                                                                          \
		.type = PP_ACTION_USER_CREATE, .name = (who), .text = "Nama", .secret = "h",       \
		.role = (roles), __VA_ARGS__                                                       \
	}
#define LATER (PP_TEST_NOW * 2)

static void what_a_user_is_is_checked(void **state)
{
	static const struct step steps[] = {
		{ CREATE("a", "boss", ), -EINVAL },
		{ CREATE("A!", "operator", ), -EINVAL },
		{ CREATE("a", NULL, ), -EINVAL },
		{ CREATE("a", "agency", ), -EINVAL },
		{ CREATE("a", "operator", .unit = "Damkar"), -EINVAL },
		{ CREATE("a", "auditor,operator", ), -EINVAL },
		{ CREATE("a", "operator", .kecamatan = ",nowhere,"), -EINVAL },
		{ CREATE("a", "operator", .kecamatan = "nowhere"), -EINVAL },
		{ CREATE("a", "operator", .kecamatan = ","), -EINVAL },
		{ CREATE("a", "agency", .unit = "Damkar\nWeleri"), -EINVAL },
		{ CREATE("a", "agency", .unit = "Damkar Weleri"), 0 },
		{ { .type = PP_ACTION_USER_SET, .name = "a", .role = "operator" }, 0 },
		{ { .type = PP_ACTION_USER_SET, .name = "a", .unit = "Damkar" }, -EINVAL },
		{ { .type = PP_ACTION_USER_SET, .name = "b", .role = "operator" }, -ENOENT },
	};
	struct pp_test_record *r = *state;

	steps_apply(r, steps, PP_COUNT(steps));
	pp_test_text_is(r, "SELECT role || ':' || unit FROM user", "operator:");
}

static void the_last_administrator_stays(void **state)
{
	static const struct step steps[] = {
		{ CREATE("adi", "administrator", ), 0 },
		{ { .type = PP_ACTION_USER_SET, .name = "adi", .role = "operator" }, -EPERM },
		{ { .type = PP_ACTION_USER_ACTIVE, .name = "adi", .state = "disabled" }, -EPERM },
		{ { .type = PP_ACTION_USER_SET, .name = "adi", .role = "administrator,operator" },
			0 },
		{ CREATE("budi", "administrator", ), 0 },
		{ { .type = PP_ACTION_USER_ACTIVE, .name = "adi", .state = "disabled" }, 0 },
		{ { .type = PP_ACTION_USER_ACTIVE, .name = "budi", .state = "disabled" }, -EPERM },
		{ { .type = PP_ACTION_USER_ACTIVE, .name = "adi", .state = "enabled" }, 0 },
		{ { .type = PP_ACTION_USER_SET, .name = "budi", .role = "operator" }, 0 },
		{ { .type = PP_ACTION_USER_ACTIVE, .name = "nobody", .state = "disabled" },
			-ENOENT },
	};

	steps_apply(*state, steps, PP_COUNT(steps));
}

static void whatever_changes_rights_ends_sessions(void **state)
{
	static const struct pp_action changes[] = {
		{ .type = PP_ACTION_USER_SET, .name = "siti", .role = "supervisor" },
		{ .type = PP_ACTION_USER_SET, .name = "siti", .kecamatan = "" },
		{ .type = PP_ACTION_USER_PASSWORD, .name = "siti", .secret = "h2" },
		{ .type = PP_ACTION_USER_FACTOR, .name = "siti", .state = "off" },
		{ .type = PP_ACTION_USER_ACTIVE, .name = "siti", .state = "disabled" },
	};
	struct pp_test_record *r = *state;
	const struct step first[] = { { CREATE("siti", "operator", ), 0 } };

	steps_apply(r, first, 1);
	for (size_t i = 0; i < PP_COUNT(changes); i++) {
		struct pp_action open = { .type = PP_ACTION_SESSION_OPEN,
			.name = "siti",
			.digest = { (uint8_t)(i + 1) },
			.until_ms = LATER,
			.ends_ms = LATER };

		assert_int_equal(action_apply(r, open).out.action.error, 0);
		assert_int_equal(pp_test_number(r, "SELECT count(*) FROM session"), 1);
		assert_int_equal(action_apply(r, changes[i]).out.action.error, 0);
		assert_int_equal(pp_test_number(r, "SELECT count(*) FROM session"), 0);
		/* One that is on its way to be kept alive does not bring it back. */
		open.type = PP_ACTION_SESSION_KEEP;
		assert_int_equal(action_apply(r, open).out.action.error, 0);
		assert_int_equal(pp_test_number(r, "SELECT count(*) FROM session"), 0);
	}
}

static void a_code_opens_one_session(void **state)
{
	static const struct step steps[] = {
		{ CREATE("siti", "operator", ), 0 },
		{ { .type = PP_ACTION_USER_FACTOR, .name = "siti", .state = "on", .step = 5 },
			-ENOENT },
		{ { .type = PP_ACTION_USER_FACTOR, .name = "siti", .state = "begun", .key = { 1 } },
			0 },
		{ { .type = PP_ACTION_USER_FACTOR,
			  .name = "siti",
			  .state = "on",
			  .step = 5,
			  .codes =
				  "07000000000000000000000000000000"
				   "00000000000000000000000000000000 " },
			0 },
		{ { .type = PP_ACTION_SESSION_OPEN,
			  .name = "siti",
			  .digest = { 1 },
			  .until_ms = LATER,
			  .ends_ms = LATER,
			  .step = 5 },
			-EACCES },
		{ { .type = PP_ACTION_SESSION_OPEN,
			  .name = "siti",
			  .digest = { 1 },
			  .until_ms = LATER,
			  .ends_ms = LATER,
			  .step = 6 },
			0 },
		{ { .type = PP_ACTION_SESSION_CONFIRM, .name = "siti", .digest = { 1 }, .step = 6 },
			-EACCES },
		{ { .type = PP_ACTION_SESSION_CONFIRM,
			  .name = "siti",
			  .digest = { 1 },
			  .key = { 7 } },
			0 },
		{ { .type = PP_ACTION_SESSION_CONFIRM,
			  .name = "siti",
			  .digest = { 1 },
			  .key = { 7 } },
			-EACCES },
		{ { .type = PP_ACTION_SESSION_CONFIRM, .name = "siti", .digest = { 2 }, .step = 9 },
			-ENOENT },
	};
	struct pp_test_record *r = *state;

	steps_apply(r, steps, PP_COUNT(steps));
	pp_test_text_is(r,
		"SELECT group_concat(kind, ' ') FROM (SELECT kind FROM event"
		" WHERE kind <> 'registry.imported' ORDER BY event_id)",
		"user.created user.factor session.opened session.confirmed");
}

static void an_invitation_sets_one_password(void **state)
{
	static const struct step steps[] = {
		{ { .type = PP_ACTION_USER_CREATE,
			  .name = "siti",
			  .text = "Siti",
			  .role = "operator",
			  .key = { 9 },
			  .until_ms = LATER },
			0 },
		{ { .type = PP_ACTION_USER_PASSWORD, .name = "siti", .secret = "h", .key = { 8 } },
			-ENOENT },
		{ { .type = PP_ACTION_USER_PASSWORD, .name = "siti", .secret = "h", .key = { 9 } },
			0 },
		{ { .type = PP_ACTION_USER_PASSWORD, .name = "siti", .secret = "h", .key = { 9 } },
			-ENOENT },
		{ { .type = PP_ACTION_USER_INVITE, .name = "siti", .key = { 7 }, .until_ms = 5 },
			0 },
		{ { .type = PP_ACTION_USER_PASSWORD, .name = "siti", .secret = "h", .key = { 7 } },
			-ENOENT },
		{ { .type = PP_ACTION_USER_INVITE,
			  .name = "nobody",
			  .key = { 7 },
			  .until_ms = LATER },
			-ENOENT },
	};

	steps_apply(*state, steps, PP_COUNT(steps));
}

static void who_looks_at_personal_texts_stands_on_the_timeline(void **state)
{
	static const struct step steps[] = {
		{ { .type = PP_ACTION_VIEW, .incident = "KDL-26-000001", .text = "contact" }, 0 },
		{ { .type = PP_ACTION_VIEW, .post = "boja-01", .text = "contact" }, 0 },
	};
	struct pp_test_record *r = *state;

	steps_apply(r, steps, PP_COUNT(steps));
	pp_test_text_is(r,
		"SELECT group_concat(actor || body, ' ') FROM event WHERE kind = 'personal.viewed'",
		"user:siti{\"what\":\"contact\",\"number\":\"KDL-26-000001\"}"
		" user:siti{\"what\":\"contact\",\"post\":\"boja-01\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(what_a_user_is_is_checked),
		RECORD_TEST(the_last_administrator_stays),
		RECORD_TEST(whatever_changes_rights_ends_sessions),
		RECORD_TEST(a_code_opens_one_session),
		RECORD_TEST(an_invitation_sets_one_password),
		RECORD_TEST(who_looks_at_personal_texts_stands_on_the_timeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
