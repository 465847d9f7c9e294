/* SPDX-License-Identifier: Apache-2.0 */
/* texts/reply.h -- what somebody answers by SMS or link: one verb and one code. Pure. */
#ifndef TEXTS_REPLY_H
#define TEXTS_REPLY_H

#include <stddef.h>

#define PP_REPLY_CODE_DIGITS 7 /* six and a check digit: see dispatch/callout.h */
#define PP_REPLY_MAX 500       /* bytes that are read of a message; the rest is not an answer */

struct pp_reply {
	const char *verb; /* "accepted", "refused", "en-route", "on-scene", "done" */
	char code[PP_REPLY_CODE_DIGITS + 1];
};
/* Words of either language in any case ("YA 1234567", "Refuse 123456-7"), in any order, among other
 * words; the first verb counts. -EINVAL: there is not exactly one code, no verb ("1" alone is
 * nothing), or yes and no. Whether the code is right is not known here. */
int pp_reply_parse(const char *text, size_t length, struct pp_reply *ret_reply);

#endif
