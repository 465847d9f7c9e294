/* SPDX-License-Identifier: Apache-2.0 */
/* commands.c -- orders to posts into the record: who ordered what, what became of it, and when
 * nobody answered. */
#include "book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "ledger/commands.h"
#include "protocol/command.h"
#include "store/commands.h"
#include "store/notifications.h"
#include "store/registry.h"

#define OPEN_MAX 8           /* of one post */
#define STATE_FRESH_MS 60000 /* an older state tells nothing of the post's time */

static int refuse(struct pp_item *item, int error, const char *reason)
{
	item->out.action.error = error;
	snprintf(item->out.action.reason, sizeof(item->out.action.reason), "%s", reason);
	return 0;
}

/* 1: the words make an order; 0: it has been refused. */
static int order_read(
	struct pp_item *item, const struct pp_action *a, struct pp_command *ret_command)
{
	int order = pp_order_parse(a->order), class = a->class ? pp_class_parse(a->class) : -1;

	if (order < 0)
		return refuse(item, -EINVAL, "order: expected sound or silence");
	ret_command->order = (enum pp_order)order;
	if (order != PP_ORDER_SOUND)
		return 1;
	if (class < 0)
		return refuse(item, -EINVAL,
			"class: expected crime, fire, disaster, medical or unspecified (titir)");
	if (a->seconds < 1 || a->seconds > PP_SOUND_MAX_S)
		return refuse(item, -EINVAL, "for: expected 1s to 180s");
	if (a->other && !pp_text_is_slug(a->other, strlen(a->other), PP_POST_MAX))
		return refuse(item, -EINVAL, "of: no name of a post");
	ret_command->class = (enum pp_class) class;
	ret_command->seconds = a->seconds;
	snprintf(ret_command->of, sizeof(ret_command->of), "%s", a->other ? a->other : "");
	return 1;
}

/* 1: the order's time, in the post's own; 0: it has been refused. */
static int time_fill(struct pp_ledger *l, struct pp_item *item, const struct pp_action *a,
	struct pp_command *command)
{
	struct pp_post_now now;
	int64_t age_ms, open;
	int r = pp_store_post_now(l->db, a->tenant, a->post, &now);

	if (r < 0)
		return r;
	age_ms = r ? l->now_ms - now.arrived_ms : 0;
	if (r == 0 || !now.active || !now.supervised || age_ms < 0 || age_ms > STATE_FRESH_MS)
		return refuse(item, -EPERM, "this post is not heard: it would not hear either");
	r = pp_store_commands_open(l->db, a->tenant, a->post, &open);
	if (r < 0)
		return r;
	if (open >= OPEN_MAX)
		return refuse(item, -EPERM, "this post has too many orders to answer already");
	command->epoch = now.epoch;
	command->boot = now.boot;
	command->until_ms = now.mono_ms + age_ms + PP_COMMAND_TTL_MS;
	return 1;
}

/* The channel had it in its hands when others took the alarm, or it became silent. 1: it still is
 * to sound; 0: it has been refused. */
static int notice_check(struct pp_ledger *l, struct pp_item *item, int64_t notification_id)
{
	struct pp_notification_about about;
	int r = pp_store_notification_about(l->db, notification_id, &about);

	if (r < 0)
		return r;
	if (r == 0 || strcmp(about.state, "queued") != 0)
		return refuse(item, -ENOENT, "nobody waits for it any more");
	return 1;
}

static struct pp_json *order_body(const struct pp_command *c)
{
	struct pp_json *body = pp_json_object();
	char id[17];

	snprintf(id, sizeof(id), "%016llx", (unsigned long long)c->id);
	(void)pp_json_set_text(body, "id", id);
	(void)pp_json_set_text(body, "order", pp_order_text(c->order));
	if (c->order == PP_ORDER_SOUND) {
		(void)pp_json_set_text(body, "class", pp_class_text(c->class));
		(void)pp_json_set_i64(body, "for", c->seconds);
		if (c->of[0])
			(void)pp_json_set_text(body, "of", c->of);
	}
	return body;
}

