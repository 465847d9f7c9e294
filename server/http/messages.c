/* SPDX-License-Identifier: Apache-2.0 */
/* messages.c -- test messages to addresses, and what an SMS gateway posts back. */
#include "pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "notify/channels.h"
#include "problem.h"
#include "sms_http/inbound.h"
#include "store/query.h"

#define TOKEN_MIN 32
#define TOKEN_MAX 200

int pp_messages_open(struct pp_web *w, const struct pp_web_options *options)
{
	char *text;
	int r;

	if (!options->sms_inbound || options->sms_inbound[0] == '\0')
		return 0;
	r = pp_file_read(options->sms_inbound, TOKEN_MAX + 2, &text, NULL);
	if (r == 0) {
		text[strcspn(text, "\r\n")] = '\0';
		w->inbound_token = text;
		if (strlen(text) < TOKEN_MIN || strlen(text) > TOKEN_MAX)
			r = -EINVAL;
	}
	if (r < 0 && options->problem)
		(void)pp_problem_at(options->problem, NULL, "sms.inbound %s: %s",
			options->sms_inbound,
			r == -EINVAL ? "expected one line of 32 to 200 characters"
				     : strerrordesc_np(-r));
	return r;
}

void pp_messages_close(struct pp_web *w)
{
	if (w->inbound_token)
		explicit_bzero(w->inbound_token, strlen(w->inbound_token));
	free(w->inbound_token);
}

/* --- a test message --- */

static void on_ring(void *user, const struct pp_action_result *result)
{
	struct pp_call *c = user;
	struct pp_json *answer;

	if (result->error < 0) {
		pp_engine_answer(c, result);
		return;
	}
	answer = pp_json_object();
	(void)pp_json_set_text(answer, "key", result->reason);
	pp_call_answer_json(c, 200, answer);
}

/* A post is sounded by whoever may sound it. */
static bool may_ring(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_action *action)
{
	const struct pp_scope scope = pp_who_scope(who);
	const size_t length = strlen(who->tenant);
	int r;

	if (strcmp(action->code, "siren") != 0)
		return true;
	if (!pp_endpoint_admits(&pp_endpoints[PP_ENDPOINT_SOUND], who->roles)) {
		pp_call_refuse(c, 403, "a post is sounded by others");
		return false;
	}
	r = strncmp(action->text, who->tenant, length) == 0 && action->text[length] == '/'
		    ? pp_query_sees_post(w->db, &scope, action->text + length + 1)
		    : 0;
	if (r < 0)
		pp_call_refuse_record(c, r);
	else if (r == 0)
		pp_call_refuse(c, 404, "there is no such post");
	return r > 0;
}

void pp_ring_post(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_action action = { .type = PP_ACTION_RING,
		.tenant = who->tenant,
		.actor = who->actor };
	const struct pp_body_field fields[] = {
		{ "channel", 1, 16, false, false, &action.code },
		{ "contact", 1, 40, false, false, &action.name },
		{ "address", 1, 254, false, false, &action.text },
		{ "language", 2, 2, true, false, &action.state },
	};
	struct pp_json *body;
	const char *why;

	(void)match;
	if (!pp_call_read_body(c, fields, 4, &body))
		return;
	why = pp_channel_address_check(action.code, action.text);
	if (why)
		pp_call_refuse(c, 422, "'address': %s", why);
	else if (may_ring(w, c, who, &action) &&
		 pp_engine_submit(w->engine, &action, on_ring, c) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
	pp_json_free(body);
}

/* --- from the gateway --- */

static bool may_post(struct pp_web *w, struct pp_call *c)
{
	const char *given = pp_call_header(c, "Authorization"), *ours = w->inbound_token;

	if (ours && given && strncmp(given, "Bearer ", 7) == 0 &&
		strlen(given + 7) == strlen(ours) && pp_equal_secret(given + 7, ours, strlen(ours)))
		return true;
	pp_call_set_header(c, "WWW-Authenticate", "Bearer");
	pp_call_refuse(c, 401, "%s",
		ours ? "the token of sms.inbound is needed"
		     : "nothing is taken from SMS gateways: set sms.inbound");
	return false;
}

static void on_taken(void *user, const struct pp_action_result *result)
{
	struct pp_call *c = user;

	if (result->error < 0)
		pp_engine_answer(c, result);
	else
		pp_call_answer_json(c, 200, pp_json_object());
}

/* A gateway speaks of messages that are still there, or of others that are not ours. */
static void report_take(struct pp_web *w, struct pp_call *c, const struct pp_inbound *in)
{
	char tenant[24];
	struct pp_action action = { .type = PP_ACTION_NOTIFICATION,
		.tenant = tenant,
		.actor = "server",
		.state = in->kind == PP_INBOUND_DELIVERED ? "delivered" : "failed",
		.text = in->kind == PP_INBOUND_DELIVERED ? "the gateway reports delivery"
							 : "the gateway reports failure" };
	int r = pp_query_notification_of(
		w->db, "sms", in->reference, tenant, &action.notification_id);

	if (r == -ENOENT)
		pp_call_refuse(c, 404, "there is no such message");
	else if (r < 0)
		pp_call_refuse_record(c, r);
	else if (pp_engine_submit(w->engine, &action, on_taken, c) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

/* 200 only when the record has it: else the gateway is to bring it again. */
static void alarm_take(struct pp_web *w, struct pp_call *c, const struct pp_inbound *in)
{
	const struct pp_action action = { .type = PP_ACTION_TEXT,
		.text = in->alarm,
		.name = in->from,
		.code = "gateway" };

	if (pp_engine_submit(w->engine, &action, on_taken, c) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

/* Whose call it is, its code says alone. The number says whether somebody guesses. */
static void reply_take(struct pp_web *w, struct pp_call *c, const struct pp_inbound *in)
{
	const struct pp_action action = { .type = PP_ACTION_CALL_ANSWER,
		.code = in->reply.code,
		.state = in->reply.verb,
		.name = in->from,
		.text = "sms" };

	if (pp_engine_submit(w->engine, &action, on_taken, c) < 0)
		pp_call_refuse(c, 503, "the server is busy: try again");
}

void pp_inbound_post(struct pp_web *w, struct pp_call *c, const struct pp_who *who,
	const struct pp_route_match *match)
{
	struct pp_inbound in;
	size_t length;
	const char *text = pp_call_body(c, &length);
	int r;

	(void)who;
	(void)match;
	if (!may_post(w, c))
		return;
	if (!pp_body_type_is_json(pp_call_header(c, "Content-Type"))) {
		pp_call_refuse(c, 415, "the body must be application/json");
		return;
	}
	r = pp_inbound_parse(text, length, &in);
	if (r == -EAGAIN)
		pp_call_answer_json(c, 200, pp_json_object());
	else if (r == -EBADMSG)
		pp_call_refuse(c, 400, "expected a text, or a reference and a status");
	else if (r < 0)
		pp_call_refuse(c, 422, "this answers no call: one verb and one code are needed");
	else if (in.kind == PP_INBOUND_ALARM)
		alarm_take(w, c, &in);
	else if (in.kind == PP_INBOUND_REPLY)
		reply_take(w, c, &in);
	else
		report_take(w, c, &in);
}
