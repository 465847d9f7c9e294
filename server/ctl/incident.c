/* SPDX-License-Identifier: Apache-2.0 */
/* incident.c -- `incident ...`: see and work incidents, over the server's control socket. The
 * timeline names the account that does it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "commands.h"
#include "core/clock.h"
#include "core/text.h"
#include "incident_view.h"
#include "inert.h"
#include "protocol/limits.h"

#define TARGET_SIZE 128
#define LIMIT_DEFAULT 100

static int api_read(struct pp_ctl_call *call, struct pp_api *ret_api)
{
	const char *socket = pp_ctl_get(call, "socket"), *tenant = pp_ctl_get(call, "tenant");

	if (tenant && !pp_text_is_slug(tenant, strlen(tenant), PP_TENANT_MAX))
		return pp_ctl_fail(call, "--tenant: there can be no tenant '%s'", tenant);
	ret_api->socket = socket ? socket : PP_API_SOCKET;
	ret_api->tenant = tenant;
	return PP_CTL_DONE;
}

/* "/incidents/KDL-26-000123/close"; nothing but a number may get into a target. */
static int target_make(struct pp_ctl_call *call, const char *action, char ret_target[TARGET_SIZE])
{
	const char *number = call->words[0];

	if (strlen(number) > PP_INCIDENT_MAX ||
		number[strspn(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")])
		return pp_ctl_fail(
			call, "'%s' is no incident's number; they look like KDL-26-000123", number);
	snprintf(ret_target, TARGET_SIZE, "/incidents/%s%s%s", number, action ? "/" : "",
		action ? action : "");
	return PP_CTL_DONE;
}

static int json_show(struct pp_ctl_call *call, const struct pp_json *answer)
{
	size_t length;
	char *text;
	int r = pp_json_print(answer, &text, &length);

	if (r < 0)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(r));
	pp_inert_json(call->out, text);
	fputc('\n', call->out);
	free(text);
	return PP_CTL_DONE;
}

typedef void view_fn(FILE *out, const struct pp_json *answer, int64_t now_ms);

static int ask_and_show(
	struct pp_ctl_call *call, const char *target, struct pp_json *body, view_fn *view)
{
	struct pp_json *answer;
	struct pp_api api;
	int r = api_read(call, &api);

	if (r != PP_CTL_DONE) {
		pp_json_free(body);
		return r;
	}
	r = pp_api_ask(call, &api, target, body, &answer);
	if (r != PP_CTL_DONE)
		return r;
	if (pp_ctl_has(call, "json"))
		r = json_show(call, answer);
	else
		view(call->out, answer, pp_clock_wall_ms());
	pp_json_free(answer);
	return r;
}

static int list_run(struct pp_ctl_call *call)
{
	long long limit = LIMIT_DEFAULT;
	char target[TARGET_SIZE];
	int r = pp_ctl_number(call, "limit", 1, 200, &limit);

	if (r != PP_CTL_DONE)
		return r;
	snprintf(target, sizeof(target), "/incidents?state=%s&limit=%lld",
		pp_ctl_has(call, "all") ? "all" : "open", limit);
	return ask_and_show(call, target, NULL, pp_incident_list_show);
}

static int show_run(struct pp_ctl_call *call)
{
	char target[TARGET_SIZE];
	int r = target_make(call, NULL, target);

	return r == PP_CTL_DONE ? ask_and_show(call, target, NULL, pp_incident_show) : r;
}

/* member NULL: a move that needs no word; a NULL value is left out. */
static int move(struct pp_ctl_call *call, const char *action, const char *const members[][2])
{
	struct pp_json *body;
	char target[TARGET_SIZE];
	int r = target_make(call, action, target);

	if (r != PP_CTL_DONE)
		return r;
	body = pp_json_object();
	if (!body)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(-ENOMEM));
	for (size_t i = 0; members && members[i][0]; i++) {
		if (members[i][1])
			(void)pp_json_set_text(body, members[i][0], members[i][1]);
	}
	return ask_and_show(call, target, body, pp_incident_moved_show);
}

static int ack_run(struct pp_ctl_call *call)
{
	return move(call, "acknowledge", NULL);
}

static int dispatch_run(struct pp_ctl_call *call)
{
	const char *const members[][2] = { { "unit", call->words[1] }, { NULL, NULL } };

	return move(call, "dispatch", members);
}

static int on_scene_run(struct pp_ctl_call *call)
{
	return move(call, "on-scene", NULL);
}

static int close_run(struct pp_ctl_call *call)
{
	const char *const members[][2] = { { "code", call->words[1] },
		{ "note", pp_ctl_get(call, "note") }, { NULL, NULL } };

	return move(call, "close", members);
}

static int note_run(struct pp_ctl_call *call)
{
	const char *const members[][2] = { { "text", call->words[1] }, { NULL, NULL } };

	return move(call, "note", members);
}

#define SOCKET_OPTION                                                                              \
	{                                                                                          \
		"socket", "FILE", false, false, "The server's control socket (" PP_API_SOCKET ")"  \
	}
#define TENANT_OPTION                                                                              \
	{                                                                                          \
		"tenant", "TENANT", false, false, "Needed when the server has several"             \
	}
#define JSON_OPTION                                                                                \
	{                                                                                          \
		"json", NULL, false, false, "The server's answer as it is, for programs"           \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct pp_ctl_option common_options[] = { SOCKET_OPTION, TENANT_OPTION, JSON_OPTION };
static const struct pp_ctl_option list_options[] = {
	SOCKET_OPTION,
	TENANT_OPTION,
	JSON_OPTION,
	{ "all", NULL, false, false, "Closed ones, too" },
	{ "limit", "N", false, false, "At most so many, the newest, 1 to 200 (100)" },
};
static const struct pp_ctl_option close_options[] = {
	SOCKET_OPTION,
	TENANT_OPTION,
	JSON_OPTION,
	{ "note", "TEXT", false, false, "What there is to say about it" },
};

const struct pp_ctl_command pp_ctl_incident_list = {
	.group = "incident",
	.name = "list",
	.run = list_run,
	.help = "Lists the open incidents, the newest first.",
	.options = list_options,
	.option_count = COUNT(list_options),
};
const struct pp_ctl_command pp_ctl_incident_show = {
	.group = "incident",
	.name = "show",
	.run = show_run,
	.help = "Shows one incident with its timeline.",
	.words = { "NUMBER" },
	.options = common_options,
	.option_count = COUNT(common_options),
};
const struct pp_ctl_command pp_ctl_incident_ack = {
	.group = "incident",
	.name = "ack",
	.run = ack_run,
	.help = "Acknowledges: a person has it.",
	.words = { "NUMBER" },
	.options = common_options,
	.option_count = COUNT(common_options),
};
const struct pp_ctl_command pp_ctl_incident_dispatch = {
	.group = "incident",
	.name = "dispatch",
	.run = dispatch_run,
	.help = "Says which unit has been sent.",
	.words = { "NUMBER", "UNIT" },
	.options = common_options,
	.option_count = COUNT(common_options),
};
const struct pp_ctl_command pp_ctl_incident_on_scene = {
	.group = "incident",
	.name = "on-scene",
	.run = on_scene_run,
	.help = "Says that help has arrived.",
	.words = { "NUMBER" },
	.options = common_options,
	.option_count = COUNT(common_options),
};
const struct pp_ctl_command pp_ctl_incident_close = {
	.group = "incident",
	.name = "close",
	.run = close_run,
	.help = "Closes with a code.",
	.detail = "CODE is one of real, nuisance, prank, test, fault, unfounded.",
	.words = { "NUMBER", "CODE" },
	.options = close_options,
	.option_count = COUNT(close_options),
};
const struct pp_ctl_command pp_ctl_incident_note = {
	.group = "incident",
	.name = "note",
	.run = note_run,
	.help = "Adds a note to the timeline.",
	.words = { "NUMBER", "TEXT" },
	.options = common_options,
	.option_count = COUNT(common_options),
};
