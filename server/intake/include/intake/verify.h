/* SPDX-License-Identifier: Apache-2.0 */
/* intake/verify.h -- may this message be believed? The first step of every message: topic, retained
 * flag, post, signature, form. The server trusts signatures, never the broker's word. Pure. */
#ifndef INTAKE_VERIFY_H
#define INTAKE_VERIFY_H

#include "ledger/item.h"
#include "protocol/topic.h"
#include "registry/directory.h"

/* Why a message was refused. Those with a word are about identity, and become `security` events of
 * that kind. */
#define PP_REFUSALS(X)                                                                             \
	X(NONE, NULL)                                                                              \
	X(RETAINED, NULL)                                                                          \
	X(TOPIC, NULL)   /* not one that posts speak on */                                         \
	X(VERSION, NULL) /* of another major version */                                            \
	X(FORM, NULL)    /* signed by a post and unreadable, or too long */                        \
	X(UNKNOWN_POST, "unknown-post")                                                            \
	X(UNSIGNED, "unsigned")                                                                    \
	X(FORGED, "forged")                                                                        \
	X(REVOKED, "revoked-post") /* revoked key, or a post that is not active */

#define X(name, word) PP_REFUSED_##name,
enum pp_refusal { PP_REFUSALS(X) PP_REFUSAL_COUNT };
#undef X
const char *pp_refusal_word(enum pp_refusal refusal); /* NULL: none of identity */

/* A message as it came; nothing of it is kept. */
struct pp_message {
	const char *topic;
	const char *payload; /* not NUL-terminated */
	size_t length;
	bool retained;
	const uint8_t *signature; /* PP_SIGNATURE_SIZE bytes; NULL: unsigned */
	int64_t arrived_ms;       /* server's wall clock */
	uint64_t arrived_us;      /* CLOCK_MONOTONIC of the same moment; for the figures only */
};

struct pp_intake {
	enum pp_refusal refusal; /* NONE: see item */
	struct pp_topic topic;   /* zeroed when it could not be read */
	struct pp_item *item;    /* signal, state or reply, the caller's; NULL for a will, and when
				    refused */
	char why[160];           /* refused: in words */
	bool has_receipt;        /* refused, but the post is to be told: */
	struct pp_receipt receipt;
};
/* 0: *ret_intake says what came of it; -ENOMEM. */
int pp_intake_verify(const struct pp_directory *directory, const struct pp_message *message,
	struct pp_intake *ret_intake);
/* Whether a signal that was believed still is, by another directory. */
bool pp_intake_holds(const struct pp_directory *directory, const struct pp_item *item);

#endif
