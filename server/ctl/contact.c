/* SPDX-License-Identifier: Apache-2.0 */
/* contact.c -- `contact test`, asked of the server over its control socket. */
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "commands.h"
#include "core/text.h"
#include "dispatch/plan.h"
#include "protocol/limits.h"

static int test_run(struct pp_ctl_call *call)
{
	const char *id = call->words[0], *tenant = pp_ctl_get(call, "tenant"), *way = "";
	const char *socket = pp_ctl_get(call, "socket");
	const struct pp_api api = { socket ? socket : PP_API_SOCKET, tenant };
	struct pp_json *answer;
	char target[96];
	int r;

	if (tenant && !pp_text_is_slug(tenant, strlen(tenant), PP_TENANT_MAX))
		return pp_ctl_fail(call, "--tenant: there can be no tenant '%s'", tenant);
	if (!pp_text_is_slug(id, strlen(id), PP_PLAN_ID_MAX))
		return pp_ctl_fail(call, "there can be no contact '%s'", id);
	snprintf(target, sizeof(target), "/plan/contacts/%s/test", id);
	r = pp_api_ask(call, &api, target, pp_json_object(), &answer);
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

static const struct pp_ctl_option options[] = {
	{ "socket", "FILE", false, false, "The server's control socket (" PP_API_SOCKET ")" },
	{ "tenant", "TENANT", false, false, "Needed when the server has several" },
};
const struct pp_ctl_command pp_ctl_contact_test = {
	.group = "contact",
	.name = "test",
	.run = test_run,
	.help = "Sends a contact of the plan a test message with a one-time code.",
	.words = { "CONTACT" },
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
};
