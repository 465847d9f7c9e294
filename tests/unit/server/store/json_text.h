/* SPDX-License-Identifier: Apache-2.0 */
/* json_text.h -- compares an answer with its JSON text. */
#ifndef TEST_STORE_JSON_TEXT_H
#define TEST_STORE_JSON_TEXT_H

#include "json/json.h"

/* Frees json. */
static inline void assert_json(struct pp_json *json, const char *want)
{
	char *text;
	size_t length;

	assert_int_equal(pp_json_print(json, &text, &length), 0);
	assert_string_equal(text, want);
	free(text);
	pp_json_free(json);
}

#endif
