/* SPDX-License-Identifier: Apache-2.0 */
/* health/judge.h -- a running agent's status as findings. Pure. */
#ifndef HEALTH_JUDGE_H
#define HEALTH_JUDGE_H

#include "checkup/checkup.h"

/* How long a signal may be without receipt before somebody must act. */
#define PP_HEALTH_LATE_S 60

struct pp_health_disk {
	double free, size; /* bytes; size 0: not known */
};
/* status: what the agent says (docs/operations.md). Every check says something. */
void pp_health_judge(
	struct pp_checkup *c, const struct pp_json *status, const struct pp_health_disk *disk);
void pp_health_judge_disk(struct pp_checkup *c, const struct pp_health_disk *disk);

#endif
