/* SPDX-License-Identifier: Apache-2.0 */
/* command_fuzz.c -- an order that is taken is in bounds, and says the same when it is written and
 * read again. */
#include "fuzz.h"

#include "protocol/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pp_command first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	FUZZ_FILL(first);
	if (pp_command_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0] && FUZZ_UNTOUCHED(first));
		return 0;
	}
	MUST_HOLD(first.id && first.boot > 0);
	if (first.order == PP_ORDER_UNKNOWN) /* of a later version: nobody writes it here */
		return 0;
	MUST_HOLD(first.order != PP_ORDER_SOUND ||
		  (first.seconds >= 1 && first.seconds <= PP_SOUND_MAX_S));
	MUST_HOLD(pp_command_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_command_decode(text, length, &second, why) == 0);
	MUST_HOLD(first.id == second.id && first.epoch == second.epoch);
	MUST_HOLD(first.boot == second.boot && first.until_ms == second.until_ms);
	MUST_HOLD(first.order == second.order);
	MUST_HOLD(first.order != PP_ORDER_SOUND ||
		  (first.class == second.class && first.seconds == second.seconds));
	MUST_HOLD(pp_command_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
