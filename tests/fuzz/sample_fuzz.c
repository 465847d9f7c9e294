/* SPDX-License-Identifier: Apache-2.0 */
/* sample_fuzz.c -- a sample that is taken keeps its counts in bounds and survives writing. */
#include "fuzz.h"

#include "protocol/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_sample first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	if (pp_sample_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0]);
		return 0;
	}
	MUST_HOLD(first.count <= PP_READINGS_MAX);
	MUST_HOLD(pp_sample_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_sample_decode(text, length, &second, why) == 0);
	MUST_HOLD(pp_sample_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