static int order_write(struct pp_ledger *l, const struct pp_action *a, const struct pp_command *c)
{
	struct pp_command_row row = {
		.id = c->id, .state = PP_COMMAND_OPEN, .expires_ms = l->now_ms + PP_COMMAND_TTL_MS
	};
	size_t length;
	char *payload;
	int r = pp_command_encode(c, &payload, &length);

	if (r < 0)
		return r;
	snprintf(row.tenant, sizeof(row.tenant), "%s", a->tenant);
	snprintf(row.post, sizeof(row.post), "%s", a->post);
	row.payload = payload;
	r = pp_store_command_add(l->db, &row);
	free(payload);
	if (r == 0 && a->notification_id > 0)
		r = pp_store_notification_order(l->db, a->notification_id, a->tenant, c->id);
	return r < 0 ? r
		     : pp_timeline_write(l,
			       &(struct pp_event){ .tenant = a->tenant,
				       .kind = "command.ordered",
				       .actor = a->actor,
				       .post = a->post,
				       .body = order_body(c) },
			       NULL);
}

int pp_apply_order(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_action *a = item->in.action;
	struct pp_command command = { 0 };
	int r = order_read(item, a, &command);

	if (r == 1)
		r = pp_store_post_exists(l->db, a->tenant, a->post ? a->post : "");
	if (r == 0 && item->out.action.error == 0)
		return refuse(item, -ENOENT, "there is no such post");
	if (r == 1 && a->notification_id > 0)
		r = notice_check(l, item, a->notification_id);
	if (r == 1)
		r = time_fill(l, item, a, &command);
	if (r <= 0)
		return r;
	while (command.id == 0)
		pp_random(&command.id, sizeof(command.id));
	r = order_write(l, a, &command);
	if (r < 0)
		return r;
	item->out.commands = true;
	snprintf(item->out.action.reason, sizeof(item->out.action.reason), "%016llx",
		(unsigned long long)command.id);
	return 0;
}

static int outcome_write(
	struct pp_ledger *l, const struct pp_item *item, uint64_t id, const struct pp_reply *reply)
{
	struct pp_json *body = pp_json_object();
	char hex[17], actor[PP_ACTOR_MAX] = "server";

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)id);
	(void)pp_json_set_text(body, "id", hex);
	if (reply) {
		pp_actor_post(item->tenant, item->post, actor);
		(void)pp_json_set_text(body, "result", pp_result_text(reply->result));
		if (reply->detail[0])
			(void)pp_json_set_text(body, "detail", reply->detail);
	}
	return pp_timeline_write(l,
		&(struct pp_event){ .tenant = item->tenant,
			.kind = reply ? "command.answered" : "command.unanswered",
			.actor = actor,
			.post = item->post,
			.body = body },
		NULL);
}

/* What the siren's notification says of it. */
static int notice_write(struct pp_ledger *l, const struct pp_item *item,
	const struct pp_command_row *row, const struct pp_reply *reply)
{
	struct pp_notice_order o = { .tenant = item->tenant,
		.post = item->post,
		.id = row->id,
		.result = reply ? reply->result : PP_RESULT_UNKNOWN,
		.detail = "no answer of the station in its time" };
	char detail[PP_DETAIL_MAX + 40];

	if (reply && reply->result == PP_RESULT_DONE) {
		o.detail = "the station has sounded";
	} else if (reply) {
		snprintf(detail, sizeof(detail), "the station: %s%s%s",
			pp_result_text(reply->result), reply->detail[0] ? ", " : "", reply->detail);
		o.detail = detail;
	}
	return pp_notice_of_order(l, &o);
}

int pp_apply_reply(struct pp_ledger *l, struct pp_item *item)
{
	const struct pp_reply *reply = &item->in.reply;
	struct pp_command_row row;
	int r = pp_store_command_find(l->db, item->tenant, item->post, reply->id, &row);

	if (r < 0)
		return r;
	/* To no order of ours, or answered before: the first answer stays. */
	item->out.duplicate = r == 0 || row.state == PP_COMMAND_ANSWERED;
	if (item->out.duplicate)
		return 0;
	item->out.commands = true;
	r = pp_store_command_set(l->db, row.command_id, PP_COMMAND_ANSWERED);
	if (r == 0)
		r = notice_write(l, item, &row, reply);
	return r < 0 ? r : outcome_write(l, item, reply->id, reply);
}

int pp_apply_expiry(struct pp_ledger *l, struct pp_item *item)
{
	struct pp_command_row row;
	int r = pp_store_command_find(l->db, item->tenant, item->post, item->in.expired, &row);

	if (r <= 0 || row.state != PP_COMMAND_OPEN)
		return r < 0 ? r : 0;
	item->out.commands = true;
	r = pp_store_command_set(l->db, row.command_id, PP_COMMAND_UNANSWERED);
	if (r == 0)
		r = notice_write(l, item, &row, NULL);
	return r < 0 ? r : outcome_write(l, item, item->in.expired, NULL);
}
