/* SPDX-License-Identifier: Apache-2.0 */
/* orders_test.c -- what an order over HTTP must look like, and what the record refuses. */
#include "web_fixture.h"

#define SOUND "/api/v1/posts/boja-01/sound"
#define SILENCE "/api/v1/posts/boja-01/silence"

static void an_order_that_makes_no_sense_is_refused_in_words(void **state)
{
	static const struct {
		const char *path, *body;
		int want;
		const char *part;
	} cases[] = {
		{ SOUND, "{}", 422, "'class' is missing" },
		{ SOUND, "{\"class\":\"fire\"}", 422, "'for' is missing" },
		{ SOUND, "{\"class\":\"fire\",\"for\":30}", 422, "'for' must be a text" },
		{ SOUND, "{\"class\":\"fire\",\"for\":\"30\"}", 422, "whole seconds" },
		{ SOUND, "{\"class\":\"fire\",\"for\":\"1500ms\"}", 422, "whole seconds" },
		{ SOUND, "{\"class\":\"fire\",\"for\":\"0s\"}", 422, "whole seconds" },
		{ SOUND, "{\"class\":\"fire\",\"for\":\"181s\"}", 422, "whole seconds" },
		{ SOUND, "{\"class\":\"loud\",\"for\":\"3s\"}", 422, "class: expected" },
		{ SOUND, "{\"class\":\"fire\",\"for\":\"3s\",\"lamp\":\"x\"}", 422,
			"unknown member 'lamp'" },
		{ SILENCE, "{\"class\":\"fire\"}", 422, "unknown member 'class'" },
		{ "/api/v1/posts/nowhere/silence", "{}", 404, "no such post" },
		{ "/api/v1/posts/Boja/silence", "{}", 404, "no such post" },
		{ "/api/v1/posts/svc-server%2f/silence", "{}", 404, NULL },
		/* Nothing has been heard of this post. */
		{ SILENCE, "{}", 409, "not heard" },
		{ SOUND, "{\"class\":\"unspecified\",\"for\":\"3min\"}", 409, "not heard" },
	};
	struct web_fixture f;

	(void)state;
	web_start(&f);
	for (size_t i = 0; i < PP_COUNT(cases); i++) {
		print_message("%s %s\n", cases[i].path, cases[i].body);
		web_expect(web_control(&f, "POST", cases[i].path,
				   "Content-Type: application/json\r\n", cases[i].body),
			cases[i].want, cases[i].part);
	}
	web_expect(web_ask(&f, "POST", SILENCE, "{}"), 401, NULL);
	web_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_that_makes_no_sense_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
