/* SPDX-License-Identifier: Apache-2.0 */
/* sample_fuzz.c -- a sample that is taken keeps its counts in bounds, and says the same when it is
 * written and read again. */
#include "fuzz.h"

#include <errno.h>
#include <math.h>

#include "protocol/sample.h"

static void samples_agree(const struct pp_sample *a, const struct pp_sample *b)
{
	MUST_HOLD(a->boot == b->boot && a->mono_ms == b->mono_ms && a->at_ms == b->at_ms);
	MUST_HOLD(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct pp_reading *x = &a->readings[i], *y = &b->readings[i];

		MUST_HOLD(strcmp(x->name, y->name) == 0 && strcmp(x->point, y->point) == 0);
		MUST_HOLD(strcmp(x->unit, y->unit) == 0 && x->mono_ms == y->mono_ms);
		/* Numbers are written with 15 digits: what a sensor said, not a double's 17. */
		MUST_HOLD(fabs(x->value - y->value) <= 1e-14 * fabs(x->value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_sample first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;
	int r;

	FUZZ_FILL(first);
	if (pp_sample_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0] && FUZZ_UNTOUCHED(first));
		return 0;
	}
	MUST_HOLD(first.count <= PP_READINGS_MAX);
	r = pp_sample_encode(&first, &text, &length);
	/* "1e9" has three bytes, and more of them when we write it. */
	MUST_HOLD(r == 0 || (r == -EMSGSIZE && size > PP_PAYLOAD_MAX / 4));
	if (r < 0)
		return 0;
	MUST_HOLD(pp_sample_decode(text, length, &second, why) == 0);
	samples_agree(&first, &second);
	MUST_HOLD(pp_sample_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
