/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c -- Ed25519 keys that follow from a name, as PKCS#8 (RFC 8410). */
#include <stdio.h>
#include <string.h>

#include "crypto/sign.h"
#include "inside.h"

void world_key_pem(const char *name, char ret_pem[WORLD_PEM_MAX])
{
	uint8_t der[48] = { 0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
		0x04, 0x22, 0x04, 0x20 };
	char text[80];

	pp_sha256(name, strlen(name), der + 16);
	pp_base64(der, sizeof(der), text);
	snprintf(ret_pem, WORLD_PEM_MAX,
		"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", text);
}
