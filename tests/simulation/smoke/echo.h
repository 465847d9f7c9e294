/* SPDX-License-Identifier: Apache-2.0 */
/* echo.h -- a broker and a server in one, for the world's own tests: it remembers what it was told,
 * answers at once, and never fails. */
#ifndef SMOKE_ECHO_H
#define SMOKE_ECHO_H

#include <stdbool.h>
#include <stdint.h>

#define ECHO_SERVER_KEY "server" /* its signing key, for world_edge_new */

void echo_begin(void);
/* Signals of points (not of the post itself) that it holds, each once. */
uint64_t echo_alarms(void);
/* Nobody can connect, and those who are lose their connection. */
void echo_away(bool away);

#endif
