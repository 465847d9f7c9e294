/* SPDX-License-Identifier: Apache-2.0 */
/* read_test.c -- the whole file, what the record keeps of it, and memory that ends. */
#include "plans/read.h"

#include "memory_fails.h"
#include "sample_file.h"

#include <errno.h>

static void the_head_and_the_sections_are_checked(void **state)
{
	static const struct refusal rows[] = {
		{ "sample: true\n", "", NULL },
		{ "sample: true", "sample: false", NULL },
		{ "sample: true", "sample: 'true'",
			"p.yaml:2:9: 'sample': expected true or false" },
		{ "sample: true", "sample: [true]",
			"p.yaml:2:9: 'sample': expected true or false" },
		{ "sample: true", "samples: true", "p.yaml:2:1: unknown key 'samples'" },
		{ "tenant: kendal\n", "", "p.yaml:1:1: 'tenant' is missing" },
		{ "tenant: kendal", "tenant: '+'",
			"p.yaml:1:9: 'tenant': expected the id of a tenant" },
		{ "  satpol: {", "  Satpol: {",
			"p.yaml:8:3: 'agencies': expected lower-case letters, digits and '-', got "
			"'Satpol'" },
		{ "  ronda: [{days: [sat, sun], from: \"22:00\", to: \"04:00\", contacts: [rt]}]\n",
			"  - ronda\n", "p.yaml:11:3: 'rosters': expected a map of ids" },
	};

	(void)state;
	REFUSALS_TRY(rows);
}

static void a_file_without_plans_is_none(void **state)
{
	struct pp_problem problem;
	struct pp_plan_book *book = NULL;

	(void)state;
	assert_int_equal(sample_read("tenant: kendal\n", &book, &problem), -EINVAL);
	assert_string_equal(problem.text, "p.yaml:1:1: 'plans' is missing or empty");
	assert_int_equal(sample_read("[]", &book, &problem), -EINVAL);
	assert_int_equal(sample_read("tenant: kendal\nplans: {}\n", &book, &problem), -EINVAL);
	assert_null(book);
}

static const char kept[] =
	"{\"tenant\":\"kendal\",\"sample\":false,\"contacts\":[\"gone\",\"rt\"],\"agencies\":{},"
	"\"rosters\":{},\"plans\":{\"p\":{\"classes\":[\"all\"],\"area\":[\"all\"],\"rings\":"
	"{\"desk\":{\"until\":\"taken\",\"steps\":[{\"call\":[\"contact:rt\",\"contact:gone\"],"
	"\"wait\":\"15s\"}]}},\"fallback\":{\"call\":[\"contact:rt\"],\"every\":\"1min\"}}}}";

static int kept_read(const char *text, struct pp_plan_book **ret_book, struct pp_problem *problem)
{
	struct pp_plan_contact people[2] = { { .id = strdup("a") }, { .id = strdup("rt") } };
	struct pp_yaml *root = NULL;
	int r;

	people[1].name = strdup("Budi");
	people[1].role = strdup("ketua-rt");
	r = pp_yaml_parse("kept", text, strlen(text), &root, problem);
	if (r == 0)
		r = pp_plans_read_kept(root, people, 2, ret_book, problem);
	pp_yaml_free(root);
	for (size_t i = 0; i < 2; i++)
		pp_plan_contact_done(&people[i]);
	return r;
}

static void who_was_erased_stays_as_a_name_without_ways(void **state)
{
	struct pp_problem problem = { "" };
	struct pp_plan_book *book = NULL;

	(void)state;
	if (kept_read(kept, &book, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_int_equal(book->contact_count, 2);
	assert_string_equal(book->contacts[0].id, "gone");
	assert_string_equal(book->contacts[0].name, "");
	assert_int_equal(book->contacts[0].way_count, 0);
	assert_string_equal(book->contacts[1].name, "Budi");
	assert_int_equal(book->plans[0].rings[0].steps[0].targets[1].index, 0);
	pp_plan_book_free(book);
}

static void what_is_kept_is_read_as_strictly(void **state)
{
	struct pp_problem problem;
	struct pp_plan_book *book = NULL;

	(void)state;
	assert_int_equal(kept_read("{\"contacts\":[]}", &book, &problem), -EINVAL);
	assert_int_equal(
		kept_read("{\"tenant\":\"kendal\",\"contacts\":{}}", &book, &problem), -EINVAL);
	assert_int_equal(kept_read("{\"tenant\":\"kendal\",\"contacts\":[\"A\"]}", &book, &problem),
		-EINVAL);
	assert_int_equal(kept_read("{\"tenant\":\"kendal\"}", &book, &problem), -EINVAL);
	assert_string_equal(problem.text, "kept:1:1: 'plans' is missing or empty");
}

static void memory_that_ends_leaves_nothing_behind(void **state)
{
	(void)state;
	for (unsigned long n = 1;; n++) {
		struct pp_plan_book *book = NULL;
		struct pp_problem problem;
		struct pp_yaml *root = NULL;
		int r;

		assert_int_equal(
			pp_yaml_parse("p.yaml", sample_file, strlen(sample_file), &root, &problem),
			0);
		memory_fail(n);
		r = pp_plans_read(root, &book, &problem);
		pp_yaml_free(root);
		if (!memory_has_failed()) {
			assert_int_equal(r, 0);
			pp_plan_book_free(book);
			assert_true(n > 50);
			return;
		}
		assert_int_equal(r, -ENOMEM);
		assert_null(book);
	}
}

static void a_place_is_found_for_every_message(void **state)
{
	struct pp_problem problem;
	struct pp_plan_book *book = NULL;
	struct pp_yaml *root = NULL;
	const struct pp_plan *fire;
	struct pp_plan other = { .id = (char *)(uintptr_t) "other" };

	(void)state;
	assert_int_equal(sample_read(sample_file, &book, &problem), 0);
	assert_int_equal(
		pp_yaml_parse("p.yaml", sample_file, strlen(sample_file), &root, &problem), 0);
	fire = &book->plans[1];
	assert_int_equal(pp_yaml_line(pp_plans_find(root, fire, PP_RING_DESK, -1)), 19);
	assert_int_equal(pp_yaml_line(pp_plans_find(root, fire, PP_RING_AGENCIES, 0)), 25);
	assert_int_equal(pp_yaml_line(pp_plans_find(root, fire, PP_RING_FALLBACK, 0)), 26);
	assert_int_equal(pp_yaml_line(pp_plans_find(root, fire, PP_RING_DESK, 0)), 19);
	assert_int_equal(pp_yaml_line(pp_plans_find(root, &other, PP_RING_DESK, 0)), 1);
	assert_int_equal(pp_yaml_line(pp_plans_find_named(root, "agencies", "damkar")), 9);
	assert_int_equal(pp_yaml_line(pp_plans_find_named(root, "tenant", "damkar")), 1);
	assert_int_equal(pp_yaml_line(pp_plans_find_named(root, "none", "damkar")), 1);
	pp_yaml_free(root);
	pp_plan_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_and_the_sections_are_checked),
		cmocka_unit_test(a_file_without_plans_is_none),
		cmocka_unit_test(who_was_erased_stays_as_a_name_without_ways),
		cmocka_unit_test(what_is_kept_is_read_as_strictly),
		cmocka_unit_test(memory_that_ends_leaves_nothing_behind),
		cmocka_unit_test(a_place_is_found_for_every_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
