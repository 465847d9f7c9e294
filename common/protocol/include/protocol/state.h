/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/state.h -- liveness in both directions: a post's `state`, the server's `beat`, `receipt`
 * and `progress`. */
#ifndef PROTOCOL_STATE_H
#define PROTOCOL_STATE_H

#include "crypto/sign.h"
#include "protocol/limits.h"
#include "protocol/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All encoders: compact JSON, NUL-terminated; the caller frees it. -EMSGSIZE: beyond
 * PP_PAYLOAD_MAX, -ENOMEM, -EINVAL: a text is not UTF-8. All decoders: -EBADMSG: a member is
 * missing or wrong, -EPROTONOSUPPORT: another major version, with ret_why; -ENOMEM. Words that this
 * version does not know become UNKNOWN; texts too long are cut. */

struct pp_state_point {
	char point[PP_POINT_MAX + 1];
	enum pp_point_state state;
	char detail[PP_DETAIL_MAX + 1];
};
#define PP_STATE_KEYS_MAX 8
#define PP_STATE_KEY_SIZE 9 /* 8 lower-case hex digits and a NUL: pp_key_id */
struct pp_state {
	uint64_t epoch;
	int64_t boot, mono_ms, n;
	char config[17]; /* hash of the settings, hex */
	char version[24];
	int64_t oldest;   /* seq of the oldest unreceipted; 0: none */
	size_t key_count; /* keys of the server that the post trusts; 0: not said */
	char keys[PP_STATE_KEYS_MAX][PP_STATE_KEY_SIZE];
	size_t count;
	struct pp_state_point points[PP_POINTS_MAX];
};
/* Details are left out when they would not fit into one message: liveness matters more. */
int pp_state_encode(const struct pp_state *s, char **ret_text, size_t *ret_length);
int pp_state_decode(const char *text, size_t length, struct pp_state *ret_state, char ret_why[160]);

struct pp_open_press {
	int64_t seq;
	char incident[PP_INCIDENT_MAX + 1];
	enum pp_step step;
	int64_t rev;
};
#define PP_BEAT_KEYS_MAX 4
struct pp_beat {
	uint64_t epoch;
	int64_t boot, mono_ms, n; /* echo of the state it answers */
	int64_t high;             /* everything up to here is recorded */
	bool drill;               /* a press now is a drill: people have said so */
	size_t count;
	struct pp_open_press open[PP_OPEN_MAX];
	size_t key_count; /* a new list of the server's public keys; 0: unchanged */
	uint8_t keys[PP_BEAT_KEYS_MAX][PP_PUBLIC_KEY_SIZE];
	int64_t head_height; /* of the tenant's audit chain */
	char head_hash[65];  /* hex; "" when the chain is empty */
};
int pp_beat_encode(const struct pp_beat *b, char **ret_text, size_t *ret_length);
int pp_beat_decode(const char *text, size_t length, struct pp_beat *ret_beat, char ret_why[160]);

enum pp_receipt_result { PP_RECEIPT_RECORDED, PP_RECEIPT_REFUSED };
/* The reason of a refusal because the triple is recorded with other bytes; word for word. */
#define PP_REASON_CONFLICT "this number is recorded with other content"

struct pp_receipt {
	uint64_t epoch;
	int64_t seq;
	enum pp_receipt_result result;
	char incident[PP_INCIDENT_MAX + 1]; /* "" when it belongs to none */
	char reason[PP_DETAIL_MAX + 1];     /* refused: why */
};
/* -EMSGSIZE also for more than PP_RECEIPTS_MAX: send fewer at once. */
int pp_receipts_encode(
	const struct pp_receipt *r, size_t count, char **ret_text, size_t *ret_length);
/* A receipt whose result this version does not know is left out: it is no receipt. -EBADMSG also
 * for more than size or PP_RECEIPTS_MAX. */
int pp_receipts_decode(const char *text, size_t length, struct pp_receipt *ret_receipts,
	size_t size, size_t *ret_count, char ret_why[160]);

/* `progress`: {} -- "ask again now". Its topic and signature are all it says; a replayed one costs
 * one state. */
#define PP_PROGRESS_PAYLOAD "{}"

#endif
