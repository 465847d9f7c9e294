/* SPDX-License-Identifier: Apache-2.0 */
/* refusal.c -- refusals, and what people may write. */
#include "refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "ledger/item.h"

int pp_action_refuse(struct pp_item *item, int error, const char *fmt, ...)
{
	struct pp_action_result *result = &item->out.action;
	va_list args;

	va_start(args, fmt);
	vsnprintf(result->reason, sizeof(result->reason), fmt, args);
	va_end(args);
	result->error = error;
	return 0;
}

bool pp_words_are_fine(const char *text, size_t max, bool lines)
{
	size_t length = text ? strlen(text) : 0;

	if (length == 0 || length > max || !pp_text_is_utf8(text, length))
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && !(lines && (c == '\n' || c == '\t'))) || c == 0x7f)
			return false;
	}
	return true;
}
