/* SPDX-License-Identifier: Apache-2.0 */
/* user.c -- `user ...`: the people who may log in, over the server's control socket. Nobody learns
 * another's password: a one-time link sets it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "commands.h"
#include "core/text.h"
#include "inert.h"
#include "protocol/limits.h"

#define TARGET_SIZE 128

static int api_read(struct pp_ctl_call *call, struct pp_api *ret_api)
{
	const char *socket = pp_ctl_get(call, "socket"), *tenant = pp_ctl_get(call, "tenant");

	if (tenant && !pp_text_is_slug(tenant, strlen(tenant), PP_TENANT_MAX))
		return pp_ctl_fail(call, "--tenant: there can be no tenant '%s'", tenant);
	*ret_api = (struct pp_api){ .socket = socket ? socket : PP_API_SOCKET, .tenant = tenant };
	return PP_CTL_DONE;
}

/* A member of the answer behind its word, if it is there. */
static void text_show(FILE *out, const char *word, const struct pp_json *answer, const char *name)
{
	const char *text = NULL;

	if (pp_json_get_text(answer, name, 4096, &text) < 0)
		return;
	fprintf(out, "%s", word);
	pp_inert_write(out, text);
	fputc('\n', out);
}

static void changed_show(FILE *out, const struct pp_json *answer)
{
	text_show(out, "", answer, "name");
	text_show(out, "link, good for two days and once: ", answer, "link");
}

static void user_show(FILE *out, const struct pp_json *user)
{
	static const char *const names[] = { "name", "roles", "kecamatan", "unit", "display" };
	static const char *const marks[][2] = { { "factor", " [second factor]" },
		{ "invited", " [no password yet]" } };
	bool active = true;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *text = "";

		(void)pp_json_get_text(user, names[i], 4096, &text);
		fputs(i ? "  " : "", out);
		pp_inert_write(out, text[0] ? text : "-");
	}
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		bool set = false;

		if (pp_json_get_bool(user, marks[i][0], &set) == 0 && set)
			fputs(marks[i][1], out);
	}
	if (pp_json_get_bool(user, "active", &active) == 0 && !active)
		fputs(" [disabled]", out);
	fputc('\n', out);
}

static void users_show(FILE *out, const struct pp_json *answer)
{
	const struct pp_json *users;

	if (pp_json_get_list(answer, "users", &users) < 0)
		return;
	for (size_t i = 0; i < pp_json_count(users); i++)
		user_show(out, pp_json_item(users, i));
}

static int ask_and_show(struct pp_ctl_call *call, const char *target, struct pp_json *body,
	void (*show)(FILE *out, const struct pp_json *answer))
{
	struct pp_json *answer;
	struct pp_api api;
	size_t length;
	char *text;
	int r = api_read(call, &api);

	if (r != PP_CTL_DONE) {
		pp_json_free(body);
		return r;
	}
	r = pp_api_ask(call, &api, target, body, &answer);
	if (r != PP_CTL_DONE)
		return r;
	if (!pp_ctl_has(call, "json")) {
		show(call->out, answer);
	} else if (pp_json_print(answer, &text, &length) == 0) {
		pp_inert_json(call->out, text);
		fputc('\n', call->out);
		free(text);
	}
	pp_json_free(answer);
	return PP_CTL_DONE;
}

/* Options that are members of the request, by the same names. */
static struct pp_json *body_make(struct pp_ctl_call *call)
{
	static const char *const names[] = { "display", "roles", "kecamatan", "unit" };
	struct pp_json *body = pp_json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *text = pp_ctl_get(call, names[i]);

		if (text && strcmp(names[i], "kecamatan") == 0 && strcmp(text, "all") == 0)
			text = "";
		if (text)
			(void)pp_json_set_text(body, names[i], text);
	}
	return body;
}

static int list_run(struct pp_ctl_call *call)
{
	return ask_and_show(call, "/users", NULL, users_show);
}

