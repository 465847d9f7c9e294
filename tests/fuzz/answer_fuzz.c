/* SPDX-License-Identifier: Apache-2.0 */
/* answer_fuzz.c -- an answer that is taken is in bounds, and says the same when it is written and
 * read again. */
#include "fuzz.h"

#include "protocol/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pp_reply first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	FUZZ_FILL(first);
	if (pp_reply_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0] && FUZZ_UNTOUCHED(first));
		return 0;
	}
	MUST_HOLD(first.id);
	MUST_HOLD(pp_reply_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_reply_decode(text, length, &second, why) == 0);
	MUST_HOLD(first.id == second.id && first.result == second.result);
	MUST_HOLD(strcmp(first.detail, second.detail) == 0);
	MUST_HOLD(pp_reply_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
