/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c -- the server's own wall clock, watched: what was dated by it is forgotten when it steps,
 * also when it stepped while the server was down. */
#include "gather.h"

#include <errno.h>

#include "core/clock.h"
#include "store/clock.h"
#include "store/signals.h"

#define STEP_MS 2000 /* a clock that is slewed stays below it between two looks */
#define UNSURE_US 3000000u

struct step {
	struct pp_ledger *l;
	const struct pp_ledger_clock *clock;
	int64_t by_ms;
};

static int tell(void *user, const char *tenant)
{
	struct step *s = user;
	struct pp_json *body = pp_json_object();

	(void)pp_json_set_i64(body, "by", s->by_ms);
	return pp_timeline_write(s->l,
		&(struct pp_event){ .tenant = tenant,
			.kind = "clock.stepped",
			.actor = "server",
			.body = body },
		NULL);
}

static int clock_keep(struct pp_ledger *l, void *user)
{
	struct step *s = user;
	int r = pp_store_clock_put(l->db, s->clock->boot, s->clock->wall_ms - s->clock->mono_ms);

	if (r < 0 || s->by_ms == 0)
		return r;
	r = pp_store_boot_clocks_forget(l->db);
	/* Nobody knows how long they would go on: better an alarm too many. */
	if (r == 0)
		r = pp_modes_end_tests(l);
	return r < 0 ? r : pp_store_each_tenant(l->db, tell, s);
}

int pp_ledger_look(struct pp_ledger *l, const struct pp_ledger_clock *clock)
{
	struct step s = { .l = l, .clock = clock };
	int64_t boot = 0, offset = 0;
	int r = pp_store_clock(l->db, &boot, &offset);

	if (r < 0)
		return r;
	/* Clocks of two boots of this machine cannot be compared. */
	if (r == 1 && boot == clock->boot) {
		s.by_ms = clock->wall_ms - clock->mono_ms - offset;
		if (s.by_ms > -STEP_MS && s.by_ms < STEP_MS)
			return 0;
		l->unsure_until_us = pp_clock_mono_us() + UNSURE_US;
	}
	r = pp_ledger_transact(l, clock->wall_ms, clock_keep, &s);
	return r < 0 ? r : s.by_ms != 0;
}

bool pp_ledger_is_unsure(const struct pp_ledger *l)
{
	return pp_clock_mono_us() < l->unsure_until_us;
}
