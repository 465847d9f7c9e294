/* SPDX-License-Identifier: Apache-2.0 */
/* keys_fuzz.c -- lists of public keys, as posts pin the server's and keep their own: what is taken
 * survives writing, what is refused changes nothing. */
#include "fuzz.h"

#include "crypto/key_list.h"
#include "uplink/inbox.h"

static void list_check(const char *text, size_t size)
{
	struct pp_key_list list, again;
	char path[256];
	unsigned line = 0;

	FUZZ_FILL(list);
	if (pp_key_list_parse(text, size, &list, &line) < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(list));
		return;
	}
	MUST_HOLD(list.count >= 1 && list.count <= PP_KEY_LIST_MAX);
	for (size_t i = 0; i < list.count; i++)
		for (size_t k = 0; k < i; k++)
			MUST_HOLD(memcmp(list.keys[i], list.keys[k], PP_PUBLIC_KEY_SIZE) != 0);
	MUST_HOLD(pp_key_list_save(&list, fuzz_path("keys", path)) == 0);
	MUST_HOLD(pp_key_list_load(path, &again, &line) == 0 && again.count == list.count);
	MUST_HOLD(memcmp(list.keys, again.keys, list.count * PP_PUBLIC_KEY_SIZE) == 0);
}

static void inbox_check(const char *text)
{
	struct pp_inbox in, again = { 0 };
	unsigned line = 0;
	char *printed;

	FUZZ_FILL(in);
	if (pp_inbox_keys_parse(text, &in, &line) < 0) {
		MUST_HOLD(FUZZ_UNTOUCHED(in));
		return;
	}
	MUST_HOLD(in.key_count >= 1 && in.key_count <= PP_INBOX_KEYS_MAX);
	printed = pp_inbox_keys_print(&in, "mark");
	MUST_HOLD(printed && pp_inbox_keys_parse(printed, &again, &line) == 0);
	MUST_HOLD(in.key_count == again.key_count);
	MUST_HOLD(memcmp(in.keys, again.keys, in.key_count * PP_PUBLIC_KEY_SIZE) == 0);
	free(printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST_HOLD(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	list_check(text, size);
	inbox_check(text);
	free(text);
	return 0;
}
