/* SPDX-License-Identifier: Apache-2.0 */
/* plan.h -- who is called in the simulated regency. Private to the town. */
#ifndef TOWN_PLAN_H
#define TOWN_PLAN_H

#include "ledger/ledger.h"

/* The plan's file becomes that of the tenant, as `pospinctl plan import` does it. */
void plan_import(struct pp_ledger *l, int64_t now_ms);

#endif
