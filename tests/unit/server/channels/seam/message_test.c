/* SPDX-License-Identifier: Apache-2.0 */
/* message_test.c -- what a template is filled with. */
#include "channel/channel.h"

#include "pospin_test.h"

#include <errno.h>

static void a_message_has_a_value_for_each_field(void **state)
{
	struct pp_message m = { .tenant = "kendal",
		.contact = "rt-boja-03",
		.purpose = "alarm",
		.address = "+62811",
		.text = "KEBAKARAN",
		.key = "k1",
		.body = "{\"incident\":{\"number\":\"KDL-26-000001\",\"class\":\"fire\"},"
			"\"post\":{\"name\":\"Pos Satu\"}}" };
	static const char *const want[] = { "KEBAKARAN", "+62811", "rt-boja-03", "KDL-26-000001",
		"fire", "Pos Satu", "alarm", "kendal", "k1" };
	struct pp_message_values values;

	(void)state;
	assert_int_equal(PP_COUNT(want), PP_FORM_FIELD_COUNT);
	assert_int_equal(pp_message_values(&m, &values), 0);
	for (size_t i = 0; i < PP_COUNT(want); i++)
		assert_string_equal(values.all[i], want[i]);
	pp_message_values_done(&values);
	m.body = "{\"incident\":7}";
	assert_int_equal(pp_message_values(&m, &values), 0);
	assert_string_equal(values.all[PP_FORM_NUMBER], "");
	pp_message_values_done(&values);
	m.body = "";
	assert_int_equal(pp_message_values(&m, &values), -EBADMSG);
}

static void a_number_has_its_country_and_nothing_else(void **state)
{
	static const struct {
		const char *number;
		bool fine;
	} rows[] = { { "+6281234567890", true }, { "+62811234", true },
		{ "081234567890", false }, { "+0811234567", false }, { "+62 811 2345", false },
		{ "+6281234567890123", false },
		{ "+62811234;ls", false }, { "", false }, { "+", false },
		{ "+6281123\r\n", false } };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(rows); i++) {
		if ((pp_phone_check(rows[i].number) == NULL) != rows[i].fine)
			fail_msg("%s", rows[i].number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_a_value_for_each_field),
		cmocka_unit_test(a_number_has_its_country_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
