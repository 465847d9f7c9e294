/* SPDX-License-Identifier: Apache-2.0 */
/* signal_fuzz.c -- a signal that is taken has an identity and a tame name, and says the same when
 * it is written and read again. */
#include "fuzz.h"

#include "protocol/signal.h"

static void signals_agree(const struct pp_signal *a, const struct pp_signal *b)
{
	const uint32_t known = PP_FLAG_AT_START | PP_FLAG_SILENT | PP_FLAG_DRILL | PP_FLAG_VERIFIED;

	MUST_HOLD(a->epoch == b->epoch && a->seq == b->seq);
	MUST_HOLD(a->boot == b->boot && a->mono_ms == b->mono_ms && a->at_ms == b->at_ms);
	MUST_HOLD(strcmp(a->point, b->point) == 0);
	MUST_HOLD(a->kind == b->kind && a->type == b->type);
	/* Only alarms have one, as we write them. */
	MUST_HOLD(a->type != PP_SIGNAL_ALARM || a->class == b->class);
	MUST_HOLD((a->flags & known) == (b->flags & known));
	MUST_HOLD(a->cause == b->cause && strcmp(a->detail, b->detail) == 0);
	MUST_HOLD(a->lost_count == b->lost_count);
	for (size_t i = 0; i < a->lost_count; i++)
		MUST_HOLD(a->lost[i] == b->lost[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_signal first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	FUZZ_FILL(first);
	if (pp_signal_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0] && FUZZ_UNTOUCHED(first));
		return 0;
	}
	MUST_HOLD(first.seq >= 1 && first.lost_count <= PP_LOST_MAX);
	MUST_HOLD(strspn(first.point, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
		  strlen(first.point));
	MUST_HOLD(pp_signal_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_signal_decode(text, length, &second, why) == 0);
	signals_agree(&first, &second);
	MUST_HOLD(pp_signal_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
