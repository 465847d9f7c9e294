/* SPDX-License-Identifier: Apache-2.0 */
/* message.c -- a message's values for templates. */
#include "channel/channel.h"

#include <errno.h>
#include <string.h>

#include "json/json.h"

const char *pp_phone_check(const char *number)
{
	size_t digits = number[0] == '+' ? strspn(number + 1, "0123456789") : 0;

	if (digits >= 8 && digits <= 15 && number[1] != '0' && number[digits + 1] == '\0')
		return NULL;
	return "expected a number with its country, such as +6281234567890";
}

/* A text of an object inside of the body; "": there is none. */
static const char *body_text(const struct pp_json *body, const char *object, const char *member)
{
	const struct pp_json *in;
	const char *text = "";

	if (pp_json_get_object(body, object, &in) == 0)
		(void)pp_json_get_text(in, member, 400, &text);
	return text;
}

int pp_message_values(const struct pp_message *message, struct pp_message_values *ret_values)
{
	struct pp_json *body;
	int r = pp_json_parse(message->body, strlen(message->body), &body, NULL);

	if (r < 0)
		return r;
	*ret_values = (struct pp_message_values){
		.all = {
			[PP_FORM_TEXT] = message->text,
			[PP_FORM_ADDRESS] = message->address,
			[PP_FORM_CONTACT] = message->contact,
			[PP_FORM_NUMBER] = body_text(body, "incident", "number"),
			[PP_FORM_CLASS] = body_text(body, "incident", "class"),
			[PP_FORM_POST] = body_text(body, "post", "name"),
			[PP_FORM_PURPOSE] = message->purpose,
			[PP_FORM_TENANT] = message->tenant,
			[PP_FORM_KEY] = message->key,
		},
		.body = body,
	};
	return 0;
}

void pp_message_values_done(struct pp_message_values *values)
{
	values->body = pp_json_free(values->body);
}
