/* SPDX-License-Identifier: Apache-2.0 */
/* api.h -- the server's API over its control socket, where the kernel says who is asking. */
#ifndef CTL_API_H
#define CTL_API_H

#include "command.h"
#include "json/json.h"

#define PP_API_SOCKET "/run/pospin/server"

struct pp_api {
	const char *socket;
	const char *tenant; /* NULL: the server's only one; must be a slug */
};

/* One exchange: target is what follows /api/v1, body is taken (NULL: none). PP_CTL_DONE with the
 * answer, or PP_CTL_FAILED after having said why: no server, or the server's own reason. */
int pp_api_ask(struct pp_ctl_call *call, const struct pp_api *api, const char *target,
	struct pp_json *body, struct pp_json **ret_answer);

#endif
