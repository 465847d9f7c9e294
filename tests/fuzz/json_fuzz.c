/* SPDX-License-Identifier: Apache-2.0 */
/* json_fuzz.c -- what the strict reader takes prints, and prints the same when read again. */
#include "fuzz.h"

#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pp_json *first, *second;
	char *text, *again, where[160] = "";
	size_t length, again_length;

	if (pp_json_parse((const char *)data, size, &first, where)) {
		MUST_HOLD(where[0]);
		return 0;
	}
	MUST_HOLD(pp_json_print(first, &text, &length) == 0);
	if (pp_json_parse(text, length, &second, where)) {
		/* Nobody can read the largest reals as numbers, see pp_json_get_real. */
		MUST_HOLD(strstr(where, "overflow"));
		free(text);
		pp_json_free(first);
		return 0;
	}
	MUST_HOLD(pp_json_print(second, &again, &again_length) == 0);
	MUST_HOLD(again_length == length && memcmp(again, text, length) == 0);
	free(text);
	free(again);
	pp_json_free(first);
	pp_json_free(second);
	return 0;
}