static int add_run(struct pp_ctl_call *call)
{
	struct pp_json *body = body_make(call);

	(void)pp_json_set_text(body, "name", call->words[0]);
	return ask_and_show(call, "/users", body, changed_show);
}

static int change(struct pp_ctl_call *call, const char *word, struct pp_json *body)
{
	const char *name = call->words[0];
	char target[TARGET_SIZE];

	if (!pp_text_is_slug(name, strlen(name), 32)) {
		pp_json_free(body);
		return pp_ctl_fail(call, "there can be no user '%s'", name);
	}
	snprintf(target, sizeof(target), "/users/%s/%s", name, word);
	return ask_and_show(call, target, body, changed_show);
}

static int set_run(struct pp_ctl_call *call)
{
	return change(call, "set", body_make(call));
}

static int disable_run(struct pp_ctl_call *call)
{
	return change(call, "disable", pp_json_object());
}

static int enable_run(struct pp_ctl_call *call)
{
	return change(call, "enable", pp_json_object());
}

static int reset_run(struct pp_ctl_call *call)
{
	return change(call, "reset", pp_json_object());
}

static int totp_run(struct pp_ctl_call *call)
{
	if (!pp_ctl_has(call, "off"))
		return pp_ctl_fail(call, "a second factor is set by its owner, on the page; from "
					 "here it can only be taken off: --off");
	return change(call, "factor-off", pp_json_object());
}

/* clang-format off */
#define COMMON_OPTIONS                                                                             \
	{ "socket", "FILE", false, false, "The server's control socket (" PP_API_SOCKET ")" },     \
	{ "tenant", "TENANT", false, false, "Needed when the server has several" },                \
	{ "json", NULL, false, false, "The server's answer as it is, for programs" }
#define REGION_OPTIONS                                                                             \
	{ "kecamatan", "CODES", false, false, "Only these, comma between; all: everywhere" },      \
	{ "unit", "UNIT", false, false, "Of a user of an agency: what incidents are sent to" }
#define ROLES "administrator, supervisor, operator, engineer, agency, auditor; comma between"

static const struct pp_ctl_option common_options[] = { COMMON_OPTIONS };
static const struct pp_ctl_option totp_options[] = {
	COMMON_OPTIONS,
	{ "off", NULL, false, false, "Takes it off: the telephone and the codes are lost" },
};
static const struct pp_ctl_option add_options[] = {
	COMMON_OPTIONS,
	{ "display", "NAME", true, false, "How the name is written" },
	{ "roles", "ROLES", true, false, ROLES },
	REGION_OPTIONS,
};
static const struct pp_ctl_option set_options[] = {
	COMMON_OPTIONS,
	{ "display", "NAME", false, false, "How the name is written" },
	{ "roles", "ROLES", false, false, ROLES },
	REGION_OPTIONS,
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define COMMAND(id, word, options_of, sentence, ...)                                               \
	const struct pp_ctl_command pp_ctl_user_##id = { .group = "user", .name = word,            \
		.run = id##_run, .help = sentence, .options = options_of,                          \
		.option_count = COUNT(options_of), __VA_ARGS__ }

COMMAND(list, "list", common_options, "Lists who may log in.", .detail = NULL);
COMMAND(add, "add", add_options, "Adds a user; prints the link that sets the password.",
	.words = { "NAME" });
COMMAND(set, "set", set_options, "Changes a user's roles, region or name.",
	.detail = "A change of rights ends the sessions.", .words = { "NAME" });
COMMAND(disable, "disable", common_options, "Disables a user and ends the sessions.",
	.words = { "NAME" });
COMMAND(enable, "enable", common_options, "Enables a user again.", .words = { "NAME" });
COMMAND(reset, "reset", common_options, "Prints a link that sets a new password.",
	.words = { "NAME" });
COMMAND(totp, "totp", totp_options, "Takes a user's second factor off.", .words = { "NAME" });
