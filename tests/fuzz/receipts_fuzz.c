/* SPDX-License-Identifier: Apache-2.0 */
/* receipts_fuzz.c -- receipts that are taken have identities and survive writing. */
#include "fuzz.h"

#include "protocol/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_receipt first[PP_RECEIPTS_MAX], second[PP_RECEIPTS_MAX];
	char *text, *again, why[160] = "";
	size_t count, again_count, length, again_length;

	if (pp_receipts_decode((const char *)data, size, first, PP_RECEIPTS_MAX, &count, why)) {
		MUST_HOLD(why[0]);
		return 0;
	}
	MUST_HOLD(count <= PP_RECEIPTS_MAX);
	for (size_t i = 0; i < count; i++)
		MUST_HOLD(first[i].seq >= 1);
	MUST_HOLD(pp_receipts_encode(first, count, &text, &length) == 0);
	MUST_HOLD(
		pp_receipts_decode(text, length, second, PP_RECEIPTS_MAX, &again_count, why) == 0);
	MUST_HOLD(count == again_count);
	MUST_HOLD(pp_receipts_encode(second, again_count, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
