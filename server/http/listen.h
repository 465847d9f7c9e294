/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h -- listening sockets: TCP on one address, and the Unix control socket. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include <stdint.h>
#include <sys/types.h>

/* address: IPv4 or IPv6 in figures. port 0: the kernel chooses. Returns the socket, or -errno. */
int pp_listen_tcp(const char *address, uint16_t port);
int pp_listen_port(int fd); /* the port in use */
/* Mode 0660. A socket left at path by a dead process is replaced, anything else is -EEXIST; one
 * that answers is -EADDRINUSE. */
int pp_listen_unix(const char *path);
int pp_listen_peer(int fd, uid_t *ret_uid); /* SO_PEERCRED of an accepted connection */

#endif
