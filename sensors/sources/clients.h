/* SPDX-License-Identifier: Apache-2.0 */
/* clients.h -- programs on a Unix socket that send lines and get lines back; nothing here waits. */
#ifndef SOURCES_CLIENTS_H
#define SOURCES_CLIENTS_H

#include <stddef.h>

#define PP_CLIENTS_MAX 8u
#define PP_CLIENTS_LINE_MAX 256u /* bytes, with the newline; who sends longer ones is dropped */
#define PP_CLIENTS_ANSWER_MAX                                                                      \
	16384u /* bytes that wait to be read; who lets more pile up is dropped */

struct pp_clients;
/* A line, without its end; it may be written to. Answer with pp_clients_say. */
typedef void pp_clients_line_fn(void *user, unsigned client, char *line);

/* Listens at path (0600) and adds its descriptors to epoll_fd. A socket that nobody listens at is
 * replaced; -EADDRINUSE: somebody does, or it is no socket; -ENAMETOOLONG; other -errno. The caller
 * owns *ret. */
int pp_clients_new(const char *path, int epoll_fd, pp_clients_line_fn *fn, void *user,
	struct pp_clients **ret);
struct pp_clients *pp_clients_free(
	struct pp_clients *c);             /* removes the socket; NULL is fine; returns NULL */
void pp_clients_run(struct pp_clients *c); /* whatever is ready: new ones, lines, answers */
void pp_clients_say(
	struct pp_clients *c, unsigned client, const char *text); /* text with its newline */
void pp_clients_watch(
	struct pp_clients *c, unsigned client); /* it hears what is told from now on */
void pp_clients_tell(struct pp_clients *c, const char *text); /* to all who watch */

#endif
