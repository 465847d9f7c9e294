/* SPDX-License-Identifier: Apache-2.0 */
/* findings.c -- the list and its two faces. */
#include "checkup/findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static void text_clean(char *text)
{
	size_t length = strlen(text);
	bool whole = pp_text_is_utf8(text, length);

	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c == 0x7f || (c >= 0x80 && !whole))
			text[i] = '?';
	}
}

static int room_make(struct pp_findings *f)
{
	size_t size = f->size ? 2 * f->size : 16;
	struct pp_finding *list;

	if (f->count < f->size)
		return 0;
	list = realloc(f->list, size * sizeof(*list));
	if (!list)
		return -ENOMEM;
	f->list = list;
	f->size = size;
	return 0;
}

int pp_findings_add(struct pp_findings *f, const struct pp_finding *finding)
{
	struct pp_finding *added;
	int r;

	if (f->count == PP_FINDINGS_MAX)
		return 0;
	r = room_make(f);
	if (r < 0)
		return r;
	added = &f->list[f->count++];
	*added = *finding;
	if (f->count == PP_FINDINGS_MAX)
		*added = (struct pp_finding){ PP_FINDING_WARN, "too-many",
			"there is more than can be told here", "mend what stands above first" };
	text_clean(added->id);
	text_clean(added->text);
	text_clean(added->todo);
	return 0;
}

void pp_findings_done(struct pp_findings *f)
{
	free(f->list);
	*f = (struct pp_findings){ 0 };
}

enum pp_finding_level pp_findings_worst(const struct pp_findings *f)
{
	enum pp_finding_level worst = PP_FINDING_OK;

	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].level > worst)
			worst = f->list[i].level;
	return worst;
}

size_t pp_findings_count(const struct pp_findings *f, enum pp_finding_level level)
{
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++)
		count += f->list[i].level == level;
	return count;
}

const char *pp_finding_word(enum pp_finding_level level)
{
	static const char *const words[] = { "OK", "WARN", "FAIL" };

	return words[level];
}

void pp_findings_print(const struct pp_findings *f, FILE *out)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct pp_finding *found = &f->list[i];

		fprintf(out, "%-5s %-22s %s\n", pp_finding_word(found->level), found->id,
			found->text);
		if (found->todo[0])
			fprintf(out, "      %-22s -> %s\n", "", found->todo);
	}
	fprintf(out, "%zu fine, %zu to look at, %zu to mend\n", pp_findings_count(f, PP_FINDING_OK),
		pp_findings_count(f, PP_FINDING_WARN), pp_findings_count(f, PP_FINDING_FAIL));
}

struct pp_json *pp_findings_json(const struct pp_findings *f)
{
	static const char *const health[] = { "ok", "warn", "fail" };
	struct pp_json *o = pp_json_object(), *list = pp_json_list();

	(void)pp_json_set_text(o, "health", health[pp_findings_worst(f)]);
	for (size_t i = 0; i < f->count; i++) {
		struct pp_json *found = pp_json_object();

		(void)pp_json_set_text(found, "level", health[f->list[i].level]);
		(void)pp_json_set_text(found, "id", f->list[i].id);
		(void)pp_json_set_text(found, "text", f->list[i].text);
		(void)pp_json_set_text(found, "todo", f->list[i].todo);
		(void)pp_json_add(list, found);
	}
	(void)pp_json_set(o, "findings", list);
	return o;
}
