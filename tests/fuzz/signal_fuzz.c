/* SPDX-License-Identifier: Apache-2.0 */
/* signal_fuzz.c -- a signal that is taken has an identity and a tame name, and survives writing. */
#include "fuzz.h"

#include "protocol/signal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_signal first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	if (pp_signal_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0]);
		return 0;
	}
	MUST_HOLD(first.seq >= 1 && first.lost_count <= PP_LOST_MAX);
	MUST_HOLD(strspn(first.point, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
		  strlen(first.point));
	MUST_HOLD(pp_signal_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_signal_decode(text, length, &second, why) == 0);
	MUST_HOLD(pp_signal_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
