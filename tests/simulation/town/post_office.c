/* SPDX-License-Identifier: Apache-2.0 */
/* post_office.c -- fetch/mail.h of the simulated world: its server's settings name no relay, so
 * that nobody comes here. */
#include <assert.h>
#include <stddef.h>

#include "fetch/mail.h"

int pp_mailer_new(struct pp_loop *loop, struct pp_mailer **ret_mailer)
{
	(void)loop;
	(void)ret_mailer;
	assert(!"the town has no relay");
	return -1;
}

struct pp_mailer *pp_mailer_free(struct pp_mailer *m)
{
	assert(!m);
	return NULL;
}

int pp_mailer_start(
	struct pp_mailer *m, const struct pp_mail_request *request, pp_fetch_fn *fn, void *user)
{
	(void)m;
	(void)request;
	(void)fn;
	(void)user;
	assert(!"the town has no relay");
	return -1;
}
