/* SPDX-License-Identifier: Apache-2.0 */
/* protocol/seal.h -- the signature of a message: Ed25519 over "pospin-v1\n" topic "\n" payload. */
#ifndef PROTOCOL_SEAL_H
#define PROTOCOL_SEAL_H

#include "crypto/sign.h"

/* -EMSGSIZE: payload or topic beyond limits.h. */
int pp_seal(const struct pp_key *key, const char *topic, const void *payload, size_t length,
	uint8_t ret_sig[PP_SIGNATURE_SIZE]);
/* public: count keys of PP_PUBLIC_KEY_SIZE bytes each, any of which may have signed. 0,
 * -EKEYREJECTED, or -ENOMEM: that could not be found out. */
int pp_seal_check(const uint8_t (*public)[PP_PUBLIC_KEY_SIZE], size_t count, const char *topic,
	const void *payload, size_t length, const uint8_t sig[PP_SIGNATURE_SIZE]);

#endif
