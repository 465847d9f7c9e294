/* SPDX-License-Identifier: Apache-2.0 */
/* order.c -- `post sound`, `post silence` and `post drill`: over the server's control socket.
 * The timeline names the account that gives them, and what the post answered. */
#include <errno.h>
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

static int answer_show(struct pp_ctl_call *call, const struct pp_json *answer)
{
	const char *id = "?", *order = "?", *post = "?";
	size_t length;
	char *text;

	if (!pp_ctl_has(call, "json")) {
		(void)pp_json_get_text(answer, "id", 32, &id);
		(void)pp_json_get_text(answer, "order", 32, &order);
		(void)pp_json_get_text(answer, "post", PP_POST_MAX, &post);
		pp_inert_write(call->out, post);
		fprintf(call->out, ": ");
		pp_inert_write(call->out, order);
		fprintf(call->out, " ordered (");
		pp_inert_write(call->out, id);
		fprintf(call->out, "); what the post answers stands on the timeline\n");
		return PP_CTL_DONE;
	}
	if (pp_json_print(answer, &text, &length) < 0)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(-ENOMEM));
	pp_inert_json(call->out, text);
	fputc('\n', call->out);
	free(text);
	return PP_CTL_DONE;
}

/* Takes body. */
static int order_ask(struct pp_ctl_call *call, const char *order, struct pp_json *body)
{
	const char *post = call->words[0];
	char target[TARGET_SIZE];
	struct pp_json *answer;
	struct pp_api api;
	int r;

	if (!body)
		return pp_ctl_fail(call, "%s", pp_ctl_words_of(-ENOMEM));
	/* Nothing but a name may get into a target. */
	r = pp_text_is_slug(post, strlen(post), PP_POST_MAX)
		    ? api_read(call, &api)
		    : pp_ctl_fail(call, "there can be no post '%s'", post);
	if (r != PP_CTL_DONE) {
		pp_json_free(body);
		return r;
	}
	snprintf(target, sizeof(target), "/posts/%s/%s", post, order);
	r = pp_api_ask(call, &api, target, body, &answer);
	if (r != PP_CTL_DONE)
		return r;
	r = answer_show(call, answer);
	pp_json_free(answer);
	return r;
}

static int sound_run(struct pp_ctl_call *call)
{
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_text(body, "class", pp_ctl_get(call, "class"));
	(void)pp_json_set_text(body, "for", pp_ctl_get(call, "for"));
	return order_ask(call, "sound", body);
}

static int silence_run(struct pp_ctl_call *call)
{
	return order_ask(call, "silence", pp_json_object());
}

static int drill_show(struct pp_ctl_call *call, const char *post)
{
	if (pp_ctl_has(call, "json")) {
		fprintf(call->out, "{\"post\":\"%s\"}\n", post);
		return PP_CTL_DONE;
	}
	if (pp_ctl_has(call, "end"))
		fprintf(call->out, "%s: no drill; a press is real\n", post);
	else
		fprintf(call->out, "%s: a press is a drill for %s; a silent one is real\n", post,
			pp_ctl_get(call, "for"));
	return PP_CTL_DONE;
}

static int drill_run(struct pp_ctl_call *call)
{
	const char *post = call->words[0];
	bool end = pp_ctl_has(call, "end");
	struct pp_json *body, *answer;
	char target[TARGET_SIZE];
	struct pp_api api;
	int r;

	if (!pp_text_is_slug(post, strlen(post), PP_POST_MAX))
		return pp_ctl_fail(call, "there can be no post '%s'", post);
	if (!end && (!pp_ctl_has(call, "for") || !pp_ctl_has(call, "reason")))
		return pp_ctl_fail(call, "expected --for and --reason, or --end");
	r = api_read(call, &api);
	if (r != PP_CTL_DONE)
		return r;
	body = pp_json_object();
	(void)pp_json_set_text(body, "mode", "drill");
	if (!end) {
		(void)pp_json_set_text(body, "for", pp_ctl_get(call, "for"));
		(void)pp_json_set_text(body, "reason", pp_ctl_get(call, "reason"));
	}
	snprintf(target, sizeof(target), "/posts/%s/modes%s", post, end ? "/end" : "");
	r = pp_api_ask(call, &api, target, body, &answer);
	if (r != PP_CTL_DONE)
		return r;
	pp_json_free(answer);
	return drill_show(call, post);
}

#define COMMON_OPTIONS                                                                             \
	{ "socket", "FILE", false, false, "The server's control socket (" PP_API_SOCKET ")" },     \
		{ "tenant", "TENANT", false, false, "Needed when the server has several" },        \
	{                                                                                          \
		"json", NULL, false, false, "The server's answer as it is, for programs"           \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct pp_ctl_option silence_options[] = { COMMON_OPTIONS };
static const struct pp_ctl_option sound_options[] = {
	COMMON_OPTIONS,
	{ "class", "CLASS", true, false,
		"Whose strokes: crime, fire, disaster, medical, or unspecified (titir)" },
	{ "for", "TIME", true, false, "How long, 1s to 180s" },
};

const struct pp_ctl_command pp_ctl_post_sound = {
	.group = "post",
	.name = "sound",
	.run = sound_run,
	.help = "Orders a post to sound its siren or kentongan.",
	.detail = "An alarm of the post's own goes before. The post does it once, within a minute, "
		  "or not at all.",
	.words = { "POST" },
	.options = sound_options,
	.option_count = COUNT(sound_options),
};
const struct pp_ctl_command pp_ctl_post_silence = {
	.group = "post",
	.name = "silence",
	.run = silence_run,
	.help = "Ends what post sound began.",
	.detail = "It ends no alarm of the post's own.",
	.words = { "POST" },
	.options = silence_options,
	.option_count = COUNT(silence_options),
};

static const struct pp_ctl_option drill_options[] = {
	COMMON_OPTIONS,
	{ "for", "TIME", false, false, "How long, 1min to 4h" },
	{ "reason", "TEXT", false, false, "What is exercised; stands on the timeline" },
	{ "end", NULL, false, false, "Ends it now" },
};
const struct pp_ctl_command pp_ctl_post_drill = {
	.group = "post",
	.name = "drill",
	.run = drill_run,
	.help = "Announces a drill (latihan) at a post.",
	.detail = "Every press until then, but a silent one, goes the whole way as a drill: "
		  "whoever is told reads LATIHAN. The post shows it; it ends by itself, at once "
		  "when the server's clock steps. On the page one act (y) makes it a real one.",
	.words = { "POST" },
	.options = drill_options,
	.option_count = COUNT(drill_options),
};
