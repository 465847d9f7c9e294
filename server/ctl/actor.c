/* SPDX-License-Identifier: Apache-2.0 */
/* actor.c -- the account on this machine, as the timeline names it. */
#include "actor.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

const char *pp_actor(char ret_actor[PP_ACTOR_SIZE])
{
	/* The real user: under sudo that is root, as the kernel tells the server's socket, too. */
	const struct passwd *account = getpwuid(getuid());

	if (account)
		snprintf(ret_actor, PP_ACTOR_SIZE, "ctl:%.40s", account->pw_name);
	else
		snprintf(ret_actor, PP_ACTOR_SIZE, "ctl:%u", (unsigned)getuid());
	return ret_actor;
}
