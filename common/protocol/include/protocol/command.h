/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/command.h -- orders to a post, and what became of them:
 * {"id","epoch","boot","until","order","class","for","of"} and {"id","result","detail"}. */
#ifndef PROTOCOL_COMMAND_H
#define PROTOCOL_COMMAND_H

#include "protocol/limits.h"
#include "protocol/words.h"

#include <stddef.h>
#include <stdint.h>

struct pp_command {
	uint64_t id; /* random, never 0; on the wire 16 hex digits, as is epoch */
	/* The order holds until this moment of the post's own time: in this epoch, in this boot, up
	 * to until_ms of CLOCK_MONOTONIC. */
	uint64_t epoch;
	int64_t boot, until_ms;
	enum pp_order order;
	enum pp_class class; /* sound: its pattern; UNSPECIFIED is titir */
	int64_t seconds;     /* sound: 1..PP_SOUND_MAX_S */
	char of[PP_POST_MAX + 1]; /* sound: the near post whose alarm it is; "": nobody's */
};
/* Compact JSON, NUL-terminated; the caller frees it. -ENOMEM. */
int pp_command_encode(const struct pp_command *c, char **ret_text, size_t *ret_length);
/* An order that this version does not know becomes PP_ORDER_UNKNOWN. -EBADMSG: a member is missing
 * or wrong, -EPROTONOSUPPORT: another major version, with ret_why; -ENOMEM. */
int pp_command_decode(
	const char *text, size_t length, struct pp_command *ret_command, char ret_why[160]);

struct pp_reply {    /* of the channel `answer` */
	uint64_t id; /* of the command */
	enum pp_result result;
	char detail[PP_DETAIL_MAX + 1]; /* refused: why */
};
/* As above; -EINVAL: detail is not UTF-8. A result that is not known becomes PP_RESULT_UNKNOWN. */
int pp_reply_encode(const struct pp_reply *r, char **ret_text, size_t *ret_length);
int pp_reply_decode(const char *text, size_t length, struct pp_reply *ret_reply, char ret_why[160]);

#endif
