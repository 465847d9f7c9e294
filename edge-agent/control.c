/* SPDX-License-Identifier: Apache-2.0 */
/* control.c -- the Unix socket that answers every connection with the status, as one JSON text, and
 * closes. */
#include "edge.h"

#include <stdlib.h>
#include <string.h>

#include "core/local.h"
#include "core/log.h"

/* A post without its status socket is still a post: this is logged, not fatal. */
int pp_control_open(struct pp_edge *e)
{
	/* Whoever holds the data folder's lock owns this name. */
	int r = pp_local_listen(e->scalars->control);

	if (r < 0)
		pp_log(PP_LOG_WARNING, "control.open", "socket=%s why=\"%s\"", e->scalars->control,
			strerror(-r));
	e->control_fd = r;
	return r < 0 ? r : 0;
}

void pp_control_answer(struct pp_edge *e)
{
	char *text = NULL;
	size_t length = 0;

	if (pp_report_status(e, &text, &length) < 0)
		length = 0; /* who asks is told nothing, but told */
	(void)pp_local_tell(e->control_fd, text ? text : "", length);
	free(text);
}

void pp_control_close(struct pp_edge *e)
{
	pp_local_close(e->control_fd, e->scalars->control);
}
