/* SPDX-License-Identifier: Apache-2.0 */
/* state_fuzz.c -- a state that is taken keeps its counts in bounds, and says the same when it is
 * written and read again; only details may be left out. */
#include "fuzz.h"

#include "protocol/state.h"

static void states_agree(const struct pp_state *a, const struct pp_state *b)
{
	bool details = false;

	MUST_HOLD(a->epoch == b->epoch && a->boot == b->boot);
	MUST_HOLD(a->mono_ms == b->mono_ms && a->n == b->n && a->oldest == b->oldest);
	MUST_HOLD(strcmp(a->config, b->config) == 0 && strcmp(a->version, b->version) == 0);
	MUST_HOLD(a->key_count == b->key_count && a->count == b->count);
	for (size_t i = 0; i < a->key_count; i++)
		MUST_HOLD(strcmp(a->keys[i], b->keys[i]) == 0);
	for (size_t i = 0; i < b->count; i++)
		details = details || b->points[i].detail[0];
	for (size_t i = 0; i < a->count; i++) {
		MUST_HOLD(strcmp(a->points[i].point, b->points[i].point) == 0);
		MUST_HOLD(a->points[i].state == b->points[i].state);
		MUST_HOLD(!details || strcmp(a->points[i].detail, b->points[i].detail) == 0);
	}
}

/* Names of a later version are tamed, and two of them may then be one: nobody writes that here. */
static bool names_differ(const struct pp_state *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->points[i].point, s->points[k].point) == 0)
				return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pp_state first, second;
	char *text, *again, why[160] = "";
	size_t length, again_length;

	FUZZ_FILL(first);
	if (pp_state_decode((const char *)data, size, &first, why)) {
		MUST_HOLD(why[0] && FUZZ_UNTOUCHED(first));
		return 0;
	}
	MUST_HOLD(first.count <= PP_POINTS_MAX && first.key_count <= PP_STATE_KEYS_MAX);
	MUST_HOLD(pp_state_encode(&first, &text, &length) == 0);
	MUST_HOLD(pp_state_decode(text, length, &second, why) == 0);
	if (names_differ(&first))
		states_agree(&first, &second);
	MUST_HOLD(pp_state_encode(&second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	return 0;
}
