/* SPDX-License-Identifier: Apache-2.0 */
/* correlate.c -- from a signal to its meaning. */
#include "incidents/correlate.h"

#include <stdio.h>
#include <string.h>

static enum pp_meaning meaning_of(enum pp_signal_type type)
{
	switch (type) {
	case PP_SIGNAL_RESTORE:
		return PP_MEANS_RESTORE;
	case PP_SIGNAL_CANCEL:
		return PP_MEANS_CANCEL;
	case PP_SIGNAL_TROUBLE:
		return PP_MEANS_TROUBLE;
	case PP_SIGNAL_TROUBLE_RESTORE:
		return PP_MEANS_TROUBLE_END;
	case PP_SIGNAL_TEST:
		return PP_MEANS_TEST;
	case PP_SIGNAL_ALARM:
	case PP_SIGNAL_UNKNOWN: /* a word of a newer post: better an alarm too many than one too few
				 */
	default:
		return PP_MEANS_ALARM;
	}
}

/* The first reason why this server cannot be sure of what is meant, as a kind of trouble. */
static const char *doubt(const struct pp_signal *signal, const struct pp_known_point *point)
{
	if (signal->type == PP_SIGNAL_UNKNOWN)
		return "unknown-signal";
	if (!point->known)
		return "unknown-point";
	if (signal->flags & PP_FLAG_FOREIGN)
		return "unknown-flag";
	if (signal->foreign_words)
		return signal->kind == PP_KIND_UNKNOWN ? "unknown-kind" : "unknown-word";
	return "";
}

/* The first word of the detail ("stuck"), else the kind of the point ("mains"). */
static void trouble_name(const struct pp_signal *signal, char ret_name[PP_TROUBLE_KIND_MAX + 1])
{
	size_t length = strspn(signal->detail, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (length > PP_TROUBLE_KIND_MAX)
		length = PP_TROUBLE_KIND_MAX;
	memcpy(ret_name, signal->detail, length);
	ret_name[length] = '\0';
	if (length == 0 && signal->type == PP_SIGNAL_TROUBLE)
		snprintf(ret_name, PP_TROUBLE_KIND_MAX + 1, "%s", pp_kind_text(signal->kind));
}

void pp_signal_judge(const struct pp_signal *signal, const struct pp_known_point *point,
	struct pp_verdict *ret_verdict)
{
	struct pp_verdict v = { .meaning = meaning_of(signal->type) };

	snprintf(v.why_unknown, sizeof(v.why_unknown), "%s", doubt(signal, point));
	v.unknown = v.why_unknown[0] != '\0';
	if (v.meaning == PP_MEANS_ALARM) {
		v.class = v.unknown ? PP_CLASS_UNSPECIFIED : signal->class;
		v.silent = (signal->flags & PP_FLAG_SILENT) || (point->known && point->silent);
		v.drill = signal->flags & PP_FLAG_DRILL;
	}
	if (v.meaning == PP_MEANS_TROUBLE || v.meaning == PP_MEANS_TROUBLE_END)
		trouble_name(signal, v.trouble);
	*ret_verdict = v;
}
