/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/compact.h -- a signed signal, and its signed receipt, in the letters of a text message,
 * for the second path of a post (docs/protocol.md, "Second path"). Each carries what the message
 * says and the signature that was made for its JSON: the reader makes the same bytes again, so that
 * the signature holds, and the record knows a signal by its digest, whichever path was first. */
#ifndef PROTOCOL_COMPACT_H
#define PROTOCOL_COMPACT_H

#include "crypto/sign.h"
#include "protocol/signal.h"
#include "protocol/state.h"

#define PP_COMPACT_PREFIX "PP1" /* of every such text: the version stands in it */
/* Letters. A press fits the 160 of one message; 459 are three, joined by the network. */
#define PP_COMPACT_MAX 459
#define PP_COMPACT_HINT 4 /* bytes: of the SHA-256 of the post's public key, to find it by */

void pp_compact_hint(
	const uint8_t public_key[PP_PUBLIC_KEY_SIZE], uint8_t ret_hint[PP_COMPACT_HINT]);
/* payload: as pp_signal_encode made it and `signature` signs it. ret_text holds PP_COMPACT_MAX + 1.
 * -EMSGSIZE: too long; -EBADMSG: not a signal of this version, or bytes that nobody could make
 * again; -ENOMEM. */
int pp_compact_write(const char *payload, size_t length, const uint8_t hint[PP_COMPACT_HINT],
	const uint8_t signature[PP_SIGNATURE_SIZE], char *ret_text);

struct pp_compact {
	uint8_t hint[PP_COMPACT_HINT];
	uint8_t signature[PP_SIGNATURE_SIZE];
	char *payload; /* the signed bytes; the caller frees */
	size_t length;
};
bool pp_compact_is(const char *text); /* says to be one, by its first letters */
/* Blanks and line ends that gateways add around or inside are skipped. -EBADMSG: not such a text;
 * -ENOMEM. Nothing is believed yet: check the signature. */
int pp_compact_read(const char *text, size_t length, struct pp_compact *ret_compact);

#define PP_COMPACT_RECEIPT_PREFIX "PR1"
#define PP_COMPACT_RECEIPT_MAX 160 /* letters: always one message */

/* payload: of one receipt `recorded`, as pp_receipts_encode made it and `signature` signs it under
 * the post's topic. -EBADMSG: it is no such thing; -ENOMEM. */
int pp_compact_receipt_write(const char *payload, size_t length,
	const uint8_t signature[PP_SIGNATURE_SIZE], char ret_text[PP_COMPACT_RECEIPT_MAX + 1]);

struct pp_compact_receipt {
	uint8_t signature[PP_SIGNATURE_SIZE];
	struct pp_receipt receipt; /* what the payload says */
	char *payload;             /* the signed bytes; the caller frees */
	size_t length;
};
/* As pp_compact_read: nothing is believed yet, not even which post it is for. */
int pp_compact_receipt_read(
	const char *text, size_t length, struct pp_compact_receipt *ret_receipt);

#endif
