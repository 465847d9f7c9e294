/* SPDX-License-Identifier: Apache-2.0 */
/* receipts_fuzz.c -- receipts that are taken have identities, and say the same when they are
 * written and read again. */
#include "fuzz.h"

#include "protocol/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_receipt first[PP_RECEIPTS_MAX], second[PP_RECEIPTS_MAX];
	char *text, *again, why[160] = "";
	size_t count, again_count, length, again_length;

	FUZZ_FILL(count);
	if (pp_receipts_decode((const char *)data, size, first, PP_RECEIPTS_MAX, &count, why)) {
		MUST_HOLD(why[0] && FUZZ_UNTOUCHED(count));
		return 0;
	}
	MUST_HOLD(count <= PP_RECEIPTS_MAX);
	MUST_HOLD(pp_receipts_encode(first, count, &text, &length) == 0);
	MUST_HOLD(
		pp_receipts_decode(text, length, second, PP_RECEIPTS_MAX, &again_count, why) == 0);
	MUST_HOLD(count == again_count);
	for (size_t i = 0; i < count; i++) {
		const struct pp_receipt *a = &first[i], *b = &second[i];

		MUST_HOLD(a->seq >= 1 && a->seq == b->seq && a->epoch == b->epoch);
		MUST_HOLD(a->result == b->result);
		MUST_HOLD(a->result == PP_RECEIPT_RECORDED || a->result == PP_RECEIPT_REFUSED);
		MUST_HOLD(strcmp(a->incident, b->incident) == 0);
		MUST_HOLD(strcmp(a->reason, b->reason) == 0);
	}
	MUST_HOLD(pp_receipts_encode(second, again_count, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
