/* SPDX-License-Identifier: Apache-2.0 */
/* core/local.h -- the socket on which a running program tells its status to this machine's tools:
 * whoever connects gets one text, and nothing is read from him. */
#ifndef CORE_LOCAL_H
#define CORE_LOCAL_H

#include <stddef.h>

/* Makes the folder (0755) if it is not there, and takes the place of a leftover; mode 0660. A
 * socket that does not block, or -errno. The caller must own the name by other means (a lock). */
int pp_local_listen(const char *path);
/* Takes one connection of fd, gives it the text and ends it. Never waits: what does not fit into
 * the socket's buffer is lost. 0; -errno: nobody was there. */
int pp_local_tell(int fd, const char *text, size_t length);
/* Ends listening there. fd < 0 is fine. */
void pp_local_close(int fd, const char *path);
/* The other side: all that the program says, at most max bytes (-EFBIG), within timeout_ms
 * (-ETIMEDOUT). -ENOENT, -ECONNREFUSED: it does not run. The caller frees *ret_text. */
int pp_local_ask(const char *path, int timeout_ms, size_t max, char **ret_text, size_t *ret_length);

#endif
