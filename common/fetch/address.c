/* SPDX-License-Identifier: Apache-2.0 */
/* address.c -- the special networks of IPv4 and IPv6 (RFC 6890 and its registries). */
#include "fetch/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct network4 {
	uint32_t address;
	unsigned bits;
};

static const struct network4 special4[] = {
	{ 0x00000000, 8 },  /* this network */
	{ 0x0a000000, 8 },  /* private */
	{ 0x64400000, 10 }, /* shared with a carrier's NAT */
	{ 0x7f000000, 8 },  /* this machine */
	{ 0xa9fe0000, 16 }, /* link-local, and the metadata services of clouds */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* 6to4 relays */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarks */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 4 },  /* multicast */
	{ 0xf0000000, 4 },  /* reserved, and broadcast */
};

struct network6 {
	uint8_t address[8];
	unsigned bits;
};

/* Within 2000::/3; nothing outside it is public. */
static const struct network6 special6[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* protocol assignments, Teredo */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 },             /* 6to4: carries an IPv4 address */
	{ { 0x3f, 0xff, 0x00 }, 20 },       /* documentation */
};

static bool is_public4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(special4) / sizeof(special4[0]); i++) {
		uint32_t mask = ~(uint32_t)0 << (32 - special4[i].bits);

		if ((address & mask) == special4[i].address)
			return false;
	}
	return true;
}

static bool begins_with(const uint8_t *address, const uint8_t *network, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(address, network, bytes) != 0)
		return false;
	return rest == 0 || (address[bytes] ^ network[bytes]) >> (8 - rest) == 0;
}

static bool is_public6(const uint8_t address[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	static const uint8_t global[1] = { 0x20 };

	if (begins_with(address, mapped, 96) || begins_with(address, nat64, 96))
		return is_public4((uint32_t)address[12] << 24 | (uint32_t)address[13] << 16 |
				  (uint32_t)address[14] << 8 | address[15]);
	if (!begins_with(address, global, 3))
		return false;
	for (size_t i = 0; i < sizeof(special6) / sizeof(special6[0]); i++) {
		if (begins_with(address, special6[i].address, special6[i].bits))
			return false;
	}
	return true;
}

bool pp_address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return is_public4(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		return is_public6(v6.sin6_addr.s6_addr);
	}
	return false;
}
