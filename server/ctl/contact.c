/* SPDX-License-Identifier: Apache-2.0 */
/* contact.c -- `contact test`, asked of the server over its control socket. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api.h"
#include "commands.h"
#include "core/clock.h"
#include "core/text.h"
#include "dispatch/who.h"
#include "protocol/limits.h"

#define STALE_AT_ONCE_MAX 200

/* Asks for one test message. */
static int test_ask(struct pp_ctl_call *call, const struct pp_api *api, const char *id)
{
	struct pp_json *answer;
	const char *way = "";
	char target[96];
	int r;

	snprintf(target, sizeof(target), "/plan/contacts/%s/test", id);
	r = pp_api_ask(call, api, target, pp_json_object(), &answer);
	if (r != PP_CTL_DONE)
		return r;
	(void)pp_json_get_text(answer, "way", 16, &way);
	fprintf(call->out,
		"%s: a test message by %s is on its way; answered with its code within a day, the "
		"contact is verified\n",
		id, way);
	pp_json_free(answer);
	return PP_CTL_DONE;
}

/* The day on which one must have been verified not to be stale now. */
static void stale_day(char ret_day[11])
{
	time_t at = (time_t)((pp_clock_wall_ms() - PP_PLAN_STALE_MS) / 1000);
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	(void)strftime(ret_day, 11, "%Y-%m-%d", &tm);
}

/* One that was erased has no way. */
static bool is_stale(const struct pp_json *contact, const char *day)
{
	const struct pp_json *ways;
	const char *verified = "";

	(void)pp_json_get_text(contact, "verified", 16, &verified);
	return pp_json_get_list(contact, "ways", &ways) == 0 && pp_json_count(ways) > 0 &&
	       strcmp(verified, day) <= 0;
}

static int stale_ask(struct pp_ctl_call *call, const struct pp_api *api)
{
	const struct pp_json *plan = NULL, *contacts = NULL, *contact;
	size_t asked = 0;
	struct pp_json *answer;
	const char *id = NULL;
	char day[11];
	int r = pp_api_ask(call, api, "/plan", NULL, &answer);

	if (r != PP_CTL_DONE)
		return r;
	stale_day(day);
	if (pp_json_get_object(answer, "plan", &plan) == 0)
		(void)pp_json_get_object(plan, "contacts", &contacts);
	while (contacts && r == PP_CTL_DONE &&
		(id = pp_json_next(contacts, id, &contact)) != NULL) {
		if (!is_stale(contact, day) || !pp_text_is_slug(id, strlen(id), PP_PLAN_ID_MAX))
			continue;
		if (asked++ == STALE_AT_ONCE_MAX) {
			fprintf(call->out, "there are more: ask again when these have answered\n");
			break;
		}
		r = test_ask(call, api, id);
	}
	if (r == PP_CTL_DONE && asked == 0)
		fprintf(call->out, "every contact was verified in the last 90 days\n");
	pp_json_free(answer);
	return r;
}

static int test_run(struct pp_ctl_call *call)
{
	const char *tenant = pp_ctl_get(call, "tenant"), *socket = pp_ctl_get(call, "socket");
	const struct pp_api api = { socket ? socket : PP_API_SOCKET, tenant };
	bool stale = pp_ctl_has(call, "stale");

	if (tenant && !pp_text_is_slug(tenant, strlen(tenant), PP_TENANT_MAX))
		return pp_ctl_fail(call, "--tenant: there can be no tenant '%s'", tenant);
	if (stale == (call->word_count > 0))
		return pp_ctl_fail(call, "expected a contact, or --stale");
	if (stale)
		return stale_ask(call, &api);
	if (!pp_text_is_slug(call->words[0], strlen(call->words[0]), PP_PLAN_ID_MAX))
		return pp_ctl_fail(call, "there can be no contact '%s'", call->words[0]);
	return test_ask(call, &api, call->words[0]);
}

static const struct pp_ctl_option options[] = {
	{ "socket", "FILE", false, false, "The server's control socket (" PP_API_SOCKET ")" },
	{ "tenant", "TENANT", false, false, "Needed when the server has several" },
	{ "stale", NULL, false, false, "All that were not verified for 90 days" },
};
const struct pp_ctl_command pp_ctl_contact_test = {
	.group = "contact",
	.name = "test",
	.run = test_run,
	.help = "Sends a contact of the plan a test message with a one-time code.",
	.detail = "With --stale each contact of the plan that was not verified for 90 days, at "
		  "most 200 at once.",
	.words = { "[CONTACT]" },
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
};
