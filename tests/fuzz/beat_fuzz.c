/* SPDX-License-Identifier: Apache-2.0 */
/* beat_fuzz.c -- a beat that is taken keeps its counts in bounds and survives writing. */
#include "fuzz.h"

#include "protocol/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_beat first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	if (pp_beat_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0]);
		return 0;
	}
	MUST_HOLD(first.count <= PP_OPEN_MAX && first.key_count <= PP_BEAT_KEYS_MAX);
	MUST_HOLD(pp_beat_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_beat_decode(text, length, &second, why) == 0);
	MUST_HOLD(pp_beat_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
