/* SPDX-License-Identifier: Apache-2.0 */
/* command.c -- orders and replies: one fixed order of members, strict readers. */
#include "protocol/command.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "member.h"

#define WORD_SIZE 24

static void id_set(struct pp_json *m, uint64_t id)
{
	char hex[17];

	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)id);
	(void)pp_json_set_text(m, "id", hex);
}

static int id_read(const struct pp_json *m, uint64_t *ret_id, char *why)
{
	const char *hex;

	if (pp_json_get_text(m, "id", 16, &hex) || strlen(hex) != 16 ||
		strspn(hex, "0123456789abcdef") != 16)
		return pp_refuse(why, "id: not 16 lower-case hex digits");
	*ret_id = strtoull(hex, NULL, 16);
	return *ret_id ? 0 : pp_refuse(why, "id: 0 is none");
}

/* ---- commands ---- */

int pp_command_encode(const struct pp_command *c, char **ret_text, size_t *ret_length)
{
	struct pp_json *m = pp_json_object();

	assert(c->id && c->boot > 0 && c->until_ms >= 0 && c->order != PP_ORDER_UNKNOWN);
	id_set(m, c->id);
	pp_member_set_epoch(m, c->epoch);
	(void)pp_json_set_i64(m, "boot", c->boot);
	(void)pp_json_set_i64(m, "until", c->until_ms);
	(void)pp_json_set_text(m, "order", pp_order_text(c->order));
	if (c->order == PP_ORDER_SOUND) {
		(void)pp_json_set_text(m, "class", pp_class_text(c->class));
		(void)pp_json_set_i64(m, "for", c->seconds);
		if (c->of[0])
			(void)pp_json_set_text(m, "of", c->of);
	}
	return pp_message_print(m, ret_text, ret_length);
}

static int sound_read(const struct pp_json *m, struct pp_command *c, char *why)
{
	char word[WORD_SIZE];
	int error = pp_member_text(m, "class", word, sizeof(word), why), class;

	if (error)
		return error;
	class = pp_class_parse(word);
	if (class < 0)
		return pp_refuse(why, "class: not a known class");
	c->class = (enum pp_class) class;
	error = pp_member_whole(m, "for", 1, &c->seconds, why);
	if (!error && c->seconds > PP_SOUND_MAX_S)
		error = pp_refuse(why, "for: more than %d", PP_SOUND_MAX_S);
	if (!error)
		error = pp_member_text(m, "of", c->of, sizeof(c->of), why);
	if (!error && c->of[0] && !pp_text_is_slug(c->of, strlen(c->of), PP_POST_MAX))
		error = pp_refuse(why, "of: no name of a post");
	return error;
}

static int command_read(const struct pp_json *m, struct pp_command *c, char *why)
{
	char word[WORD_SIZE];
	int error = id_read(m, &c->id, why), order;

	if (!error)
		error = pp_member_epoch(m, &c->epoch, why);
	if (!error)
		error = pp_member_whole(m, "boot", 1, &c->boot, why);
	if (!error)
		error = pp_member_whole(m, "until", 0, &c->until_ms, why);
	if (!error)
		error = pp_member_text(m, "order", word, sizeof(word), why);
	if (!error && !word[0])
		error = pp_refuse(why, "order: missing");
	if (error)
		return error;
	order = pp_order_parse(word);
	c->order = order < 0 ? PP_ORDER_UNKNOWN : (enum pp_order)order;
	return c->order == PP_ORDER_SOUND ? sound_read(m, c, why) : 0;
}

int pp_command_decode(
	const char *text, size_t length, struct pp_command *ret_command, char ret_why[160])
{
	struct pp_command c = { 0 };
	struct pp_json *m;
	int error = pp_message_parse(text, length, &m, ret_why);

	if (error)
		return error;
	error = command_read(m, &c, ret_why);
	if (!error)
		*ret_command = c;
	pp_json_free(m);
	return error;
}

/* ---- replies ---- */

int pp_reply_encode(const struct pp_reply *r, char **ret_text, size_t *ret_length)
{
	struct pp_json *m = pp_json_object();

	assert(r->id);
	id_set(m, r->id);
	(void)pp_json_set_text(m, "result", pp_result_text(r->result));
	if (r->detail[0])
		(void)pp_json_set_text(m, "detail", r->detail);
	return pp_message_print(m, ret_text, ret_length);
}

int pp_reply_decode(const char *text, size_t length, struct pp_reply *ret_reply, char ret_why[160])
{
	struct pp_reply r = { 0 };
	char word[WORD_SIZE] = "";
	struct pp_json *m;
	int result, error = pp_message_parse(text, length, &m, ret_why);

	if (error)
		return error;
	error = id_read(m, &r.id, ret_why);
	if (!error)
		error = pp_member_text(m, "result", word, sizeof(word), ret_why);
	if (!error && !word[0])
		error = pp_refuse(ret_why, "result: missing");
	if (!error)
		error = pp_member_text(m, "detail", r.detail, sizeof(r.detail), ret_why);
	pp_json_free(m);
	if (error)
		return error;
	result = pp_result_parse(word);
	r.result = result < 0 ? PP_RESULT_UNKNOWN : (enum pp_result)result;
	*ret_reply = r;
	return 0;
}
