/* SPDX-License-Identifier: Apache-2.0 */
/* seal.c -- lays prefix, topic and payload side by side and signs or checks them. */
#include "protocol/seal.h"

#include <errno.h>
#include <string.h>

#include "protocol/limits.h"

/* The prefix keeps these signatures apart from any other use of the same key. */
#define PREFIX "pospin-v1\n"
#define SEALED_MAX (sizeof(PREFIX) + PP_TOPIC_MAX + PP_PAYLOAD_MAX)

/* The length of what is signed, or -EMSGSIZE. */
static int sealed_lay(
	const char *topic, const void *payload, size_t length, uint8_t ret_bytes[SEALED_MAX])
{
	size_t topic_length = strlen(topic);
	uint8_t *at = ret_bytes;

	if (topic_length >= PP_TOPIC_MAX || length > PP_PAYLOAD_MAX)
		return -EMSGSIZE;
	at = (uint8_t *)mempcpy(at, PREFIX, strlen(PREFIX));
	at = (uint8_t *)mempcpy(at, topic, topic_length);
	*at++ = '\n';
	if (length > 0)
		at = (uint8_t *)mempcpy(at, payload, length);
	return (int)(at - ret_bytes);
}

int pp_seal(const struct pp_key *key, const char *topic, const void *payload, size_t length,
	uint8_t ret_sig[PP_SIGNATURE_SIZE])
{
	uint8_t bytes[SEALED_MAX];
	int size = sealed_lay(topic, payload, length, bytes);

	return size < 0 ? size : pp_sign(key, bytes, (size_t)size, ret_sig);
}

int pp_seal_check(const uint8_t (*public)[PP_PUBLIC_KEY_SIZE], size_t count, const char *topic,
	const void *payload, size_t length, const uint8_t sig[PP_SIGNATURE_SIZE])
{
	uint8_t bytes[SEALED_MAX];
	int size = sealed_lay(topic, payload, length, bytes);

	int r = -EKEYREJECTED;

	for (size_t i = 0; size >= 0 && r == -EKEYREJECTED && i < count; i++)
		r = pp_check(public[i], bytes, (size_t)size, sig);
	return r;
}
