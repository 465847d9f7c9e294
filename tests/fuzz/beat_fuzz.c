/* SPDX-License-Identifier: Apache-2.0 */
/* beat_fuzz.c -- a beat that is taken keeps its counts in bounds, and says the same when it is
 * written and read again. */
#include "fuzz.h"

#include "protocol/state.h"

static void beats_agree(const struct pp_beat *a, const struct pp_beat *b)
{
	MUST_HOLD(a->epoch == b->epoch && a->boot == b->boot);
	MUST_HOLD(a->mono_ms == b->mono_ms && a->n == b->n && a->high == b->high);
	MUST_HOLD(a->head_height == b->head_height && strcmp(a->head_hash, b->head_hash) == 0);
	MUST_HOLD(a->count == b->count && a->key_count == b->key_count);
	for (size_t i = 0; i < a->key_count; i++)
		MUST_HOLD(memcmp(a->keys[i], b->keys[i], PP_PUBLIC_KEY_SIZE) == 0);
	for (size_t i = 0; i < a->count; i++) {
		MUST_HOLD(a->open[i].seq == b->open[i].seq && a->open[i].rev == b->open[i].rev);
		MUST_HOLD(a->open[i].step == b->open[i].step);
		MUST_HOLD(strcmp(a->open[i].incident, b->open[i].incident) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_beat first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	FUZZ_FILL(first);
	if (pp_beat_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0] && FUZZ_UNTOUCHED(first));
		return 0;
	}
	MUST_HOLD(first.count <= PP_OPEN_MAX && first.key_count <= PP_BEAT_KEYS_MAX);
	MUST_HOLD(pp_beat_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_beat_decode(text, length, &second, why) == 0);
	beats_agree(&first, &second);
	MUST_HOLD(pp_beat_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
