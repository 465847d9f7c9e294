/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/address.h -- which addresses belong to the public internet. Pure. */
#ifndef FETCH_ADDRESS_H
#define FETCH_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for this machine, private, shared, link-local, multicast, documentation and other special
 * networks (IANA's special-purpose registries), also where IPv6 carries such an IPv4 address, and
 * for what is neither. */
bool pp_address_is_public(const struct sockaddr *address);

#endif
