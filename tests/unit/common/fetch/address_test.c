/* SPDX-License-Identifier: Apache-2.0 */
/* address_test.c -- public addresses are told from all others. */
#include "fetch/address.h"

#include "pospin_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static bool is_public(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return pp_address_is_public((struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return pp_address_is_public((struct sockaddr *)&v6);
}

static void special_networks_are_not_public(void **state)
{
	static const char *const addresses[] = { "0.0.0.0", "10.1.2.3", "100.64.0.1",
		"100.127.255.255", "127.0.0.1", "127.255.0.1", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.0.1", "198.18.0.1",
		"198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1",
		"240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"64:ff9b::a00:1", "64:ff9b:1::1", "fe80::1", "fc00::1", "fdff::1", "ff02::1",
		"2001::1", "2001:db8::1", "2002:7f00:1::", "3fff:fff::1", "100::1", "::127.0.0.1" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(addresses); i++) {
		if (is_public(addresses[i]))
			fail_msg("%s is taken for public", addresses[i]);
	}
}

static void the_rest_is_public(void **state)
{
	static const char *const addresses[] = { "1.1.1.1", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "103.10.66.1",
		"2400:cb00::1", "2606:4700::1111", "2001:4860:4860::8888", "::ffff:8.8.8.8",
		"64:ff9b::808:808", "3ffe::1" };

	(void)state;
	for (size_t i = 0; i < PP_COUNT(addresses); i++) {
		if (!is_public(addresses[i]))
			fail_msg("%s is not taken for public", addresses[i]);
	}
}

static void another_family_is_not_public(void **state)
{
	const struct sockaddr local = { .sa_family = AF_UNIX };

	(void)state;
	assert_false(pp_address_is_public(&local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(special_networks_are_not_public),
		cmocka_unit_test(the_rest_is_public),
		cmocka_unit_test(another_family_is_not_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
