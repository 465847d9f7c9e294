/* SPDX-License-Identifier: Apache-2.0 */
/* http.c -- what the answers of HTTP services mean. */
#include "channel/channel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void pp_channel_say(struct pp_channel_outcome *outcome, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(outcome->detail, sizeof(outcome->detail), fmt, args);
	va_end(args);
	for (char *c = outcome->detail; *c; c++) {
		if (*c < ' ' || *c > '~')
			*c = '?';
	}
}

void pp_channel_error(int error, struct pp_channel_outcome *ret_outcome)
{
	bool gone = error == -EDESTADDRREQ;
	bool permanent = gone || error == -EINVAL || error == -EMSGSIZE || error == -EBADMSG;

	*ret_outcome = (struct pp_channel_outcome){
		.word = permanent ? PP_CHANNEL_REFUSED : PP_CHANNEL_AGAIN, .retry_after_s = -1
	};
	if (gone)
		pp_channel_say(ret_outcome, "the target is gone");
	else
		pp_channel_say(ret_outcome, "no answer: %s", strerrordesc_np(-error));
}

static bool is_permanent(long status)
{
	static const long again[] = { 408, 425, 429 };

	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		if (status == again[i])
			return false;
	}
	return status < 500;
}

static void answer_judge(const struct pp_fetch_answer *a, const struct pp_form *form,
	struct pp_channel_outcome *o)
{
	const bool whole = a->error == 0;

	if (pp_form_is_success(form, whole ? a->body : "", whole ? a->length : 0, o->reference)) {
		o->word = PP_CHANNEL_TAKEN;
		pp_channel_say(o, "HTTP %ld", a->status);
	} else {
		/* What went wrong is in words that only its makers know. */
		o->word = PP_CHANNEL_AGAIN;
		pp_channel_say(o, "HTTP %ld, but not taken: the answer has no %.60s", a->status,
			form->success);
	}
}

void pp_channel_http_judge(const struct pp_fetch_answer *answer, const struct pp_form *form,
	const char *hint, struct pp_channel_outcome *ret_outcome)
{
	struct pp_channel_outcome o = { .word = PP_CHANNEL_REFUSED, .retry_after_s = -1 };
	/* An answer that is too long has its status all the same. */
	const bool answered =
		answer->error == 0 || (answer->error == -EFBIG && answer->status > 0);

	if (answer->error == -EACCES) {
		pp_channel_say(&o, "the target's address is private: %s", hint);
	} else if (!answered) {
		pp_channel_error(answer->error, &o);
	} else if (answer->status >= 200 && answer->status < 300) {
		answer_judge(answer, form, &o);
	} else if (answer->status >= 300 && answer->status < 400) {
		pp_channel_say(&o, "HTTP %ld: redirects are not followed", answer->status);
	} else {
		o.word = is_permanent(answer->status) ? PP_CHANNEL_REFUSED : PP_CHANNEL_AGAIN;
		if (answer->status == 429 || answer->status == 503)
			o.retry_after_s = answer->retry_after_s;
		pp_channel_say(&o, "HTTP %ld", answer->status);
	}
	*ret_outcome = o;
}
