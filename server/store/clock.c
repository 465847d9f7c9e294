/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c -- two numbers of the table meta; and the tenants, who are told when they have changed.
 */
#include "store/clock.h"

#include <errno.h>

#define CLOCK "(SELECT value FROM meta WHERE key = 'clock_boot')"

int pp_store_clock(struct pp_db *db, int64_t *ret_boot, int64_t *ret_offset_ms)
{
	struct pp_stmt *s;
	int r = pp_store_first(db,
		"SELECT value, " CLOCK " FROM meta WHERE key = 'clock_offset' AND " CLOCK
		" IS NOT NULL",
		PP_NO_ARGS, &s);

	if (r <= 0)
		return r;
	*ret_offset_ms = pp_column_i64(s, 0);
	*ret_boot = pp_column_i64(s, 1);
	pp_stmt_reset(s);
	return 1;
}

int pp_store_clock_put(struct pp_db *db, int64_t boot, int64_t offset_ms)
{
	return pp_store_run(db,
		"INSERT INTO meta (key, value) VALUES ('clock_boot', ?1), ('clock_offset', ?2)"
		" ON CONFLICT DO UPDATE SET value = excluded.value",
		PP_ARGS(PP_I64(boot), PP_I64(offset_ms)));
}

int pp_store_each_tenant(struct pp_db *db, pp_store_tenant_fn *fn, void *user)
{
	struct pp_stmt *s;
	int r = pp_db_prepare(db, "SELECT tenant FROM tenant ORDER BY tenant", &s);

	while (r == 0 && (r = pp_stmt_step(s)) == 1) {
		r = fn(user, pp_column_text(s, 0));
		if (r != 0)
			pp_stmt_reset(s);
	}
	return r;
}
