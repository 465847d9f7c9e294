/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/signal.h -- the messages of a post's `signal` channel. */
#ifndef PROTOCOL_SIGNAL_H
#define PROTOCOL_SIGNAL_H

#include "protocol/limits.h"
#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_AT_UNKNOWN INT64_MIN

/* It is the triple (post, epoch, seq); see docs/protocol.md. */
struct pp_signal {
	uint64_t epoch; /* on the wire 16 hex digits */
	int64_t seq;    /* from 1 */
	/* Kernel boots counted by the outbox, from 1; 0: not told, mono_ms tells nothing. */
	int64_t boot;
	int64_t mono_ms;              /* CLOCK_MONOTONIC at occurrence */
	int64_t at_ms;                /* UTC, or PP_AT_UNKNOWN */
	char point[PP_POINT_MAX + 1]; /* "" for the post itself (kind post) */
	enum pp_kind kind;
	enum pp_signal_type type;
	enum pp_class class; /* alarms; else PP_CLASS_UNSPECIFIED */
	uint32_t flags;      /* PP_FLAG_ */
	int64_t cause;       /* seq of the alarm that a restore or cancel belongs to; 0: none */
	char detail[PP_DETAIL_MAX + 1]; /* troubles: "stuck", "chatter", "storage", ... */
	int64_t lost[PP_LOST_MAX];      /* damaged outbox records, told by a trouble */
	size_t lost_count;
	/* Decoder only: something that this version does not know was replaced, see below. */
	bool foreign_words;
};
/* Compact JSON, NUL-terminated, at most PP_PAYLOAD_MAX. -EMSGSIZE, -ENOMEM, -EINVAL: a text is not
 * UTF-8. Caller frees. */
int pp_signal_encode(const struct pp_signal *s, char **ret_text, size_t *ret_length);
/* -EBADMSG: unreadable form, or epoch or seq missing or wrong; -EPROTONOSUPPORT: another major
 * version; ret_why says what and where. -ENOMEM is no refusal: try again. Unknown words, names and
 * texts that do not fit never fail it: they are replaced (kind and type unknown, class unspecified,
 * point cut and tamed to a slug) and foreign_words is set. */
int pp_signal_decode(
	const char *text, size_t length, struct pp_signal *ret_signal, char ret_why[160]);

#endif
