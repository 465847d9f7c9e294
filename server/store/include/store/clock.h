/* SPDX-License-Identifier: Apache-2.0 */
/* store/clock.h -- what the server's clock said when it was last believed. For the ledger's
 * transaction. */
#ifndef STORE_CLOCK_H
#define STORE_CLOCK_H

#include "store/args.h"

/* boot: a number of the kernel's boot; offset_ms: UTC minus CLOCK_MONOTONIC in it. 1; 0: none yet.
 */
int pp_store_clock(struct pp_db *db, int64_t *ret_boot, int64_t *ret_offset_ms);
int pp_store_clock_put(struct pp_db *db, int64_t boot, int64_t offset_ms);

/* fn returns 0 to go on, else what the call shall return; it may use db. */
typedef int pp_store_tenant_fn(void *user, const char *tenant);
int pp_store_each_tenant(struct pp_db *db, pp_store_tenant_fn *fn, void *user);

#endif
