/* SPDX-License-Identifier: Apache-2.0 */
/* inbound_fuzz.c -- what an SMS gateway posts, or anybody sends by SMS, is one answer with one
 * code, one report or one post's alarm, or nothing. */
#include "fuzz.h"

#include "protocol/compact.h"
#include "sms_http/inbound.h"
#include "texts/inert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pp_inbound in;
	struct pp_reply reply;
	char *text = malloc(size + 1), shown[100];

	MUST_HOLD(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	FUZZ_FILL(in);
	if (pp_inbound_parse(text, size, &in) < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(in));
	} else if (in.kind == PP_INBOUND_REPLY) {
		MUST_HOLD(strlen(in.reply.code) == PP_REPLY_CODE_DIGITS && in.reply.verb);
		MUST_HOLD(strspn(in.reply.code, "0123456789") == PP_REPLY_CODE_DIGITS);
	} else if (in.kind == PP_INBOUND_ALARM) {
		MUST_HOLD(pp_compact_is(in.alarm) && strlen(in.alarm) < sizeof(in.alarm));
	} else {
		MUST_HOLD(in.reference[0] && strlen(in.reference) < sizeof(in.reference));
	}
	FUZZ_FILL(reply);
	if (pp_reply_parse(text, size, &reply) < 0)
		MUST_HOLD(FUZZ_UNTOUCHED(reply));
	pp_texts_plain(text, shown, sizeof(shown));
	for (const char *c = shown; *c; c++)
		MUST_HOLD(*c >= ' ' && *c <= '~' && !strchr("<>&[]{}\\|^~`", *c));
	pp_texts_inert(text, shown, sizeof(shown));
	for (const char *c = shown; *c; c++)
		MUST_HOLD(((unsigned char)*c >= ' ' && *c != 0x7f) && !strchr("<>&", *c));
	free(text);
	return 0;
}
