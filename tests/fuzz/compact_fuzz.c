/* SPDX-License-Identifier: Apache-2.0 */
/* compact_fuzz.c -- a text message that is read holds a signal which is written as the same letters
 * again, unless it says what we do not write; or a receipt, which always is. */
#include "fuzz.h"

#include "protocol/compact.h"

static size_t letters_only(const uint8_t *data, size_t size, char text[PP_COMPACT_MAX + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		if (!memchr(" \r\n\t", data[i], 4)) {
			MUST_HOLD(count < PP_COMPACT_MAX);
			text[count++] = (char)data[i];
		}
	text[count] = '\0';
	return count;
}

static void receipt_try(const uint8_t *data, size_t size)
{
	char letters[PP_COMPACT_MAX + 1], again[PP_COMPACT_RECEIPT_MAX + 1], why[160];
	static struct pp_compact_receipt c;
	struct pp_receipt receipt;
	size_t count;

	FUZZ_FILL(c);
	if (pp_compact_receipt_read((const char *)data, size, &c) < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(c));
		return;
	}
	MUST_HOLD(letters_only(data, size, letters) <= PP_COMPACT_RECEIPT_MAX);
	MUST_HOLD(pp_compact_receipt_write(c.payload, c.length, c.signature, again) == 0);
	MUST_HOLD(strcmp(letters, again) == 0);
	MUST_HOLD(pp_receipts_decode(c.payload, c.length, &receipt, 1, &count, why) == 0);
	MUST_HOLD(count == 1 && receipt.epoch == c.receipt.epoch && receipt.seq == c.receipt.seq);
	MUST_HOLD(receipt.result == PP_RECEIPT_RECORDED);
	free(c.payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char letters[PP_COMPACT_MAX + 1], again[PP_COMPACT_MAX + 1], why[160];
	static struct pp_compact c;
	struct pp_signal signal;

	receipt_try(data, size);
	FUZZ_FILL(c);
	if (pp_compact_read((const char *)data, size, &c) < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(c));
		return 0;
	}
	MUST_HOLD(letters_only(data, size, letters) > 0);
	if (pp_compact_write(c.payload, c.length, c.hint, c.signature, again) == 0) {
		MUST_HOLD(strcmp(letters, again) == 0);
		MUST_HOLD(pp_signal_decode(c.payload, c.length, &signal, why) == 0);
	}
	free(c.payload);
	return 0;
}
