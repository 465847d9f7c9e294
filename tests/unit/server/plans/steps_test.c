/* SPDX-License-Identifier: Apache-2.0 */
/* steps_test.c -- plans: classes, rings, steps, and whom they call. */
#include "parts.h"

#include "sample_file.h"

static void what_is_called_is_there_and_plainly_named(void **state)
{
	static const struct refusal rows[] = {
		{ "contact:rt, webhook:all", "contact:piket, webhook:siren", NULL },
		{ "contact:rt, webhook:all", "posts:near, contact:rt", NULL },
		{ "[satpol]", "[satpol-pp]",
			"p.yaml:17:80: there is no 'satpol-pp' (agency:ID, contact:ID, roster:ID, "
			"role:operator, role:supervisor, webhook:NAME, "
			"webhook:all or posts:near)" },
		{ "[satpol]", "[contact:satpol]",
			"p.yaml:17:80: there is no 'contact:satpol' (agency:ID, contact:ID, "
			"roster:ID, role:operator, role:supervisor, webhook:NAME, webhook:all or "
			"posts:near)" },
		{ "[satpol]", "[role:auditor]",
			"p.yaml:17:80: there is no 'role:auditor' (agency:ID, contact:ID, "
			"roster:ID, role:operator, role:supervisor, webhook:NAME, webhook:all or "
			"posts:near)" },
		{ "[satpol]", "[\"c:rt\"]",
			"p.yaml:17:80: there is no 'c:rt' (agency:ID, contact:ID, roster:ID, "
			"role:operator, role:supervisor, webhook:NAME, "
			"webhook:all or posts:near)" },
		{ "[satpol]", "['webhook:B o']",
			"p.yaml:17:80: there is no 'webhook:B o' (agency:ID, contact:ID, roster:"
			"ID, "
			"role:operator, role:supervisor, webhook:NAME, "
			"webhook:all or posts:near)" },
		{ "  satpol: {", "  rt: {",
			"p.yaml:17:80: there is no 'satpol' (agency:ID, contact:ID, roster:ID, "
			"role:operator, role:supervisor, webhook:NAME, "
			"webhook:all or posts:near)" },
		{ "  ronda: [", "  rt: [",
			"p.yaml:24:50: 'rt' is the name of several things: write agency:, contact: "
			"or roster: before it" },
		{ "[satpol]", "[]", "p.yaml:17:79: 'call' is empty" },
		{ "[satpol]", "satpol", "p.yaml:17:79: 'call': expected a list" },
		{ "{call: [satpol], wait: 30s}", "{wait: 30s}", "p.yaml:17:72: 'call' is missing" },
		{ "{call: [satpol], wait: 30s}", "{call: [satpol]}",
			"p.yaml:17:72: 'wait' is missing" },
		{ "{call: [satpol], wait: 30s}", "{call: [satpol], every: 30s}",
			"p.yaml:17:89: unknown key 'every'" },
		{ "every: 60s", "every: 2h",
			"p.yaml:18:56: 'every': expected a time from 5s to 1h, such as 30s" },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void rings_and_plans_are_whole(void **state)
{
	static const struct refusal rows[] = {
		{ "      desk:", "      warga:", "p.yaml:17:7: unknown key 'warga'" },
		{ "until: taken", "until: ever", "p.yaml:17:21: expected taken or accepted" },
		{ "{until: taken, steps: [{call: [role:operator], wait: 15s}, {call: [satpol], "
		  "wait: 30s}]}",
			"{until: taken, steps: []}", "p.yaml:17:35: 'steps' is empty" },
		{ "until: taken, ", "", "p.yaml:17:13: 'until' is missing" },
		{ "    classes: [all]\n", "", "p.yaml:14:5: 'classes' is missing" },
		{ "[all]\n", "[]\n", "p.yaml:14:14: 'classes' is empty" },
		{ "[all]\n", "[kebakaran]\n",
			"p.yaml:14:15: expected crime, fire, disaster, medical, unspecified or "
			"all" },
		{ "[all]\n", "[[all]]\n",
			"p.yaml:14:15: expected crime, fire, disaster, medical, unspecified or "
			"all" },
		{ "[all]\n", "[unspecified, fire]\n", NULL },
		{ "    area: [all]\n", "", "p.yaml:14:5: 'area' is missing" },
		{ "    hours: {days: [mon], from", "    hours: {day: 1, from",
			"p.yaml:22:13: unknown key 'day'" },
		{ "    fallback: {call: [contact:rt, webhook:all], every: 60s}\n", "",
			"p.yaml:14:5: 'fallback' is missing" },
		{ "    fallback: {call: [contact:rt, webhook:all], every: 60s}\n",
			"    fallback: {call: [contact:rt]}\n",
			"p.yaml:18:15: 'every' is missing" },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void a_plan_is_read_as_it_is_written(void **state)
{
	struct pp_problem problem;
	struct pp_plan_book *book = NULL;
	const struct pp_plan *fire;

	(void)state;
	assert_int_equal(sample_read(sample_file, &book, &problem), 0);
	fire = &book->plans[1];
	assert_string_equal(fire->id, "fire");
	assert_int_equal(fire->classes, 1u << PP_CLASS_FIRE);
	assert_false(fire->any_class);
	assert_true(fire->has_hours);
	assert_int_equal(fire->hours.days, 1);
	assert_int_equal(fire->hours.to, 1440);
	assert_int_equal(fire->area_count, 2);
	assert_int_equal(fire->rings[PP_RING_DESK].step_count, 0);
	assert_int_equal(fire->rings[PP_RING_NEIGHBOURS].steps[0].wait_ms, 60000);
	assert_int_equal(
		fire->rings[PP_RING_NEIGHBOURS].steps[0].targets[0].kind, PP_TARGET_CONTACT);
	assert_string_equal(fire->rings[PP_RING_NEIGHBOURS].steps[0].targets[1].name, "ronda");
	assert_int_equal(fire->rings[PP_RING_AGENCIES].until, PP_UNTIL_ACCEPTED);
	assert_int_equal(fire->fallback.wait_ms, 120000);
	assert_true(book->plans[0].any_class);
	assert_int_equal(book->plans[0].classes, 0x1f);
	assert_int_equal(book->plans[0].rings[0].steps[1].targets[0].kind, PP_TARGET_AGENCY);
	pp_plan_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_called_is_there_and_plainly_named),
		cmocka_unit_test(rings_and_plans_are_whole),
		cmocka_unit_test(a_plan_is_read_as_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
