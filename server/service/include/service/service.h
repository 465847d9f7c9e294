/* SPDX-License-Identifier: Apache-2.0 */
/* service/service.h -- pospin-server without its pages: the engine and the notifier on one loop. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "config/server_settings.h"
#include "engine/engine.h"
#include "notify/notifier.h"

struct pp_service;

/* settings and loop are borrowed. When the record cannot be written any more the loop is stopped
 * with EXIT_FAILURE. -errno: *problem may say what the failing start is about. */
int pp_service_new(const struct pp_server_settings *settings, struct pp_loop *loop,
	struct pp_problem *problem, struct pp_service **ret_service);
/* Finishes what is queued: what was asked of the engine is answered. NULL is fine; returns NULL. */
struct pp_service *pp_service_free(struct pp_service *s);
/* Called on the loop after commits, before the notifier hears of them. */
void pp_service_on_commit(struct pp_service *s, pp_loop_fn *fn, void *user);
struct pp_engine *pp_service_engine(struct pp_service *s);
const struct pp_notifier *pp_service_notifier(const struct pp_service *s);

#endif
