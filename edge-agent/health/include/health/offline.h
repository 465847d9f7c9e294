/* SPDX-License-Identifier: Apache-2.0 */
/* health/offline.h -- what can be found out about a post without its agent. */
#ifndef HEALTH_OFFLINE_H
#define HEALTH_OFFLINE_H

#include "edge_settings/edge_settings.h"
#include "health/judge.h"

struct pp_health_post {
	const struct pp_edge_settings *settings;
	int64_t now_s; /* UTC */
	bool synchronised;
};
/* Checks for pp_checkup_run; user is a struct pp_health_post. They may hang where a disk, the
 * resolver or the broker hangs. */
void pp_health_check_identity(
	struct pp_checkup *c, void *user);                     /* key, certificate, server's keys */
void pp_health_check_store(struct pp_checkup *c, void *user);  /* folder, lock, disk */
void pp_health_check_broker(struct pp_checkup *c, void *user); /* name, connection, TLS */
/* The disk of a folder; size 0 where it cannot be said. */
struct pp_health_disk pp_health_disk_of(const char *folder);

#endif
