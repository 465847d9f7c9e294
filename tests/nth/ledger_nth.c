/* SPDX-License-Identifier: Apache-2.0 */
/* ledger_nth.c -- the record: what a receipt is out for is in it, once, and its chain is whole. */
#include "nth.h"
#include "pospin_record.h"

#include <errno.h>

#include "ledger/chain.h"

static struct pp_test_record record; /* its folder is the run's */

static void paths_set(const char *folder)
{
	snprintf(record.record_path, sizeof(record.record_path), "%s/record.db", folder);
	snprintf(record.heads_path, sizeof(record.heads_path), "%s/heads.log", folder);
}

static struct pp_ledger *ledger_open(int *ret_error)
{
	const struct pp_ledger_options options = { record.record_path, record.heads_path,
		record.key };
	struct pp_ledger *l = NULL;

	*ret_error = pp_ledger_open(&options, &l);
	return l;
}

/* Which must work when nothing fails any more. */
static struct pp_ledger *ledger_must_open(void)
{
	int error;
	struct pp_ledger *l = ledger_open(&error);

	if (error < 0) {
		NTH_WANT(nth_has_failed());
		l = ledger_open(&error);
	}
	NTH_WANT(error == 0);
	return l;
}

static void prepare(const char *folder)
{
	int error;

	paths_set(folder);
	if (!record.key) {
		NTH_WANT(pp_key_new(&record.key) == 0);
		pp_key_public(record.key, record.public_key[0]);
	}
	record.ledger = ledger_open(&error);
	NTH_WANT(error == 0);
	pp_test_import(record.ledger, pp_test_site);
	record.ledger = pp_ledger_close(record.ledger);
}

static const struct pp_action moves[] = {
	{ .type = PP_ACTION_ACKNOWLEDGE },
	{ .type = PP_ACTION_DISPATCH, .unit = "Damkar 1" },
	{ .type = PP_ACTION_ON_SCENE },
};

/* The items of one step: new ones each time it is tried. NULL: no memory, and nothing was done. */
static struct pp_item *item_make(int step)
{
	static struct pp_action action;
	bool is_move = step >= 4, is_state = step == 1;
	struct pp_item *item = pp_item_new(is_move    ? PP_ITEM_ACTION
					   : is_state ? PP_ITEM_STATE
						      : PP_ITEM_SIGNAL);
	struct pp_signal signal = pp_test_alarm(step == 3 ? 1 : step == 2 ? 2 : 1);

	if (!item)
		return NULL;
	snprintf(item->tenant, sizeof(item->tenant), "kendal");
	item->arrived_ms = PP_TEST_NOW + step;
	if (is_move) {
		action = moves[step - 4];
		action.tenant = "kendal";
		action.actor = "user:siti";
		action.incident = "KDL-25-000001";
		item->in.action = &action;
		return item;
	}
	snprintf(item->post, sizeof(item->post), "boja-01");
	if (is_state) {
		item->in.state = (struct pp_state){ .epoch = signal.epoch,
			.boot = 17,
			.mono_ms = 200000,
			.n = 7,
			.config = "c0",
			.version = "0.1.0" };
		return item;
	}
	item->in.signal.signal = signal;
	if (pp_signal_encode(&signal, &item->in.signal.payload, &item->in.signal.length) < 0)
		return pp_item_free(item);
	return item;
}

static int step_try(struct pp_ledger *l, int step)
{
	struct pp_item *item = item_make(step);
	int r = item ? pp_ledger_apply(l, &item, 1, PP_TEST_NOW + step) : -ENOMEM;

	if (r == 0 && item->error == 0 && item->type == PP_ITEM_SIGNAL)
		nth_note('R', item->in.signal.signal.seq, 0, 0);
	if (r == 0 && item->type == PP_ITEM_ACTION && item->error == 0 &&
		item->out.action.error == 0)
		nth_note('M', step, 0, 0);
	/* An item that failed alone has no receipt, and comes again; people are not refused for it.
	 */
	if (r == 0 && item->type == PP_ITEM_ACTION && item->error == 0 && item->out.action.error)
		nth_note('I', step, 0, item->out.action.error);
	if (r == 0)
		r = item->error;
	pp_item_free(item);
	return r;
}

/* As the engine goes on: a full disk is waited for, everything else ends the process. */
static struct pp_ledger *step_go(struct pp_ledger *l, int step)
{
	int r = step_try(l, step);

	if (r == 0)
		return l;
	NTH_WANT(nth_has_failed());
	if (r != -ENOSPC && r != -EBUSY) {
		pp_ledger_close(l);
		l = ledger_must_open();
	}
	NTH_WANT(step_try(l, step) == 0);
	return l;
}

static void play(const char *folder)
{
	const struct pp_ledger_clock clock = { PP_TEST_NOW, 1000, 1 };
	struct pp_ledger *l;

	paths_set(folder);
	nth_begin();
	l = ledger_must_open();
	(void)pp_ledger_look(l, &clock);
	for (int step = 0; step < 7; step++) {
		l = step_go(l, step);
		if (step % 3 == 2 && pp_ledger_heads_write(l) < 0) {
			NTH_WANT(nth_has_failed());
			pp_ledger_close(l);
			l = ledger_must_open();
		}
	}
	pp_ledger_close(l);
	nth_end();
	pp_key_free(record.key);
}

static int64_t number(const char *sql)
{
	return pp_test_number(&record, sql);
}

static void judge(const char *folder, const struct nth_note *notes, size_t count)
{
	struct pp_verify_report report;
	bool receipts[3] = { false };
	int64_t moved = 0;
	int error;

	paths_set(folder);
	for (size_t i = 0; i < count; i++) {
		if (notes[i].what == 'R')
			receipts[notes[i].a] = true;
		moved += notes[i].what == 'M';
		if (notes[i].what == 'I')
			nth_wrong("step %d was blamed: %d %d", (int)notes[i].a, (int)notes[i].b,
				(int)notes[i].c);
	}
	record.ledger = ledger_open(&error);
	if (error < 0) {
		nth_wrong("the record does not open: %d", error);
		return;
	}
	if (number("SELECT count(*) FROM signal") != receipts[1] + receipts[2])
		nth_wrong("%d signals for %d receipts", (int)number("SELECT count(*) FROM signal"),
			receipts[1] + receipts[2]);
	if (number("SELECT count(*) FROM incident") > 1 ||
		number("SELECT count(*) FROM event WHERE kind IN ('incident.acknowledged',"
		       " 'incident.dispatched', 'incident.on-scene')") != moved)
		nth_wrong("not as many moves as were told: %d", (int)moved);
	error = pp_chain_verify(pp_ledger_db(record.ledger), NULL, record.heads_path,
		(const uint8_t(*)[PP_PUBLIC_KEY_SIZE])record.public_key, 1, &report);
	if (error < 0 || report.problems || report.ahead || pp_ledger_lost(record.ledger))
		nth_wrong("the chain: %d %s", error, report.first);
	record.ledger = pp_ledger_close(record.ledger);
}

int main(void)
{
	static const struct nth_scenario scenario = { "ledger", prepare, play, judge };
	uint8_t signature[PP_SIGNATURE_SIZE];
	char *folder = pp_test_folder();

	/* What OpenSSL sets up once is not for one scenario to fail. */
	prepare(folder);
	(void)pp_sign(record.key, "x", 1, signature);
	pp_test_folder_remove(folder);
	return nth_run(&scenario);
}
