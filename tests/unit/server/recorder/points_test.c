/* SPDX-License-Identifier: Apache-2.0 */
/* points_test.c -- events and readings keep their own times. */
#include "pospin_test.h"
#include "memory_fails.h"

#include <errno.h>

#include "protocol/signal.h"
#include "recorder/points.h"

static void check_event(const char *json, const char *want)
{
	struct pp_json *event = NULL;
	struct pp_points_problem problem;
	char *line = NULL;

	assert_int_equal(pp_json_parse(json, strlen(json), &event, NULL), 0);
	assert_int_equal(pp_points_event(event, &line, &problem), 0);
	assert_string_equal(line, want);
	free(line);
	pp_json_free(event);
}

static void an_opened_incident_is_recorded_at_the_time_of_the_press(void **state)
{
	(void)state;
	check_event("{\"id\":7,\"at\":1763750401000,\"kind\":\"incident.opened\",\"tenant\":"
		    "\"kendal\",\"post\":\"boja-01\","
		    "\"point\":\"panic-crime\",\"incident\":\"KDL-25-000001\",\"body\":{\"class\":"
		    "\"crime\",\"kind\":\"panic\","
		    "\"occurred\":1763750400123}}",
		"event,tenant=kendal,post=boja-01,point=panic-crime,kind=incident.opened,"
		"class=crime,sensor=panic,"
		"incident=KDL-25-000001 value=1i,since_occurred=0.877 1763750400123000007");
}

static void a_deed_of_a_person_is_recorded_at_its_own_time(void **state)
{
	(void)state;
	check_event("{\"id\":9,\"at\":1763750410000,\"kind\":\"incident.dispatched\",\"tenant\":"
		    "\"kendal\",\"post\":\"boja-01\","
		    "\"incident\":\"KDL-25-000001\",\"body\":{\"unit\":\"Regu"
		    " 1\",\"opened\":1763750401000}}",
		"event,tenant=kendal,post=boja-01,kind=incident.dispatched,"
		"incident=KDL-25-000001,unit=Regu\\ 1"
		" value=1i,since_opened=9 1763750410000000009");
}

static void a_trouble_is_recorded_since_when_it_is_there(void **state)
{
	(void)state;
	check_event("{\"id\":1000001,\"at\":1763750410000,\"kind\":\"trouble.raised\",\"tenant\":"
		    "\"kendal\",\"post\":\"boja-01\","
		    "\"point\":\"mains\",\"body\":{\"kind\":\"mains\",\"since\":1763750409000}}",
		"event,tenant=kendal,post=boja-01,point=mains,kind=trouble.raised,trouble=mains"
		" value=1i 1763750409000000001");
}

static void an_event_without_what_it_needs_is_refused(void **state)
{
	static const char *const cases[] = { "{\"at\":1,\"kind\":\"x\"}",
		"{\"id\":1,\"kind\":\"x\"}", "{\"id\":1,\"at\":1}",
		"{\"id\":1,\"at\":1,\"kind\":\"line\\nbreak\"}" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_json *event = NULL;
		struct pp_points_problem problem = { "" };
		char *line = NULL;

		assert_int_equal(pp_json_parse(cases[i], strlen(cases[i]), &event, NULL), 0);
		assert_int_equal(pp_points_event(event, &line, &problem), -EINVAL);
		assert_true(problem.text[0] != '\0');
		pp_json_free(event);
	}
}

static void a_reading_keeps_the_posts_time_and_else_the_observed_one(void **state)
{
	static const struct {
		int64_t at_ms, offset_ms;
		const char *want;
		int error;
	} cases[] = {
		{ 1763750406667, 5,
			"sample,tenant=kendal,post=boja-01,name=load,unit=1 value=0.25 "
			"1763750405667000000",
			0 },
		{ PP_AT_UNKNOWN, 1763742276667,
			"sample,tenant=kendal,post=boja-01,name=load,unit=1 value=0.25"
			" 1763750405667000000",
			0 },
		{ PP_AT_UNKNOWN, -9000000000, NULL, -EINVAL },
		{ INT64_C(9223372036854), 0, NULL, -EINVAL },
	};
	static const struct pp_topic topic = {
		.tenant = "kendal", .post = "boja-01", .channel = PP_CHANNEL_SAMPLE
	};

	(void)state;
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		struct pp_sample sample = { .boot = 1,
			.mono_ms = 8130000,
			.at_ms = cases[i].at_ms,
			.count = 1,
			.readings = { { .name = "load",
				.unit = "1",
				.value = 0.25,
				.mono_ms = i == 3 ? 8131000 : 8129000 } } };
		struct pp_points_problem problem;
		char *line = NULL;

		assert_int_equal(
			pp_points_reading(&topic, &sample, 0, cases[i].offset_ms, &line, &problem),
			cases[i].error);
		if (cases[i].want)
			assert_string_equal(line, cases[i].want);
		free(line);
	}
}

static void without_memory_there_is_no_point(void **state)
{
	static const char event[] = "{\"id\":7,\"at\":1000,\"kind\":\"incident.restore\","
				    "\"tenant\":\"kendal\",\"body\":{\"occurred\":900}}";
	struct pp_points_problem problem;
	struct pp_json *json;
	char *line = NULL;

	(void)state;
	assert_int_equal(pp_json_parse(event, sizeof(event) - 1, &json, NULL), 0);
	memory_fail(1);
	assert_int_equal(pp_points_event(json, &line, &problem), -ENOMEM);
	assert_true(memory_has_failed());
	assert_string_equal(problem.text, "out of memory");
	assert_int_equal(pp_points_event(json, &line, &problem), 0);
	assert_non_null(strstr(line, " 900000007"));
	free(line);
	pp_json_free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_opened_incident_is_recorded_at_the_time_of_the_press),
		cmocka_unit_test(a_deed_of_a_person_is_recorded_at_its_own_time),
		cmocka_unit_test(a_trouble_is_recorded_since_when_it_is_there),
		cmocka_unit_test(an_event_without_what_it_needs_is_refused),
		cmocka_unit_test(a_reading_keeps_the_posts_time_and_else_the_observed_one),
		cmocka_unit_test(without_memory_there_is_no_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
