/* SPDX-License-Identifier: Apache-2.0 */
/* form_fuzz.c -- a template that was accepted is filled with anything and stays what it is; the
 * input is template, a NUL, value. */
#include "fuzz.h"

#include "core/text.h"
#include "form/form.h"
#include "json/json.h"

static void fill(const struct pp_form *form, const char *value)
{
	const char *values[PP_FORM_FIELD_COUNT];
	char *body;

	for (size_t i = 0; i < PP_FORM_FIELD_COUNT; i++)
		values[i] = value;
	if (pp_form_fill(form, values, &body) < 0)
		return;
	if (strcmp(form->type, "json") == 0) {
		struct pp_json *json = NULL;
		int r = pp_json_parse(body, strlen(body), &json, NULL);

		/* Names of members may come out the same. */
		MUST_HOLD(r == 0 || strstr(form->template, "{{"));
		pp_json_free(json);
	} else {
		MUST_HOLD(!strpbrk(body, " \r\n\""));
	}
	free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 2), why[160], reference[PP_FORM_REFERENCE_SIZE];
	struct pp_form form = { .template = text, .type = "json" };
	const char *value;

	MUST_HOLD(text);
	if (size)
		memcpy(text, data, size);
	value = text + strlen(text) + (strlen(text) < size);
	for (int i = 0; i < 2; i++) {
		form.type = i ? "form" : "json";
		if (text[0] && pp_form_check(&form, why) == 0)
			fill(&form, value);
	}
	form = (struct pp_form){ .template = "{}", .success = text, .reference = text };
	if (pp_form_check(&form, why) == 0)
		(void)pp_form_is_success(&form, value, strlen(value), reference);
	free(text);
	return 0;
}
