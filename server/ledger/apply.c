/* SPDX-License-Identifier: Apache-2.0 */
/* apply.c -- a batch into the record: one transaction, a savepoint for each item. The way of an
 * alarm goes on in signals.c. */
#include "book.h"

#include <errno.h>

#include "store/registry.h"

typedef int apply_fn(struct pp_ledger *l, struct pp_item *item);

struct batch {
	struct pp_item *const *items;
	size_t count;
};

/* States first, so that the freshest of them dates the signals beside it; then what alarms; people
 * last. */
static const struct {
	enum pp_item_type type;
	apply_fn *fn;
} phases[] = {
	{ PP_ITEM_STATE, pp_apply_state },
	{ PP_ITEM_SIGNAL, pp_apply_signal },
	{ PP_ITEM_REPLY, pp_apply_reply },
	{ PP_ITEM_ACTION, pp_apply_action },
	{ PP_ITEM_EXPIRY, pp_apply_expiry },
	{ PP_ITEM_SILENCE, pp_apply_silence },
	{ PP_ITEM_SECURITY, pp_apply_security },
	{ PP_ITEM_STORMS, pp_apply_storms },
	{ PP_ITEM_RETURN, pp_apply_return },
	/* Last: whoever has taken an incident in this very batch is not too late. */
	{ PP_ITEM_LADDERS, pp_apply_ladders },
};

bool pp_ledger_is_fatal(int error)
{
	switch (error) {
	case -EIO:
	case -EUCLEAN:
	case -ENOSPC:
	case -EROFS:
	case -EBUSY:
	case -ENOMEM:
		return true;
	default:
		return false;
	}
}

static int apply_in_savepoint(struct pp_ledger *l, struct pp_item *item, apply_fn *fn)
{
	int applied, r = pp_db_run(l->db, "SAVEPOINT item");

	if (r < 0)
		return r;
	applied = fn(l, item);
	if (applied < 0 && pp_ledger_is_fatal(applied))
		return applied;
	item->error = applied < 0 ? applied : 0;
	if (applied < 0)
		r = pp_db_exec(l->db, "ROLLBACK TO item");
	return r < 0 ? r : pp_db_run(l->db, "RELEASE item");
}

static int phase_apply(
	struct pp_ledger *l, const struct batch *b, enum pp_item_type type, apply_fn *fn)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->count; i++) {
		if (b->items[i]->type == type)
			r = apply_in_savepoint(l, b->items[i], fn);
	}
	return r;
}

/* Who may speak is looked at behind the write lock: nobody can change it any more. */
static int registry_check(struct pp_ledger *l)
{
	int64_t rev;
	int r = l->registry_rev < 0 ? 0 : pp_store_registry_rev(l->db, &rev);

	if (r < 0 || l->registry_rev < 0)
		return r;
	return rev == l->registry_rev ? 0 : -ESTALE;
}

static int batch_apply(struct pp_ledger *l, void *user)
{
	const struct batch *b = user;
	int r = registry_check(l);

	for (size_t i = 0; r == 0 && i < sizeof(phases) / sizeof(phases[0]); i++)
		r = phase_apply(l, b, phases[i].type, phases[i].fn);
	for (size_t i = 0; r == 0 && i < b->count; i++) {
		struct pp_item *item = b->items[i];

		if (item->type == PP_ITEM_STATE && item->error == 0 && !item->out.duplicate)
			r = pp_beat_fill(l, item);
	}
	return r;
}

void pp_ledger_expect(struct pp_ledger *l, int64_t registry_rev)
{
	l->registry_rev = registry_rev;
}

int pp_ledger_apply(struct pp_ledger *l, struct pp_item *const *items, size_t count, int64_t now_ms)
{
	struct batch b = { items, count };

	l->fired_count = 0;
	return pp_ledger_write(l, now_ms, batch_apply, &b);
}
