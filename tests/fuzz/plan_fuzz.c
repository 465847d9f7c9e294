/* SPDX-License-Identifier: Apache-2.0 */
/* plan_fuzz.c -- a dispatch file that is taken holds only what the page and a text message can
 * carry, is written and read again to the same, and can be checked and asked without harm; one that
 * is refused says where and why. */
#include "fuzz.h"

#include <errno.h>

#include "core/text.h"
#include "dispatch/check.h"
#include "dispatch/who.h"
#include "plans/plans.h"
#include "plans/write.h"

static void text_check(const char *text, size_t max)
{
	MUST_HOLD(text && text[0] && strlen(text) <= max);
	MUST_HOLD(pp_text_is_utf8(text, strlen(text)));
	for (const char *c = text; *c; c++)
		MUST_HOLD((unsigned char)*c >= 0x20 && *c != 0x7f);
}

static void book_check(const struct pp_plan_book *book)
{
	for (size_t i = 0; i < book->contact_count; i++) {
		const struct pp_plan_contact *c = &book->contacts[i];

		MUST_HOLD(i == 0 || strcmp(book->contacts[i - 1].id, c->id) < 0);
		text_check(c->name, PP_PLAN_TEXT_MAX);
		MUST_HOLD(c->way_count > 0 && c->way_count <= PP_PLAN_WAYS_MAX);
		for (size_t k = 0; k < c->way_count; k++)
			text_check(c->ways[k].address, PP_PLAN_ADDRESS_MAX);
	}
	MUST_HOLD(book->plan_count > 0);
	for (size_t i = 0; i < book->plan_count; i++) {
		MUST_HOLD(book->plans[i].classes != 0 && book->plans[i].area_count > 0);
		MUST_HOLD(book->plans[i].fallback.target_count > 0);
	}
}

static int call_check(void *user, const struct pp_plan_call *call)
{
	(void)user;
	MUST_HOLD(call->step && call->after_ms >= 0 && call->count <= PP_PLAN_CALLEES_MAX);
	return 0;
}

static void finding_check(void *user, const struct pp_check_finding *finding)
{
	*(bool *)user |= finding->refused;
	MUST_HOLD(finding->text[0]);
}

static void book_ask(const struct pp_plan_book *book)
{
	static const struct pp_check_place places[] = { { "", "", "k" }, { "p", "d", "k" } };
	static const char *const webhooks[] = { "bot" };
	const struct pp_check_world world = { 2, 1, places, webhooks, 1000 };
	struct pp_plan_query query = {
		.class = PP_CLASS_FIRE, .post = "p", .desa = "d", .kecamatan = "k"
	};
	bool refused = false;
	int r = pp_plan_check(book, &world, finding_check, &refused);

	MUST_HOLD(r == -E2BIG || (r == -EINVAL) == refused);
	for (; query.minute < PP_WEEK_MINUTES; query.minute += 997)
		MUST_HOLD(pp_plan_who(book, pp_plan_choose(book, &query), &query, call_check,
				  NULL) == 0);
}

static char *book_print(const struct pp_plan_book *book)
{
	struct pp_json *json = pp_plans_json(book, PP_PLANS_WHOLE);
	char *text = NULL;
	size_t length;

	MUST_HOLD(pp_json_print(json, &text, &length) == 0);
	pp_json_free(json);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pp_problem problem = { "" };
	struct pp_plans_file *file = NULL, *again = NULL;
	char *one, *two;

	if (pp_plans_file_parse("plan", (const char *)data, size, &file, &problem) < 0) {
		MUST_HOLD(!file && problem.text[0]);
		return 0;
	}
	book_check(pp_plans_file_book(file));
	book_ask(pp_plans_file_book(file));
	one = book_print(pp_plans_file_book(file));
	MUST_HOLD(pp_plans_file_parse("plan", one, strlen(one), &again, &problem) == 0);
	two = book_print(pp_plans_file_book(again));
	MUST_HOLD(strcmp(one, two) == 0);
	free(one);
	free(two);
	pp_plans_file_free(again);
	pp_plans_file_free(file);
	return 0;
}
