/* SPDX-License-Identifier: Apache-2.0 */
/* inbound.c -- bodies of gateways, which differ in their words. */
#include "sms_http/inbound.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "protocol/compact.h"

/* The first of the members that is a text. NULL: none is. */
static const char *text_of(const struct pp_json *json, const char *const *members)
{
	const char *text;

	for (; *members; members++) {
		if (pp_json_get_text(json, *members, PP_INBOUND_MAX, &text) == 0)
			return text;
	}
	return NULL;
}

static int status_parse(const char *status, enum pp_inbound_kind *ret_kind)
{
	static const struct {
		const char *word;
		enum pp_inbound_kind kind;
	} words[] = {
		{ "delivered", PP_INBOUND_DELIVERED },
		{ "undelivered", PP_INBOUND_FAILED },
		{ "failed", PP_INBOUND_FAILED },
		{ "rejected", PP_INBOUND_FAILED },
		{ "expired", PP_INBOUND_FAILED },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i].word, status) == 0) {
			*ret_kind = words[i].kind;
			return 0;
		}
	}
	return -EAGAIN;
}

static int report_read(const struct pp_json *json, struct pp_inbound *inbound)
{
	static const char *const names[] = { "reference", "id", "message_id", NULL };
	static const char *const statuses[] = { "status", NULL };
	const char *reference = text_of(json, names), *status = text_of(json, statuses);

	if (!reference || !status || reference[0] == '\0' ||
		strlen(reference) >= sizeof(inbound->reference))
		return -EBADMSG;
	snprintf(inbound->reference, sizeof(inbound->reference), "%s", reference);
	return status_parse(status, &inbound->kind);
}

/* (What is too long is no number: an alarm counts all the same.) */
static void from_read(const struct pp_json *json, struct pp_inbound *inbound)
{
	static const char *const senders[] = { "from", "sender", "number", "msisdn", NULL };
	const char *from = text_of(json, senders);

	if (from && strlen(from) <= PP_INBOUND_FROM_MAX)
		snprintf(inbound->from, sizeof(inbound->from), "%s", from);
}

static int alarm_read(const char *text, struct pp_inbound *inbound)
{
	if (strlen(text) > PP_INBOUND_ALARM_MAX)
		return -EBADMSG;
	inbound->kind = PP_INBOUND_ALARM;
	snprintf(inbound->alarm, sizeof(inbound->alarm), "%s", text);
	return 0;
}

int pp_inbound_parse(const char *body, size_t length, struct pp_inbound *ret_inbound)
{
	static const char *const texts[] = { "text", "message", "body", NULL };
	struct pp_inbound inbound = { .kind = PP_INBOUND_REPLY };
	struct pp_json *json;
	const char *text;
	int r;

	if (length > PP_INBOUND_MAX || pp_json_parse(body, length, &json, NULL) < 0)
		return -EBADMSG;
	text = text_of(json, texts);
	if (text)
		from_read(json, &inbound);
	if (text && pp_compact_is(text))
		r = alarm_read(text, &inbound);
	else if (text)
		r = pp_reply_parse(text, strlen(text), &inbound.reply);
	else
		r = report_read(json, &inbound);
	pp_json_free(json);
	if (r == 0)
		*ret_inbound = inbound;
	return r;
}
